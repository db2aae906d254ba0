using PgFast.Reference;
using PgFast.Tests.Support;

namespace PgFast.Tests.Policies;

/// <summary>Frequencies of ten million draws against softmax probabilities, by Pearson's chi-square.</summary>
public class SamplingFrequencyTests
{
    private const long Draws = 10_240_000;

    // The chi-square approximation needs some expected draws a cell.
    private const double SmallestExpectation = 25;

    // A cell too small for the test is merged into the next; alone, it is only held to a count that it exceeds with probability below
    // 1e-6 if its expectation is at most 25 (Poisson), plus what the 2⁻²⁴ grid of draws near 1 can add.
    private const double LargestRareCount = 60;

    // The value that chi-square exceeds with probability 1e-6, by degrees of freedom.
    private static readonly double[] CriticalValues = [0, 23.928, 27.631, 30.665, 33.377, 35.888, 38.258];

    public static TheoryData<int, float[]> Cases => new()
    {
        { 2, [0f] },
        { 2, [0.01f] },
        { 2, [-1.5f] },
        { 2, [4f] },
        { 2, [-9f] },
        { 2, [12f] },
        { 2, [-150f] },
        { 2, [1e4f] },
        { 3, [0f, 0f, 0f] },
        { 3, [0.3f, -0.2f, 1f] },
        { 3, [-9f, 0f, 1f] },
        { 3, [150f, -150f, 150f] },
        { 3, [-1e4f, 1e4f, -1e4f] },
        { 7, [0f, 0f, 0f, 0f, 0f, 0f, 0f] },
        { 7, [3f, 2f, 1f, 0f, -1f, -2f, -3f] },
        { 7, [-8f, 150f, -150f, 149f, 1e-3f, 140f, 148.5f] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Sample_TenMillionDraws_FollowsTheProbabilities(int actions, float[] outputs)
    {
        double[] logits = outputs.Length == 1 ? [0, outputs[0]] : Closeness.ToDouble(outputs);
        double[] expected = [.. ReferenceSoftmax.Probabilities(logits).Select(p => p * Draws)];
        long[] observed = HeadHarness.Frequencies(actions, outputs, Draws, seed: 20_240);
        Assert.Equal(Draws, observed.Sum());
        AssertFrequencies(expected, observed);
    }

    [Fact]
    public void AssertFrequencies_ProbabilitiesOffByATenthOfAPercent_Fails()
    {
        // What the test can see: it would not pass a head that is wrong in the third digit.
        long[] observed = HeadHarness.Frequencies(3, [0.3f, -0.2f, 1f], Draws, seed: 20_240);
        double[] expected = [.. ReferenceSoftmax.Probabilities([0.3, -0.2, 1.0]).Select(p => p * Draws)];
        expected[0] += 0.001 * Draws;
        expected[1] -= 0.001 * Draws;
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => AssertFrequencies(expected, observed));
    }

    private static void AssertFrequencies(double[] expected, long[] observed)
    {
        double statistic = 0, rareExpected = 0;
        long rareObserved = 0;
        int cells = 0;
        for (int action = 0; action < expected.Length; action++)
        {
            if (expected[action] < SmallestExpectation)
            {
                rareExpected += expected[action];
                rareObserved += observed[action];
                continue;
            }

            statistic += Square(observed[action] - expected[action]) / expected[action];
            cells++;
        }

        if (rareExpected >= SmallestExpectation)
        {
            statistic += Square(rareObserved - rareExpected) / rareExpected;
            cells++;
        }
        else
        {
            // Nothing at all where not one of 10¹⁶ draws should be.
            Assert.InRange(rareObserved, 0, rareExpected < 1e-9 ? 0 : LargestRareCount);
        }

        double critical = cells == 1 ? 1 : CriticalValues[cells - 1];
        Assert.True(statistic <= critical, $"chi-square {statistic:F2} of {cells} cells, {critical:F2} is allowed");
    }

    private static double Square(double value) => value * value;
}
