using System.Runtime.CompilerServices;
using PgFast.Numerics;
using PgFast.Randomness;

namespace PgFast.Environments;

/// <summary>CartPole-v1: a pole on a cart that is pushed left or right with a fixed force.</summary>
/// <remarks>
/// <para>Source: Barto, Sutton and Anderson (1983), as Gymnasium 1.3 defines <c>CartPole-v1</c>.</para>
/// <para>Actions: 0 pushes left with 10 N, 1 pushes right with 10 N.</para>
/// <para>Observation, which is the state: x cart position (m), ẋ cart velocity (m/s), θ pole angle from upright (rad),
/// θ̇ pole angular velocity (rad/s); single precision.</para>
/// <para>Dynamics: explicit Euler, 0.02 s a step; positions move with the old velocities. Gravity 9.8 m/s², cart 1 kg, pole 0.1 kg,
/// half pole length 0.5 m, no friction.</para>
/// <para>Reward: 1 every step, the terminating one included. Start: all four uniform in (−0.05, 0.05).</para>
/// <para>Terminated when |x| &gt; 2.4 m or |θ| &gt; 12°; truncated after 500 steps. Solved at a mean return of 475.</para>
/// <para>Differences from the source: none but single precision (one step differs by less than 1e-6).</para>
/// </remarks>
public readonly struct CartPole : IBatchedEnvironment<CartPole>
{
    private const float Gravity = 9.8f;
    private const float CartMass = 1f;
    private const float PoleMass = 0.1f;
    internal const float TotalMass = CartMass + PoleMass;
    private const float HalfPoleLength = 0.5f;
    internal const float Force = 10f;
    private const float TimeStep = 0.02f;
    private const float PositionLimit = 2.4f;
    private const float AngleLimit = (float)(12 * 2 * Math.PI / 360);
    internal const float ResetRange = 0.05f;

    /// <inheritdoc/>
    public static EnvironmentSpecification Specification { get; } = new(
        "CartPole-v1", StateSize: 4, ObservationSize: 4, ObservationIsState: true, ActionSpace.Discrete(2),
        MaximumEpisodeSteps: 500, ResetWords: 4, SolvedReturn: 475);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Reset<TLanes>(in ResetBatch batch) where TLanes : unmanaged, ILanes<TLanes> => Reset<TLanes>(batch, ResetRange);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Step<TLanes>(in StepBatch batch) where TLanes : unmanaged, ILanes<TLanes>
    {
        LaneRows state = batch.State, next = batch.NextState, actions = batch.Action, reward = batch.Reward;
        int laneCount = batch.LaneCount;
        ulong terminated = 0;
        for (int lane = 0; lane < laneCount; lane += TLanes.Count)
        {
            TLanes x = state.Load<TLanes>(0, lane);
            TLanes xDot = state.Load<TLanes>(1, lane);
            TLanes theta = state.Load<TLanes>(2, lane);
            TLanes thetaDot = state.Load<TLanes>(3, lane);
            TLanes right = TLanes.GreaterThanInt32(actions.Load<TLanes>(0, lane), TLanes.Zero);
            // force / total mass
            TLanes push = TLanes.Select(right, TLanes.Broadcast(Force / TotalMass), TLanes.Broadcast(-Force / TotalMass));

            TLanes fallen = Advance(push, ref x, ref xDot, ref theta, ref thetaDot);
            next.Store(0, lane, x);
            next.Store(1, lane, xDot);
            next.Store(2, lane, theta);
            next.Store(3, lane, thetaDot);
            reward.Store(0, lane, TLanes.Broadcast(1f));

            terminated |= (ulong)TLanes.SignBits(fallen) << lane;
        }

        return terminated;
    }

    /// <summary>One step of the dynamics, for whatever pushes the cart.</summary>
    /// <param name="push">Force over the total mass, m/s².</param>
    /// <param name="x">Before, then after the step.</param>
    /// <param name="xDot">Before, then after the step.</param>
    /// <param name="theta">Before, then after the step.</param>
    /// <param name="thetaDot">Before, then after the step.</param>
    /// <returns>Mask of the lanes in which the pole fell or the cart left the track.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLanes Advance<TLanes>(TLanes push, ref TLanes x, ref TLanes xDot, ref TLanes theta, ref TLanes thetaDot)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes timeStep = TLanes.Broadcast(TimeStep);
        Elementary.SinCosSmall(theta, out TLanes sin, out TLanes cos);
        TLanes temp = TLanes.FusedMultiplyAdd(
            thetaDot * thetaDot * sin, TLanes.Broadcast(PoleMass * HalfPoleLength / TotalMass), push);
        TLanes numerator = TLanes.FusedNegateMultiplyAdd(cos, temp, TLanes.Broadcast(Gravity) * sin);
        TLanes denominator = TLanes.FusedNegateMultiplyAdd(
            cos * cos, TLanes.Broadcast(HalfPoleLength * PoleMass / TotalMass), TLanes.Broadcast(HalfPoleLength * 4 / 3));
        TLanes thetaAcceleration = numerator / denominator;
        TLanes xAcceleration = TLanes.FusedNegateMultiplyAdd(
            thetaAcceleration * cos, TLanes.Broadcast(PoleMass * HalfPoleLength / TotalMass), temp);

        x = TLanes.FusedMultiplyAdd(timeStep, xDot, x);
        xDot = TLanes.FusedMultiplyAdd(timeStep, xAcceleration, xDot);
        theta = TLanes.FusedMultiplyAdd(timeStep, thetaDot, theta);
        thetaDot = TLanes.FusedMultiplyAdd(timeStep, thetaAcceleration, thetaDot);
        return TLanes.GreaterThan(TLanes.Abs(x), TLanes.Broadcast(PositionLimit))
            | TLanes.GreaterThan(TLanes.Abs(theta), TLanes.Broadcast(AngleLimit));
    }

    /// <summary>All four variables uniform in ±<paramref name="range"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Reset<TLanes>(in ResetBatch batch, float range) where TLanes : unmanaged, ILanes<TLanes>
    {
        for (int variable = 0; variable < 4; variable++)
        {
            for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
            {
                TLanes uniform = Philox.Uniform(batch.RandomWords.Load<TLanes>(variable, lane));
                TLanes start = TLanes.FusedMultiplyAdd(uniform, TLanes.Broadcast(2 * range), TLanes.Broadcast(-range));
                batch.State.Store(variable, lane, start);
            }
        }
    }
}
