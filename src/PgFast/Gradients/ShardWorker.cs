using System.Runtime.CompilerServices;
using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Numerics;
using PgFast.Policies;
using PgFast.Randomness;
using PgFast.Rollouts;

namespace PgFast.Gradients;

/// <summary>The shard function: rollout, weights, gradient. One for each worker, with scratch memory of its own.</summary>
internal sealed unsafe class ShardWorker : IDisposable
{
    private readonly NetworkKernels _network;
    private readonly PolicyHead _policy;
    private readonly RolloutCollector _collector;
    private readonly ReturnKernels _returns = ReturnKernels.Create();
    private readonly AlignedBuffer<float> _outputGradient;
    private readonly AlignedBuffer<float> _entropy;
    private readonly int _outputs;

    public ShardWorker(BatchedEnvironment environment, NetworkParameters parameters)
    {
        _network = NetworkKernels.Create(parameters);
        _policy = PolicyHead.CreateSoftmax(parameters.Shape.OutputSize);
        _collector = new RolloutCollector(environment, _network, _policy);
        _outputs = parameters.EffectiveOutputs;
        long cells = Math.Max(_network.ChunkSteps, StepBatch.MaximumLanes);
        _outputGradient = new AlignedBuffer<float>(cells * _outputs);
        _entropy = new AlignedBuffer<float>(2 * cells);
    }

    /// <summary>Rows of activity bits that trajectories must hold.</summary>
    public int SignWords => _network.SignWords;

    /// <summary>Runs the shard's episodes, and computes their returns and the sums that the batch needs.</summary>
    /// <param name="shard">Overwritten.</param>
    /// <param name="batchEpisode">Id of the batch's first episode.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="discount">γ.</param>
    /// <param name="estimator">Which return <paramref name="sumsByStep"/> is about.</param>
    /// <param name="sumsByStep">Whether to sum returns by step index.</param>
    public void Rollout(Shard shard, ulong batchEpisode, ulong seed, float discount, Estimator estimator, bool sumsByStep)
    {
        Trajectory trajectory = shard.Trajectory;
        _network.Refresh();
        _collector.Collect(
            trajectory, batchEpisode + (ulong)shard.FirstEpisode, shard.Episodes, seed, RandomStream.Reset, RandomStream.Action);
        _returns.Returns(trajectory, discount);
        double returns = 0, rewards = 0;
        for (int episode = 0; episode < shard.Episodes; episode++)
        {
            returns += trajectory.Weight[(nint)trajectory.StartRow[episode] * trajectory.Lanes + trajectory.LaneOf[episode]];
            rewards += trajectory.TotalReward[episode];
        }

        shard.ReturnSum = returns;
        shard.RewardSum = rewards;
        if (!sumsByStep)
            return;
        shard.StepSum.Span.Clear();
        shard.StepCount.Span.Clear();
        _returns.AddByStep(trajectory, estimator, shard.StepSum.Pointer, shard.StepCount.Pointer);
    }

    /// <summary>Runs episodes without keeping their steps: for evaluation.</summary>
    public void Evaluate(Trajectory trajectory, ulong firstEpisode, int episodes, ulong seed)
    {
        _network.Refresh();
        _collector.Collect(trajectory, firstEpisode, episodes, seed, RandomStream.EvaluationReset, RandomStream.EvaluationAction);
    }

    /// <summary>Turns the shard's returns into weights and sums them.</summary>
    public void Weigh(Shard shard, in WeightRequest request, bool moments)
    {
        if (!request.IsIdentity)
            _returns.Weigh(shard.Trajectory, request);
        (shard.WeightSum, shard.WeightSquareSum) = moments ? _returns.Moments(shard.Trajectory) : default;
    }

    /// <summary>Computes the shard's share of the gradient.</summary>
    /// <param name="shard">Its trajectory holds weights; its gradient is overwritten.</param>
    /// <param name="scale">How weights and entropy enter the objective.</param>
    /// <param name="measureEntropy">Whether to sum the policy's entropy.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Gradient(Shard shard, in ScoreScale scale, bool measureEntropy)
    {
        Trajectory trajectory = shard.Trajectory;
        int lanes = trajectory.Lanes;
        int chunkRows = Math.Max(1, _network.ChunkSteps / lanes);
        ulong all = trajectory.AllLanes;
        shard.Gradient.Span.Clear();
        shard.EntropySum = 0;
        _network.Refresh();
        _network.BeginGradient(shard.Gradient.Pointer);
        for (int row = 0; row < trajectory.Rows; row += chunkRows)
        {
            int rows = Math.Min(chunkRows, trajectory.Rows - row);
            Score(trajectory, row, rows, scale);
            for (int k = 0; k < rows; k++)
            {
                ulong idle = all & ~trajectory.Live[row + k];
                for (int group = 0; idle != 0; group += 16, idle >>= 16)
                {
                    if ((idle & 0xFFFF) != 0)
                        LaneGroup.Clear(_outputGradient.Pointer + (nint)k * _outputs * lanes + group, _outputs, lanes, (uint)idle & 0xFFFF);
                }
            }

            _network.Accumulate(new GradientChunk
            {
                Observation = trajectory.Observation(row),
                OutputGradient = _outputGradient.Pointer,
                Signs = trajectory.Signs(row),
                Live = trajectory.Live + row,
                Rows = rows,
                Lanes = lanes,
            });
            if (measureEntropy)
                shard.EntropySum += Entropy(trajectory, row, rows);
        }

        _network.EndGradient();
    }

    public void Dispose()
    {
        _collector.Dispose();
        _network.Dispose();
        _policy.Dispose();
        _returns.Dispose();
        _outputGradient.Dispose();
        _entropy.Dispose();
    }

    private void Score(Trajectory trajectory, int row, int rows, in ScoreScale scale)
    {
        int lanes = trajectory.Lanes;
        float* weight = trajectory.Weight + (nint)row * lanes;
        if (_outputs == 1)
        {
            // Rows of one output lie one after another: one call serves them all.
            _policy.Score(trajectory.Output(row), trajectory.Action(row), weight, scale, _outputGradient.Pointer, rows * lanes);
            return;
        }

        for (int k = 0; k < rows; k++)
        {
            float* gradient = _outputGradient.Pointer + (nint)k * _outputs * lanes;
            _policy.Score(trajectory.Output(row + k), trajectory.Action(row + k), weight + k * lanes, scale, gradient, lanes);
        }
    }

    private double Entropy(Trajectory trajectory, int row, int rows)
    {
        int lanes = trajectory.Lanes;
        float* logProbability = _entropy.Pointer;
        float* entropy = logProbability + _entropy.Length / 2;
        double sum = 0;
        for (int k = 0; k < rows; k++)
        {
            _policy.Evaluate(trajectory.Output(row + k), trajectory.Action(row + k), logProbability, entropy, lanes);
            ulong live = trajectory.Live[row + k];
            for (int group = 0; group < lanes; group += 16, live >>= 16)
            {
                LaneGroup.Clear(entropy + group, 1, lanes, ~(uint)live & 0xFFFF);
                sum += LaneTree.Sum(entropy + group);
            }
        }

        return sum;
    }
}
