using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Optimizers;
using PgFast.Policies;
using PgFast.Reference;
using PgFast.Tests.Support;
using PgFast.Training;

namespace PgFast.Tests.Training;

/// <summary>Training with real actions: the reference's gradient, improvement, determinism, and a σ that collapses.</summary>
public class ContinuousTrainingTests
{
    private const double GradientTolerance = 2e-5;

    public static TheoryData<StandardDeviationSource> Sources => [StandardDeviationSource.Free, StandardDeviationSource.StateDependent];

    [Theory]
    [InlineData(StandardDeviationSource.Free, 1f, false, 0f)]
    [InlineData(StandardDeviationSource.Free, 0.5f, true, 0.05f)]
    [InlineData(StandardDeviationSource.StateDependent, 1f, true, 0f)]
    [InlineData(StandardDeviationSource.StateDependent, 2f, false, 0.05f)]
    public void ComputeGradient_TwoDimensions_IsTheReferenceGradient(
        StandardDeviationSource source, float actionScale, bool normalizes, float entropyCoefficient)
    {
        TrainerOptions options = new()
        {
            StandardDeviation = source,
            ActionScale = actionScale,
            NormalizeReturns = normalizes,
            EntropyCoefficient = entropyCoefficient,
            MeasureEntropy = true,
            HiddenSizes = [9],
            Activation = Activation.Tanh,
            OutputScale = 1,
            BatchSize = 130,
            Baseline = Baseline.Mean,
            Threads = 2,
        };
        using Trainer<Plane> trainer = new(options);
        UpdateResult result = trainer.ComputeGradient(0);
        RecordedEpisode[] recorded = [.. trainer.Shards.SelectMany(shard => RecordedEpisode.Read(shard.Trajectory))];
        double[][] weights = ReferenceReturns.Weights(
            [.. recorded.Select(episode => RewardsOf(episode, actionScale))], options.Discount, ReferenceEstimator.RewardToGo, ReferenceBaseline.Mean);
        if (normalizes)
            ReferenceReturns.Standardize(weights);
        ReferenceGaussianPolicy policy = new(
            new ReferenceNetwork([.. trainer.Shape.Sizes], ReferenceActivation.Tanh), trainer.Shape.FreeOutputSize);
        double[] parameters = Closeness.ToDouble(trainer.Parameters), expected = new double[parameters.Length];
        int steps = recorded.Sum(episode => episode.Length);
        double entropy = 0;
        for (int episode = 0; episode < recorded.Length; episode++)
        {
            for (int time = 0; time < recorded[episode].Length; time++)
            {
                double[] observation = Closeness.ToDouble(recorded[episode].Observations[time]);
                policy.AddGradient(
                    parameters, observation, Closeness.ToDouble(recorded[episode].RealActions[time]), weights[episode][time] / recorded.Length,
                    entropyCoefficient / (double)steps, expected);
                entropy += ReferenceGaussian.Entropy(policy.Outputs(parameters, observation)) / steps;
            }
        }

        Closeness.AssertClose(expected, Closeness.ToDouble(trainer.Gradient), GradientTolerance, "gradient");
        Assert.Equal(entropy, result.Entropy, 1e-5);
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void Update_Aim_FindsTheTargetAndNarrows(StandardDeviationSource source)
    {
        using Trainer<Aim> trainer = new(new TrainerOptions { HiddenSizes = [], StandardDeviation = source, BatchSize = 256, Threads = 2 });
        double before = trainer.Evaluate(1000).MeanReturn;
        for (int update = 0; update < 200; update++)
            trainer.Update();
        // Untrained: −(1 + 1/12 + σ²) with σ = 1. Found: −σ², and σ has shrunk.
        Assert.InRange(before, -2.6, -1.7);
        Assert.InRange(trainer.Evaluate(1000).MeanReturn, -0.1, 0);
        using Policy policy = trainer.CreatePolicy();
        float[] mean = new float[1], deviation = new float[1];
        policy.Moments([0.25f], mean, deviation);
        Assert.Equal(1.25f, mean[0], 0.15f);
        Assert.InRange(deviation[0], 0, 0.35f);
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void Update_Plane_Improves(StandardDeviationSource source)
    {
        using Trainer<Plane> trainer = new(new TrainerOptions
        {
            HiddenSizes = [8],
            Activation = Activation.Tanh,
            StandardDeviation = source,
            NormalizeObservations = true,
            ActionScale = 2,
            BatchSize = 256,
            Threads = 2,
        });
        double before = trainer.Evaluate(1000).MeanReturn;
        for (int update = 0; update < 100; update++)
            trainer.Update();
        Assert.InRange(before, -40, -8);
        Assert.InRange(trainer.Evaluate(1000).MeanReturn, -4, 0);
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void ParameterHash_AnyNumberOfThreads_IsTheSame(StandardDeviationSource source)
    {
        TrainerOptions options = new()
        {
            StandardDeviation = source,
            NormalizeObservations = true,
            ActionScale = 0.7f,
            BatchSize = 300,
            EntropyCoefficient = 0.01f,
            FinalStepSizeFactor = 0.1f,
            ScheduledEnvironmentSteps = 10_000,
        };
        string[] hashes =
        [
            .. new[] { 1, 2, 3, 8 }.Select(threads =>
            {
                using Trainer<Plane> trainer = new(options with { Threads = threads });
                for (int update = 0; update < 4; update++)
                    trainer.Update();
                return trainer.ParameterHash();
            }),
        ];
        Assert.Single(hashes.Distinct());
    }

    [Fact]
    public void Update_FreeDeviationCollapses_NamesItAndKeepsThePolicyBefore()
    {
        // A step of 50 takes log σ from −16 out of the limits whichever way it goes.
        using Trainer<Aim> trainer = new(CollapsingOptions(StandardDeviationSource.Free));
        float[] before = trainer.Parameters.ToArray();
        StandardDeviationException exception = Assert.Throws<StandardDeviationException>(() => trainer.Update());
        Assert.Equal((1L, "log σ", "policy.log_std", 0L), (exception.Update, exception.Quantity, exception.Tensor, trainer.UpdateCount));
        Assert.True(Math.Abs(exception.Logarithm) > StandardDeviationException.LargestLogarithm);
        Assert.Contains("Update 1: log σ of policy.log_std became ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(exception.Logarithm < 0 ? "collapsed" : "overflowed", exception.Message, StringComparison.Ordinal);
        Bits.AssertEqual(before, trainer.Parameters, "parameters");
    }

    [Fact]
    public void Update_DeviationOfTheStateCollapses_NamesItAndKeepsThePolicyBefore()
    {
        using Trainer<Aim> trainer = new(CollapsingOptions(StandardDeviationSource.StateDependent));
        float[] before = trainer.Parameters.ToArray();
        StandardDeviationException exception = Assert.Throws<StandardDeviationException>(() => trainer.Update());
        Assert.Equal((1L, "policy.0.weight", 0L), (exception.Update, exception.Tensor, trainer.UpdateCount));
        Assert.True(Math.Abs(exception.Logarithm) > StandardDeviationException.LargestLogarithm);
        Assert.Contains("The policy of update 0 is kept.", exception.Message, StringComparison.Ordinal);
        Bits.AssertEqual(before, trainer.Parameters, "parameters");
    }

    [Fact]
    public void Update_HeadThatCollapses_SaysSoWithItsSignBeforeAnyoneActsByIt()
    {
        TrainerOptions options = EnvironmentCatalog.Find("gaussian-bandit")!.DefaultOptions with
        {
            StandardDeviation = StandardDeviationSource.StateDependent,
            StepSize = 8,
            NormalizeReturns = false,
            Threads = 1,
        };
        using Trainer<GaussianBandit> trainer = new(options);
        StandardDeviationException exception = Assert.Throws<StandardDeviationException>(() =>
        {
            for (int update = 0; update < 200; update++)
                trainer.Update();
        });
        Assert.True(exception.Logarithm < -StandardDeviationException.LargestLogarithm);
        Assert.Contains("the standard deviation collapsed", exception.Message, StringComparison.Ordinal);
        using Policy kept = trainer.CreatePolicy();
        float[] mean = new float[1], deviation = new float[1];
        kept.Moments([1], mean, deviation);
        Assert.InRange(deviation[0], Math.Exp(-StandardDeviationException.LargestLogarithm - 1e-3), 1e9);
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void Constructor_InitialStandardDeviation_IsThatOfEveryState(StandardDeviationSource source)
    {
        TrainerOptions options = new() { HiddenSizes = [], StandardDeviation = source, InitialStandardDeviation = 0.25f, OutputScale = 0, Threads = 1, BatchSize = 4 };
        using Trainer<Plane> trainer = new(options);
        using Policy policy = trainer.CreatePolicy();
        float[] mean = new float[2], deviation = new float[2];
        policy.Moments([0.5f, 1, 0.3f], mean, deviation);
        Assert.All(deviation, value => Assert.Equal(0.25f, value, 1e-6f));
        foreach (float extreme in new[] { 1e-30f, 1e30f })
            Assert.ThrowsAny<ArgumentException>(() => new Trainer<Plane>(options with { InitialStandardDeviation = extreme }));
        if (source == StandardDeviationSource.StateDependent)
            Assert.ThrowsAny<ArgumentException>(() => new Trainer<Plane>(options with { HasBias = false }));
    }

    private static TrainerOptions CollapsingOptions(StandardDeviationSource source) => new()
    {
        HiddenSizes = [],
        StandardDeviation = source,
        InitialStandardDeviation = 1e-7f,
        Optimizer = OptimizerKind.Adam,
        StepSize = 50,
        BatchSize = 20,
        Threads = 1,
    };

    /// <summary>The rewards once more in double, from what was observed after every step.</summary>
    private static double[] RewardsOf(RecordedEpisode episode, float actionScale)
    {
        double[] rewards = new double[episode.Length];
        for (int time = 0; time < rewards.Length; time++)
        {
            float[] next = time + 1 < rewards.Length ? episode.Observations[time + 1] : episode.FinalObservation;
            double push = (double)actionScale * episode.RealActions[time][0];
            rewards[time] = -((double)next[0] * next[0] + (double)next[1] * next[1]) - 0.01 * push * push;
        }

        return rewards;
    }
}
