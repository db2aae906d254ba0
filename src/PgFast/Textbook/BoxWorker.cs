using System.Numerics;
using System.Runtime.CompilerServices;
using PgFast.Environments;
using PgFast.Numerics;
using PgFast.Randomness;

namespace PgFast.Textbook;

/// <summary>Plays an episode in every lane of a group, each with its own θ, and sweeps through it; one for each worker.</summary>
/// <remarks>
/// Lanes whose episode is over wait, at the zero state, for the longest of their group; registers in which all lanes wait are skipped.
/// </remarks>
internal sealed unsafe class BoxWorker : IDisposable
{
    private const int MaximumLanes = StepBatch.MaximumLanes;

    private readonly BatchedEnvironment _environment;
    private readonly EnvironmentSpecification _specification;
    private readonly BoxKernels _kernels;
    private readonly TextbookOptions _options;
    private readonly AlignedBuffer<float> _observation;
    private readonly AlignedBuffer<float> _action;
    private readonly AlignedBuffer<float> _reward;
    private readonly AlignedBuffer<ulong> _live;
    private readonly AlignedBuffer<float> _state;
    private readonly AlignedBuffer<float> _resetWords;
    private readonly AlignedBuffer<float> _words = new(4 * BoxKernels.Stride);
    private readonly AlignedBuffer<float> _total = new(BoxKernels.Stride);

    public BoxWorker(BatchedEnvironment environment, BoxShape shape, TextbookOptions options)
    {
        _environment = environment;
        _specification = environment.Specification;
        _options = options;
        _kernels = BoxKernels.Create(shape, options.MinimumProbability);
        long cells = (long)_specification.MaximumEpisodeSteps * MaximumLanes;
        _observation = new AlignedBuffer<float>(_specification.ObservationSize * (cells + MaximumLanes));
        _action = new AlignedBuffer<float>(cells);
        _reward = new AlignedBuffer<float>(cells);
        _live = new AlignedBuffer<ulong>(_specification.MaximumEpisodeSteps);
        _state = new AlignedBuffer<float>((long)_specification.StateSize * MaximumLanes);
        _resetWords = new AlignedBuffer<float>((_specification.ResetWords + 3L) / 4 * 4 * MaximumLanes + MaximumLanes);
    }

    /// <summary>The next episode of every run of the group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void NextEpisode(RunGroup group)
    {
        int rows = Play(group, out ulong truncated, out long steps);
        double factor = _options.StepSizeFactor(group.Episode);
        _kernels.Returns(_reward.Pointer, _live.Pointer, _total.Pointer, rows, group.Lanes, _options.Discount);
        _kernels.Sweep(new SweepBatch
        {
            Parameters = group.Parameters,
            ValueParameters = group.ValueParameters,
            Observation = _observation.Pointer,
            Action = _action.Pointer,
            Return = _reward.Pointer,
            Live = _live.Pointer,
            Rows = rows,
            Lanes = group.Lanes,
            StepSize = _options.StepSize * factor,
            ValueStepSize = (_options.ValueStepSize ?? 0) * factor,
            Discount = _options.Discount,
        });
        group.Keep(_total.Pointer, truncated);
        group.Steps += steps;
        group.LaneSteps += (long)rows * group.Lanes;
        group.Episode++;
    }

    public void Dispose()
    {
        _kernels.Dispose();
        _observation.Dispose();
        _action.Dispose();
        _reward.Dispose();
        _live.Dispose();
        _state.Dispose();
        _resetWords.Dispose();
        _words.Dispose();
        _total.Dispose();
    }

    /// <summary>Generates an episode in every lane, following π(·|·, θ).</summary>
    /// <returns>Steps of the longest.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Play(RunGroup group, out ulong truncated, out long steps)
    {
        int lanes = group.Lanes, limit = _specification.MaximumEpisodeSteps, features = _specification.ObservationSize;
        float* observation = _observation.Pointer, action = _action.Pointer, reward = _reward.Pointer;
        ulong* liveRows = _live.Pointer;
        ulong live = group.LiveLanes, all = ulong.MaxValue >> (64 - lanes);
        Reset(group, live);
        int row = 0;
        steps = 0;
        for (; live != 0 && row < limit; row++)
        {
            if ((row & 3) == 0)
            {
                _kernels.Draw(
                    _words.Pointer, BoxKernels.Stride, row >> 2, RandomStream.TextbookAction, group.Episode, group.FirstRun, lanes, live,
                    _options.Seed);
            }

            float* next = observation + features * lanes;
            _kernels.Act(group.Parameters, observation, _words.Pointer + (row & 3) * BoxKernels.Stride, action, lanes, live);
            ulong terminated = Step(observation, next, action, reward, lanes);
            liveRows[row] = live;
            steps += BitOperations.PopCount(live);
            live &= ~terminated;
            if (live != all)
                HoldIdleLanes(next, ~live, lanes);
            observation = next;
            action += lanes;
            reward += lanes;
        }

        // What still goes on when the time is up ends there, with the rewards that it has had.
        truncated = live;
        return row;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Reset(RunGroup group, ulong live)
    {
        int lanes = group.Lanes, words = _specification.ResetWords;
        for (int word = 0; word < words; word += 4)
        {
            _kernels.Draw(
                _resetWords.Pointer + word * lanes, lanes, word / 4, RandomStream.TextbookReset, group.Episode, group.FirstRun, lanes, live,
                _options.Seed);
        }

        float* observation = _observation.Pointer;
        _environment.Reset(new ResetBatch
        {
            RandomWords = new LaneRows(_resetWords.Pointer, Math.Max(1, words), lanes),
            State = new LaneRows(_specification.ObservationIsState ? observation : _state.Pointer, _specification.StateSize, lanes),
            Observation = new LaneRows(observation, _specification.ObservationSize, lanes),
        });
        HoldIdleLanes(observation, ~live, lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ulong Step(float* observation, float* next, float* action, float* reward, int lanes)
    {
        bool isState = _specification.ObservationIsState;
        return _environment.Step(new StepBatch
        {
            State = new LaneRows(isState ? observation : _state.Pointer, _specification.StateSize, lanes),
            NextState = new LaneRows(isState ? next : _state.Pointer, _specification.StateSize, lanes),
            Action = new LaneRows(action, 1, lanes),
            Observation = new LaneRows(next, _specification.ObservationSize, lanes),
            Reward = new LaneRows(reward, 1, lanes),
        });
    }

    /// <summary>Puts idle lanes to the zero state, from which a step is finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void HoldIdleLanes(float* next, ulong idle, int lanes)
    {
        float* state = _state.Pointer;
        int features = _specification.ObservationSize, variables = _specification.ObservationIsState ? 0 : _specification.StateSize;
        for (int first = 0; first < lanes; first += 16)
        {
            uint bits = (uint)(idle >> first) & 0xFFFF;
            if (bits == 0)
                continue;
            // Emulated, with the same bits, where registers are narrower.
            Lanes16 keep = ~Lanes16.MaskFromBits(bits);
            for (int feature = 0; feature < features; feature++)
            {
                float* values = next + feature * lanes + first;
                Lanes16.Store(Lanes16.Load(values) & keep, values);
            }

            for (int variable = 0; variable < variables; variable++)
            {
                float* values = state + variable * lanes + first;
                Lanes16.Store(Lanes16.Load(values) & keep, values);
            }
        }
    }
}
