using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Optimizers;
using PgFast.Reference;
using PgFast.Tests.Support;
using PgFast.Training;

namespace PgFast.Tests.Training;

/// <summary>The engine's update against the double reference's, on the episodes that the engine played.</summary>
public class UpdateTests
{
    // Single precision against double: the largest error of a component, relative to the largest component of the gradient.
    private const double GradientTolerance = 2e-5;

    // One division in double, and a gradient of that accuracy.
    private const double NormTolerance = 2e-5;

    private const double EntropyTolerance = 2e-6;

    private static readonly int[] BatchSizes = [1, 2, 3, 5, 17, 33, 64, 65, 100, 130, 300];
    private static readonly int[][] HiddenSizes = [[], [1], [7], [32], [33], [9, 14], [5, 4, 6]];
    private static readonly float[] Discounts = [0.99f, 1f, 0.9f, 0f];

    /// <summary>Every pair of estimator and baseline, normalised or not, over shapes, activations, batch sizes and discounts.</summary>
    public static TheoryData<int> Cases => [.. Enumerable.Range(0, 72)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Gradient_CartPole_IsTheReferenceGradient(int index) => AssertReferenceGradient<CartPole>(OptionsOf(index), CartPoleRewards);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Gradient_UserEnvironment_IsTheReferenceGradient(int index) => AssertReferenceGradient<Drift>(OptionsOf(index), DriftRewards);

    [Fact]
    public void OptionsOf_AllCases_CoverEveryChoice()
    {
        TrainerOptions[] all = [.. Enumerable.Range(0, 72).Select(OptionsOf)];
        Assert.Equal(18, all.Select(o => (o.Estimator, o.Baseline, o.NormalizeReturns)).Distinct().Count());
        Assert.Equal(BatchSizes.Length, all.Select(o => o.BatchSize).Distinct().Count());
        Assert.Equal(HiddenSizes.Length * 2, all.Select(o => (string.Join('-', o.HiddenSizes), o.Activation)).Distinct().Count());
        Assert.Equal(Discounts.Length, all.Select(o => o.Discount).Distinct().Count());
        Assert.Equal(2, all.Select(o => o.EntropyCoefficient > 0).Distinct().Count());
    }

    [Theory]
    [InlineData(OptimizerKind.Sgd, 0f)]
    [InlineData(OptimizerKind.Sgd, 0.9f)]
    [InlineData(OptimizerKind.Adam, 0f)]
    public void Update_Clipped_StepsAsTheReferenceOptimizer(OptimizerKind kind, float momentum)
    {
        // Parameters of order 1 after three steps, each of a few last bits; Adam divides gradients by their own size.
        const double Tolerance = 2e-5;
        const float Limit = 0.05f;
        TrainerOptions options = new()
        {
            HiddenSizes = [8],
            BatchSize = 20,
            Optimizer = kind,
            Momentum = momentum,
            StepSize = 0.5f,
            MaximumGradientNorm = Limit,
            Threads = 1,
        };
        using Trainer<CartPole> trainer = new(options);
        double[] parameters = Closeness.ToDouble(trainer.Parameters);
        IReferenceOptimizer optimizer = kind == OptimizerKind.Sgd ? new ReferenceSgd(parameters.Length, momentum) : new ReferenceAdam(parameters.Length);
        for (int update = 1; update <= 3; update++)
        {
            UpdateResult result = trainer.Update();
            Assert.Equal(update, result.Update);
            Assert.True(result.GradientNorm > Limit, "the gradient must be long enough to be clipped");
            Assert.Equal(Limit, ReferenceGradient.Norm(Closeness.ToDouble(trainer.Gradient)), 1e-7);
            optimizer.Step(parameters, Closeness.ToDouble(trainer.Gradient), options.StepSize);
            Closeness.AssertClose(parameters, Closeness.ToDouble(trainer.Parameters), Tolerance, $"parameters after update {update}");
        }
    }

    [Fact]
    public void Update_Counters_AddUp()
    {
        using Trainer<CartPole> trainer = new(new TrainerOptions { BatchSize = 70, Threads = 2 });
        long steps = 0;
        for (int update = 1; update <= 4; update++)
        {
            UpdateResult result = trainer.Update();
            steps += result.EnvironmentSteps;
            Assert.Equal((update, 70), (result.Update, result.Episodes));
            // CartPole pays 1 a step.
            Assert.Equal((double)result.EnvironmentSteps / 70, result.MeanReturn, 1e-12);
            Assert.Equal(result.MeanReturn, result.MeanLength, 1e-12);
            Assert.True(double.IsNaN(result.Entropy), "entropy is measured only if asked for");
        }

        Assert.Equal((4L, 280L, steps), (trainer.UpdateCount, trainer.EpisodeCount, trainer.EnvironmentSteps));
    }

    [Fact]
    public void Update_EachBatch_UsesTheNextEpisodeIds()
    {
        using Trainer<CartPole> trainer = new(new TrainerOptions { BatchSize = 130, Seed = 5, Threads = 1 });
        for (ulong batch = 0; batch < 3; batch++)
        {
            trainer.Update();
            ulong id = batch * 130;
            foreach (RecordedEpisode episode in trainer.Shards.SelectMany(shard => RecordedEpisode.Read(shard.Trajectory)))
            {
                double[] start = ReferenceCartPole.Reset(5, id++).Observation;
                Closeness.AssertClose(start, Closeness.ToDouble(episode.Observations[0]), 1e-6, $"start of episode {id}");
            }

            Assert.Equal((batch + 1) * 130, id);
        }
    }

    [Fact]
    public void TrainUntil_UserEnvironment_Learns()
    {
        // Standing still near the middle pays almost 1 a step, 37 in all; the untrained policy loses a good part of it.
        using Trainer<Drift> trainer = new(new TrainerOptions { HiddenSizes = [16], Activation = Activation.Tanh, Threads = 2, Seed = 2 });
        double before = trainer.Evaluate(1000).MeanReturn;
        TrainingResult result = trainer.TrainUntil(33, maximumUpdates: 300);
        Assert.InRange(before, 5, 30);
        Assert.True(result.Solved, $"mean return {result.Evaluation.MeanReturn} after {result.Updates} updates");
        Assert.Equal(trainer.UpdateCount, result.Updates);
    }

    private static TrainerOptions OptionsOf(int index)
    {
        int pair = index % 9;
        return new TrainerOptions
        {
            Estimator = (Estimator)(pair / 3),
            Baseline = (Baseline)(pair % 3),
            NormalizeReturns = index / 9 % 2 == 1,
            BatchSize = BatchSizes[index % BatchSizes.Length],
            HiddenSizes = HiddenSizes[index % HiddenSizes.Length],
            Activation = (Activation)(index / 7 % 2),
            Discount = Discounts[index / 3 % Discounts.Length],
            EntropyCoefficient = index / 2 % 2 == 0 ? 0 : 0.05f,
            MeasureEntropy = true,
            OutputScale = 1,
            Seed = (ulong)index + 100,
            Threads = 1 + index % 2,
        };
    }

    private static void AssertReferenceGradient<TEnvironment>(TrainerOptions options, Func<TrainerOptions, RecordedEpisode, int, float[]> rewardsOf)
        where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
    {
        using Trainer<TEnvironment> trainer = new(options);
        // Biases and all, so that no tensor is at a special point.
        float[] parameters = trainer.Parameters.ToArray();
        Noise noise = new(options.Seed);
        for (int i = 0; i < parameters.Length; i++)
            parameters[i] += noise.Next(-0.2f, 0.2f);
        trainer.SetParameters(parameters);

        UpdateResult result = trainer.ComputeGradient(0);
        RecordedEpisode[] recorded = [.. trainer.Shards.SelectMany(shard => RecordedEpisode.Read(shard.Trajectory))];
        Assert.Equal(options.BatchSize, recorded.Length);
        float[][] rewards = [.. recorded.Select((episode, id) => rewardsOf(options, episode, id))];
        ReferenceEpisode[] episodes = [.. recorded.Select((episode, id) => episode.ToReference(rewards[id]))];
        double[][] weights = ReferenceReturns.Weights(
            [.. episodes.Select(episode => episode.Rewards)], options.Discount, (ReferenceEstimator)options.Estimator, (ReferenceBaseline)options.Baseline);
        if (options.NormalizeReturns)
            ReferenceReturns.Standardize(weights);
        ReferenceNetwork network = new(
            [.. trainer.Shape.Sizes], options.Activation == Activation.Relu ? ReferenceActivation.Relu : ReferenceActivation.Tanh);
        double[] exact = Closeness.ToDouble(parameters);
        double[] expected = ReferenceGradient.Compute(network, exact, episodes, weights, options.EntropyCoefficient);
        Closeness.AssertClose(expected, Closeness.ToDouble(trainer.Gradient), GradientTolerance, options.ToString());

        double norm = ReferenceGradient.Norm(expected);
        Assert.Equal(norm, result.GradientNorm, NormTolerance * norm + 1e-12);
        Assert.Equal(episodes.Sum(episode => (long)episode.Length), result.EnvironmentSteps);
        Assert.Equal(episodes.Average(episode => episode.TotalReward), result.MeanReturn, 1e-4);
        double entropy = episodes.SelectMany(e => e.Observations).Average(x => ReferenceSoftmax.Entropy(network.Forward(exact, x)[^1]));
        Assert.Equal(entropy, result.Entropy, EntropyTolerance);
    }

    private static float[] CartPoleRewards(TrainerOptions options, RecordedEpisode episode, int id) => [.. Enumerable.Repeat(1f, episode.Length)];

    private static float[] DriftRewards(TrainerOptions options, RecordedEpisode episode, int id) =>
        Drift.Replay(options.Seed, (ulong)id, episode.Actions).Rewards;
}
