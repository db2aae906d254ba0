using System.Numerics;
using System.Runtime.CompilerServices;
using PgFast.Environments;
using PgFast.Networks;
using PgFast.Numerics;
using PgFast.Rollouts;

namespace PgFast.Gradients;

/// <summary>V(s, t; w) of a shard's steps, and the gradient of its squared error. One for each worker.</summary>
/// <remarks>
/// V's network observes what the policy observes, and t/T, the share of the time limit that is used up: a return depends on it. It works in
/// units of <see cref="ValueScale"/>. Sutton and Barto (2018), section 13.4. Allocates nothing after construction.
/// </remarks>
internal sealed unsafe class ValueWorker : IDisposable
{
    private const int MaximumLanes = StepBatch.MaximumLanes;

    private readonly NetworkKernels _network;
    private readonly int _features;
    private readonly float _stepUnit;
    private readonly int _chunkRows;
    private readonly AlignedBuffer<float> _input;
    private readonly AlignedBuffer<float> _output;
    private readonly AlignedBuffer<float> _outputGradient;
    private readonly AlignedBuffer<float> _record;
    private readonly AlignedBuffer<float> _time = new(MaximumLanes);
    private readonly AlignedBuffer<float> _finalValue;
    private readonly int[] _episode = new int[MaximumLanes];

    /// <param name="specification">The environment, as the policy sees it.</param>
    /// <param name="parameters">V's network: one input more than there are features, one output.</param>
    /// <param name="episodes">Most episodes of a shard.</param>
    public ValueWorker(EnvironmentSpecification specification, NetworkParameters parameters, int episodes)
    {
        _network = NetworkKernels.Create(parameters, keepsActivations: true);
        _features = specification.ObservationSize;
        _stepUnit = 1f / specification.MaximumEpisodeSteps;
        _chunkRows = Math.Max(1, _network.ChunkSteps / MaximumLanes);
        long cells = (long)Math.Max(_network.ChunkSteps, MaximumLanes);
        _input = new AlignedBuffer<float>(cells * (_features + 1));
        _output = new AlignedBuffer<float>(cells);
        _outputGradient = new AlignedBuffer<float>(cells);
        _record = new AlignedBuffer<float>(Math.Max(1, cells * _network.RecordSize));
        _finalValue = new AlignedBuffer<float>((episodes + MaximumLanes - 1) / MaximumLanes * MaximumLanes);
    }

    /// <summary>Rows of a trajectory that belong together in a minibatch; the same at any lane width.</summary>
    public int ChunkRows => _chunkRows;

    /// <summary>Adds γ·V of the final observation to the last reward of every episode that the time limit ended, and no terminal state.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void CompleteReturns(Trajectory trajectory, float discount, ValueScale scale)
    {
        FinalValues(trajectory, scale);
        int started = 0, move = 0;
        ReadOnlySpan<LaneMove> moves = trajectory.Moves;
        for (int row = 0; row < trajectory.Rows; row++)
        {
            for (; move < moves.Length && moves[move].Row == row; move++)
                _episode[moves[move].To] = _episode[moves[move].From];
            // Episodes are numbered in the order in which they start: by row, then lane.
            for (ulong starts = trajectory.Starts[row]; starts != 0; starts &= starts - 1)
                _episode[BitOperations.TrailingZeroCount(starts)] = started++;
            float* reward = trajectory.Reward(trajectory.Cell[row]);
            for (ulong cut = trajectory.Truncated[row] & ~trajectory.Terminated[row]; cut != 0; cut &= cut - 1)
            {
                int lane = BitOperations.TrailingZeroCount(cut);
                reward[lane] = MathF.FusedMultiplyAdd(discount, _finalValue.Pointer[_episode[lane]], reward[lane]);
            }
        }
    }

    /// <summary>V of every step, and t/T beside it, for later fits.</summary>
    /// <param name="trajectory">What was observed.</param>
    /// <param name="scale">Units.</param>
    /// <param name="values">[cell]; overwritten; 0 in idle lanes.</param>
    /// <param name="times">[cell]; overwritten.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Evaluate(Trajectory trajectory, ValueScale scale, float* values, float* times)
    {
        _network.Refresh();
        _time.Span.Clear();
        int move = 0;
        ReadOnlySpan<LaneMove> moves = trajectory.Moves;
        for (int row = 0; row < trajectory.Rows; row++)
        {
            for (; move < moves.Length && moves[move].Row == row; move++)
                _time.Pointer[moves[move].To] = _time.Pointer[moves[move].From];
            int lanes = trajectory.LaneCount[row];
            long cell = trajectory.Cell[row];
            for (ulong starts = trajectory.Starts[row]; starts != 0; starts &= starts - 1)
                _time.Pointer[BitOperations.TrailingZeroCount(starts)] = 0;
            for (int lane = 0; lane < lanes; lane += 16)
                Lanes16.Store(Lanes16.Load(_time.Pointer + lane) * Lanes16.Broadcast(_stepUnit), times + cell + lane);
            LoadRow(trajectory.Observation(cell), times + cell, _input.Pointer, lanes);
            _network.Forward(_input.Pointer, values + cell, _record.Pointer, lanes);
            ToReturns(values + cell, scale, trajectory.Live[row], lanes);
            LaneGroup.AddConstant(1, _time.Pointer, lanes);
        }
    }

    /// <summary>Adds a minibatch's share of Σ (target − V)·∇V, targets and V in the network's units.</summary>
    /// <param name="shard">Holds targets and times.</param>
    /// <param name="scale">Units.</param>
    /// <param name="minibatch">Which, 0-based: chunk k of shard s belongs to minibatch (k + s) modulo <paramref name="minibatches"/>.</param>
    /// <param name="minibatches">How many.</param>
    /// <param name="shift">The shard's index.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Differentiate(Shard shard, ValueScale scale, int minibatch, int minibatches, int shift)
    {
        Trajectory trajectory = shard.Trajectory;
        ShardValues store = shard.Values!;
        store.Gradient.Span.Clear();
        store.Steps = 0;
        _network.Refresh();
        _network.BeginGradient(store.Gradient.Pointer);
        for (int row = 0, chunk = shift; row < trajectory.Rows; chunk++)
        {
            int lanes = trajectory.LaneCount[row];
            int end = Math.Min(trajectory.Rows, row + _chunkRows);
            while (trajectory.LaneCount[end - 1] != lanes)
                end--;
            if (chunk % minibatches == minibatch)
                Accumulate(trajectory, store, row, end - row, scale);
            row = end;
        }

        _network.EndGradient();
    }

    public void Dispose()
    {
        _network.Dispose();
        _input.Dispose();
        _output.Dispose();
        _outputGradient.Dispose();
        _record.Dispose();
        _time.Dispose();
        _finalValue.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Accumulate(Trajectory trajectory, ShardValues store, int firstRow, int rows, ValueScale scale)
    {
        int lanes = trajectory.LaneCount[firstRow];
        Lanes16 mean = Lanes16.Broadcast(scale.Mean), inverse = Lanes16.Broadcast(1 / scale.Deviation);
        for (int k = 0; k < rows; k++)
        {
            long cell = trajectory.Cell[firstRow + k];
            float* input = _input.Pointer + (nint)k * (_features + 1) * lanes, output = _output.Pointer + k * lanes;
            LoadRow(trajectory.Observation(cell), store.Time.Pointer + cell, input, lanes);
            _network.Forward(input, output, _record.Pointer + (nint)k * lanes * _network.RecordSize, lanes);
            ulong live = trajectory.Live[firstRow + k];
            store.Steps += BitOperations.PopCount(live);
            for (int lane = 0; lane < lanes; lane += 16)
            {
                Lanes16 target = (Lanes16.Load(store.Target.Pointer + cell + lane) - mean) * inverse;
                Lanes16 error = (target - Lanes16.Load(output + lane)) & Lanes16.MaskFromBits((uint)(live >> lane));
                Lanes16.Store(error, _outputGradient.Pointer + k * lanes + lane);
            }
        }

        _network.Accumulate(new GradientChunk
        {
            Observation = _input.Pointer,
            OutputGradient = _outputGradient.Pointer,
            Record = _record.Pointer,
            Live = trajectory.Live + firstRow,
            Rows = rows,
            Lanes = lanes,
        });
    }

    /// <summary>V of the observation after each episode's last step, at the end of the time limit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FinalValues(Trajectory trajectory, ValueScale scale)
    {
        _network.Refresh();
        for (int first = 0; first < trajectory.Episodes; first += MaximumLanes)
        {
            int count = Math.Min(MaximumLanes, trajectory.Episodes - first);
            new Span<float>(_input.Pointer, (_features + 1) * MaximumLanes).Clear();
            for (int lane = 0; lane < count; lane++)
            {
                Span<float> final = trajectory.FinalObservation(first + lane);
                for (int feature = 0; feature < _features; feature++)
                    _input.Pointer[feature * MaximumLanes + lane] = final[feature];
                _input.Pointer[_features * MaximumLanes + lane] = 1;
            }

            _network.Forward(_input.Pointer, _finalValue.Pointer + first, _record.Pointer, MaximumLanes);
            ToReturns(_finalValue.Pointer + first, scale, ulong.MaxValue, MaximumLanes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void LoadRow(float* observation, float* time, float* input, int lanes)
    {
        new ReadOnlySpan<float>(observation, _features * lanes).CopyTo(new Span<float>(input, _features * lanes));
        new ReadOnlySpan<float>(time, lanes).CopyTo(new Span<float>(input + _features * lanes, lanes));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ToReturns(float* values, ValueScale scale, ulong live, int lanes)
    {
        Lanes16 mean = Lanes16.Broadcast(scale.Mean), deviation = Lanes16.Broadcast(scale.Deviation);
        for (int lane = 0; lane < lanes; lane += 16)
        {
            Lanes16 value = Lanes16.FusedMultiplyAdd(deviation, Lanes16.Load(values + lane), mean);
            Lanes16.Store(value & Lanes16.MaskFromBits((uint)(live >> lane)), values + lane);
        }
    }
}

/// <summary>Units of V's network: a return is Mean + Deviation·output.</summary>
internal readonly record struct ValueScale(float Mean, float Deviation);
