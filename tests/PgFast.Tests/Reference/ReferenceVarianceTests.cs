using PgFast.Reference;

namespace PgFast.Tests.Reference;

/// <summary>What a study's reference is by definition, on a few episodes of CartPole.</summary>
public class ReferenceVarianceTests
{
    private const double Tolerance = 1e-10;

    private const double Discount = 0.9;

    private static readonly ReferenceScoredEpisode[] Episodes = Play(40);

    public static TheoryData<ReferenceEstimator> Estimators => [.. Enum.GetValues<ReferenceEstimator>()];

    [Fact]
    public void Of_ThreeVectors_IsWorkedOutByHand()
    {
        ReferenceMoments moments = ReferenceMoments.Of([[3, 0], [0, 4], [0, 0]]);
        Assert.Equal([1, 4.0 / 3], moments.Mean);
        Assert.Equal(3, moments.Variance[0], Tolerance);
        Assert.Equal(16.0 / 3, moments.Variance[1], Tolerance);
        Assert.Equal(25.0 / 3, moments.Trace, Tolerance);
        // All three products are zero; the means of x and y are 3 and 4 thirds of a unit along (3, 4)/5.
        Assert.Equal((0, 0), (moments.NormSquared, moments.CosineBetween));
        Assert.Equal((0.6 + 0.8) / 3, moments.CosineToMean, Tolerance);
        // ‖mean‖² = ‖G‖² + tr/n for any sample.
        Assert.Equal(moments.Mean.Sum(g => g * g), moments.NormSquared + moments.Trace / 3, Tolerance);
    }

    [Fact]
    public void BatchGradient_LeaveOneOut_IsThatOfTheMeanOfAllTimesBOverBMinusOne()
    {
        // Kool, van Hoof and Welling (2019).
        ReferenceScoredEpisode[] batch = Episodes[..5];
        double mean = batch.Average(scored => ReferenceReturns.RewardsToGo(scored.Episode.Rewards, Discount)[0]);
        ReferenceBaselines given = new() { Optimal = [mean, mean, mean] };
        double[] all = Gradient(batch, ReferenceEstimator.Total, ReferenceStudyBaseline.Optimal, given);
        double[] others = Gradient(batch, ReferenceEstimator.Total, ReferenceStudyBaseline.Mean, given);
        AssertClose(Array.ConvertAll(all, g => g * 5 / 4), others);
    }

    [Theory]
    [MemberData(nameof(Estimators))]
    public void BatchGradient_OneConstantForEveryParameter_IsTheConstantBaseline(ReferenceEstimator estimator)
    {
        int parameters = Episodes[0].Scores[0].Length;
        double[] each = [.. Enumerable.Repeat(7.5, parameters)];
        ReferenceBaselines given = new() { Optimal = [7.5, 7.5, 7.5], PerParameter = [each, each, each] };
        AssertClose(
            Gradient(Episodes, estimator, ReferenceStudyBaseline.Optimal, given),
            Gradient(Episodes, estimator, ReferenceStudyBaseline.OptimalPerParameter, given));
    }

    [Theory]
    [MemberData(nameof(Estimators))]
    public void Fit_Constants_LeaveNothingAlongWhatTheySubtract(ReferenceEstimator estimator)
    {
        // Where b minimises Σ‖g − b·s‖², the derivative Σ⟨g − b·s, s⟩ is zero; for every parameter by itself likewise.
        ReferenceBaselines fitted = ReferenceBaselines.Fit(Episodes, Discount, ReferenceCartPole.StepLimit);
        ReferenceBaselines ones = new() { Optimal = [1, 1, 1] };
        double ofAll = 0, size = 0;
        double[] byParameter = new double[Episodes[0].Scores[0].Length];
        foreach (ReferenceScoredEpisode episode in Episodes)
        {
            double[] none = Gradient([episode], estimator, ReferenceStudyBaseline.None, ones);
            double[] subtracted = [.. none.Zip(Gradient([episode], estimator, ReferenceStudyBaseline.Optimal, ones), (g, less) => g - less)];
            double[] optimal = Gradient([episode], estimator, ReferenceStudyBaseline.Optimal, fitted);
            double[] perParameter = Gradient([episode], estimator, ReferenceStudyBaseline.OptimalPerParameter, fitted);
            for (int h = 0; h < byParameter.Length; h++)
            {
                ofAll += optimal[h] * subtracted[h];
                byParameter[h] += perParameter[h] * subtracted[h];
                size += Math.Abs(none[h] * subtracted[h]);
            }
        }

        Assert.Equal(0, ofAll, Tolerance * size);
        Assert.All(byParameter, value => Assert.Equal(0, value, Tolerance * size));
    }

    [Fact]
    public void Fit_ReturnsThatAreAllOne_GivesOneEverywhere()
    {
        // γ = 0 and a reward of 1 a step: G = 1, which the constant feature alone explains but for the ridge.
        ReferenceBaselines fitted = ReferenceBaselines.Fit(Episodes, 0.0, ReferenceCartPole.StepLimit);
        Assert.Equal(1, fitted.Mean, Tolerance);
        Assert.All(fitted.TimeTotal.Concat(fitted.TimeToGo), value => Assert.Equal(1, value, Tolerance));
        Assert.Equal(ReferenceCartPole.StepLimit, fitted.TimeToGo.Length);
        foreach (double[] observation in Episodes[0].Episode.Observations)
        {
            double[] features = ReferenceBaselines.Features(observation, 3, fitted.LastStep);
            Assert.Equal(1, features.Zip(fitted.LinearToGo, (x, c) => x * c).Sum(), 1e-4);
        }

        Assert.Equal(Episodes.Max(scored => scored.Episode.Length) - 1, fitted.LastStep);
    }

    [Fact]
    public void Weights_FixedBaselines_SubtractTheGivenNumbers()
    {
        ReferenceScoredEpisode[] one = [Episodes[0]];
        double[] toGo = ReferenceReturns.RewardsToGo(one[0].Episode.Rewards, Discount);
        double[] time = [.. Enumerable.Range(0, ReferenceCartPole.StepLimit).Select(t => t + 0.5)];
        ReferenceBaselines given = new() { Mean = 2, TimeTotal = time, TimeToGo = Array.ConvertAll(time, b => 2 * b) };
        AssertClose(Array.ConvertAll(toGo, _ => toGo[0] - 2), WeightsOf(ReferenceEstimator.Total, ReferenceStudyBaseline.Mean));
        AssertClose([.. toGo.Select((_, t) => toGo[0] - t - 0.5)], WeightsOf(ReferenceEstimator.Total, ReferenceStudyBaseline.Time));
        AssertClose([.. toGo.Select((g, t) => g - 2 * t - 1)], WeightsOf(ReferenceEstimator.RewardToGo, ReferenceStudyBaseline.Time));
        double[] discounted = WeightsOf(ReferenceEstimator.Discounted, ReferenceStudyBaseline.Time);
        AssertClose([.. toGo.Select((g, t) => Math.Pow(Discount, t) * (g - 2 * t - 1))], discounted);

        double[] WeightsOf(ReferenceEstimator estimator, ReferenceStudyBaseline baseline) =>
            ReferenceVariance.Weights(one, Discount, estimator, baseline, given)[0];
    }

    [Fact]
    public void BatchGradient_StandardisedForEveryParameter_Throws()
    {
        const ReferenceStudyBaseline PerParameter = ReferenceStudyBaseline.OptimalPerParameter;
        Assert.Throws<ArgumentException>(() => ReferenceVariance.BatchGradient(
            Episodes, Discount, ReferenceEstimator.Total, PerParameter, new ReferenceBaselines(), standardizes: true));
    }

    private static double[] Gradient(
        ReferenceScoredEpisode[] batch, ReferenceEstimator estimator, ReferenceStudyBaseline baseline, ReferenceBaselines given) =>
        ReferenceVariance.BatchGradient(batch, Discount, estimator, baseline, given);

    private static ReferenceScoredEpisode[] Play(int episodes)
    {
        ReferenceNetwork network = new([4, 5, 2], ReferenceActivation.Tanh);
        double[] parameters = network.InitialParameters(3);
        return
        [
            .. Enumerable.Range(0, episodes).Select(id =>
                ReferenceScoredEpisode.Of(network, parameters, Reinforce.GenerateEpisode(network, parameters, 3, (ulong)id))),
        ];
    }

    private static void AssertClose(double[] expected, double[] actual)
    {
        double allowed = Tolerance * (1 + expected.Max(Math.Abs));
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, allowed));
        Assert.Equal(expected.Length, actual.Length);
    }
}
