using System.Numerics;
using System.Runtime.CompilerServices;
using PgFast.Environments;

namespace PgFast.Agents;

/// <summary>Plays the episodes of a store again, so that an update sees a host's episodes as it sees an environment's.</summary>
/// <remarks>The state is the episode's number and the record of the step. Whatever the policy draws, what follows is what followed: and it draws what it drew.</remarks>
internal sealed unsafe class ReplayEnvironment(EnvironmentSpecification specification, EpisodeStore store) : BatchedEnvironment
{
    public override EnvironmentSpecification Specification => specification;

    public override bool StartsByEpisode => true;

    public override bool MayCut => true;

    /// <summary>What an agent's environment looks like to the engine.</summary>
    public static EnvironmentSpecification SpecificationOf(string name, int observationSize, ActionSpace actions, int maximumSteps) => new(
        name, StateSize: 2, observationSize, ObservationIsState: false, actions, maximumSteps, ResetWords: 2, SolvedReturn: null);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Reset(in ResetBatch batch)
    {
        int lanes = batch.LaneCount, size = store.ObservationSize;
        uint* words = (uint*)batch.RandomWords.Pointer;
        int* state = (int*)batch.State.Pointer;
        float* observation = batch.Observation.Pointer;
        for (int lane = 0; lane < lanes; lane++)
        {
            ulong id = words[lane] | (ulong)words[lanes + lane] << 32;
            ulong episode = id - store.FirstEpisode;
            // Every lane is asked, those without a new episode as well.
            int number = episode < (ulong)store.Capacity ? (int)episode : 0;
            int record = store.FirstOf(number);
            (state[lane], state[lanes + lane]) = (number, record);
            float* step = store.Step(record);
            for (int feature = 0; feature < size; feature++)
                observation[feature * lanes + lane] = step[feature];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override ulong Step(in StepBatch batch)
    {
        int lanes = batch.LaneCount, size = store.ObservationSize;
        int* state = (int*)batch.State.Pointer, next = (int*)batch.NextState.Pointer;
        float* observation = batch.Observation.Pointer, reward = batch.Reward.Pointer;
        ulong ended = 0;
        for (int lane = 0; lane < lanes; lane++)
        {
            int number = state[lane], record = state[lanes + lane];
            reward[lane] = store.Step(record)[size];
            int after = store.Next(record);
            if (after < 0)
                ended |= 1UL << lane;
            (next[lane], next[lanes + lane]) = (number, Math.Max(0, after));
            fixed (float* final = store.Final(number))
            {
                float* source = after < 0 ? final : store.Step(after);
                for (int feature = 0; feature < size; feature++)
                    observation[feature * lanes + lane] = source[feature];
            }
        }

        return ended;
    }

    public override ulong CutLanes(LaneRows state, ulong ended)
    {
        int* number = (int*)state.Pointer;
        ulong cut = 0;
        for (ulong rest = ended; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            if (store.IsCut(number[lane]))
                cut |= 1UL << lane;
        }

        return cut;
    }
}
