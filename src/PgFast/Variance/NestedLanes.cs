using System.Runtime.CompilerServices;
using PgFast.Environments;
using PgFast.Networks;
using PgFast.Numerics;
using PgFast.Policies;
using PgFast.Randomness;
using PgFast.Rollouts;

namespace PgFast.Variance;

/// <summary>64 environments that a policy steps side by side, in place, and whose states can be saved and put back.</summary>
/// <remarks>
/// A saved state is the state followed by the observation, which are one where the observation is the state. Random words depend on the
/// id that a lane was started with and on its steps since, never on the lane or the row.
/// </remarks>
internal sealed unsafe class NestedLanes : IDisposable
{
    public const int Count = StepBatch.MaximumLanes;

    private readonly BatchedEnvironment _environment;
    private readonly EnvironmentSpecification _specification;
    private readonly NetworkKernels _network;
    private readonly PolicyHead _policy;
    private readonly ActionWords _words = ActionWords.Create();
    private readonly AlignedBuffer<float> _state;
    private readonly AlignedBuffer<float>? _observation;
    private readonly AlignedBuffer<float> _output;
    private readonly AlignedBuffer<float> _record;
    private readonly AlignedBuffer<float> _resetWords;
    private readonly AlignedBuffer<float> _action = new(Count);
    private readonly AlignedBuffer<float> _reward = new(Count);

    public NestedLanes(BatchedEnvironment environment, NetworkKernels network, PolicyHead policy)
    {
        _environment = environment;
        _specification = environment.Specification;
        _network = network;
        _policy = policy;
        _words.Stream = RandomStream.NestedAction;
        _state = new AlignedBuffer<float>((long)_specification.StateSize * Count);
        _observation = _specification.ObservationIsState ? null : new AlignedBuffer<float>((long)_specification.ObservationSize * Count);
        _output = new AlignedBuffer<float>((long)network.Parameters.EffectiveOutputs * Count);
        _record = new AlignedBuffer<float>(Math.Max(1L, network.RecordSize) * Count);
        _resetWords = new AlignedBuffer<float>(Math.Max(1L, _specification.ResetWords) * Count);
    }

    /// <summary>The key of all random numbers.</summary>
    public ulong Seed
    {
        get => _words.Seed;
        set => _words.Seed = value;
    }

    /// <summary>Floats of a saved state.</summary>
    public int SavedSize => _specification.StateSize + (_observation is null ? 0 : _specification.ObservationSize);

    /// <summary>Where the observation begins in a saved state.</summary>
    public int SavedObservation => _observation is null ? 0 : _specification.StateSize;

    /// <summary>[lane]; the actions chosen, which may be changed before <see cref="Step"/>.</summary>
    public int* Action => (int*)_action.Pointer;

    /// <summary>[lane]; the rewards of the last step.</summary>
    public float* Reward => _reward.Pointer;

    private float* Observation => _observation is null ? _state.Pointer : _observation.Pointer;

    /// <summary>Puts a start state into every lane: lane k gets that of episode <paramref name="firstId"/> + k.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Reset(ulong firstId)
    {
        uint* words = (uint*)_resetWords.Pointer;
        for (int lane = 0; lane < Count; lane++)
        {
            for (int word = 0; word < _specification.ResetWords; word += 4)
            {
                PhiloxBlock block = Philox.Generate(Seed, RandomStream.NestedReset, firstId + (ulong)lane, (uint)word / 4);
                for (int k = 0; k < 4 && word + k < _specification.ResetWords; k++)
                    words[(word + k) * Count + lane] = block[k];
            }
        }

        _environment.Reset(new ResetBatch
        {
            RandomWords = new LaneRows(_resetWords.Pointer, Math.Max(1, _specification.ResetWords), Count),
            State = new LaneRows(_state.Pointer, _specification.StateSize, Count),
            Observation = new LaneRows(Observation, _specification.ObservationSize, Count),
        });
    }

    /// <summary>Starts a lane's random words: its next step, at <paramref name="row"/>, is step 0 of <paramref name="id"/>.</summary>
    public void Start(int lane, ulong id, int row) => _words.Start(lane, id, row);

    /// <summary>Copies a lane's state to [SavedSize].</summary>
    public void Save(int lane, float* saved)
    {
        for (int variable = 0; variable < _specification.StateSize; variable++)
            *saved++ = _state.Pointer[variable * Count + lane];
        for (int feature = 0; _observation is not null && feature < _specification.ObservationSize; feature++)
            *saved++ = _observation.Pointer[feature * Count + lane];
    }

    /// <summary>Copies [SavedSize] to a lane's state.</summary>
    public void Load(int lane, float* saved)
    {
        for (int variable = 0; variable < _specification.StateSize; variable++)
            _state.Pointer[variable * Count + lane] = *saved++;
        for (int feature = 0; _observation is not null && feature < _specification.ObservationSize; feature++)
            _observation.Pointer[feature * Count + lane] = *saved++;
    }

    /// <summary>Draws an action in every lane. Rows count up from 0, one a step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Choose(int row)
    {
        if (ActionWords.IsDue(row))
            _words.Advance(Count);
        _network.Forward(Observation, _output.Pointer, _record.Pointer, Count);
        _policy.Sample(_output.Pointer, _words.Row(row), _action.Pointer, Count);
    }

    /// <summary>Steps every lane.</summary>
    /// <returns>Bit k is set where lane k reached a terminal state.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public ulong Step() => _environment.Step(new StepBatch
    {
        State = new LaneRows(_state.Pointer, _specification.StateSize, Count),
        NextState = new LaneRows(_state.Pointer, _specification.StateSize, Count),
        Action = new LaneRows(_action.Pointer, 1, Count),
        Observation = new LaneRows(Observation, _specification.ObservationSize, Count),
        Reward = new LaneRows(_reward.Pointer, 1, Count),
    });

    /// <summary>Puts idle lanes back to the zero state, from which a step is finite: left alone they would overflow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Hold(ulong idle)
    {
        for (int group = 0; group < Count; group += 16)
        {
            uint bits = (uint)(idle >> group) & 0xFFFF;
            if (bits == 0)
                continue;
            LaneGroup.Clear(_state.Pointer + group, _specification.StateSize, Count, bits);
            if (_observation is not null)
                LaneGroup.Clear(_observation.Pointer + group, _specification.ObservationSize, Count, bits);
        }
    }

    public void Dispose()
    {
        _words.Dispose();
        _state.Dispose();
        _observation?.Dispose();
        _output.Dispose();
        _record.Dispose();
        _resetWords.Dispose();
        _action.Dispose();
        _reward.Dispose();
    }
}
