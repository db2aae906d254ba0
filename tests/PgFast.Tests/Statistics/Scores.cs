using PgFast.Randomness;

namespace PgFast.Tests.Statistics;

/// <summary>Scores to resample, from a stream that the bootstrap does not use.</summary>
internal static class Scores
{
    /// <summary>Normal scores of mean 0 and variance 1.</summary>
    public static double[] Normal(ulong seed, int count, ulong sample = 0)
    {
        double[] scores = new double[count];
        for (int run = 0; run < count; run++)
            scores[run] = StandardNormal.FromWord(Philox.Generate(seed, RandomStream.Reset, sample, (uint)run).Word0);
        return scores;
    }

    /// <summary>Whole numbers from 0 to 3: many ties.</summary>
    public static double[] Tied(ulong seed, int count) => [.. Enumerable.Range(0, count).Select(run => (double)(Word(seed, run) >> 30))];

    private static uint Word(ulong seed, int run) => Philox.Generate(seed, RandomStream.Reset, ulong.MaxValue, (uint)run).Word0;
}
