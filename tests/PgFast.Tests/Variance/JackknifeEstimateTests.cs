using PgFast.Tests.Support;
using PgFast.Variance;

namespace PgFast.Tests.Variance;

/// <summary>Standard errors and intervals from values with each block left out.</summary>
public class JackknifeEstimateTests
{
    private const double Rounding = 1e-12;

    // Student's t with 9 degrees of freedom at 97.5 %, from tables.
    private const double Quantile9 = 2.262157162740992;

    // Fourth decimal of a quantile is enough for what is a probability.
    private const double QuantileTolerance = 1e-9;

    private static readonly int[] BlockSizes = [1, 5, 2, 8, 3, 3, 10, 4];

    [Fact]
    public void Covariance_OfAMean_IsTheVarianceOverTheNumber()
    {
        // Blocks of one: the textbook's s²/n.
        double[] values = Closeness.ToDouble(new Noise(1).Array(30, -1, 3));
        JackknifeEstimate mean = MeanOf(values, [.. Enumerable.Repeat(1, 30)]);
        double average = values.Average(), variance = values.Sum(v => (v - average) * (v - average)) / 29;
        Assert.Equal(average, mean.Value, Rounding);
        Assert.Equal(variance / 30, mean.Covariance(mean), Rounding);
    }

    [Fact]
    public void Covariance_OfTwoMeans_IsTheirCovarianceOverTheNumber()
    {
        Noise noise = new(2);
        double[] x = Closeness.ToDouble(noise.Array(30, -1, 3)), y = [.. x.Select(v => 0.5 * v + noise.Next(-1, 1))];
        int[] sizes = [.. Enumerable.Repeat(1, 30)];
        double expected = x.Zip(y, (a, b) => (a - x.Average()) * (b - y.Average())).Sum() / 29 / 30;
        Assert.Equal(expected, MeanOf(x, sizes).Covariance(MeanOf(y, sizes)), Rounding);
        Assert.Equal(expected, MeanOf(y, sizes).Covariance(MeanOf(x, sizes)), Rounding);
    }

    [Fact]
    public void Covariance_UnequalBlocks_IsUnbiasedForTheVarianceOfAMean()
    {
        // Uniform numbers of variance 1/12: that of the mean of n is 1/(12 n), however the n are cut into blocks.
        const int Repeats = 4000;
        Noise noise = new(3);
        int count = BlockSizes.Sum();
        double[] variances = new double[Repeats];
        for (int repeat = 0; repeat < Repeats; repeat++)
        {
            JackknifeEstimate mean = MeanOf(Closeness.ToDouble(noise.Array(count, 0, 1)), BlockSizes);
            variances[repeat] = mean.Covariance(mean);
        }

        double average = variances.Average(), error = Math.Sqrt(variances.Sum(v => (v - average) * (v - average)) / Repeats / (Repeats - 1));
        Assert.InRange(average, 1.0 / (12 * count) - 4 * error, 1.0 / (12 * count) + 4 * error);
        Assert.True(error < 0.05 * average, "too few repeats to tell");
    }

    [Fact]
    public void Map_AFunction_IsAppliedToEveryBlock()
    {
        double[] values = Closeness.ToDouble(new Noise(4).Array(BlockSizes.Sum(), 1, 2));
        JackknifeEstimate mean = MeanOf(values, BlockSizes), scaled = mean.Map(x => 3 * x), difference = mean.With(scaled, (a, b) => a - b);
        Assert.Equal(3 * mean.Value, scaled.Value, Rounding);
        Assert.Equal(9 * mean.Covariance(mean), scaled.Covariance(scaled), Rounding);
        Assert.Equal(-2 * mean.Value, difference.Value, Rounding);
        Assert.Equal(4 * mean.Covariance(mean), difference.Covariance(difference), Rounding);
    }

    [Fact]
    public void Interval_TenBlocks_IsStudents()
    {
        // Symmetric about their mean: nothing is skewed.
        double[] distances = Closeness.ToDouble(new Noise(5).Array(5, 0.1f, 1));
        double[] values = [.. distances.Select(distance => 2 + distance), .. distances.Select(distance => 2 - distance)];
        JackknifeEstimate mean = MeanOf(values, [.. Enumerable.Repeat(1, 10)]);
        double half = Quantile9 * Math.Sqrt(mean.Covariance(mean));
        ConfidenceInterval interval = mean.Interval(0.95);
        Assert.Equal(mean.Value - half, interval.Low, QuantileTolerance);
        Assert.Equal(mean.Value + half, interval.High, QuantileTolerance);
        JackknifeEstimate logarithm = mean.Map(Math.Log);
        ConfidenceInterval logs = logarithm.Interval(0.95), positive = mean.LogInterval(0.95);
        Assert.Equal(Math.Exp(logs.Low), positive.Low, QuantileTolerance);
        Assert.Equal(Math.Exp(logs.High), positive.High, QuantileTolerance);
        Assert.True(positive.Low > 0 && positive.Contains(mean.Value));
    }

    [Fact]
    public void LogInterval_NothingButZeros_IsZero()
    {
        JackknifeEstimate zero = MeanOf(new double[10], [.. Enumerable.Repeat(1, 10)]);
        Assert.Equal(new ConfidenceInterval(0, 0), zero.LogInterval(0.95));
    }

    [Fact]
    public void Intervals_NotFinite_AreUnknown()
    {
        JackknifeEstimate bad = MeanOf([1, 2, double.NaN, 3], [1, 1, 1, 1]), good = MeanOf([1, 2, 2, 3], [1, 1, 1, 1]);
        Assert.False(bad.Interval(0.95).IsKnown);
        Assert.False(bad.LogInterval(0.95).IsKnown);
        Assert.False(bad.RatioInterval(good, 0.95).IsKnown);
        Assert.False(good.RatioInterval(bad, 0.95).IsKnown);
        // The logarithm of a value that may be negative.
        Assert.False(MeanOf([-3, 1, 1.5, 1], [1, 1, 1, 1]).LogInterval(0.95).IsKnown);
    }

    [Fact]
    public void RatioInterval_DenominatorFarFromZero_EndsWhereTheDifferenceIsSignificant()
    {
        (JackknifeEstimate numerator, JackknifeEstimate denominator) = Pair(6, 5);
        ConfidenceInterval interval = numerator.RatioInterval(denominator, 0.95);
        Assert.True(interval.Contains(numerator.Value / denominator.Value) && double.IsFinite(interval.High));
        AssertFieller(numerator, denominator, interval.Low);
        AssertFieller(numerator, denominator, interval.High);
    }

    [Fact]
    public void RatioInterval_DenominatorPerhapsZero_IsUnbounded()
    {
        (JackknifeEstimate numerator, JackknifeEstimate denominator) = Pair(7, 0.1f);
        Assert.True(denominator.Interval(0.95).Contains(0), "the case needs a denominator that may be 0");
        ConfidenceInterval interval = numerator.RatioInterval(denominator, 0.95);
        Assert.Equal(double.PositiveInfinity, interval.High);
        Assert.True(interval.Low > 0);
        AssertFieller(numerator, denominator, interval.Low);
    }

    [Fact]
    public void RatioInterval_BothPerhapsZero_SaysNothing()
    {
        (JackknifeEstimate numerator, JackknifeEstimate denominator) = Pair(8, 0.1f);
        double value = numerator.Value;
        numerator = numerator.Map(x => x - value + 0.01);
        Assert.Equal(new ConfidenceInterval(0, double.PositiveInfinity), numerator.RatioInterval(denominator, 0.95));
    }

    [Fact]
    public void RatioInterval_NegativeDenominator_SaysNothing()
    {
        // A squared norm whose estimate came out clearly negative by chance: the ratio of positive values may be anything.
        (JackknifeEstimate numerator, JackknifeEstimate denominator) = Pair(9, -5);
        Assert.Equal(new ConfidenceInterval(0, double.PositiveInfinity), numerator.RatioInterval(denominator, 0.95));
    }

    /// <summary>(N − r·D)² = t²·Var(N − r·D): Fieller's condition on an end r of the interval.</summary>
    private static void AssertFieller(JackknifeEstimate numerator, JackknifeEstimate denominator, double ratio)
    {
        JackknifeEstimate difference = numerator.With(denominator, (n, d) => n - ratio * d);
        double distance = Math.Abs(difference.Value) / Math.Sqrt(difference.Covariance(difference));
        Assert.Equal(Quantile9, distance, 1e-6);
    }

    /// <summary>Correlated means of ten numbers, around 4 and around <paramref name="center"/>, with standard errors of about 0.2.</summary>
    private static (JackknifeEstimate Numerator, JackknifeEstimate Denominator) Pair(ulong seed, float center)
    {
        Noise noise = new(seed);
        float[] x = noise.Array(10, -1, 1), y = [.. x.Select(v => center + 0.5f * v + noise.Next(-1, 1))];
        int[] sizes = [.. Enumerable.Repeat(1, 10)];
        return (MeanOf([.. x.Select(v => 4.0 + v)], sizes), MeanOf(Closeness.ToDouble(y), sizes));
    }

    private static JackknifeEstimate MeanOf(double[] values, int[] blockSizes)
    {
        double count = values.Length, sum = values.Sum();
        double[] without = new double[blockSizes.Length], weights = new double[blockSizes.Length];
        for (int block = 0, first = 0; block < blockSizes.Length; first += blockSizes[block++])
        {
            without[block] = (sum - values.AsSpan(first, blockSizes[block]).ToArray().Sum()) / (count - blockSizes[block]);
            weights[block] = count / blockSizes[block];
        }

        Assert.Equal(values.Length, blockSizes.Sum());
        return new JackknifeEstimate(sum / count, without, weights);
    }
}
