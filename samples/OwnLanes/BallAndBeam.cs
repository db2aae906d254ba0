using System.Runtime.CompilerServices;
using PgFast.Environments;
using PgFast.Numerics;
using PgFast.Randomness;

namespace OwnLanes;

/// <summary>Keep a ball on a beam by tilting it left, right or not at all: an environment of one's own, written for lanes.</summary>
/// <remarks>
/// Position x (m) and velocity v (m/s) of the ball, angle θ (rad) of the beam. A step of 0.02 s tilts the beam by up to 0.02 rad within ±0.2; the ball rolls with
/// v̇ = −(5/7)·g·sin θ. The reward is 1 − x² a step; an episode ends when the ball leaves the beam, |x| &gt; 1, or after 400 steps.
/// </remarks>
public readonly struct BallAndBeam : IBatchedEnvironment<BallAndBeam>
{
    private const float TimeStep = 0.02f;
    private const float Tilt = 0.02f;
    private const float LargestAngle = 0.2f;
    private const float Rolling = 5f / 7f * 9.81f;

    public static EnvironmentSpecification Specification { get; } = new(
        "Ball and beam", StateSize: 3, ObservationSize: 3, ObservationIsState: true, ActionSpace.Discrete(3), MaximumEpisodeSteps: 400, ResetWords: 3,
        SolvedReturn: 390);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Reset<TLanes>(in ResetBatch batch) where TLanes : unmanaged, ILanes<TLanes>
    {
        for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
        {
            // Ball anywhere on the inner half of the beam, slowly rolling; beam nearly level.
            batch.State.Store(0, lane, Centred<TLanes>(batch, 0, lane, 1f));
            batch.State.Store(1, lane, Centred<TLanes>(batch, 1, lane, 0.2f));
            batch.State.Store(2, lane, Centred<TLanes>(batch, 2, lane, 0.1f));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Step<TLanes>(in StepBatch batch) where TLanes : unmanaged, ILanes<TLanes>
    {
        ulong terminated = 0;
        for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
        {
            TLanes x = batch.State.Load<TLanes>(0, lane), v = batch.State.Load<TLanes>(1, lane), theta = batch.State.Load<TLanes>(2, lane);
            // Actions 0, 1, 2 tilt by −1, 0, +1.
            TLanes tilt = TLanes.ConvertInt32ToSingle(batch.Action.Load<TLanes>(0, lane)) - TLanes.Broadcast(1f);
            theta += TLanes.Broadcast(Tilt) * tilt;
            theta = TLanes.Max(TLanes.Min(theta, TLanes.Broadcast(LargestAngle)), TLanes.Broadcast(-LargestAngle));
            Elementary.SinCosSmall(theta, out TLanes sine, out _);
            v = TLanes.FusedNegateMultiplyAdd(TLanes.Broadcast(Rolling * TimeStep), sine, v);
            x = TLanes.FusedMultiplyAdd(TLanes.Broadcast(TimeStep), v, x);
            batch.NextState.Store(0, lane, x);
            batch.NextState.Store(1, lane, v);
            batch.NextState.Store(2, lane, theta);
            batch.Reward.Store(0, lane, TLanes.FusedNegateMultiplyAdd(x, x, TLanes.Broadcast(1f)));
            terminated |= (ulong)TLanes.SignBits(TLanes.GreaterThan(TLanes.Abs(x), TLanes.Broadcast(1f))) << lane;
        }

        return terminated;
    }

    private static TLanes Centred<TLanes>(in ResetBatch batch, int word, int lane, float width) where TLanes : unmanaged, ILanes<TLanes> =>
        (Philox.Uniform(batch.RandomWords.Load<TLanes>(word, lane)) - TLanes.Broadcast(0.5f)) * TLanes.Broadcast(width);
}
