using PgFast.Networks;
using PgFast.Policies;
using PgFast.Reference;
using PgFast.Tests.Golden;
using PgFast.Tests.Support;

namespace PgFast.Tests.Variance;

/// <summary>Given episodes and their exact gradients by nine estimators: the engine's kernels and the double reference.</summary>
public class GoldenEpisodeTests
{
    // Double precision, sums of up to some hundred products in another order.
    private const double ReferenceTolerance = 1e-12;

    // Single precision: see PolicyGradientTests. Relative to the largest component.
    private const double EngineTolerance = 2e-5;

    private static readonly GoldenGradientVariance Golden = GoldenGradientVariance.Load();

    public static TheoryData<string> Names => [.. Golden.Estimators.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void BatchGradient_FixedEpisodes_IsTheGoldenGradient(string name)
    {
        (ReferenceEstimator estimator, ReferenceStudyBaseline baseline, ReferenceBaselines given) = MeaningOf(name);
        foreach (GoldenEpisode episode in Golden.FixedEpisodes)
        {
            double[] gradient = ReferenceVariance.BatchGradient([Score(episode)], Golden.Discount, estimator, baseline, given);
            Closeness.AssertClose(episode.Gradients[name], gradient, ReferenceTolerance, $"{name}, {episode.Actions.Length} steps");
        }
    }

    [Fact]
    public void Accumulate_FixedEpisodes_IsTheGoldenGradientAtEveryWidth()
    {
        string[] names = [.. Golden.Estimators.Keys];
        GoldenEpisode[] episodes = Golden.FixedEpisodes;
        float[][] observations = [.. episodes.SelectMany(episode => episode.Observations).Select(Closeness.ToSingle)];
        int[] actions = [.. episodes.SelectMany(episode => episode.Actions)];
        float[][] weights = [.. names.Select(name => episodes.SelectMany(episode => WeightsOf(name, episode)).ToArray())];
        NetworkShape shape = new(Golden.Sizes[0], Golden.Sizes.AsSpan(1..^1), Golden.Sizes[^1], Activation.Tanh);
        PolicyCase policy = new()
        {
            Shape = shape,
            Parameters = Closeness.ToSingle(Golden.Parameters),
            Observations = observations,
            Actions = actions,
            Weights = weights[0],
        };
        foreach (int width in Widths.All)
        {
            PolicyPass pass = PolicyHarness.Run(policy, width);
            double[] logProbabilities = [.. episodes.SelectMany(episode => episode.LogProbabilities)];
            Closeness.AssertClose(logProbabilities, Closeness.ToDouble(pass.LogProbabilities), EngineTolerance, "log π");
            float[] ones = [.. Enumerable.Repeat(1f, actions.Length)];
            float[][][] gradients = WeightedGradientHarness.Run(
                new WeightedCase
                {
                    Shape = shape,
                    Parameters = policy.Parameters,
                    Lengths = [.. episodes.Select(episode => episode.Actions.Length)],
                    Observations = observations,
                    OutputGradients = HeadHarness.Score(width, 2, pass.Outputs, actions, ones, new ScoreScale(1, 0, 0)),
                    Weights = weights,
                },
                width);
            for (int episode = 0; episode < episodes.Length; episode++)
            {
                for (int column = 0; column < names.Length; column++)
                {
                    double[] expected = episodes[episode].Gradients[names[column]];
                    double[] gradient = WeightedGradientHarness.Spread(shape, gradients[episode][column]);
                    Closeness.AssertClose(expected, gradient, EngineTolerance, $"{names[column]} at {width} lanes");
                }
            }
        }
    }

    private static float[] WeightsOf(string name, GoldenEpisode episode)
    {
        (ReferenceEstimator estimator, ReferenceStudyBaseline baseline, ReferenceBaselines given) = MeaningOf(name);
        return Closeness.ToSingle(ReferenceVariance.Weights([Score(episode)], Golden.Discount, estimator, baseline, given)[0]);
    }

    private static ReferenceScoredEpisode Score(GoldenEpisode golden)
    {
        ReferenceNetwork network = new(Golden.Sizes, ReferenceActivation.Tanh);
        // CartPole pays 1 a step.
        double[] rewards = [.. Enumerable.Repeat(1.0, golden.Actions.Length)];
        ReferenceEpisode episode = new(golden.Observations, golden.Actions, rewards, Terminated: true, Truncated: false);
        return ReferenceScoredEpisode.Of(network, Golden.Parameters, episode);
    }

    /// <summary>The file's names in the reference's terms; all baselines are fixed numbers.</summary>
    private static (ReferenceEstimator Estimator, ReferenceStudyBaseline Baseline, ReferenceBaselines Given) MeaningOf(string name)
    {
        string[] parts = name.Split('/');
        ReferenceEstimator estimator = parts[0] switch
        {
            "total" => ReferenceEstimator.Total,
            "rtg" => ReferenceEstimator.RewardToGo,
            "rtg_gt" => ReferenceEstimator.Discounted,
            _ => throw new ArgumentException($"Unknown estimator {parts[0]}.", nameof(name)),
        };
        double constant = parts[1] == "const_step_mean" ? Golden.StepMeanReturn : Golden.MeanReturn;
        ReferenceBaselines given = new() { Mean = Golden.MeanReturn, Optimal = [constant, constant, constant], TimeToGo = Golden.TimeMean };
        return parts[1] switch
        {
            "none" => (estimator, ReferenceStudyBaseline.None, given),
            "const_EG0" or "const_step_mean" => (estimator, ReferenceStudyBaseline.Optimal, given),
            "time_mean" => (estimator, ReferenceStudyBaseline.Time, given),
            _ => throw new ArgumentException($"Unknown baseline {parts[1]}.", nameof(name)),
        };
    }
}
