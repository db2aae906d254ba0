using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Gradients;
using PgFast.Networks;
using PgFast.Reference;
using PgFast.Rollouts;
using PgFast.Tests.Support;
using PgFast.Tests.Variance;
using PgFast.Training;

namespace PgFast.Tests.Training;

/// <summary>The learned baseline: what it says, when it learns, and what it completes.</summary>
[Collection(LaneWidthCollection.Name)]
public class ValueBaselineTests
{
    [Fact]
    public void Values_AfterSomeUpdates_AreThoseOfTheReferenceNetwork()
    {
        using Trainer<CartPole> trainer = Trained(Estimator.RewardToGo, updates: 5);
        ReferenceNetwork network = Network(trainer);
        double[] parameters = Closeness.ToDouble(trainer.ValueParameters.ToArray());
        float mean = trainer.ValueMean, deviation = trainer.ValueDeviation;
        trainer.ComputeGradient(trainer.UpdateCount);
        int seen = 0;
        foreach ((Shard shard, long cell, int step, float[] observation) in Steps(trainer))
        {
            double expected = mean + deviation * network.Forward(parameters, [.. observation.Select(value => (double)value), step / 500.0])[^1][0];
            Assert.Equal(expected, shard.Values!.Value.Span[(int)cell], 1e-4 * deviation);
            seen++;
        }

        Assert.True(seen > 1000);
    }

    [Theory]
    [InlineData(Estimator.RewardToGo)]
    [InlineData(Estimator.Discounted)]
    [InlineData(Estimator.Total)]
    public unsafe void Weights_OfAnUpdate_AreReturnsLessTheValueOfBeforeIt(Estimator estimator)
    {
        using Trainer<CartPole> trainer = Trained(estimator, updates: 3);
        trainer.ComputeGradient(trainer.UpdateCount);
        foreach ((Shard shard, long cell, int step, _) in Steps(trainer))
        {
            double power = estimator == Estimator.Discounted ? Math.Pow(trainer.Options.Discount, step) : 1;
            double expected = power * (shard.Values!.Target.Span[(int)cell] - (double)shard.Values.Value.Span[(int)cell]);
            Assert.Equal(expected, shard.Trajectory.Weight[cell], 1e-4);
        }
    }

    [Fact]
    public void FirstUpdate_KnowsNothing_SoItsGradientIsNearlyThatWithoutBaseline()
    {
        TrainerOptions options = new() { Seed = 4, Threads = 1, NormalizeReturns = false };
        using Trainer<CartPole> none = new(options);
        using Trainer<CartPole> value = new(options with { Baseline = Baseline.Value });
        none.ComputeGradient(0);
        value.ComputeGradient(0);
        double difference = 0, norm = 0;
        for (int i = 0; i < none.Gradient.Length; i++)
        {
            difference += Math.Pow(none.Gradient[i] - value.Gradient[i], 2);
            norm += Math.Pow(none.Gradient[i], 2);
        }

        Assert.InRange(Math.Sqrt(difference / norm), 1e-9, 0.05);
    }

    [Fact]
    public void Learn_SomeUpdatesOfAFrozenPolicy_ExplainsAPartOfTheReturns()
    {
        // A step size so small that the policy stays as it is: V has one function to learn.
        using Trainer<CartPole> trainer = new(new TrainerOptions { Baseline = Baseline.Value, StepSize = 1e-12f, Threads = 2, Seed = 3 });
        double first = Unexplained(trainer);
        for (int update = 0; update < 300; update++)
            trainer.Update();
        double last = Unexplained(trainer);
        Assert.True(first > 0.9, $"at first {first} of the returns' variance is unexplained");
        Assert.True(last < 0.75, $"in the end {last} of the returns' variance is unexplained");
    }

    [Fact]
    public void Targets_TruncatedEpisodesWithBootstrap_EndWithTheDiscountedValue()
    {
        TrainerOptions options = new()
        {
            Baseline = Baseline.Value,
            Bootstraps = true,
            BatchSize = 70,
            Threads = 1,
            Discount = 0.9f,
            ValueStepSize = 0.01f,
            Activation = Activation.Tanh,
        };
        using Trainer<Pendulum> trainer = new(options);
        for (int update = 0; update < 3; update++)
            trainer.Update();
        ReferenceNetwork network = Network(trainer);
        double[] parameters = Closeness.ToDouble(trainer.ValueParameters.ToArray());
        float mean = trainer.ValueMean, deviation = trainer.ValueDeviation;
        trainer.ComputeGradient(trainer.UpdateCount);
        using Trainer<Pendulum> plain = new(options with { Bootstraps = false });
        plain.SetParameters(trainer.Parameters);
        plain.ComputeGradient(trainer.UpdateCount);
        foreach ((Shard completed, Shard other) in trainer.Shards.Zip(plain.Shards))
        {
            for (int episode = 0; episode < completed.Episodes; episode++)
            {
                double[] input = [.. completed.Trajectory.FinalObservation(episode).ToArray().Select(value => (double)value), 1];
                double final = mean + deviation * network.Forward(parameters, input)[^1][0];
                // Pendulum's lanes never move: all episodes have 200 steps, of which the last is row 199 of the episode.
                long cell = LastCell(completed.Trajectory, episode);
                Assert.Equal(0.9 * final, completed.Values!.Target.Span[(int)cell] - other.Values!.Target.Span[(int)cell], 1e-3 * deviation);
            }
        }
    }

    [Fact]
    public void Constructor_BootstrapWithoutValue_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Trainer<CartPole>(new TrainerOptions { Bootstraps = true }));

    [Fact]
    public void Update_ValueStepSizeBeyondReason_StopsWithFiniteParameters()
    {
        using Trainer<CartPole> trainer = new(new TrainerOptions
        {
            Baseline = Baseline.Value,
            ValueOptimizer = PgFast.Optimizers.OptimizerKind.Sgd,
            ValueStepSize = float.MaxValue,
            Threads = 1,
        });
        Assert.Throws<NonFiniteException>(() =>
        {
            for (int update = 0; update < 50; update++)
                trainer.Update();
        });
        Assert.All(trainer.Parameters.ToArray(), value => Assert.True(float.IsFinite(value)));
        Assert.All(trainer.ValueParameters.ToArray(), value => Assert.True(float.IsFinite(value)));
    }

    private static Trainer<CartPole> Trained(Estimator estimator, int updates)
    {
        Trainer<CartPole> trainer = new(new TrainerOptions { Baseline = Baseline.Value, Estimator = estimator, BatchSize = 130, Threads = 2, Seed = 8 });
        for (int update = 0; update < updates; update++)
            trainer.Update();
        return trainer;
    }

    private static ReferenceNetwork Network(Trainer trainer) => new([.. trainer.ValueShape!.Sizes], ReferenceActivation.Tanh);

    private static double Unexplained(Trainer trainer)
    {
        trainer.ComputeGradient(trainer.UpdateCount);
        double errors = 0, sum = 0, squares = 0, count = 0;
        foreach ((Shard shard, long cell, _, _) in Steps(trainer))
        {
            double target = shard.Values!.Target.Span[(int)cell];
            errors += Math.Pow(target - shard.Values.Value.Span[(int)cell], 2);
            sum += target;
            squares += target * target;
            count++;
        }

        return errors / (squares - sum * sum / count);
    }

    /// <summary>Every step of the last batch: shard, cell, step within its episode, observation.</summary>
    private static unsafe List<(Shard Shard, long Cell, int Step, float[] Observation)> Steps(Trainer trainer)
    {
        List<(Shard, long, int, float[])> steps = [];
        foreach (Shard shard in trainer.Shards)
        {
            Trajectory trajectory = shard.Trajectory;
            int[] step = new int[64];
            int move = 0;
            for (int row = 0; row < trajectory.Rows; row++)
            {
                for (; move < trajectory.Moves.Length && trajectory.Moves[move].Row == row; move++)
                    step[trajectory.Moves[move].To] = step[trajectory.Moves[move].From];
                int lanes = trajectory.LaneCount[row];
                for (int lane = 0; lane < lanes; lane++)
                {
                    if ((trajectory.Starts[row] >> lane & 1) != 0)
                        step[lane] = 0;
                    if ((trajectory.Live[row] >> lane & 1) == 0)
                        continue;
                    float[] observation = new float[trajectory.Specification.ObservationSize];
                    for (int feature = 0; feature < observation.Length; feature++)
                        observation[feature] = trajectory.Observation(trajectory.Cell[row])[feature * lanes + lane];
                    steps.Add((shard, trajectory.Cell[row] + lane, step[lane]++, observation));
                }
            }
        }

        return steps;
    }

    private static unsafe long LastCell(Trajectory trajectory, int episode)
    {
        int row = trajectory.StartRow[episode] + trajectory.Length[episode] - 1;
        Assert.True(trajectory.Moves.Length == 0 || trajectory.Moves[0].Row > row);
        return trajectory.Cell[row] + trajectory.LaneOf[episode];
    }
}
