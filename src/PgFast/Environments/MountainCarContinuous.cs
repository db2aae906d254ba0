using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Environments;

/// <summary>MountainCarContinuous-v0: the car in the valley, pushed by a real force that costs something.</summary>
/// <remarks>
/// <para>Source: Moore (1990), as Gymnasium 1.3 defines <c>MountainCarContinuous-v0</c>.</para>
/// <para>Action: a real number a, the force, clipped to [−1, 1] where it pushes.</para>
/// <para>Observation, which is the state: position in [−1.2, 0.6], velocity in [−0.07, 0.07] (position a step).</para>
/// <para>Dynamics: v ← clip(v + 0.0015·clip(a) − 0.0025·cos(3x)), x ← clip(x + v); at the left wall a negative velocity becomes 0.</para>
/// <para>Reward: −0.1·a² with the action as given, not as clipped, and 100 more on the terminating step. Start: x uniform in
/// (−0.6, −0.4), v = 0.</para>
/// <para>Terminated at x ≥ 0.45 with v ≥ 0; truncated after 999 steps. Solved at a mean return of 90.</para>
/// <para>Differences from the source: none but single precision (one step differs by less than 2e-7).</para>
/// </remarks>
public readonly struct MountainCarContinuous : IBatchedEnvironment<MountainCarContinuous>
{
    private const float Force = 0.0015f;
    private const float Goal = 0.45f;

    /// <inheritdoc/>
    public static EnvironmentSpecification Specification { get; } = new(
        "MountainCarContinuous-v0", StateSize: 2, ObservationSize: 2, ObservationIsState: true, ActionSpace.Continuous(1, -1, 1),
        MaximumEpisodeSteps: 999, ResetWords: 1, SolvedReturn: 90);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Reset<TLanes>(in ResetBatch batch) where TLanes : unmanaged, ILanes<TLanes> => Valley.Reset<TLanes>(batch);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Step<TLanes>(in StepBatch batch) where TLanes : unmanaged, ILanes<TLanes>
    {
        LaneRows state = batch.State, next = batch.NextState, actions = batch.Action, reward = batch.Reward;
        ulong terminated = 0;
        for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
        {
            TLanes action = actions.Load<TLanes>(0, lane);
            TLanes position = state.Load<TLanes>(0, lane), velocity = state.Load<TLanes>(1, lane);
            TLanes reached = Valley.Advance(ref position, ref velocity, Angles.Clip(action, -1, 1), Force, Goal);
            next.Store(0, lane, position);
            next.Store(1, lane, velocity);
            TLanes prize = TLanes.Broadcast(100f) & reached;
            reward.Store(0, lane, TLanes.FusedNegateMultiplyAdd(TLanes.Broadcast(0.1f), action * action, prize));
            terminated |= (ulong)TLanes.SignBits(reached) << lane;
        }

        return terminated;
    }
}
