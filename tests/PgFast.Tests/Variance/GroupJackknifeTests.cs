using PgFast.Tests.Support;
using PgFast.Variance;

namespace PgFast.Tests.Variance;

/// <summary>For a mean the jackknife is known in closed form.</summary>
public class GroupJackknifeTests
{
    private const double Rounding = 1e-12;

    [Fact]
    public void Interval_MeanOfEqualBlocks_IsTheTextbookInterval()
    {
        double[] blockMeans = Closeness.ToDouble(new Noise(1).Array(20, -3, 5));
        double mean = blockMeans.Average();
        double[] leftOut = Array.ConvertAll(blockMeans, block => (20 * mean - block) / 19);
        ConfidenceInterval interval = GroupJackknife.Interval(mean, leftOut, Enumerable.Repeat(7, 20).ToArray(), 0.95);
        double error = Math.Sqrt(blockMeans.Sum(block => (block - mean) * (block - mean)) / (20 * 19));
        double half = StudentT.Quantile(0.975, 19) * error;
        Assert.Equal(mean - half, interval.Low, Rounding);
        Assert.Equal(mean + half, interval.High, Rounding);
    }

    [Fact]
    public void Interval_MeanOfUnequalBlocks_WeighsThemByTheirSize()
    {
        // Left out of a mean, a block gives the pseudo-value h·θ − (h − 1)·θ₍ⱼ₎ = its own mean.
        int[] sizes = [3, 4, 4, 3, 4];
        double[] blockMeans = [1, 2, 4, 7, -2];
        double count = sizes.Sum(), mean = sizes.Zip(blockMeans, (size, block) => size * block).Sum() / count;
        double[] leftOut = [.. sizes.Zip(blockMeans, (size, block) => (count * mean - size * block) / (count - size))];
        double variance = sizes.Zip(blockMeans, (size, block) => (block - mean) * (block - mean) / (count / size - 1)).Sum() / 5;
        ConfidenceInterval interval = GroupJackknife.Interval(mean, leftOut, sizes, 0.9);
        Assert.Equal(2 * StudentT.Quantile(0.95, 4) * Math.Sqrt(variance), interval.High - interval.Low, Rounding);
        Assert.Equal(mean, (interval.High + interval.Low) / 2, Rounding);
    }

    [Fact]
    public void Interval_NotFinite_IsNone()
    {
        Assert.False(GroupJackknife.Interval(1, [1, double.NaN, 2], [1, 1, 1], 0.95).IsKnown);
        Assert.False(GroupJackknife.Interval(double.PositiveInfinity, [1, 3, 2], [1, 1, 1], 0.95).IsKnown);
    }
}
