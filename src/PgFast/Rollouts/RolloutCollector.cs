using System.Numerics;
using System.Runtime.CompilerServices;
using PgFast.Environments;
using PgFast.Networks;
using PgFast.Numerics;
using PgFast.Policies;
using PgFast.Randomness;

namespace PgFast.Rollouts;

/// <summary>Steps policy and environment side by side through a fixed list of episodes; one for each worker.</summary>
internal sealed unsafe class RolloutCollector : IDisposable
{
    private const int MaximumLanes = StepBatch.MaximumLanes;

    private readonly BatchedEnvironment _environment;
    private readonly EnvironmentSpecification _specification;
    private readonly NetworkKernels _network;
    private readonly PolicyHead _policy;
    private readonly ActionWords _words = ActionWords.Create();
    private readonly AlignedBuffer<float> _state;
    private readonly AlignedBuffer<float> _resetWords;
    private readonly AlignedBuffer<float> _resetState;
    private readonly AlignedBuffer<float> _resetObservation;
    private readonly AlignedBuffer<float> _laneReward = new(MaximumLanes);
    private readonly int[] _laneStart = new int[MaximumLanes];
    private readonly int[] _laneEpisode = new int[MaximumLanes];

    public RolloutCollector(BatchedEnvironment environment, NetworkKernels network, PolicyHead policy)
    {
        _environment = environment;
        _specification = environment.Specification;
        _network = network;
        _policy = policy;
        _state = new AlignedBuffer<float>((long)_specification.StateSize * MaximumLanes);
        _resetWords = new AlignedBuffer<float>(Math.Max(1L, _specification.ResetWords) * MaximumLanes);
        _resetState = new AlignedBuffer<float>((long)_specification.StateSize * MaximumLanes);
        _resetObservation = new AlignedBuffer<float>((long)_specification.ObservationSize * MaximumLanes);
    }

    /// <summary>Runs episodes <paramref name="firstEpisode"/>, …, + <paramref name="episodes"/> − 1 and records them.</summary>
    /// <param name="trajectory">Overwritten.</param>
    /// <param name="firstEpisode">Id of the first episode: with the seed, it fixes every random number.</param>
    /// <param name="episodes">How many.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="resetStream">Stream of start states.</param>
    /// <param name="actionStream">Stream of actions.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Collect(
        Trajectory trajectory, ulong firstEpisode, int episodes, ulong seed, RandomStream resetStream, RandomStream actionStream)
    {
        int lanes = trajectory.Lanes;
        _words.Seed = seed;
        _words.Stream = actionStream;
        _laneReward.Span.Clear();
        _state.Span.Clear();
        trajectory.Episodes = episodes;
        ulong live = 0, starting = 0;
        int nextEpisode = 0;
        int nextTruncation = int.MaxValue;
        new Span<float>(trajectory.Observation(0), _specification.ObservationSize * lanes).Clear();
        for (int lane = 0; lane < lanes && nextEpisode < episodes; lane++, nextEpisode++)
        {
            Assign(trajectory, lane, nextEpisode, firstEpisode, 0);
            starting |= 1UL << lane;
        }

        ResetLanes(trajectory, starting, 0, firstEpisode, seed, resetStream);
        nextTruncation = _specification.MaximumEpisodeSteps - 1;
        live = starting;
        ulong all = trajectory.AllLanes;
        long steps = 0;
        int row = 0;
        while (live != 0)
        {
            if (ActionWords.IsDue(row))
                _words.Advance(lanes);
            int index = trajectory.Index(row);
            float* observation = trajectory.Observation(row);
            float* next = trajectory.Observation(row + 1);
            float* output = trajectory.Output(row);
            float* action = trajectory.Action(row);
            float* reward = trajectory.Reward(row);
            _network.Forward(observation, output, trajectory.Signs(row), lanes);
            _policy.Sample(output, _words.Row(row), action, lanes);
            ulong terminated = Step(observation, next, action, reward, lanes) & live;
            LaneGroup.Add(reward, _laneReward.Pointer, lanes);
            steps += BitOperations.PopCount(live);

            ulong truncated = row == nextTruncation ? TruncatedLanes(live, row, out nextTruncation) : 0;
            trajectory.Live[index] = live;
            trajectory.Starts[index] = starting;
            trajectory.Terminated[index] = terminated;
            trajectory.Truncated[index] = truncated;
            starting = 0;
            ulong ended = terminated | truncated;
            if (ended != 0)
            {
                for (ulong rest = ended; rest != 0; rest &= rest - 1)
                {
                    int lane = BitOperations.TrailingZeroCount(rest);
                    Finish(trajectory, lane, row, next, (terminated >> lane & 1) != 0);
                    if (nextEpisode < episodes)
                    {
                        Assign(trajectory, lane, nextEpisode++, firstEpisode, row + 1);
                        starting |= 1UL << lane;
                        nextTruncation = Math.Min(nextTruncation, row + _specification.MaximumEpisodeSteps);
                    }
                    else
                    {
                        live &= ~(1UL << lane);
                    }
                }

                if (starting != 0)
                    ResetLanes(trajectory, starting, row + 1, firstEpisode, seed, resetStream);
            }

            if (live != all)
                HoldIdleLanes(next, ~live, lanes);
            row++;
        }

        trajectory.Rows = row;
        trajectory.Steps = steps;
    }

    public void Dispose()
    {
        _words.Dispose();
        _state.Dispose();
        _resetWords.Dispose();
        _resetState.Dispose();
        _resetObservation.Dispose();
        _laneReward.Dispose();
    }

    private ulong Step(float* observation, float* next, float* action, float* reward, int lanes)
    {
        int stateSize = _specification.StateSize;
        bool observationIsState = _specification.ObservationIsState;
        return _environment.Step(new StepBatch
        {
            State = new LaneRows(observationIsState ? observation : _state.Pointer, stateSize, lanes),
            NextState = new LaneRows(observationIsState ? next : _state.Pointer, stateSize, lanes),
            Action = new LaneRows(action, _specification.ActionRows, lanes),
            Observation = new LaneRows(next, _specification.ObservationSize, lanes),
            Reward = new LaneRows(reward, 1, lanes),
        });
    }

    private void Assign(Trajectory trajectory, int lane, int episode, ulong firstEpisode, int row)
    {
        trajectory.StartRow[episode] = row;
        trajectory.LaneOf[episode] = lane;
        _laneStart[lane] = row;
        _laneEpisode[lane] = episode;
        _laneReward.Pointer[lane] = 0;
        _words.Start(lane, firstEpisode + (ulong)episode, row);
    }

    private void Finish(Trajectory trajectory, int lane, int row, float* next, bool terminated)
    {
        int episode = _laneEpisode[lane];
        trajectory.Length[episode] = row + 1 - _laneStart[lane];
        trajectory.TotalReward[episode] = _laneReward.Pointer[lane];
        trajectory.WasTerminated[episode] = terminated;
        Span<float> final = trajectory.FinalObservation(episode);
        for (int feature = 0; feature < final.Length; feature++)
            final[feature] = next[feature * trajectory.Lanes + lane];
    }

    /// <summary>Lanes whose episode reaches the time limit at this row, and the next row at which one of the others may.</summary>
    private ulong TruncatedLanes(ulong live, int row, out int nextTruncation)
    {
        ulong truncated = 0;
        nextTruncation = int.MaxValue;
        for (ulong rest = live; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            int lastRow = _laneStart[lane] + _specification.MaximumEpisodeSteps - 1;
            if (lastRow == row)
                truncated |= 1UL << lane;
            else
                nextTruncation = Math.Min(nextTruncation, lastRow);
        }

        return truncated;
    }

    /// <summary>Draws start states for whole groups of 16 lanes and copies those that start.</summary>
    private void ResetLanes(Trajectory trajectory, ulong starting, int row, ulong firstEpisode, ulong seed, RandomStream stream)
    {
        int lanes = trajectory.Lanes;
        uint* words = (uint*)_resetWords.Pointer;
        for (ulong rest = starting; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            ulong episode = firstEpisode + (ulong)_laneEpisode[lane];
            for (int word = 0; word < _specification.ResetWords; word += 4)
            {
                PhiloxBlock block = Philox.Generate(seed, stream, episode, (uint)word / 4);
                for (int k = 0; k < 4 && word + k < _specification.ResetWords; k++)
                    words[(word + k) * lanes + lane] = block[k];
            }
        }

        _environment.Reset(new ResetBatch
        {
            RandomWords = new LaneRows(_resetWords.Pointer, Math.Max(1, _specification.ResetWords), lanes),
            State = new LaneRows(_resetState.Pointer, _specification.StateSize, lanes),
            Observation = new LaneRows(_resetObservation.Pointer, _specification.ObservationSize, lanes),
        });

        float* observation = trajectory.Observation(row);
        float* source = _specification.ObservationIsState ? _resetState.Pointer : _resetObservation.Pointer;
        for (ulong rest = starting; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            for (int feature = 0; feature < _specification.ObservationSize; feature++)
                observation[feature * lanes + lane] = source[feature * lanes + lane];
            if (_specification.ObservationIsState)
                continue;
            for (int variable = 0; variable < _specification.StateSize; variable++)
                _state.Pointer[variable * lanes + lane] = _resetState.Pointer[variable * lanes + lane];
        }
    }

    /// <summary>Puts idle lanes back to the zero state, from which a step is finite: left alone they would overflow.</summary>
    private void HoldIdleLanes(float* next, ulong idle, int lanes)
    {
        for (int group = 0; group < lanes; group += 16)
        {
            uint bits = (uint)(idle >> group) & 0xFFFF;
            if (bits == 0)
                continue;
            LaneGroup.Clear(next + group, _specification.ObservationSize, lanes, bits);
            if (!_specification.ObservationIsState)
                LaneGroup.Clear(_state.Pointer + group, _specification.StateSize, lanes, bits);
        }
    }
}
