using CsCheck;
using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Gradients;
using PgFast.Networks;
using PgFast.Policies;
using PgFast.Reference;
using PgFast.Tests.Support;
using PgFast.Training;

namespace PgFast.Tests.Estimators;

/// <summary>Weights of a batch's steps, straight from the trajectory, before they are standardised.</summary>
public unsafe class WeightTests
{
    /// <summary>Those that training computes itself; the others are fitted by the variance study.</summary>
    private static readonly Gen<Baseline> TrainingBaselines = Gen.Int[0, (int)Baseline.Time].Select(index => (Baseline)index);

    // Returns of up to 37 steps in single precision, and their differences: relative to the largest return.
    private const double WeightTolerance = 2e-6;

    // Relative to the largest component; see UpdateTests.
    private const double GradientTolerance = 2e-5;

    [Fact]
    public void Weights_RandomOptions_AreTheReferenceWeights() =>
        Gen.Select(Gen.Enum<Estimator>(), TrainingBaselines, Gen.Int[1, 200], Gen.Float[0, 1], Gen.ULong, Gen.Int[1, 3]).Sample(
            (estimator, baseline, batch, discount, seed, threads) =>
            {
                TrainerOptions options = new()
                {
                    Estimator = estimator,
                    Baseline = baseline,
                    BatchSize = batch,
                    Discount = discount,
                    Seed = seed,
                    Threads = threads,
                    HiddenSizes = [],
                    OutputScale = 3,
                    NormalizeReturns = false,
                };
                (double[][] weights, double[][] rewards) = Play(options);
                double[][] expected = ReferenceReturns.Weights(rewards, discount, (ReferenceEstimator)estimator, (ReferenceBaseline)baseline);
                double largest = rewards.Max(r => ReferenceReturns.RewardsToGo(r, discount).Max(Math.Abs));
                for (int episode = 0; episode < batch; episode++)
                {
                    Assert.Equal(expected[episode].Length, weights[episode].Length);
                    for (int time = 0; time < expected[episode].Length; time++)
                    {
                        double error = Math.Abs(weights[episode][time] - expected[episode][time]);
                        Assert.True(error <= WeightTolerance * Math.Max(1, largest), $"episode {episode}, step {time}: error {error:E2}");
                    }
                }
            },
            iter: 150);

    [Fact]
    public void WeightsAndGradient_RefilledLanesThatMove_AreTheReference() =>
        Gen.Select(Gen.Enum<Estimator>(), TrainingBaselines, Gen.Int[1, 4], Gen.Int[1, 160], Gen.Float[0.5f, 1], Gen.UInt).Sample(
            (estimator, baseline, groups, episodes, discount, seed) =>
            {
                // A shard of its own plan: several episodes a lane, started at different rows, and moved when lanes thin out.
                EnvironmentSpecification specification = Drift.Specification;
                PolicyCase policy = PolicyCase.Random(new NetworkShape(3, [], 3, Activation.Tanh), 1, seed, weightScale: 2);
                using NetworkParameters parameters = new(policy.Shape, mergeOutputs: false);
                policy.Parameters.CopyTo(parameters.Flat);
                parameters.Refresh();
                using ShardWorker worker = new(BatchedEnvironment.Create<Drift>(), parameters, keepsActivations: true);
                using Shard shard = new(
                    specification, 3, worker.RecordSize, groups * 16, 0, episodes, policy.Shape.ParameterCount, sumsByStep: true);
                WeightRequest request = Request(baseline, episodes, 0) with { Estimator = estimator, Discount = discount, SumsWeights = true };
                worker.Rollout(shard, 0, seed, request);
                ReferenceEpisode[] played =
                [
                    .. RecordedEpisode.Read(shard.Trajectory)
                        .Select((episode, id) => episode.ToReference(Drift.Replay(seed, (ulong)id, episode.Actions).Rewards)),
                ];
                double[][] rewards = [.. played.Select(episode => episode.Rewards)];
                request = request with { ReturnSum = shard.ReturnSum, TimeSum = shard.StepSum.Pointer, TimeCount = shard.StepCount.Pointer };
                if (!request.IsIdentity)
                    worker.Weigh(shard, request);
                double[] weights = Closeness.ToDouble([.. RecordedEpisode.Read(shard.Trajectory).SelectMany(episode => episode.Rewards)]);
                double[][] psi = ReferenceReturns.Weights(rewards, discount, (ReferenceEstimator)estimator, (ReferenceBaseline)baseline);
                double[] expected = [.. psi.SelectMany(w => w)];
                double largest = rewards.Max(r => ReferenceReturns.RewardsToGo(r, discount).Max(Math.Abs));
                for (int step = 0; step < expected.Length; step++)
                    Assert.Equal(expected[step], weights[step], WeightTolerance * Math.Max(1, largest));

                // The moments that standardisation is made of.
                double mean = expected.Average();
                Assert.Equal(mean, shard.WeightMean, WeightTolerance * Math.Max(1, largest));
                double deviations = expected.Sum(weight => (weight - mean) * (weight - mean));
                Assert.Equal(deviations, shard.WeightDeviations, 1e-5 * deviations + WeightTolerance * expected.Length * largest);

                worker.Gradient(shard, new ScoreScale(1f / episodes, 0, 0.1f / shard.Trajectory.Steps), measureEntropy: false);
                double[] gradient = ReferenceGradient.Compute(policy.Reference, Closeness.ToDouble(policy.Parameters), played, psi, 0.1);
                // Weights of either sign nearly cancel in some batches: rounding is then relative to what was added up.
                double rounding = WeightTolerance * largest;
                Closeness.AssertClose(gradient, shard.Gradient.Span, GradientTolerance, "gradient", rounding);
            },
            iter: 200);

    [Theory]
    [InlineData(Baseline.Mean)]
    [InlineData(Baseline.Time)]
    public void Weights_BatchOfOne_HaveNoBaseline(Baseline baseline)
    {
        TrainerOptions options = new() { Baseline = baseline, BatchSize = 1, HiddenSizes = [], Threads = 1, NormalizeReturns = false };
        Assert.Equal(Play(options with { Baseline = Baseline.None }).Weights[0], Play(options).Weights[0]);
    }

    [Fact]
    public void Weights_MeanBaseline_LeavesTheOwnReturnOut()
    {
        TrainerOptions options = new()
        {
            Estimator = Estimator.Total,
            Baseline = Baseline.Mean,
            BatchSize = 50,
            Discount = 0.9f,
            HiddenSizes = [],
            Threads = 1,
            NormalizeReturns = false,
        };
        double[] advantages = [.. Play(options).Weights.Select(weights => weights[0])];
        double[] returns = [.. Play(options with { Baseline = Baseline.None }).Weights.Select(weights => weights[0])];
        double mean = returns.Average();
        for (int episode = 0; episode < returns.Length; episode++)
        {
            double baseline = returns[episode] - advantages[episode];
            Assert.Equal((mean * 50 - returns[episode]) / 49, baseline, 1e-4);
        }

        // Biased would be the mean over all: advantages are then 49/50 of these.
        Assert.Equal(0, advantages.Sum(), 1e-3);
        Assert.True(returns.Zip(advantages).Any(pair => Math.Abs(pair.First - pair.Second - mean) > 0.01), "a baseline must differ from the mean of all");
    }

    [Fact]
    public void BaselineOf_KnownSums_LeavesOneOut()
    {
        WeightRequest request = Request(Baseline.Mean, episodes: 3, returnSum: 12);
        Assert.Equal(4.5f, request.BaselineOf(3));
        Assert.Equal(0f, Request(Baseline.Mean, episodes: 1, returnSum: 12).BaselineOf(12));
        Assert.Equal(0f, Request(Baseline.None, episodes: 3, returnSum: 12).BaselineOf(3));
    }

    [Fact]
    public void TimeBaselineOf_KnownSums_LeavesOneOut()
    {
        double* sum = stackalloc double[] { 12, 7 };
        int* count = stackalloc int[] { 3, 1 };
        WeightRequest request = Request(Baseline.Time, episodes: 3, returnSum: 12, sum, count);
        Assert.Equal(4.5f, request.TimeBaselineOf(0, 3));
        Assert.Equal(0f, request.TimeBaselineOf(1, 7));
    }

    [Fact]
    public void IsIdentity_RewardToGoWithoutBaseline_Only()
    {
        foreach (Estimator estimator in Enum.GetValues<Estimator>())
        {
            foreach (Baseline baseline in Enum.GetValues<Baseline>())
            {
                bool expected = estimator == Estimator.RewardToGo && baseline == Baseline.None;
                Assert.Equal(expected, (Request(baseline, 3, 1) with { Estimator = estimator }).IsIdentity);
            }
        }
    }

    private static WeightRequest Request(Baseline baseline, int episodes, double returnSum, double* sum = null, int* count = null) => new()
    {
        Estimator = Estimator.RewardToGo,
        Baseline = baseline,
        Discount = 1,
        SumsWeights = false,
        Episodes = episodes,
        ReturnSum = returnSum,
        TimeSum = sum,
        TimeCount = count,
    };

    private static (double[][] Weights, double[][] Rewards) Play(TrainerOptions options)
    {
        using Trainer<Drift> trainer = new(options);
        trainer.ComputeGradient(0);
        RecordedEpisode[] episodes = [.. trainer.Shards.SelectMany(shard => RecordedEpisode.Read(shard.Trajectory))];
        return (
            [.. episodes.Select(episode => Closeness.ToDouble(episode.Rewards))],
            [.. episodes.Select((episode, id) => Closeness.ToDouble(Drift.Replay(options.Seed, (ulong)id, episode.Actions).Rewards))]);
    }
}
