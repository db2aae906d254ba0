using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Environments;

/// <summary>MountainCar-v0: a car in a valley, too weak to climb out without swinging up.</summary>
/// <remarks>
/// <para>Source: Moore (1990), as Gymnasium 1.3 defines <c>MountainCar-v0</c>.</para>
/// <para>Actions: 0 pushes left, 1 does not push, 2 pushes right.</para>
/// <para>Observation, which is the state: position in [−1.2, 0.6], velocity in [−0.07, 0.07] (position a step).</para>
/// <para>Dynamics: v ← clip(v + 0.001·(a − 1) − 0.0025·cos(3x)), x ← clip(x + v); at the left wall a negative velocity becomes 0.</para>
/// <para>Reward: −1 every step, the terminating one included. Start: x uniform in (−0.6, −0.4), v = 0.</para>
/// <para>Terminated at x ≥ 0.5 with v ≥ 0; truncated after 200 steps. Solved at a mean return of −110.</para>
/// <para>Differences from the source: none but single precision (one step differs by less than 2e-7).</para>
/// </remarks>
public readonly struct MountainCar : IBatchedEnvironment<MountainCar>
{
    private const float Force = 0.001f;
    private const float Goal = 0.5f;

    /// <inheritdoc/>
    public static EnvironmentSpecification Specification { get; } = new(
        "MountainCar-v0", StateSize: 2, ObservationSize: 2, ObservationIsState: true, ActionSpace.Discrete(3),
        MaximumEpisodeSteps: 200, ResetWords: 1, SolvedReturn: -110);

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
            TLanes direction = TLanes.ConvertInt32ToSingle(actions.Load<TLanes>(0, lane)) - TLanes.Broadcast(1f);
            TLanes position = state.Load<TLanes>(0, lane), velocity = state.Load<TLanes>(1, lane);
            TLanes reached = Valley.Advance(ref position, ref velocity, direction, Force, Goal);
            next.Store(0, lane, position);
            next.Store(1, lane, velocity);
            reward.Store(0, lane, TLanes.Broadcast(-1f));
            terminated |= (ulong)TLanes.SignBits(reached) << lane;
        }

        return terminated;
    }
}
