using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using PgFast.Numerics;
using PgFast.Telemetry;

namespace PgFast.Agents;

// The first half of a frame: observations to actions.
public sealed unsafe partial class Agent
{
    private const int Lanes = EntityBlock.Lanes;

    /// <summary>Draws a discrete action for every entity.</summary>
    /// <param name="observations">[feature][entity] or [entity][feature], see <see cref="Layout"/>; ObservationSize × Capacity. Places without an entity may hold anything.</param>
    /// <param name="actions">[Capacity]; overwritten: the action's number, from 0; 0 where no entity is.</param>
    /// <exception cref="InvalidOperationException"><see cref="Observe"/> is due, or actions are continuous.</exception>
    /// <exception cref="ArgumentException">A length is wrong, or an observation is not finite: the message names entity and feature, and nothing has happened.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Act(ReadOnlySpan<float> observations, Span<int> actions)
    {
        if (!Distribution.IsDiscrete)
            throw new InvalidOperationException("Actions are continuous: Act takes a span of floats for them.");
        if (actions.Length != Capacity)
            throw new ArgumentException($"There is an action for each of {Capacity} places, not for {actions.Length}.", nameof(actions));
        Begin(observations);
        for (int index = 0; index < _blocks.Length; index++)
        {
            EntityBlock block = _blocks[index];
            Step(block, index * Lanes, observations);
            int count = Math.Min(Lanes, Capacity - index * Lanes);
            Span<int> own = actions.Slice(index * Lanes, count);
            new ReadOnlySpan<int>(block.Action.Pointer, count).CopyTo(own);
            for (ulong absent = ~block.Present & MaskOf(count); absent != 0; absent &= absent - 1)
                own[BitOperations.TrailingZeroCount(absent)] = 0;
        }

        End();
    }

    /// <summary>Draws a continuous action for every entity.</summary>
    /// <param name="observations">As for discrete actions.</param>
    /// <param name="actions">
    /// [dimension][entity] or [entity][dimension], as the observations; overwritten: in the environment's unit, not clipped to any limits; 0 where no entity is.
    /// </param>
    /// <exception cref="InvalidOperationException"><see cref="Observe"/> is due, or actions are discrete.</exception>
    /// <exception cref="ArgumentException">A length is wrong, or an observation is not finite: the message names entity and feature, and nothing has happened.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Act(ReadOnlySpan<float> observations, Span<float> actions)
    {
        if (Distribution.IsDiscrete)
            throw new InvalidOperationException("Actions are discrete: Act takes a span of integers for them.");
        int dimensions = Distribution.Size;
        if (actions.Length != (long)Capacity * dimensions)
            throw new ArgumentException($"There are {dimensions} numbers of action for each of {Capacity} places, not {actions.Length} in all.", nameof(actions));
        Begin(observations);
        for (int index = 0; index < _blocks.Length; index++)
        {
            EntityBlock block = _blocks[index];
            int first = index * Lanes, count = Math.Min(Lanes, Capacity - first);
            Step(block, first, observations);
            for (int dimension = 0; dimension < dimensions; dimension++)
            {
                float* row = block.Action.Pointer + dimension * Lanes;
                for (int lane = 0; lane < count; lane++)
                {
                    int place = Layout == ObservationLayout.FeatureMajor ? dimension * Capacity + first + lane : (first + lane) * dimensions + dimension;
                    actions[place] = (block.Present >> lane & 1) != 0 ? _actionScale * row[lane] : 0;
                }
            }
        }

        End();
    }

    /// <summary>Checks everything before anything changes.</summary>
    private void Begin(ReadOnlySpan<float> observations)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_hasActed)
            throw new InvalidOperationException("Act came twice: Observe is due, with what came of the actions.");
        if (observations.Length != (long)_specification.ObservationSize * Capacity)
        {
            throw new ArgumentException(
                $"There are {_specification.ObservationSize} numbers of observation for each of {Capacity} places, not {observations.Length} in all.", nameof(observations));
        }

        for (int place = FiniteCheck.FirstNonFinite(observations); place >= 0; place = FiniteCheck.FirstNonFinite(observations, place + 1))
        {
            int size = _specification.ObservationSize;
            (int feature, int entity) = Layout == ObservationLayout.FeatureMajor ? (place / Capacity, place % Capacity) : (place % size, place / size);
            if (IsPresent(entity))
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"Feature {feature} of the observation of entity {entity} is {observations[place]}."), nameof(observations));
        }

        TakeOver();
        // ActionWords counts frames in fours.
        _frame = (_frame + 1) & 0x3FFF_FFFF;
    }

    private void End()
    {
        _hasActed = true;
        if (Instruments.Decisions.Enabled)
            Instruments.Decisions.Add(Count, _tags);
    }

    /// <summary>One block: starts episodes, reads observations, draws actions, records.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Step(EntityBlock block, int first, ReadOnlySpan<float> observations)
    {
        for (ulong fresh = block.Fresh; fresh != 0; fresh &= fresh - 1)
            BeginEpisode(block, BitOperations.TrailingZeroCount(fresh));
        block.Fresh = 0;
        if (block.Present == 0)
            return;

        Gather(block, first, observations);
        _network.Forward(block.Observation.Pointer, block.Output.Pointer, _record.Pointer, Lanes);
        if (IsDeterministic)
            _head.Mode(block.Output.Pointer, block.Action.Pointer, Lanes);
        else
            _head.Sample(block.Output.Pointer, block.Words(_frame), block.Action.Pointer, Lanes);
        block.Waiting = block.Present;
        if (block.Recorded != 0)
            Record(block, first, observations);
    }

    private void BeginEpisode(EntityBlock block, int lane)
    {
        bool isRecorded = _store is { IsFull: false } && _background is not { IsBusy: true };
        ulong id = isRecorded ? _store!.FirstEpisode + (ulong)_store.Begun : _otherEpisodes++;
        block.Start(lane, id, _frame);
        if (!isRecorded)
            return;
        block.Recorded |= 1UL << lane;
        block.Episode[lane] = _store!.Begin();
        block.Steps[lane] = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Gather(EntityBlock block, int first, ReadOnlySpan<float> observations)
    {
        int size = _specification.ObservationSize, count = Math.Min(Lanes, Capacity - first);
        for (int feature = 0; feature < size; feature++)
        {
            Span<float> row = new(block.Observation.Pointer + feature * Lanes, Lanes);
            if (Layout == ObservationLayout.FeatureMajor)
            {
                observations.Slice(feature * Capacity + first, count).CopyTo(row);
            }
            else
            {
                for (int lane = 0; lane < count; lane++)
                    row[lane] = observations[(first + lane) * size + feature];
            }

            if (!_isScaled)
                continue;
            float mean = _scalingMean[feature], deviation = _scalingDeviation[feature];
            for (int lane = 0; lane < count; lane++)
                row[lane] = (row[lane] - mean) / deviation;
        }

        if (block.Present != ulong.MaxValue)
            block.ClearAbsent(size);
    }

    /// <summary>Keeps what recorded entities saw, as the host gave it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Record(EntityBlock block, int first, ReadOnlySpan<float> observations)
    {
        int size = _specification.ObservationSize;
        bool isFeatureMajor = Layout == ObservationLayout.FeatureMajor;
        int across = isFeatureMajor ? Capacity : 1, along = isFeatureMajor ? 1 : size;
        fixed (float* source = observations)
        {
            for (ulong rest = block.Recorded; rest != 0; rest &= rest - 1)
            {
                int lane = BitOperations.TrailingZeroCount(rest);
                int record = _store!.Append(block.Episode[lane]);
                block.Record[lane] = record;
                float* step = _store.Step(record);
                float* own = source + (long)(first + lane) * along;
                for (int feature = 0; feature < size; feature++)
                    step[feature] = own[(long)feature * across];
            }
        }
    }

    private static ulong MaskOf(int count) => ulong.MaxValue >> (Lanes - count);
}
