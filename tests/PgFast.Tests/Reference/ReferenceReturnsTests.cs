using PgFast.Reference;

namespace PgFast.Tests.Reference;

public class ReferenceReturnsTests
{
    // A few double operations on numbers of order 10.
    private const double RoundingTolerance = 1e-13;

    // Three episodes and γ = ½: every number below is a short binary fraction, so the comparison is exact.
    private const double Half = 0.5;
    private static readonly double[][] ThreeEpisodes = [[1, 2, 3], [4, 5], [6]];

    // G of the episodes: (2.75, 3.5, 3), (6.5, 5), (6).
    public static TheoryData<ReferenceEstimator, ReferenceBaseline, double[], double[], double[]> HandComputed => new()
    {
        { ReferenceEstimator.Total, ReferenceBaseline.None, [2.75, 2.75, 2.75], [6.5, 6.5], [6] },
        { ReferenceEstimator.RewardToGo, ReferenceBaseline.None, [2.75, 3.5, 3], [6.5, 5], [6] },
        { ReferenceEstimator.Discounted, ReferenceBaseline.None, [2.75, 1.75, 0.75], [6.5, 2.5], [6] },

        // Means of the others' G_0: 6.25, 4.375, 4.625.
        { ReferenceEstimator.Total, ReferenceBaseline.Mean, [-3.5, -3.5, -3.5], [2.125, 2.125], [1.375] },
        { ReferenceEstimator.RewardToGo, ReferenceBaseline.Mean, [-3.5, -2.75, -3.25], [2.125, 0.625], [1.375] },
        { ReferenceEstimator.Discounted, ReferenceBaseline.Mean, [-3.5, -1.375, -0.8125], [2.125, 0.3125], [1.375] },

        // Means over the others still running: of G_0 (6.25, 6.5, nobody), (4.375, 2.75), (4.625).
        { ReferenceEstimator.Total, ReferenceBaseline.Time, [-3.5, -3.75, 2.75], [2.125, 3.75], [1.375] },

        // … and of G_t (6.25, 5, nobody), (4.375, 3.5), (4.625).
        { ReferenceEstimator.RewardToGo, ReferenceBaseline.Time, [-3.5, -1.5, 3], [2.125, 1.5], [1.375] },
        { ReferenceEstimator.Discounted, ReferenceBaseline.Time, [-3.5, -0.75, 0.75], [2.125, 0.75], [1.375] },
    };

    [Theory]
    [MemberData(nameof(HandComputed))]
    public void Weights_ThreeEpisodes_AreTheHandComputed(
        ReferenceEstimator estimator, ReferenceBaseline baseline, double[] first, double[] second, double[] third) =>
        Assert.Equal([first, second, third], ReferenceReturns.Weights(ThreeEpisodes, Half, estimator, baseline));

    [Theory]
    [InlineData(ReferenceBaseline.Mean)]
    [InlineData(ReferenceBaseline.Time)]
    public void Weights_BatchOfOne_HasNoBaseline(ReferenceBaseline baseline)
    {
        foreach (ReferenceEstimator estimator in Enum.GetValues<ReferenceEstimator>())
        {
            double[][] expected = ReferenceReturns.Weights([[1, 2, 3]], Half, estimator, ReferenceBaseline.None);
            Assert.Equal(expected, ReferenceReturns.Weights([[1, 2, 3]], Half, estimator, baseline));
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(10)]
    public void Weights_TotalWithMean_IsTheLeaveOneOutForm(int episodeCount)
    {
        double[][] rewards = Rewards(episodeCount);
        double[] returns = [.. rewards.Select(r => ReferenceReturns.RewardsToGo(r, 0.9)[0])];
        double batchMean = returns.Average();

        double[][] weights = ReferenceReturns.Weights(rewards, 0.9, ReferenceEstimator.Total, ReferenceBaseline.Mean);

        for (int i = 0; i < episodeCount; i++)
        {
            // (1/K) Σ (R_i − mean of the others) z_i = 1/(K−1) Σ (R_i − mean of all) z_i …
            double weight = weights[i][0] / episodeCount;
            Assert.Equal((returns[i] - batchMean) / (episodeCount - 1), weight, RoundingTolerance);

            // … and the baseline that includes the episode itself shrinks the gradient by 1 − 1/K.
            Assert.Equal((1.0 - 1.0 / episodeCount) * weight, (returns[i] - batchMean) / episodeCount, RoundingTolerance);
        }
    }

    [Fact]
    public void RewardsToGo_ConstantReward_IsTheGeometricSum()
    {
        const double Discount = 0.99;
        const int Length = 500;
        double[] returns = ReferenceReturns.RewardsToGo([.. Enumerable.Repeat(1.0, Length)], Discount);
        for (int t = 0; t < Length; t++)
        {
            Assert.Equal((1.0 - Math.Pow(Discount, Length - t)) / (1.0 - Discount), returns[t], RoundingTolerance * Length);
        }
    }

    [Fact]
    public void RewardsToGo_WithoutDiscount_AreSumsOfTheRest() =>
        Assert.Equal([6.0, 5.0, 3.0], ReferenceReturns.RewardsToGo([1, 2, 3], 1.0));

    [Fact]
    public void RewardsToGo_DiscountZero_AreTheRewards() =>
        Assert.Equal([1.0, 2.0, 3.0], ReferenceReturns.RewardsToGo([1, 2, 3], 0.0));

    [Fact]
    public void Weights_DiscountZero_DiscountedKeepsTheFirstStepOnly() =>
        Assert.Equal([[1.0, 0.0, 0.0]], ReferenceReturns.Weights([[1, 2, 3]], 0.0, ReferenceEstimator.Discounted, ReferenceBaseline.None));

    [Theory]
    [InlineData(ReferenceBaseline.None)]
    [InlineData(ReferenceBaseline.Mean)]
    [InlineData(ReferenceBaseline.Time)]
    public void Weights_WithoutDiscount_DiscountedIsRewardToGo(ReferenceBaseline baseline)
    {
        double[][] rewards = Rewards(5);
        Assert.Equal(
            ReferenceReturns.Weights(rewards, 1.0, ReferenceEstimator.RewardToGo, baseline),
            ReferenceReturns.Weights(rewards, 1.0, ReferenceEstimator.Discounted, baseline));
    }

    [Fact]
    public void Weights_Discounted_DecreaseByTheDiscountedReward()
    {
        // γ^t G_t − γ^{t+1} G_{t+1} = γ^t r_t.
        const double Discount = 0.9;
        double[] rewards = Rewards(1)[0];
        double[] weights = ReferenceReturns.Weights([rewards], Discount, ReferenceEstimator.Discounted, ReferenceBaseline.None)[0];
        for (int t = 0; t + 1 < rewards.Length; t++)
        {
            Assert.Equal(Math.Pow(Discount, t) * rewards[t], weights[t] - weights[t + 1], RoundingTolerance);
        }
    }

    [Fact]
    public void Standardize_UnequalWeights_UsesThePopulationDeviationOverAllSteps()
    {
        double[][] weights = [[1.0, 3.0], [8.0]];
        ReferenceReturns.Standardize(weights);

        // Mean 4 over the three steps, squares 9 + 1 + 16.
        double deviation = Math.Sqrt(26.0 / 3.0);
        Assert.Equal([[-3.0 / deviation, -1.0 / deviation], [4.0 / deviation]], weights);
    }

    [Fact]
    public void Standardize_EqualWeights_BecomeZero()
    {
        double[][] weights = [[2.0, 2.0], [2.0]];
        ReferenceReturns.Standardize(weights);
        Assert.Equal([[0.0, 0.0], [0.0]], weights);
    }

    [Fact]
    public void Standardize_DeviationBelowTheMinimum_OnlyCentres()
    {
        double[][] weights = [[-1e-9, 1e-9]];
        ReferenceReturns.Standardize(weights);
        Assert.Equal([[-1e-9, 1e-9]], weights);
    }

    private static double[][] Rewards(int episodeCount) =>
        [.. Enumerable.Range(0, episodeCount).Select(i => Rewards(length: 3 + i % 4, phase: 1 + 3 * i))];

    private static double[] Rewards(int length, int phase) => [.. Enumerable.Range(0, length).Select(t => Math.Sin(phase + 5 * t))];
}
