using PgFast.Randomness;
using PgFast.Statistics;

namespace PgFast.Tests.Statistics;

/// <summary>The bootstrap against one that writes every resample out, to the last bit, and against pinned values.</summary>
public class BootstrapTwinTests
{
    private const ulong Seed = 0x1234_5678_9ABC_DEF0;
    private const int Replicates = 257;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(20)]
    [InlineData(33)]
    public void Estimates_ResamplesWrittenOut_HaveTheSameBits(int runs)
    {
        double[][] scores = [Scores.Normal(7, runs), Scores.Normal(8, runs + 2), Scores.Tied(9, 3)];
        foreach (double confidence in new[] { 0.5, 0.95, 0.99 })
        {
            Assert.Equal(
                Twin(scores, tasks => Aggregates.InterquartileMean(Pooled(tasks)), confidence),
                StratifiedBootstrap.InterquartileMean(scores, Seed, confidence, Replicates));
            Assert.Equal(
                Twin(scores, tasks => Aggregates.Median(Pooled(tasks)), confidence), StratifiedBootstrap.Median(scores, Seed, confidence, Replicates));
            Assert.Equal(
                Twin(scores, tasks => Pooled(tasks).Order().Aggregate(0.0, (sum, score) => sum + score) / Pooled(tasks).Length, confidence),
                StratifiedBootstrap.Mean(scores, Seed, confidence, Replicates));
            Assert.Equal(
                Twin(scores, tasks => tasks.Sum(task => task.Count(score => score > 0.5) / (double)task.Length) / 3, confidence),
                StratifiedBootstrap.PerformanceProfile(scores, [-1, 0.5], Seed, confidence, Replicates)[1]);
        }
    }

    [Fact]
    public void Improvement_ResamplesWrittenOut_HasTheSameBits()
    {
        double[][] x = [Scores.Tied(10, 9), Scores.Normal(11, 6)], y = [Scores.Tied(12, 7), Scores.Normal(13, 8)];
        double OfPairs(double[] a, double[] b) => a.Sum(score => b.Sum(other => score > other ? 1 : score == other ? 0.5 : 0)) / (a.Length * b.Length);
        Assert.Equal(
            Twin([.. x, .. y], tasks => (OfPairs(tasks[0], tasks[2]) + OfPairs(tasks[1], tasks[3])) / 2, 0.9),
            StratifiedBootstrap.ProbabilityOfImprovement(x, y, Seed, 0.9, Replicates));
    }

    [Fact]
    public void InterquartileMean_KnownSeed_IsPinned()
    {
        // A change here changes every published interval.
        double[][] scores = [[500, 493.25, 487.5, 500, 212.125, 471], [-110, -99.5, -130.25]];
        BootstrapEstimate estimate = StratifiedBootstrap.InterquartileMean(scores, 1);
        Assert.Equal(new BootstrapEstimate(312.875, 201.575, 375.1), estimate);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.25, 2)]
    [InlineData(0.5, 3)]
    [InlineData(0.6, 4.2)]
    [InlineData(0.75, 6)]
    [InlineData(0.9, 17.4)]
    [InlineData(1, 25)]
    public void Quantile_KnownProbability_IsLinearBetweenOrderStatistics(double probability, double expected) =>
        Assert.Equal(expected, BootstrapEstimate.Quantile([1, 2, 3, 6, 25], probability), 1e-13);

    private static double[] Pooled(double[][] tasks) => [.. tasks.SelectMany(task => task)];

    private static BootstrapEstimate Twin(double[][] scores, Func<double[][], double> statistic, double confidence)
    {
        double[] sorted = [.. Enumerable.Range(0, Replicates).Select(replicate => statistic(Resample(scores, replicate))).Order()];
        double End(double probability)
        {
            double position = probability * (Replicates - 1), below = Math.Floor(position);
            double low = sorted[(int)below], high = sorted[(int)Math.Ceiling(position)];
            return low + (position - below) * (high - low);
        }

        return new BootstrapEstimate(statistic(scores), End((1 - confidence) / 2), End((1 + confidence) / 2));
    }

    private static double[][] Resample(double[][] scores, int replicate) =>
        [.. scores.Select((task, stratum) => task.Select((_, draw) => task[Index(task.Length, replicate, stratum, draw)]).ToArray())];

    /// <summary>Which run a draw takes: the word's place among 2³², scaled to the runs.</summary>
    private static int Index(int runs, int replicate, int stratum, int draw)
    {
        uint word = Philox.Generate((uint)(draw / 4), 5, (uint)stratum, (uint)replicate, unchecked((uint)Seed), (uint)(Seed >> 32))[draw % 4];
        return (int)(word / 4294967296.0 * runs);
    }
}
