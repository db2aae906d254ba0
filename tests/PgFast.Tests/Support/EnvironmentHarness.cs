using PgFast.Environments;
using PgFast.Numerics;

namespace PgFast.Tests.Support;

/// <summary>What one step of many lanes gave.</summary>
/// <param name="NextStates">[lane][variable].</param>
/// <param name="Observations">[lane][feature].</param>
/// <param name="Rewards">[lane].</param>
/// <param name="Terminated">[lane].</param>
internal sealed record StepOutcome(float[][] NextStates, float[][] Observations, float[] Rewards, bool[] Terminated);

/// <summary>Steps and resets an environment type at a chosen lane width, any number of lanes.</summary>
internal static class EnvironmentHarness
{
    /// <summary>One step from every state.</summary>
    /// <param name="width">Lanes a register.</param>
    /// <param name="states">[lane][variable].</param>
    /// <param name="actions">[lane].</param>
    /// <param name="inPlace">Whether the next state overwrites the state, as the contract allows.</param>
    public static StepOutcome Step<TEnvironment>(int width, float[][] states, int[] actions, bool inPlace = false)
        where TEnvironment : struct, IBatchedEnvironment<TEnvironment> =>
        Widths.Visit<Stepper<TEnvironment>, StepOutcome>(width, new Stepper<TEnvironment>(states, actions, inPlace));

    /// <summary>Start states and observations from rows of words.</summary>
    /// <param name="width">Lanes a register.</param>
    /// <param name="words">[lane][ResetWords].</param>
    public static (float[][] States, float[][] Observations) Reset<TEnvironment>(int width, uint[][] words)
        where TEnvironment : struct, IBatchedEnvironment<TEnvironment> =>
        Widths.Visit<Resetter<TEnvironment>, (float[][], float[][])>(width, new Resetter<TEnvironment>(words));

    private static float[] Column(LaneRows rows, int count, int lane)
    {
        float[] values = new float[count];
        for (int row = 0; row < count; row++)
            values[row] = rows[row, lane];
        return values;
    }

    private readonly struct Stepper<TEnvironment>(float[][] states, int[] actions, bool inPlace) : ILaneVisitor<StepOutcome>
        where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
    {
        public StepOutcome Visit<TLanes>() where TLanes : unmanaged, ILanes<TLanes>
        {
            EnvironmentSpecification specification = TEnvironment.Specification;
            const int Lanes = StepBatch.MaximumLanes;
            using AlignedBuffer<float> stateMemory = new(specification.StateSize * Lanes);
            using AlignedBuffer<float> nextMemory = new(specification.StateSize * Lanes);
            using AlignedBuffer<float> observationMemory = new(specification.ObservationSize * Lanes);
            using AlignedBuffer<float> actionMemory = new(Lanes);
            using AlignedBuffer<float> rewardMemory = new(Lanes);
            int count = states.Length;
            StepOutcome outcome = new(new float[count][], new float[count][], new float[count], new bool[count]);
            for (int start = 0; start < count; start += Lanes)
            {
                int here = Math.Min(Lanes, count - start);
                int lanes = (here + 15) / 16 * 16;
                LaneRows state = new(stateMemory, specification.StateSize, lanes);
                LaneRows next = inPlace ? state : new LaneRows(nextMemory, specification.StateSize, lanes);
                LaneRows action = new(actionMemory, 1, lanes);
                LaneRows reward = new(rewardMemory, 1, lanes);
                LaneRows observation = specification.ObservationIsState
                    ? next
                    : new LaneRows(observationMemory, specification.ObservationSize, lanes);
                stateMemory.Span.Clear();
                actionMemory.Span.Clear();
                for (int lane = 0; lane < here; lane++)
                {
                    for (int variable = 0; variable < specification.StateSize; variable++)
                        state[variable, lane] = states[start + lane][variable];
                    action[0, lane] = BitConverter.Int32BitsToSingle(actions[start + lane]);
                }

                ulong terminated = TEnvironment.Step<TLanes>(new StepBatch
                {
                    State = state,
                    NextState = next,
                    Action = action,
                    Observation = observation,
                    Reward = reward,
                });
                for (int lane = 0; lane < here; lane++)
                {
                    outcome.NextStates[start + lane] = Column(next, specification.StateSize, lane);
                    outcome.Observations[start + lane] = Column(observation, specification.ObservationSize, lane);
                    outcome.Rewards[start + lane] = reward[0, lane];
                    outcome.Terminated[start + lane] = (terminated >> lane & 1) != 0;
                }
            }

            return outcome;
        }
    }

    private readonly struct Resetter<TEnvironment>(uint[][] words) : ILaneVisitor<(float[][], float[][])>
        where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
    {
        public (float[][], float[][]) Visit<TLanes>() where TLanes : unmanaged, ILanes<TLanes>
        {
            EnvironmentSpecification specification = TEnvironment.Specification;
            const int Lanes = StepBatch.MaximumLanes;
            using AlignedBuffer<float> wordMemory = new(Math.Max(1, specification.ResetWords) * Lanes);
            using AlignedBuffer<float> stateMemory = new(specification.StateSize * Lanes);
            using AlignedBuffer<float> observationMemory = new(specification.ObservationSize * Lanes);
            float[][] states = new float[words.Length][];
            float[][] observations = new float[words.Length][];
            for (int start = 0; start < words.Length; start += Lanes)
            {
                int here = Math.Min(Lanes, words.Length - start);
                int lanes = (here + 15) / 16 * 16;
                LaneRows word = new(wordMemory, Math.Max(1, specification.ResetWords), lanes);
                LaneRows state = new(stateMemory, specification.StateSize, lanes);
                LaneRows observation = specification.ObservationIsState
                    ? state
                    : new LaneRows(observationMemory, specification.ObservationSize, lanes);
                for (int lane = 0; lane < here; lane++)
                {
                    for (int k = 0; k < specification.ResetWords; k++)
                        word[k, lane] = BitConverter.UInt32BitsToSingle(words[start + lane][k]);
                }

                TEnvironment.Reset<TLanes>(new ResetBatch { RandomWords = word, State = state, Observation = observation });
                for (int lane = 0; lane < here; lane++)
                {
                    states[start + lane] = Column(state, specification.StateSize, lane);
                    observations[start + lane] = Column(observation, specification.ObservationSize, lane);
                }
            }

            return (states, observations);
        }
    }
}
