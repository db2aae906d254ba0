using System.Runtime.CompilerServices;
using PgFast.Environments;
using PgFast.Numerics;

namespace PgFast.Tests.Support;

/// <summary>The short corridor with its state in sight, so that baselines that look at observations have something to see.</summary>
/// <remarks>
/// The observation is 1 and then the state as one of three indicators (none at the goal). A linear policy whose weights differ in the
/// first feature alone is the corridor's own policy; with all weights 0, right has probability 1/2 in every state.
/// </remarks>
internal readonly struct ObservedCorridor : IBatchedEnvironment<ObservedCorridor>
{
    private const int States = 3;

    public static EnvironmentSpecification Specification { get; } =
        ShortCorridor.Specification with { Name = "Observed corridor", ObservationSize = 1 + States };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Reset<TLanes>(in ResetBatch batch) where TLanes : unmanaged, ILanes<TLanes>
    {
        for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
        {
            batch.State.Store(0, lane, TLanes.Zero);
            Observe(batch.Observation, lane, TLanes.Zero);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Step<TLanes>(in StepBatch batch) where TLanes : unmanaged, ILanes<TLanes>
    {
        ulong terminated = 0;
        for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
        {
            TLanes next = ShortCorridor.Move(batch.State.Load<TLanes>(0, lane), batch.Action.Load<TLanes>(0, lane));
            batch.NextState.Store(0, lane, next);
            Observe(batch.Observation, lane, next);
            batch.Reward.Store(0, lane, TLanes.Broadcast(-1f));
            terminated |= (ulong)TLanes.SignBits(ShortCorridor.IsGoal(next)) << lane;
        }

        return terminated;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Observe<TLanes>(LaneRows observation, int lane, TLanes state) where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes one = TLanes.Broadcast(1f);
        observation.Store(0, lane, one);
        for (int k = 0; k < States; k++)
            observation.Store(1 + k, lane, one & TLanes.Equal(state, TLanes.Broadcast(k)));
    }
}
