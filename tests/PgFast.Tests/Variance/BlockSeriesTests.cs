using PgFast.Tests.Support;
using PgFast.Variance;

namespace PgFast.Tests.Variance;

/// <summary>Means and deviations of blocks and of all shards against those of the numbers themselves.</summary>
public unsafe class BlockSeriesTests
{
    // Sums of some hundred numbers of order 1 in double, in another order.
    private const double Tolerance = 1e-12;

    private const int Rows = 2;

    public static TheoryData<int, int> Sizes => new()
    {
        { 1, 4 }, { 4, 4 }, { 5, 4 }, { 9, 4 }, { 23, 4 }, { 31, 8 }, { 64, 8 }, { 65, 8 }, { 40, 64 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Add_AnyNumberOfShards_GivesTheMomentsOfEveryBlock(int shards, int capacity)
    {
        MomentsHarness harness = HarnessOf(shards);
        using BlockSeries series = harness.Series(capacity);
        int perBlock = series.ShardsPerBlock;
        Assert.Equal((shards + perBlock - 1) / perBlock, series.Count);
        Assert.InRange(series.Count, Math.Min(shards, capacity / 2 + 1), capacity);
        Assert.True(int.IsPow2(perBlock));
        for (int block = 0; block < series.Count; block++)
            AssertBlock(harness, series, block, block * perBlock, perBlock);
        AssertTotals(harness, series);
    }

    [Fact]
    public void Add_NumbersFarFromZero_KeepsTheirDeviations()
    {
        // Means of order 1 and deviations of order 1e-5: the squares agree in their first ten digits.
        const double Cancelled = 1e-5;
        MomentsHarness harness = new([.. Enumerable.Repeat(new[] { 40, 40 }, 9)], seed: 4, noise: 1e-5f);
        using BlockSeries series = harness.Series(4);
        double[] expected = Deviations(harness.Of(1));
        Closeness.AssertClose(expected, new ReadOnlySpan<double>(series.TotalDeviations(1), MomentsHarness.Length), Cancelled, "deviations");
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Add_FewOrManyBlocks_GivesTheSameTotalsBitForBit(int shards, int capacity)
    {
        MomentsHarness harness = HarnessOf(shards);
        using BlockSeries few = harness.Series(capacity), many = harness.Series(128);
        for (int row = 0; row < Rows; row++)
        {
            Assert.Equal(many.TotalCount(row), few.TotalCount(row));
            Assert.Equal(Copy(many.TotalMean(row)), Copy(few.TotalMean(row)));
            Assert.Equal(Copy(many.TotalDeviations(row)), Copy(few.TotalDeviations(row)));
        }
    }

    [Theory]
    [InlineData(16, 8, 8, 2)]
    [InlineData(17, 8, 4, 5)]
    [InlineData(18, 8, 5, 2)]
    [InlineData(33, 8, 4, 9)]
    [InlineData(35, 8, 4, 11)]
    [InlineData(36, 8, 5, 4)]
    [InlineData(1, 8, 1, 1)]
    public void Close_ShortLastBlock_JoinsItsNeighbour(int shards, int capacity, int blocks, int shardsInLast)
    {
        MomentsHarness harness = HarnessOf(shards);
        using BlockSeries series = harness.Series(capacity);
        int perBlock = series.ShardsPerBlock;
        series.Close();
        Assert.Equal(blocks, series.Count);
        for (int block = 0; block < blocks; block++)
            AssertBlock(harness, series, block, block * perBlock, block == blocks - 1 ? shards - block * perBlock : perBlock);
        Assert.Equal(shardsInLast, shards - (blocks - 1) * perBlock);
        AssertTotals(harness, series);
    }

    [Fact]
    public void Add_GradientsOfZero_AreCountedButHaveNoDirection()
    {
        MomentsHarness harness = new([.. Enumerable.Repeat(new[] { 20, 20 }, 5)], seed: 7, zeroEvery: 3);
        using BlockSeries series = harness.Series(4);
        for (int block = 0; block < series.Count; block++)
        {
            double[][] gradients = harness.Of(0, block * series.ShardsPerBlock, series.ShardsPerBlock);
            Assert.Equal(gradients.Length, series.CountOf(block, 0));
            Assert.Equal(gradients.Count(gradient => gradient[0] != 0), series.UnitCountOf(block, 0));
            Assert.InRange(series.UnitCountOf(block, 0), 1, gradients.Length - 1);
        }
    }

    /// <summary>Shards of unequal numbers of batches; the second row has none in the last shard.</summary>
    private static MomentsHarness HarnessOf(int shards) =>
        new([.. Enumerable.Range(0, shards).Select(shard => new[] { 3 + shard % 4, shard == shards - 1 && shards > 1 ? 0 : 2 })], (ulong)shards);

    private static void AssertBlock(MomentsHarness harness, BlockSeries series, int block, int firstShard, int shards)
    {
        for (int row = 0; row < Rows; row++)
        {
            double[][] gradients = harness.Of(row, firstShard, shards);
            Assert.Equal(gradients.Length, series.CountOf(block, row));
            if (gradients.Length == 0)
                continue;
            Closeness.AssertClose(Mean(gradients), Copy(series.Mean(block, row)), Tolerance, $"mean of block {block}");
            double[] units = new double[MomentsHarness.Length];
            foreach (double[] gradient in gradients)
            {
                double norm = Math.Sqrt(gradient.Zip(harness.Multiplicity, (g, m) => m * g * g).Sum());
                for (int i = 0; i < units.Length; i++)
                    units[i] += gradient[i] / norm;
            }

            Closeness.AssertClose(units, Copy(series.Unit(block, row)), Tolerance, $"directions of block {block}");
            double expected = Deviations(gradients).Zip(harness.Multiplicity, (d, m) => d * m).Sum();
            Assert.Equal(expected, series.Deviations(block, row), Tolerance * (1 + expected));
        }
    }

    private static void AssertTotals(MomentsHarness harness, BlockSeries series)
    {
        for (int row = 0; row < Rows; row++)
        {
            double[][] gradients = harness.Of(row);
            Assert.Equal(gradients.Length, series.TotalCount(row));
            Closeness.AssertClose(Mean(gradients), Copy(series.TotalMean(row)), Tolerance, "mean of all");
            Closeness.AssertClose(Deviations(gradients), Copy(series.TotalDeviations(row)), Tolerance, "deviations of all");
        }
    }

    private static double[] Copy(double* values) => new ReadOnlySpan<double>(values, MomentsHarness.Length).ToArray();

    private static double[] Mean(double[][] gradients) =>
        [.. Enumerable.Range(0, MomentsHarness.Length).Select(i => gradients.Average(gradient => gradient[i]))];

    private static double[] Deviations(double[][] gradients)
    {
        double[] mean = Mean(gradients);
        return [.. mean.Select((center, i) => gradients.Sum(gradient => (gradient[i] - center) * (gradient[i] - center)))];
    }
}
