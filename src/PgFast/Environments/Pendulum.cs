using System.Runtime.CompilerServices;
using PgFast.Numerics;
using PgFast.Randomness;

namespace PgFast.Environments;

/// <summary>Pendulum-v1: swing a pendulum up and hold it there, with a motor that is too weak to lift it at once.</summary>
/// <remarks>
/// <para>Source: Gymnasium 1.3, <c>Pendulum-v1</c>.</para>
/// <para>Action: a real number u, the torque (N m), clipped to [−2, 2].</para>
/// <para>State: θ angle from upright (rad), θ̇ (rad/s). Observation: cos θ, sin θ, θ̇.</para>
/// <para>Dynamics: θ̇ ← clip(θ̇ + (15·sin θ + 3u)·0.05, ±8), then θ ← θ + 0.05·θ̇ with the new rate. Gravity 10 m/s², mass 1 kg, length 1 m.</para>
/// <para>Reward: −(θ² + 0.1·θ̇² + 0.001·u²) of the state before the step, θ within [−π, π], u clipped. Start: θ uniform in (−π, π), θ̇ in
/// (−1, 1).</para>
/// <para>Never terminated; truncated after 200 steps. Gymnasium names no return that solves it; −160 is used here, near what a policy
/// gradient reaches (about −152), while the best possible is about −138.</para>
/// <para>Differences from the source: single precision, and θ is kept within [−π, π], which loses no precision however often it turns.</para>
/// </remarks>
public readonly struct Pendulum : IBatchedEnvironment<Pendulum>
{
    private const float TimeStep = 0.05f;
    private const float LargestTorque = 2f;
    private const float LargestRate = 8f;

    /// <inheritdoc/>
    public static EnvironmentSpecification Specification { get; } = new(
        "Pendulum-v1", StateSize: 2, ObservationSize: 3, ObservationIsState: false, ActionSpace.Continuous(1, -LargestTorque, LargestTorque),
        MaximumEpisodeSteps: 200, ResetWords: 2, SolvedReturn: -160);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Reset<TLanes>(in ResetBatch batch) where TLanes : unmanaged, ILanes<TLanes>
    {
        const float Pi = (float)Math.PI;
        for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
        {
            TLanes first = Philox.Uniform(batch.RandomWords.Load<TLanes>(0, lane)), second = Philox.Uniform(batch.RandomWords.Load<TLanes>(1, lane));
            TLanes theta = TLanes.FusedMultiplyAdd(first, TLanes.Broadcast(2 * Pi), TLanes.Broadcast(-Pi));
            TLanes rate = TLanes.FusedMultiplyAdd(second, TLanes.Broadcast(2f), TLanes.Broadcast(-1f));
            Store(batch.State, batch.Observation, lane, theta, rate);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Step<TLanes>(in StepBatch batch) where TLanes : unmanaged, ILanes<TLanes>
    {
        LaneRows state = batch.State, actions = batch.Action, reward = batch.Reward;
        TLanes timeStep = TLanes.Broadcast(TimeStep);
        for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
        {
            TLanes theta = Angles.Wrap(state.Load<TLanes>(0, lane)), rate = state.Load<TLanes>(1, lane);
            TLanes torque = Angles.Clip(actions.Load<TLanes>(0, lane), -LargestTorque, LargestTorque);
            TLanes cost = TLanes.FusedMultiplyAdd(rate * rate, TLanes.Broadcast(0.1f), theta * theta);
            cost = TLanes.FusedMultiplyAdd(torque * torque, TLanes.Broadcast(0.001f), cost);
            reward.Store(0, lane, -cost);

            Elementary.SinCosBounded(theta, out TLanes sin, out _);
            TLanes acceleration = TLanes.FusedMultiplyAdd(sin, TLanes.Broadcast(15f), TLanes.Broadcast(3f) * torque);
            rate = Angles.Clip(TLanes.FusedMultiplyAdd(acceleration, timeStep, rate), -LargestRate, LargestRate);
            theta = Angles.Wrap(TLanes.FusedMultiplyAdd(rate, timeStep, theta));
            Store(batch.NextState, batch.Observation, lane, theta, rate);
        }

        return 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TLanes>(LaneRows state, LaneRows observation, int lane, TLanes theta, TLanes rate)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        Elementary.SinCosBounded(theta, out TLanes sin, out TLanes cos);
        state.Store(0, lane, theta);
        state.Store(1, lane, rate);
        observation.Store(0, lane, cos);
        observation.Store(1, lane, sin);
        observation.Store(2, lane, rate);
    }
}
