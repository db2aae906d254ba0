using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Environments;

/// <summary>The short corridor with switched actions: three states that look alike, in one of which right is left.</summary>
/// <remarks>
/// <para>Source: Sutton and Barto (2018), example 13.1.</para>
/// <para>Actions: 0 is left, 1 is right.</para>
/// <para>Observation: the number 1 in every state, so that no policy can tell the states apart. With a linear policy without biases, the
/// two weights are the book's two action preferences.</para>
/// <para>State, which the policy does not see: 0, 1 or 2 for the states from the left, 3 for the goal.</para>
/// <para>Dynamics: right moves by +1 and left by −1 in states 0 and 2 (left in state 0 stays there); in state 1 it is the other way
/// round.</para>
/// <para>Reward: −1 every step, the one that reaches the goal included. Start: state 0.</para>
/// <para>Terminated at the goal; truncated after 10,000 steps. The book has no limit, but a policy that all but never turns would then all
/// but never end an episode. With p the probability of right, the mean length is (4 − 2p)/(p(1 − p)); the chance to be cut off is
/// 3·10⁻⁶³ at p = 0.05 and 3·10⁻¹³ at p = 0.01, so the book's closed forms hold, but 6 % at p = 0.001. Memory is taken by the steps
/// that are made, not by those that are allowed.</para>
/// <para>No return counts as solving it: the best policy, p = 2 − √2, is known, and has a mean return of −(6 + 4√2) = −11.66.</para>
/// <para>Differences from the source: the step limit.</para>
/// </remarks>
public readonly struct ShortCorridor : IBatchedEnvironment<ShortCorridor>
{
    private const float Switched = 1;
    private const float Goal = 3;

    /// <inheritdoc/>
    public static EnvironmentSpecification Specification { get; } = new(
        "Short corridor", StateSize: 1, ObservationSize: 1, ObservationIsState: false, ActionSpace.Discrete(2),
        MaximumEpisodeSteps: 10_000, ResetWords: 0, SolvedReturn: null);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Reset<TLanes>(in ResetBatch batch) where TLanes : unmanaged, ILanes<TLanes>
    {
        for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
        {
            batch.State.Store(0, lane, TLanes.Zero);
            batch.Observation.Store(0, lane, TLanes.Broadcast(1f));
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Step<TLanes>(in StepBatch batch) where TLanes : unmanaged, ILanes<TLanes>
    {
        ulong terminated = 0;
        for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
        {
            TLanes next = Move(batch.State.Load<TLanes>(0, lane), batch.Action.Load<TLanes>(0, lane));
            batch.NextState.Store(0, lane, next);
            batch.Observation.Store(0, lane, TLanes.Broadcast(1f));
            batch.Reward.Store(0, lane, TLanes.Broadcast(-1f));
            terminated |= (ulong)TLanes.SignBits(IsGoal(next)) << lane;
        }

        return terminated;
    }

    /// <summary>The state after an action; small whole numbers, so all of it is exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLanes Move<TLanes>(TLanes state, TLanes action) where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes one = TLanes.Broadcast(1f);
        TLanes isRight = TLanes.GreaterThanInt32(action, TLanes.Zero);
        TLanes goesRight = isRight ^ TLanes.Equal(state, TLanes.Broadcast(Switched));
        return TLanes.Max(state + TLanes.Select(goesRight, one, -one), TLanes.Zero);
    }

    /// <summary>A mask of the lanes at the goal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLanes IsGoal<TLanes>(TLanes state) where TLanes : unmanaged, ILanes<TLanes> =>
        TLanes.Equal(state, TLanes.Broadcast(Goal));
}
