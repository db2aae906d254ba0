using System.Runtime.CompilerServices;
using PgFast.Environments;
using PgFast.Numerics;
using PgFast.Randomness;

namespace PgFast.Measurement;

/// <summary>CartPole's steps and nothing else: 64 lanes, replaying episodes whose actions were recorded from a balancing rule.</summary>
/// <remarks>The recorded actions are read row by row, as a policy's would be; every lane balances for the whole 500 steps.</remarks>
internal sealed class PhysicsLoop : IDisposable
{
    private const int Lanes = StepBatch.MaximumLanes;

    private readonly BatchedEnvironment _environment = BatchedEnvironment.Create<CartPole>();
    private readonly int _steps = CartPole.Specification.MaximumEpisodeSteps;
    private readonly AlignedBuffer<float> _words;
    private readonly AlignedBuffer<float> _state;
    private readonly AlignedBuffer<float> _reward = new(Lanes);
    private readonly AlignedBuffer<float> _actions;

    public PhysicsLoop()
    {
        EnvironmentSpecification specification = _environment.Specification;
        _words = new AlignedBuffer<float>((long)specification.ResetWords * Lanes);
        _state = new AlignedBuffer<float>((long)specification.StateSize * Lanes);
        _actions = new AlignedBuffer<float>((long)_steps * Lanes);
        Span<float> words = _words.Span;
        for (int lane = 0; lane < Lanes; lane++)
        {
            PhiloxBlock block = Philox.Generate(0, RandomStream.Reset, (ulong)lane, 0);
            for (int word = 0; word < specification.ResetWords; word++)
                words[word * Lanes + lane] = BitConverter.UInt32BitsToSingle(block[word]);
        }

        Run(records: true);
    }

    /// <summary>Replays all lanes' episodes once.</summary>
    /// <returns>Environment steps done, those after an episode's end not counted.</returns>
    public long Run() => Run(records: false);

    public void Dispose()
    {
        _words.Dispose();
        _state.Dispose();
        _reward.Dispose();
        _actions.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe long Run(bool records)
    {
        LaneRows state = new(_state.Pointer, _environment.Specification.StateSize, Lanes);
        LaneRows reward = new(_reward.Pointer, 1, Lanes);
        _environment.Reset(new ResetBatch
        {
            RandomWords = new LaneRows(_words.Pointer, _environment.Specification.ResetWords, Lanes),
            State = state,
            Observation = state,
        });
        long done = 0;
        ulong live = ulong.MaxValue;
        for (int step = 0; step < _steps && live != 0; step++)
        {
            float* action = _actions.Pointer + (nint)step * Lanes;
            if (records)
                Balance(state, (int*)action);
            done += System.Numerics.BitOperations.PopCount(live);
            live &= ~_environment.Step(new StepBatch
            {
                State = state,
                NextState = state,
                Action = new LaneRows(action, 1, Lanes),
                Observation = state,
                Reward = reward,
            });
        }

        return done;
    }

    /// <summary>Pushes to the side to which pole and cart are about to run.</summary>
    private static unsafe void Balance(LaneRows state, int* action)
    {
        for (int lane = 0; lane < Lanes; lane++)
        {
            float lean = 0.1f * state[0, lane] + 0.3f * state[1, lane] + 4 * state[2, lane] + state[3, lane];
            action[lane] = lean > 0 ? 1 : 0;
        }
    }
}
