using PgFast.Reference;
using PgFast.Variance;

namespace PgFast.Tests.Variance;

/// <summary>Trace, ‖G‖² and cosines of all gradients, and of all but each block's, against their definitions.</summary>
public class RowStatisticsTests
{
    // Differences of sums of some hundred squares in double.
    private const double Tolerance = 1e-11;

    [Theory]
    [InlineData(8, 0)]
    [InlineData(13, 0)]
    [InlineData(13, 4)]
    [InlineData(40, 0)]
    public void Of_UnequalBlocks_IsTheDefinitionWithEachBlockLeftOut(int shards, int zeroEvery)
    {
        int[][] batches = [.. Enumerable.Range(0, shards).Select(shard => new[] { 2 + shard % 3 })];
        MomentsHarness harness = new(batches, (ulong)shards, noise: 2, zeroEvery);
        using BlockSeries series = harness.Series(16);
        series.Close();
        RowStatistics statistics = RowStatistics.Of(series, 0)!;
        int perBlock = series.ShardsPerBlock;
        ReferenceMoments[] expected =
        [
            harness.Reference(harness.Of(0)),
            .. Enumerable.Range(0, series.Count).Select(block =>
            {
                int end = block == series.Count - 1 ? shards : (block + 1) * perBlock;
                return harness.Reference([.. harness.Of(0, 0, block * perBlock), .. harness.Of(0, end, shards - end)]);
            }),
        ];
        AssertValues(expected, moments => moments.Trace, statistics.Trace);
        AssertValues(expected, moments => moments.NormSquared, statistics.GradientNormSquared);
        AssertValues(expected, moments => moments.CosineBetween, statistics.CosineBetween);
        AssertValues(expected, moments => moments.CosineToMean, statistics.CosineToMean);
    }

    [Fact]
    public void Of_BlockWeights_AreTheNumberOverTheBlocks()
    {
        // The jackknife of the mean of one component knows its variance: that of the blocks' means, weighted by h = n/n_j.
        MomentsHarness harness = new([.. Enumerable.Range(0, 10).Select(shard => new[] { 2 + shard % 3 })], 5);
        using BlockSeries series = harness.Series(16);
        JackknifeEstimate trace = RowStatistics.Of(series, 0)!.Trace;
        double[] values = Values(trace);
        int count = harness.Of(0).Length;
        double[] weights = [.. Enumerable.Range(0, 10).Select(shard => (double)count / (2 + shard % 3))];
        JackknifeEstimate expected = new(values[0], values[1..], weights);
        Assert.Equal(expected.Covariance(expected), trace.Covariance(trace), Tolerance);
    }

    [Fact]
    public void Of_LastShardWithoutABatch_IsLeftOut()
    {
        MomentsHarness with = new([.. Enumerable.Range(0, 11).Select(shard => new[] { shard == 10 ? 0 : 3 })], 6);
        using BlockSeries series = with.Series(16);
        Assert.Equal(11, series.Count);
        RowStatistics statistics = RowStatistics.Of(series, 0)!;
        Assert.Equal(11, Values(statistics.Trace).Length);
        Assert.Equal(with.Reference(with.Of(0)).Trace, statistics.Trace.Value, Tolerance * 100);
        Assert.True(statistics.Trace.Interval(0.95).IsKnown);
    }

    [Theory]
    [InlineData(RowStatistics.FewestBlocks - 1, 10)]
    [InlineData(RowStatistics.FewestBlocks, 1)]
    [InlineData(3, 3)]
    public void Of_TooFewBlocksOrBatches_IsNothing(int shards, int batches)
    {
        MomentsHarness harness = new([.. Enumerable.Repeat(new[] { batches }, shards)], 7);
        using BlockSeries series = harness.Series(16);
        Assert.Null(RowStatistics.Of(series, 0));
    }

    private static void AssertValues(ReferenceMoments[] expected, Func<ReferenceMoments, double> statistic, JackknifeEstimate actual)
    {
        double[] values = Values(actual);
        Assert.Equal(expected.Length, values.Length);
        for (int k = 0; k < values.Length; k++)
            Assert.Equal(statistic(expected[k]), values[k], Tolerance * Math.Max(1, Math.Abs(statistic(expected[k]))));
    }

    /// <summary>The value of all, then those without each block: what a function of the estimate is asked for.</summary>
    private static double[] Values(JackknifeEstimate estimate)
    {
        List<double> values = [];
        estimate.Map(value =>
        {
            values.Add(value);
            return value;
        });
        return [.. values];
    }
}
