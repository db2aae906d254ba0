using System.Runtime.CompilerServices;
using PgFast.Environments;
using PgFast.Numerics;
using PgFast.Randomness;

namespace PgFast.Tests.Support;

/// <summary>One step: the state x is uniform in (−½, ½), the reward −(a − (1 + x))² of the action, then the end.</summary>
/// <remarks>The best linear policy is μ = 1 + x; with it the mean return is −σ².</remarks>
internal readonly struct Aim : IBatchedEnvironment<Aim>
{
    public static EnvironmentSpecification Specification { get; } =
        new("Aim", StateSize: 1, ObservationSize: 1, ObservationIsState: true, ActionSpace.Continuous(1, -4, 4), 2, ResetWords: 1, SolvedReturn: null);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Reset<TLanes>(in ResetBatch batch) where TLanes : unmanaged, ILanes<TLanes>
    {
        for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
            batch.State.Store(0, lane, Philox.Uniform(batch.RandomWords.Load<TLanes>(0, lane)) - TLanes.Broadcast(0.5f));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Step<TLanes>(in StepBatch batch) where TLanes : unmanaged, ILanes<TLanes>
    {
        for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
        {
            TLanes x = batch.State.Load<TLanes>(0, lane);
            TLanes miss = batch.Action.Load<TLanes>(0, lane) - (x + TLanes.Broadcast(1));
            batch.Reward.Store(0, lane, -(miss * miss));
            batch.NextState.Store(0, lane, x);
        }

        return ulong.MaxValue;
    }
}

/// <summary>A point in the plane that two actions push: p ← p + a/4, reward −|p|² − a₀²/100, terminated when |p₀| &gt; 2, at most 11 steps.</summary>
/// <remarks>It starts uniformly in the square (−1, 1)²; the observation is (p₀, p₁, 0.3), so one feature never changes.</remarks>
internal readonly struct Plane : IBatchedEnvironment<Plane>
{
    public const float Constant = 0.3f;

    public static EnvironmentSpecification Specification { get; } =
        new("Plane", StateSize: 2, ObservationSize: 3, ObservationIsState: false, ActionSpace.Continuous(2, -4, 4), 11, ResetWords: 2, SolvedReturn: null);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Reset<TLanes>(in ResetBatch batch) where TLanes : unmanaged, ILanes<TLanes>
    {
        for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
        {
            for (int row = 0; row < 2; row++)
            {
                TLanes centred = Philox.Uniform(batch.RandomWords.Load<TLanes>(row, lane)) - TLanes.Broadcast(0.5f);
                batch.State.Store(row, lane, centred + centred);
                batch.Observation.Store(row, lane, centred + centred);
            }

            batch.Observation.Store(2, lane, TLanes.Broadcast(Constant));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Step<TLanes>(in StepBatch batch) where TLanes : unmanaged, ILanes<TLanes>
    {
        ulong terminated = 0;
        for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
        {
            TLanes quarter = TLanes.Broadcast(0.25f), first = batch.Action.Load<TLanes>(0, lane);
            TLanes x = batch.State.Load<TLanes>(0, lane) + quarter * first;
            TLanes y = batch.State.Load<TLanes>(1, lane) + quarter * batch.Action.Load<TLanes>(1, lane);
            batch.NextState.Store(0, lane, x);
            batch.NextState.Store(1, lane, y);
            batch.Observation.Store(0, lane, x);
            batch.Observation.Store(1, lane, y);
            batch.Observation.Store(2, lane, TLanes.Broadcast(Constant));
            batch.Reward.Store(0, lane, -(x * x + y * y) - TLanes.Broadcast(0.01f) * (first * first));
            terminated |= (ulong)TLanes.SignBits(TLanes.GreaterThan(TLanes.Abs(x), TLanes.Broadcast(2))) << lane;
        }

        return terminated;
    }
}
