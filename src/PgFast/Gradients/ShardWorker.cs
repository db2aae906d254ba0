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
    private readonly int _firstLogDeviation;
    private readonly AlignedBuffer<float> _outputGradient;
    private readonly AlignedBuffer<float> _entropy;
    private readonly int _outputs;

    public ShardWorker(BatchedEnvironment environment, NetworkParameters parameters, bool keepsActivations)
    {
        _network = NetworkKernels.Create(parameters, keepsActivations);
        ActionDistribution distribution = ActionDistribution.Of(environment.Specification.Actions, parameters.Shape);
        _policy = PolicyHead.Create(distribution);
        _firstLogDeviation = distribution.IsDiscrete ? parameters.EffectiveOutputs : distribution.Size;
        _collector = new RolloutCollector(environment, _network, _policy);
        _outputs = parameters.EffectiveOutputs;
        long cells = Math.Max(_network.ChunkSteps, StepBatch.MaximumLanes);
        _outputGradient = new AlignedBuffer<float>(cells * _outputs);
        _entropy = new AlignedBuffer<float>(2 * cells);
    }

    /// <summary>32-bit words a lane and step that trajectories must hold for the network.</summary>
    public int RecordSize => _network.RecordSize;

    /// <summary>Runs the shard's episodes, and computes their returns and the sums that the batch needs.</summary>
    /// <param name="shard">Overwritten.</param>
    /// <param name="batchEpisode">Id of the batch's first episode.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="request">Estimator, baseline and γ; its sums are not known yet.</param>
    /// <param name="value">The worker's part of a learned baseline, or null.</param>
    /// <param name="valueScale">Its units.</param>
    /// <param name="bootstraps">Whether V completes the returns of episodes that the time limit ended.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Rollout(
        Shard shard, ulong batchEpisode, ulong seed, in WeightRequest request, ValueWorker? value = null, ValueScale valueScale = default,
        bool bootstraps = false)
    {
        Trajectory trajectory = shard.Trajectory;
        _network.Refresh();
        _collector.Collect(
            trajectory, batchEpisode + (ulong)shard.FirstEpisode, shard.Episodes, seed, RandomStream.Reset, RandomStream.Action);
        if (shard.SumsObservations)
            ObservationSums.Compute(trajectory, shard.ObservationSum.Pointer, shard.ObservationSquares.Pointer);
        if (_firstLogDeviation < _outputs)
            shard.FarthestLogDeviation = LargestMagnitude.OfOutputs(trajectory, _firstLogDeviation);
        if (bootstraps)
            value!.CompleteReturns(trajectory, request.Discount, valueScale);
        _returns.Returns(trajectory, request.Discount);
        if (value is not null)
            Value(shard, request.Estimator, value, valueScale);
        double returns = 0, rewards = 0;
        for (int episode = 0; episode < shard.Episodes; episode++)
        {
            returns += trajectory.FirstWeight(episode);
            rewards += trajectory.TotalReward[episode];
        }

        shard.ReturnSum = returns;
        shard.RewardSum = rewards;
        // Returns that are the weights already are summed here, while they are in the cache.
        if (request.IsIdentity && request.SumsWeights)
            (shard.WeightMean, shard.WeightDeviations) = _returns.Moments(trajectory, trajectory.Weight);
        if (request.Baseline != Baseline.Time)
            return;
        shard.StepSum.Span.Clear();
        shard.StepCount.Span.Clear();
        _returns.AddByStep(trajectory, request.Estimator, shard.StepSum.Pointer, shard.StepCount.Pointer);
    }

    /// <summary>Keeps the targets of a learned baseline, and what it says before it learns from them.</summary>
    private void Value(Shard shard, Estimator estimator, ValueWorker value, ValueScale scale)
    {
        ShardValues store = shard.Values!;
        _returns.Targets(shard.Trajectory, estimator, store.Target.Pointer);
        store.TargetMoments = _returns.Moments(shard.Trajectory, store.Target.Pointer);
        value.Evaluate(shard.Trajectory, scale, store.Value.Pointer, store.Time.Pointer);
    }

    /// <summary>log σ farthest from zero that the present parameters give in some states of the shard, up to 16 rows of them. Overwrites what the rollout recorded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public float FarthestLogDeviation(Shard shard)
    {
        const int Rows = 16;
        Trajectory trajectory = shard.Trajectory;
        _network.Refresh();
        float farthest = 0;
        for (int row = 0; row < trajectory.Rows; row += Math.Max(1, trajectory.Rows / Rows))
        {
            int lanes = trajectory.LaneCount[row];
            long cell = trajectory.Cell[row];
            float* output = _outputGradient.Pointer;
            _network.Forward(trajectory.Observation(cell), output, trajectory.Record(cell), lanes);
            farthest = LargestMagnitude.Of(farthest, LargestMagnitude.OfRow(output + _firstLogDeviation * lanes, (_outputs - _firstLogDeviation) * lanes));
        }

        return farthest;
    }

    /// <summary>Runs episodes without keeping their steps: for evaluation.</summary>
    public void Evaluate(Trajectory trajectory, ulong firstEpisode, int episodes, ulong seed)
    {
        _network.Refresh();
        _collector.Collect(trajectory, firstEpisode, episodes, seed, RandomStream.EvaluationReset, RandomStream.EvaluationAction);
    }

    /// <summary>Turns the shard's returns into weights, and sums them if asked for.</summary>
    public void Weigh(Shard shard, in WeightRequest request)
    {
        if (shard.Values is { } values)
            _returns.Weigh(shard.Trajectory, request with { Value = values.Value.Pointer });
        else
            _returns.Weigh(shard.Trajectory, request);
        if (request.SumsWeights)
            (shard.WeightMean, shard.WeightDeviations) = _returns.Moments(shard.Trajectory, shard.Trajectory.Weight);
    }

    /// <summary>Computes the shard's share of the gradient.</summary>
    /// <param name="shard">Its trajectory holds weights; its gradient is overwritten.</param>
    /// <param name="scale">How weights and entropy enter the objective.</param>
    /// <param name="measureEntropy">Whether to sum the policy's entropy.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Gradient(Shard shard, in ScoreScale scale, bool measureEntropy)
    {
        Trajectory trajectory = shard.Trajectory;
        shard.Gradient.Span.Clear();
        shard.EntropySum = 0;
        _network.Refresh();
        _network.BeginGradient(shard.Gradient.Pointer);
        for (int row = 0; row < trajectory.Rows;)
        {
            int lanes = trajectory.LaneCount[row];
            int end = Math.Min(trajectory.Rows, row + Math.Max(1, _network.ChunkSteps / lanes));
            while (trajectory.LaneCount[end - 1] != lanes)
                end--;
            Score(trajectory, row, end - row, scale);
            _network.Accumulate(new GradientChunk
            {
                Observation = trajectory.Observation(trajectory.Cell[row]),
                OutputGradient = _outputGradient.Pointer,
                Record = trajectory.Record(trajectory.Cell[row]),
                Live = trajectory.Live + row,
                Rows = end - row,
                Lanes = lanes,
            });
            if (measureEntropy)
                shard.EntropySum += Entropy(trajectory, row, end - row);
            row = end;
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

    /// <summary>The gradient by the network's outputs for rows of equal width, zero in idle lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Score(Trajectory trajectory, int row, int rows, in ScoreScale scale)
    {
        int lanes = trajectory.LaneCount[row];
        long cell = trajectory.Cell[row];
        float* weight = trajectory.Weight + cell;
        float* gradient = _outputGradient.Pointer;
        if (_outputs == 1)
        {
            // Rows of one output lie one after another: one call serves them all.
            _policy.Score(trajectory.Output(cell), trajectory.Action(cell), weight, scale, gradient, rows * lanes);
        }
        else
        {
            for (int k = 0; k < rows; k++)
            {
                long at = cell + (long)k * lanes;
                _policy.Score(trajectory.Output(at), trajectory.Action(at), trajectory.Weight + at, scale, gradient + (nint)k * _outputs * lanes, lanes);
            }
        }

        ulong all = Trajectory.LaneMask(lanes);
        for (int k = 0; k < rows; k++, gradient += _outputs * lanes)
        {
            ulong idle = all & ~trajectory.Live[row + k];
            for (int group = 0; idle != 0; group += 16, idle >>= 16)
            {
                if ((idle & 0xFFFF) != 0)
                    LaneGroup.Clear(gradient + group, _outputs, lanes, (uint)idle & 0xFFFF);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Entropy(Trajectory trajectory, int row, int rows)
    {
        int lanes = trajectory.LaneCount[row];
        float* logProbability = _entropy.Pointer;
        float* entropy = logProbability + _entropy.Length / 2;
        double sum = 0;
        for (int k = 0; k < rows; k++)
        {
            long cell = trajectory.Cell[row + k];
            _policy.Evaluate(trajectory.Output(cell), trajectory.Action(cell), logProbability, entropy, lanes);
            ulong live = trajectory.Live[row + k];
            for (int group = 0; group < lanes; group += 16, live >>= 16)
            {
                LaneGroup.Clear(entropy + group, 1, lanes, ~(uint)live & 0xFFFF);
                sum += FixedOrder.ReduceLanes(entropy + group);
            }
        }

        return sum;
    }
}
