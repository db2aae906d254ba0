using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Reference;
using PgFast.Rollouts;
using PgFast.Tests.Support;
using PgFast.Tests.Variance;
using PgFast.Training;

namespace PgFast.Tests.Training;

/// <summary>What the learned baseline learns, against the same steps in plain double precision.</summary>
[Collection(LaneWidthCollection.Name)]
public class ValueTwinTests
{
    private const int Updates = 4;

    /// <summary>
    /// Of the distance that w has moved: single precision against double over some forty steps of Adam, which divides by the size of a
    /// gradient, so that a component that is nearly 0 counts like any other.
    /// </summary>
    private const double Tolerance = 2e-3;

    [Theory]
    [InlineData(Estimator.Total, 1, 3, Activation.Tanh)]
    [InlineData(Estimator.Total, 4, 2, Activation.Relu)]
    [InlineData(Estimator.RewardToGo, 1, 3, Activation.Relu)]
    [InlineData(Estimator.RewardToGo, 4, 2, Activation.Tanh)]
    [InlineData(Estimator.Discounted, 3, 1, Activation.Tanh)]
    public void Update_SomeUpdates_MovesTheWeightsOfVAsTheTwinDoes(Estimator estimator, int minibatches, int passes, Activation activation)
    {
        TrainerOptions options = new()
        {
            Baseline = Baseline.Value,
            Estimator = estimator,
            // Three shards, the last a short one.
            BatchSize = 140,
            ValueHiddenSizes = [7],
            ValueActivation = activation,
            ValueMinibatches = minibatches,
            ValuePasses = passes,
            Threads = 2,
            Seed = 6,
        };
        using Trainer<CartPole> trainer = new(options);
        double[] start = Closeness.ToDouble(trainer.ValueParameters.ToArray());
        ReferenceNetwork network = new(
            [.. trainer.ValueShape!.Sizes], activation == Activation.Tanh ? ReferenceActivation.Tanh : ReferenceActivation.Relu);
        ReferenceValue twin = new(network, start, trainer.Environment.MaximumEpisodeSteps);
        for (int update = 0; update < Updates; update++)
        {
            trainer.Update();
            List<ReferenceValueStep>[] steps = [.. Enumerable.Range(0, minibatches).Select(_ => new List<ReferenceValueStep>())];
            for (int shard = 0; shard < trainer.Shards.Count; shard++)
                AddSteps(trainer.Shards[shard].Trajectory, shard, options, steps);
            Assert.All(steps, some => Assert.True(some.Count > 20));
            twin.Learn([.. steps.Select(some => some.ToArray())], passes, options.ValueStepSize);
        }

        // The units, which V is learned in and given back by.
        Assert.Equal(twin.Mean, trainer.ValueMean, 1e-5 * twin.Mean);
        Assert.Equal(twin.Deviation, trainer.ValueDeviation, 1e-5 * twin.Deviation);
        double[] learned = Closeness.ToDouble(trainer.ValueParameters.ToArray());
        double moved = Norm(twin.Parameters, start), error = Norm(twin.Parameters, learned);
        Assert.True(moved > 0.02, $"w has moved by {moved} only");
        Assert.True(error <= Tolerance * moved, $"w is {error / moved:E2} of its way from the twin's");
    }

    [Theory]
    [InlineData(Estimator.Total)]
    [InlineData(Estimator.RewardToGo)]
    public void CreateValueFunction_AfterTraining_IsTheTwinsV(Estimator estimator)
    {
        using Trainer<CartPole> trainer = new(new TrainerOptions { Baseline = Baseline.Value, Estimator = estimator, BatchSize = 70, Threads = 1 });
        for (int update = 0; update < Updates; update++)
            trainer.Update();
        ValueFunction value = trainer.CreateValueFunction()!;
        Assert.Equal(estimator, value.Estimator);
        ReferenceNetwork network = new([.. value.Shape.Sizes], ReferenceActivation.Tanh);
        double[] learned = Closeness.ToDouble(trainer.ValueParameters.ToArray()), frozen = Closeness.ToDouble(value.Parameters.ToArray());
        foreach (double[] input in (double[][])[[0.1, -0.2, 0.05, 0.3, 0.02], [-1, 1, 0.1, -2, 0.5]])
        {
            double expected = trainer.ValueMean + trainer.ValueDeviation * network.Forward(learned, input)[^1][0];
            Assert.Equal(expected, network.Forward(frozen, input)[^1][0], 1e-5 * trainer.ValueMean);
        }

        using Trainer<CartPole> none = new(new TrainerOptions { Threads = 1 });
        Assert.Null(none.CreateValueFunction());
    }

    /// <summary>Sorts the steps of a shard into minibatches; returns are those of a reward of 1 a step.</summary>
    private static unsafe void AddSteps(Trajectory trajectory, int shard, TrainerOptions options, List<ReferenceValueStep>[] minibatches)
    {
        // The engine's rule: rows of equal width, up to four of them, are a chunk; chunk k of shard s is in minibatch k + s.
        const int ChunkRows = 4;
        int move = 0, started = 0, chunk = shard, rowsInChunk = 0;
        int[] episode = new int[64];
        for (int row = 0; row < trajectory.Rows; row++)
        {
            for (; move < trajectory.Moves.Length && trajectory.Moves[move].Row == row; move++)
                episode[trajectory.Moves[move].To] = episode[trajectory.Moves[move].From];
            int lanes = trajectory.LaneCount[row];
            if (row > 0 && (rowsInChunk == ChunkRows || lanes != trajectory.LaneCount[row - 1]))
            {
                chunk++;
                rowsInChunk = 0;
            }

            rowsInChunk++;
            for (int lane = 0; lane < lanes; lane++)
            {
                if ((trajectory.Starts[row] >> lane & 1) != 0)
                    episode[lane] = started++;
                if ((trajectory.Live[row] >> lane & 1) == 0)
                    continue;
                int length = trajectory.Length[episode[lane]], time = row - trajectory.StartRow[episode[lane]];
                int rewards = options.Estimator == Estimator.Total ? length : length - time;
                double target = (1 - Math.Pow(options.Discount, rewards)) / (1 - (double)options.Discount);
                double[] observation = new double[trajectory.Specification.ObservationSize];
                for (int feature = 0; feature < observation.Length; feature++)
                    observation[feature] = trajectory.Observation(trajectory.Cell[row])[feature * lanes + lane];
                minibatches[chunk % minibatches.Length].Add(new ReferenceValueStep(observation, time, target));
            }
        }
    }

    private static double Norm(double[] a, double[] b) => Math.Sqrt(a.Zip(b, (x, y) => (x - y) * (x - y)).Sum());
}
