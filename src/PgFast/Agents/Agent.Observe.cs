using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using PgFast.Numerics;
using PgFast.Training;

namespace PgFast.Agents;

// The second half of a frame, and what is learnt from it.
public sealed unsafe partial class Agent
{
    /// <summary>Tells what came of the actions.</summary>
    /// <param name="rewards">[Capacity]; the reward of every entity's step. Places without an entity may hold anything.</param>
    /// <param name="terminated">[Capacity]; whether the entity's episode ended in a terminal state: its next action begins another.</param>
    /// <param name="truncated">[Capacity]; whether it was cut off without one, as by a time limit.</param>
    /// <param name="finalObservations">
    /// What entities saw after the step that ended their episode, laid out as the observations; read where an episode is cut off, by <paramref name="truncated"/> or because it
    /// reaches <see cref="AgentSpecification.MaximumEpisodeSteps"/>, and <see cref="TrainerOptions.Bootstraps"/> asks for V of it: there it must be given. Empty for none.
    /// </param>
    /// <exception cref="InvalidOperationException">There was no Act before.</exception>
    /// <exception cref="ArgumentException">A length is wrong, or a reward or final observation is not finite: the message names the entity, and nothing has happened.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Observe(ReadOnlySpan<float> rewards, ReadOnlySpan<bool> terminated, ReadOnlySpan<bool> truncated, ReadOnlySpan<float> finalObservations = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_hasActed)
            throw new InvalidOperationException("Observe came before Act: Act is due, with what the entities see.");
        RequireLength(rewards.Length, nameof(rewards));
        RequireLength(terminated.Length, nameof(terminated));
        RequireLength(truncated.Length, nameof(truncated));
        if (!finalObservations.IsEmpty && finalObservations.Length != (long)Capacity * _specification.ObservationSize)
            throw new ArgumentException($"There are {_specification.ObservationSize} numbers of observation for each of {Capacity} places.", nameof(finalObservations));
        RequireFinite(rewards);
        if (_trainer is { Options.Bootstraps: true })
            RequireFinal(terminated, truncated, finalObservations);
        for (int index = 0; index < _blocks.Length; index++)
        {
            EntityBlock block = _blocks[index];
            int first = index * Lanes, count = Math.Min(Lanes, Capacity - first);
            ulong stopped = Flags(terminated.Slice(first, count)), cut = Flags(truncated.Slice(first, count)) & ~stopped;
            ulong ended = (stopped | cut) & block.Waiting;
            if (block.Recorded != 0)
                ended |= Record(block, first, rewards, ended, cut, finalObservations);
            block.Fresh |= ended;
            block.Waiting = 0;
        }

        _hasActed = false;
    }

    /// <summary>Learns from the update's episodes, if all of them have ended.</summary>
    /// <returns>What the update saw; in the background, what the one before saw, once, when it is in use; null if there is nothing to learn from yet.</returns>
    /// <exception cref="NonFiniteException">Numbers became non-finite; all that is learnt is as it was before, as if the episodes had never been, and another call goes on with what the host shows then; a host without chance of its own shows the same.</exception>
    /// <exception cref="InvalidOperationException">The agent does not learn, or <see cref="Observe"/> is due.</exception>
    public UpdateResult? Update()
    {
        RequireBetweenFrames(nameof(Update));
        if (_trainer is null)
            throw new InvalidOperationException("The agent was made from a policy and does not learn.");
        if (_background is not null)
            return UpdateBeside();
        if (!_store!.IsComplete)
            return null;
        try
        {
            return _trainer.Update();
        }
        finally
        {
            Adopt();
        }
    }

    /// <summary>Waits for an update in the background; entities act by its parameters from the next frame on.</summary>
    /// <param name="cancellation">Ends the waiting, not the update.</param>
    /// <exception cref="OperationCanceledException">It was cancelled; the update goes on, and another call waits for it again.</exception>
    public void WaitForUpdate(CancellationToken cancellation = default)
    {
        RequireBetweenFrames(nameof(WaitForUpdate));
        _background?.Wait(cancellation);
    }

    private UpdateResult? UpdateBeside()
    {
        TakeOver();
        UpdateResult? last = _background!.TakeResult();
        if (_store!.IsComplete && !_background.IsBusy)
            _background.Start();
        return last;
    }

    /// <summary>Takes over the parameters of a background update that has ended.</summary>
    private void TakeOver()
    {
        if (_background is not { HasEnded: true })
            return;
        _background.Rest();
        Adopt();
    }

    /// <summary>Entities act by the trainer's parameters from now on, and the next episodes are the next update's.</summary>
    private void Adopt()
    {
        _trainer!.Parameters.CopyTo(_parameters.Flat);
        _parameters.Refresh();
        _network.Refresh();
        if (_isScaled)
        {
            _trainer.ScalingMean.CopyTo(_scalingMean);
            _trainer.ScalingDeviation.CopyTo(_scalingDeviation);
        }

        UpdateCount = _trainer.UpdateCount;
        _store!.Clear((ulong)_trainer.UpdateCount * (ulong)_store.Capacity);
    }

    /// <summary>Adds a step to the recorded episodes of a block.</summary>
    /// <returns>Lanes whose episode is over, those that reached the limit of steps included.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ulong Record(EntityBlock block, int first, ReadOnlySpan<float> rewards, ulong ended, ulong cut, ReadOnlySpan<float> finalObservations)
    {
        int size = _specification.ObservationSize;
        for (ulong rest = block.Recorded & block.Waiting; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            int episode = block.Episode[lane], length = ++block.Steps[lane];
            _store!.Step(block.Record[lane])[size] = rewards[first + lane];
            bool isEnded = (ended >> lane & 1) != 0;
            if (!isEnded && length < _specification.MaximumEpisodeSteps)
                continue;
            bool isCut = !isEnded || (cut >> lane & 1) != 0;
            _store.End(episode, isCut);
            if (isCut && _trainer!.Options.Bootstraps)
                CopyFinal(_store.Final(episode), first + lane, finalObservations);
            block.Recorded &= ~(1UL << lane);
            ended |= 1UL << lane;
        }

        return ended;
    }

    private void CopyFinal(Span<float> final, int entity, ReadOnlySpan<float> observations)
    {
        for (int feature = 0; feature < final.Length; feature++)
            final[feature] = observations[Layout == ObservationLayout.FeatureMajor ? feature * Capacity + entity : entity * final.Length + feature];
    }

    private void RequireFinite(ReadOnlySpan<float> rewards)
    {
        for (int entity = FiniteCheck.FirstNonFinite(rewards); entity >= 0; entity = FiniteCheck.FirstNonFinite(rewards, entity + 1))
        {
            if (IsPresent(entity))
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"The reward of entity {entity} is {rewards[entity]}."), nameof(rewards));
        }
    }

    /// <summary>Looks at what is about to be bootstrapped from: of the host's truncations, and of recorded episodes that this step takes to the limit.</summary>
    private void RequireFinal(ReadOnlySpan<bool> terminated, ReadOnlySpan<bool> truncated, ReadOnlySpan<float> finalObservations)
    {
        int size = _specification.ObservationSize;
        for (int index = 0; index < _blocks.Length; index++)
        {
            EntityBlock block = _blocks[index];
            int first = index * Lanes, count = Math.Min(Lanes, Capacity - first);
            ulong cut = Flags(truncated.Slice(first, count)), atLimit = AtLimit(block);
            if ((cut | atLimit) == 0)
                continue;
            ulong stopped = Flags(terminated.Slice(first, count));
            for (ulong rest = (cut | atLimit) & block.Present & ~stopped; rest != 0; rest &= rest - 1)
            {
                int lane = BitOperations.TrailingZeroCount(rest), entity = first + lane;
                if (finalObservations.IsEmpty)
                {
                    string reason = (cut >> lane & 1) != 0 ? "is cut off" : $"reaches the limit of {_specification.MaximumEpisodeSteps} steps";
                    throw new ArgumentException(
                        $"The episode of entity {entity} {reason}, and Bootstraps asks for V of what it saw last: finalObservations must be given.", nameof(finalObservations));
                }

                for (int feature = 0; feature < size; feature++)
                    RequireFinal(entity, feature, finalObservations[Layout == ObservationLayout.FeatureMajor ? feature * Capacity + entity : entity * size + feature], nameof(finalObservations));
            }
        }
    }

    private static void RequireFinal(int entity, int feature, float value, string name)
    {
        if (!float.IsFinite(value))
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"Feature {feature} of the final observation of entity {entity} is {value}."), name);
    }

    /// <summary>Lanes whose recorded episode has its last step now.</summary>
    private ulong AtLimit(EntityBlock block)
    {
        ulong lanes = 0;
        for (ulong rest = block.Recorded & block.Waiting; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            lanes |= block.Steps[lane] + 1 >= _specification.MaximumEpisodeSteps ? 1UL << lane : 0;
        }

        return lanes;
    }

    private void RequireLength(int length, string name)
    {
        if (length != Capacity)
            throw new ArgumentException($"There is a value for each of {Capacity} places, not for {length}.", name);
    }

    /// <summary>A bit for each of up to 64 flags.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ulong Flags(ReadOnlySpan<bool> flags)
    {
        // Most frames end nobody's episode.
        if (!flags.Contains(true))
            return 0;
        ulong bits = 0;
        for (int lane = 0; lane < flags.Length; lane++)
            bits |= flags[lane] ? 1UL << lane : 0;
        return bits;
    }
}
