using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Environments;

/// <summary>CartPole with a force that is chosen freely between the two of CartPole-v1.</summary>
/// <remarks>
/// <para>Source: the dynamics, start, reward and limits of <see cref="CartPole"/>, that is, of Gymnasium's <c>CartPole-v1</c>.</para>
/// <para>Action: a real number, the force (N), clipped to [−10, 10]; at the limits a step has the same bits as one of
/// <see cref="CartPole"/>.</para>
/// <para>Terminated when |x| &gt; 2.4 m or |θ| &gt; 12°; truncated after 500 steps. Solved at a mean return of 475.</para>
/// </remarks>
public readonly struct ContinuousCartPole : IBatchedEnvironment<ContinuousCartPole>
{
    /// <inheritdoc/>
    public static EnvironmentSpecification Specification { get; } = CartPole.Specification with
    {
        Name = "CartPole-v1, continuous",
        Actions = ActionSpace.Continuous(1, -CartPole.Force, CartPole.Force),
    };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Reset<TLanes>(in ResetBatch batch) where TLanes : unmanaged, ILanes<TLanes> => CartPole.Reset<TLanes>(batch);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Step<TLanes>(in StepBatch batch) where TLanes : unmanaged, ILanes<TLanes>
    {
        LaneRows state = batch.State, next = batch.NextState, actions = batch.Action, reward = batch.Reward;
        ulong terminated = 0;
        for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
        {
            TLanes x = state.Load<TLanes>(0, lane), xDot = state.Load<TLanes>(1, lane);
            TLanes theta = state.Load<TLanes>(2, lane), thetaDot = state.Load<TLanes>(3, lane);
            TLanes force = Angles.Clip(actions.Load<TLanes>(0, lane), -CartPole.Force, CartPole.Force);
            TLanes fallen = CartPole.Advance(force / TLanes.Broadcast(CartPole.TotalMass), ref x, ref xDot, ref theta, ref thetaDot);
            next.Store(0, lane, x);
            next.Store(1, lane, xDot);
            next.Store(2, lane, theta);
            next.Store(3, lane, thetaDot);
            reward.Store(0, lane, TLanes.Broadcast(1f));
            terminated |= (ulong)TLanes.SignBits(fallen) << lane;
        }

        return terminated;
    }
}
