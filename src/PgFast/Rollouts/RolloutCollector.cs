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
    private readonly ActionWords[] _words;
    private readonly AlignedBuffer<float> _state;
    private readonly AlignedBuffer<float> _resetWords;
    private readonly AlignedBuffer<float> _resetState;
    private readonly AlignedBuffer<float> _resetObservation;
    private readonly AlignedBuffer<float> _laneReward = new(MaximumLanes);
    private readonly AlignedBuffer<float> _wordRows;
    private readonly int[] _laneStart = new int[MaximumLanes];
    private readonly int[] _laneEpisode = new int[MaximumLanes];
    private readonly int _stateSize;
    private readonly int _observationSize;
    private readonly int _actionRows;
    private readonly int _episodeLimit;
    private readonly bool _observationIsState;
    private readonly bool _startsByEpisode;
    private readonly bool _mayCut;
    private ulong _firstEpisode;
    private ulong _seed;
    private RandomStream _resetStream;

    public RolloutCollector(BatchedEnvironment environment, NetworkKernels network, PolicyHead policy)
    {
        _environment = environment;
        _specification = environment.Specification;
        _network = network;
        _policy = policy;
        _stateSize = _specification.StateSize;
        _observationSize = _specification.ObservationSize;
        _actionRows = _specification.ActionRows;
        _episodeLimit = _specification.MaximumEpisodeSteps;
        _observationIsState = _specification.ObservationIsState;
        _startsByEpisode = environment.StartsByEpisode;
        _mayCut = environment.MayCut;
        _state = new AlignedBuffer<float>((long)_specification.StateSize * MaximumLanes);
        _resetWords = new AlignedBuffer<float>(Math.Max(1L, _specification.ResetWords) * MaximumLanes);
        _resetState = new AlignedBuffer<float>((long)_specification.StateSize * MaximumLanes);
        _resetObservation = new AlignedBuffer<float>((long)_specification.ObservationSize * MaximumLanes);
        _wordRows = new AlignedBuffer<float>((long)_actionRows * MaximumLanes);
        _words = new ActionWords[_actionRows];
        for (int dimension = 0; dimension < _words.Length; dimension++)
            _words[dimension] = ActionWords.Create(dimension);
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
        bool keepsSteps = trajectory.KeepsSteps;
        _firstEpisode = firstEpisode;
        _seed = seed;
        _resetStream = resetStream;
        foreach (ActionWords words in _words)
        {
            words.Seed = seed;
            words.Stream = actionStream;
        }

        _laneReward.Span.Clear();
        _state.Span.Clear();
        trajectory.Clear();
        trajectory.Episodes = episodes;
        float* observation = trajectory.Observation(0);
        new Span<float>(observation, _observationSize * lanes).Clear();
        int nextEpisode = Math.Min(lanes, episodes);
        ulong starting = Trajectory.LaneMask(nextEpisode);
        for (int lane = 0; lane < nextEpisode; lane++)
            Assign(trajectory, lane, lane, 0);
        ResetLanes(observation, starting, lanes);

        // Where row 0 of each quantity lies, and how far apart rows of one lane would be.
        float* observations = observation, outputs = trajectory.Output(0), actions = trajectory.Action(0), rewards = trajectory.Reward(0);
        float* records = trajectory.Record(0);
        int outputRows = trajectory.Outputs, recordSize = trajectory.RecordSize;
        long* cells = trajectory.Cell;
        int* laneCounts = trajectory.LaneCount;
        ulong* liveLanes = trajectory.Live, startLanes = trajectory.Starts;
        ulong* terminatedLanes = trajectory.Terminated, truncatedLanes = trajectory.Truncated;
        ulong live = starting;
        int nextTruncation = _episodeLimit - 1;
        long steps = 0, cell = 0;
        int row = 0;
        while (live != 0)
        {
            if (ActionWords.IsDue(row))
            {
                foreach (ActionWords words in _words)
                    words.Advance(lanes);
            }

            long nextCell = keepsSteps ? cell + lanes : ((row + 1) & 1) * (long)MaximumLanes;
            float* next = observations + nextCell * _observationSize;
            float* output = outputs + cell * outputRows;
            float* action = actions + cell * _actionRows;
            float* reward = rewards + cell;
            _network.Forward(observation, output, records + cell * recordSize, lanes);
            _policy.Sample(output, WordsOf(row, lanes), action, lanes);
            ulong terminated = Step(observation, next, action, reward, lanes) & live;
            LaneGroup.Add(reward, _laneReward.Pointer, lanes);
            steps += BitOperations.PopCount(live);

            ulong truncated = row == nextTruncation ? TruncatedLanes(live, row, out nextTruncation) : 0;
            if (_mayCut && terminated != 0)
            {
                ulong cut = _environment.CutLanes(new LaneRows(_state.Pointer, _stateSize, lanes), terminated);
                truncated |= cut;
                terminated &= ~cut;
            }

            int slot = keepsSteps ? row : row & 1;
            cells[slot] = cell;
            laneCounts[slot] = lanes;
            liveLanes[slot] = live;
            startLanes[slot] = starting;
            terminatedLanes[slot] = terminated;
            truncatedLanes[slot] = truncated;
            starting = 0;
            ulong ended = terminated | truncated;
            if (ended != 0)
            {
                for (ulong rest = ended; rest != 0; rest &= rest - 1)
                {
                    int lane = BitOperations.TrailingZeroCount(rest);
                    Finish(trajectory, lane, row, next, lanes, (terminated >> lane & 1) != 0);
                    if (nextEpisode < episodes)
                    {
                        Assign(trajectory, lane, nextEpisode++, row + 1);
                        starting |= 1UL << lane;
                        nextTruncation = Math.Min(nextTruncation, row + _episodeLimit);
                    }
                    else
                    {
                        live &= ~(1UL << lane);
                    }
                }

                if (starting != 0)
                    ResetLanes(next, starting, lanes);
                // A lane that starts at this row never moves: the last episodes go to the lowest lanes, and all of those are kept.
                if (BitOperations.PopCount(live) <= lanes - 16)
                    live = CloseRanks(trajectory, live, row + 1, next, ref lanes);
            }

            if (live != Trajectory.LaneMask(lanes))
                HoldIdleLanes(next, ~live, lanes);
            observation = next;
            cell = nextCell;
            row++;
        }

        trajectory.Rows = row;
        trajectory.Steps = steps;
    }

    public void Dispose()
    {
        foreach (ActionWords words in _words)
            words.Dispose();
        _wordRows.Dispose();
        _state.Dispose();
        _resetWords.Dispose();
        _resetState.Dispose();
        _resetObservation.Dispose();
        _laneReward.Dispose();
    }

    /// <summary>[action row][lane]; the words of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private float* WordsOf(int row, int lanes)
    {
        if (_words.Length == 1)
            return _words[0].Row(row);
        for (int dimension = 0; dimension < _words.Length; dimension++)
            new ReadOnlySpan<float>(_words[dimension].Row(row), lanes).CopyTo(new Span<float>(_wordRows.Pointer + dimension * lanes, lanes));
        return _wordRows.Pointer;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ulong Step(float* observation, float* next, float* action, float* reward, int lanes) => _environment.Step(new StepBatch
    {
        State = new LaneRows(_observationIsState ? observation : _state.Pointer, _stateSize, lanes),
        NextState = new LaneRows(_observationIsState ? next : _state.Pointer, _stateSize, lanes),
        Action = new LaneRows(action, _actionRows, lanes),
        Observation = new LaneRows(next, _observationSize, lanes),
        Reward = new LaneRows(reward, 1, lanes),
    });

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Assign(Trajectory trajectory, int lane, int episode, int row)
    {
        trajectory.StartRow[episode] = row;
        trajectory.LaneOf[episode] = lane;
        _laneStart[lane] = row;
        _laneEpisode[lane] = episode;
        _laneReward.Pointer[lane] = 0;
        foreach (ActionWords words in _words)
            words.Start(lane, _firstEpisode + (ulong)episode, row);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Finish(Trajectory trajectory, int lane, int row, float* next, int lanes, bool terminated)
    {
        int episode = _laneEpisode[lane];
        trajectory.Length[episode] = row + 1 - _laneStart[lane];
        trajectory.TotalReward[episode] = _laneReward.Pointer[lane];
        trajectory.WasTerminated[episode] = terminated;
        Span<float> final = trajectory.FinalObservation(episode);
        for (int feature = 0; feature < final.Length; feature++)
            final[feature] = next[feature * lanes + lane];
    }

    /// <summary>Lanes whose episode reaches the time limit at this row, and the next row at which one of the others may.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ulong TruncatedLanes(ulong live, int row, out int nextTruncation)
    {
        ulong truncated = 0;
        nextTruncation = int.MaxValue;
        for (ulong rest = live; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            int lastRow = _laneStart[lane] + _episodeLimit - 1;
            if (lastRow == row)
                truncated |= 1UL << lane;
            else
                nextTruncation = Math.Min(nextTruncation, lastRow);
        }

        return truncated;
    }

    /// <summary>Draws start states in every lane and copies those of the lanes that start.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ResetLanes(float* observation, ulong starting, int lanes)
    {
        uint* words = (uint*)_resetWords.Pointer;
        for (ulong rest = starting; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            ulong episode = _firstEpisode + (ulong)_laneEpisode[lane];
            if (_startsByEpisode)
            {
                (words[lane], words[lanes + lane]) = ((uint)episode, (uint)(episode >> 32));
                continue;
            }

            for (int word = 0; word < _specification.ResetWords; word += 4)
            {
                PhiloxBlock block = Philox.Generate(_seed, _resetStream, episode, (uint)word / 4);
                for (int k = 0; k < 4 && word + k < _specification.ResetWords; k++)
                    words[(word + k) * lanes + lane] = block[k];
            }
        }

        _environment.Reset(new ResetBatch
        {
            RandomWords = new LaneRows(_resetWords.Pointer, Math.Max(1, _specification.ResetWords), lanes),
            State = new LaneRows(_resetState.Pointer, _stateSize, lanes),
            Observation = new LaneRows(_resetObservation.Pointer, _observationSize, lanes),
        });

        float* source = _observationIsState ? _resetState.Pointer : _resetObservation.Pointer;
        for (ulong rest = starting; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            for (int feature = 0; feature < _observationSize; feature++)
                observation[feature * lanes + lane] = source[feature * lanes + lane];
            if (_observationIsState)
                continue;
            for (int variable = 0; variable < _stateSize; variable++)
                _state.Pointer[variable * lanes + lane] = _resetState.Pointer[variable * lanes + lane];
        }
    }

    /// <summary>Moves the live lanes of the last groups of 16 into gaps of the first, so that fewer groups go on.</summary>
    /// <returns>The live lanes in their new places.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ulong CloseRanks(Trajectory trajectory, ulong live, int row, float* next, ref int lanes)
    {
        int remaining = (BitOperations.PopCount(live) + 15) / 16 * 16;
        if (remaining == 0)
            return live;
        ulong kept = Trajectory.LaneMask(remaining);
        ulong gaps = kept & ~live;
        for (ulong movers = live & ~kept; movers != 0; movers &= movers - 1, gaps &= gaps - 1)
        {
            int from = BitOperations.TrailingZeroCount(movers), to = BitOperations.TrailingZeroCount(gaps);
            live |= 1UL << to;
            _laneStart[to] = _laneStart[from];
            _laneEpisode[to] = _laneEpisode[from];
            _laneReward.Pointer[to] = _laneReward.Pointer[from];
            foreach (ActionWords words in _words)
                words.Move(from, to);
            for (int feature = 0; feature < _observationSize; feature++)
                next[feature * lanes + to] = next[feature * lanes + from];
            for (int variable = 0; variable < _stateSize; variable++)
                _state.Pointer[variable * lanes + to] = _state.Pointer[variable * lanes + from];
            trajectory.AddMove(row, from, to);
        }

        // Rows get narrower in place: each moves towards the start, so none is overwritten before it is read.
        for (int feature = 1; feature < _observationSize; feature++)
            new Span<float>(next + feature * lanes, remaining).CopyTo(new Span<float>(next + feature * remaining, remaining));
        for (int variable = 1; variable < _stateSize; variable++)
            new Span<float>(_state.Pointer + variable * lanes, remaining).CopyTo(new Span<float>(_state.Pointer + variable * remaining, remaining));
        lanes = remaining;
        return live & kept;
    }

    /// <summary>Puts idle lanes back to the zero state, from which a step is finite: left alone they would overflow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void HoldIdleLanes(float* next, ulong idle, int lanes)
    {
        for (int group = 0; group < lanes; group += 16)
        {
            uint bits = (uint)(idle >> group) & 0xFFFF;
            if (bits == 0)
                continue;
            LaneGroup.Clear(next + group, _observationSize, lanes, bits);
            if (!_observationIsState)
                LaneGroup.Clear(_state.Pointer + group, _stateSize, lanes, bits);
        }
    }
}
