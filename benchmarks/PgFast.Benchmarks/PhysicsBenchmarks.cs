using System.Numerics;
using BenchmarkDotNet.Attributes;
using PgFast.Benchmarks.Workloads;
using PgFast.Environments;
using PgFast.Numerics;
using PgFast.Randomness;

namespace PgFast.Benchmarks;

/// <summary>CartPole alone: steps and resets of 64 lanes, with recorded actions.</summary>
/// <remarks>
/// The actions are those of a balancing rule that errs now and then, so episodes last some hundred steps. They are recorded once, with the
/// rows at which the time limit falls; start states and dynamics are computed again, bit for bit the same, in every invocation.
/// </remarks>
public unsafe class PhysicsBenchmarks
{
    private const int Lanes = 64;
    private const int Rows = 1000;
    private const int StateSize = 4;
    private const int StepLimit = 500;
    private const ulong Seed = 1;

    /// <summary>Of 2³²: one action in eight is the wrong one.</summary>
    private const uint ErrorShare = 1u << 29;

    private readonly AlignedBuffer<float> _state = new(2 * StateSize * Lanes);
    private readonly AlignedBuffer<float> _resetState = new(StateSize * Lanes);
    private readonly AlignedBuffer<float> _resetWords = new(StateSize * Lanes);
    private readonly AlignedBuffer<float> _reward = new(Lanes);
    private readonly AlignedBuffer<float> _action = new(Rows * Lanes);
    private readonly ulong[] _truncated = new ulong[Rows];
    private readonly int[] _elapsed = new int[Lanes];
    private BatchedEnvironment _environment = null!;
    private ulong _nextEpisode;

    /// <summary>Who wrote the environment, and how.</summary>
    [Params(OwnCartPole.BuiltIn, OwnCartPole.Lanes, OwnCartPole.Scalar)]
    public string Environment { get; set; } = "";

    [GlobalSetup]
    public void Record()
    {
        _environment = OwnCartPole.Create(Environment);
        Run(records: true);
        int atLimit = 0;
        foreach (ulong truncated in _truncated)
            atLimit += BitOperations.PopCount(truncated);
        Console.WriteLine($"// {_nextEpisode - Lanes} episodes ended, {atLimit} of them at the time limit.");
        new Work((long)Rows * Lanes, 0, 0, 0).Announce();
    }

    [Benchmark]
    public void Step() => Run(records: false);

    [GlobalCleanup]
    public void Free()
    {
        _state.Dispose();
        _resetState.Dispose();
        _resetWords.Dispose();
        _reward.Dispose();
        _action.Dispose();
    }

    private void Run(bool records)
    {
        _nextEpisode = 0;
        float* state = _state.Pointer, next = state + StateSize * Lanes;
        Reset(state, ulong.MaxValue);
        for (int row = 0; row < Rows; row++)
        {
            float* action = _action.Pointer + row * Lanes;
            if (records)
                Decide(row, state, (int*)action);
            ulong ended = _environment.Step(new StepBatch
            {
                State = new LaneRows(state, StateSize, Lanes),
                NextState = new LaneRows(next, StateSize, Lanes),
                Action = new LaneRows(action, 1, Lanes),
                Observation = new LaneRows(next, StateSize, Lanes),
                Reward = new LaneRows(_reward.Pointer, 1, Lanes),
            });
            if (records)
                Count(row, ended);
            ended |= _truncated[row];
            if (ended != 0)
                Reset(next, ended);
            float* previous = state;
            state = next;
            next = previous;
        }
    }

    private void Reset(float* state, ulong lanes)
    {
        for (ulong rest = lanes; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            PhiloxBlock block = Philox.Generate(Seed, RandomStream.Reset, _nextEpisode++, 0);
            for (int word = 0; word < StateSize; word++)
                ((uint*)_resetWords.Pointer)[word * Lanes + lane] = block[word];
        }

        _environment.Reset(new ResetBatch
        {
            RandomWords = new LaneRows(_resetWords.Pointer, StateSize, Lanes),
            State = new LaneRows(_resetState.Pointer, StateSize, Lanes),
            Observation = new LaneRows(_resetState.Pointer, StateSize, Lanes),
        });
        for (ulong rest = lanes; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            for (int variable = 0; variable < StateSize; variable++)
                state[variable * Lanes + lane] = _resetState.Pointer[variable * Lanes + lane];
        }
    }

    private static void Decide(int row, float* state, int* action)
    {
        for (int lane = 0; lane < Lanes; lane++)
        {
            float u = 0.02f * state[lane] + 0.06f * state[Lanes + lane] + 0.5f * state[2 * Lanes + lane] + 0.25f * state[3 * Lanes + lane];
            bool errs = Philox.Generate(Seed, RandomStream.Action, (ulong)lane, (uint)row).Word0 < ErrorShare;
            action[lane] = u > 0 != errs ? 1 : 0;
        }
    }

    private void Count(int row, ulong terminated)
    {
        for (int lane = 0; lane < Lanes; lane++)
        {
            bool isAtLimit = ++_elapsed[lane] == StepLimit;
            if (isAtLimit)
                _truncated[row] |= 1UL << lane;
            if (isAtLimit || (terminated >> lane & 1) != 0)
                _elapsed[lane] = 0;
        }
    }
}
