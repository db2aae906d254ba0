using PgFast.Tests.Support;
using PgFast.Variance;

namespace PgFast.Tests.Variance;

/// <summary>Means over a batch's other episodes, step by step.</summary>
public unsafe class StepSumsTests
{
    private const int Steps = 40;

    // A sum in double of numbers in single, rounded once.
    private const double Tolerance = 1e-7;

    [Fact]
    public void LeaveOneOut_EpisodesOfManyLengths_IsTheMeanOfTheOthers()
    {
        using StepSums sums = new(3, Steps);
        Noise noise = new(1);
        // Again after longer episodes: nothing may be left of them.
        foreach (int longest in new[] { Steps, 11, 3 })
        {
            float[][][] returns = [.. Enumerable.Range(0, 3).Select(batch => Episodes(noise, batch == 1 ? 1 : 6, longest))];
            sums.Clear();
            for (int batch = 0; batch < 3; batch++)
            {
                foreach (float[] episode in returns[batch])
                {
                    fixed (float* values = episode)
                        sums.Add(batch, values, episode.Length);
                }
            }

            for (int batch = 0; batch < 3; batch++)
            {
                for (int episode = 0; episode < returns[batch].Length; episode++)
                    AssertOthers(sums, batch, returns[batch], episode);
            }
        }
    }

    private static void AssertOthers(StepSums sums, int batch, float[][] returns, int episode)
    {
        float[] own = returns[episode];
        float[][] others = [.. returns.Where((_, k) => k != episode)];
        foreach (bool ofTotal in new[] { true, false })
        {
            // From the middle of the episode, as chunks do.
            for (int first = 0; first < own.Length; first += 7)
            {
                int count = Math.Min(9, own.Length - first);
                float[] actual = new float[count];
                fixed (float* values = own, target = actual)
                    sums.LeaveOneOut(batch, ofTotal, values + first, own[0], first, count, target);
                for (int k = 0; k < count; k++)
                {
                    int step = first + k;
                    double expected = others.Where(other => other.Length > step).Select(other => (double)(ofTotal ? other[0] : other[step]))
                        .DefaultIfEmpty(0).Average();
                    Assert.Equal(expected, actual[k], Tolerance * 10);
                }
            }
        }
    }

    private static float[][] Episodes(Noise noise, int count, int longest) =>
        [.. Enumerable.Range(0, count).Select(_ => noise.Array(noise.Next(1, longest + 1), -10, 10))];
}
