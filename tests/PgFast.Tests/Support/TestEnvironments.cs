using System.Runtime.CompilerServices;
using PgFast.Environments;
using PgFast.Numerics;
using PgFast.Randomness;

namespace PgFast.Tests.Support;

/// <summary>
/// A user's environment, unlike CartPole in everything: three actions, a hidden state of two floats, an observation of three, its own
/// time limit, rewards that depend on state and action, six reset words of which the first and the last are used.
/// </summary>
/// <remarks>
/// Position p and velocity v; action a pushes by a − 1. v ← v + 0.1·(a − 1); p ← p + 0.2·v with the new v. The observation is
/// (p, v, p·v), the reward 1 − p² − 0.25·[a ≠ 1]. Terminated when |p| &gt; 1. All operations are correctly rounded, so
/// <see cref="Replay"/> gives the same bits.
/// </remarks>
internal readonly struct Drift : IBatchedEnvironment<Drift>
{
    public const int StepLimit = 37;

    public static EnvironmentSpecification Specification { get; } =
        new("Drift", StateSize: 2, ObservationSize: 3, ObservationIsState: false, ActionSpace.Discrete(3), StepLimit, ResetWords: 6, SolvedReturn: null);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Reset<TLanes>(in ResetBatch batch) where TLanes : unmanaged, ILanes<TLanes>
    {
        for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
        {
            TLanes half = TLanes.Broadcast(0.5f);
            TLanes position = Philox.Uniform(batch.RandomWords.Load<TLanes>(0, lane)) - half;
            TLanes velocity = Philox.Uniform(batch.RandomWords.Load<TLanes>(5, lane)) - half;
            batch.State.Store(0, lane, position);
            batch.State.Store(1, lane, velocity);
            batch.Observation.Store(0, lane, position);
            batch.Observation.Store(1, lane, velocity);
            batch.Observation.Store(2, lane, position * velocity);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Step<TLanes>(in StepBatch batch) where TLanes : unmanaged, ILanes<TLanes>
    {
        ulong terminated = 0;
        for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
        {
            TLanes action = batch.Action.Load<TLanes>(0, lane);
            TLanes push = TLanes.ConvertInt32ToSingle(action) - TLanes.Broadcast(1);
            TLanes velocity = batch.State.Load<TLanes>(1, lane) + TLanes.Broadcast(0.1f) * push;
            TLanes position = batch.State.Load<TLanes>(0, lane) + TLanes.Broadcast(0.2f) * velocity;
            batch.NextState.Store(0, lane, position);
            batch.NextState.Store(1, lane, velocity);
            batch.Observation.Store(0, lane, position);
            batch.Observation.Store(1, lane, velocity);
            batch.Observation.Store(2, lane, position * velocity);
            TLanes effort = TLanes.Broadcast(0.25f) & ~TLanes.EqualInt32(action, TLanes.BroadcastInt32(1));
            batch.Reward.Store(0, lane, TLanes.Broadcast(1) - position * position - effort);
            terminated |= (ulong)TLanes.SignBits(TLanes.GreaterThan(TLanes.Abs(position), TLanes.Broadcast(1))) << lane;
        }

        return terminated;
    }

    /// <summary>The same episode once more in plain scalar code, with the recorded actions.</summary>
    public static (float[][] Observations, float[] Rewards, bool Terminated) Replay(ulong seed, ulong episode, int[] actions)
    {
        float position = Philox.Uniform(Philox.Generate(seed, RandomStream.Reset, episode, 0).Word0) - 0.5f;
        float velocity = Philox.Uniform(Philox.Generate(seed, RandomStream.Reset, episode, 1).Word1) - 0.5f;
        float[][] observations = new float[actions.Length + 1][];
        float[] rewards = new float[actions.Length];
        bool terminated = false;
        observations[0] = [position, velocity, position * velocity];
        for (int time = 0; time < actions.Length; time++)
        {
            velocity += 0.1f * (actions[time] - 1f);
            position += 0.2f * velocity;
            observations[time + 1] = [position, velocity, position * velocity];
            rewards[time] = 1f - position * position - (actions[time] == 1 ? 0f : 0.25f);
            terminated = MathF.Abs(position) > 1;
        }

        return (observations, rewards, terminated);
    }
}

/// <summary>An environment that may not be touched.</summary>
internal readonly struct Untouchable : IBatchedEnvironment<Untouchable>
{
    public static EnvironmentSpecification Specification { get; } = new("Untouchable", 1, 1, true, ActionSpace.Discrete(2), 5, 1, null);

    public static void Reset<TLanes>(in ResetBatch batch) where TLanes : unmanaged, ILanes<TLanes> =>
        throw new InvalidOperationException("The environment was touched.");

    public static ulong Step<TLanes>(in StepBatch batch) where TLanes : unmanaged, ILanes<TLanes> =>
        throw new InvalidOperationException("The environment was touched.");
}

/// <summary>Continuous actions in an environment that may not be touched.</summary>
internal readonly struct ContinuousStub : IBatchedEnvironment<ContinuousStub>
{
    public static EnvironmentSpecification Specification { get; } = new("Continuous", 1, 1, true, ActionSpace.Continuous(1, -1, 1), 5, 1, null);

    public static void Reset<TLanes>(in ResetBatch batch) where TLanes : unmanaged, ILanes<TLanes> =>
        throw new InvalidOperationException("The environment was touched.");

    public static ulong Step<TLanes>(in StepBatch batch) where TLanes : unmanaged, ILanes<TLanes> =>
        throw new InvalidOperationException("The environment was touched.");
}
