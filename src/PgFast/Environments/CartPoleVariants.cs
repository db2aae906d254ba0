using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Environments;

/// <summary>CartPole-v0: <see cref="CartPole"/> that is truncated after 200 steps and solved at a mean return of 195.</summary>
/// <remarks>Source: Gymnasium 1.3, <c>CartPole-v0</c>.</remarks>
public readonly struct CartPoleV0 : IBatchedEnvironment<CartPoleV0>
{
    /// <inheritdoc/>
    public static EnvironmentSpecification Specification { get; } =
        CartPole.Specification with { Name = "CartPole-v0", MaximumEpisodeSteps = 200, SolvedReturn = 195 };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Reset<TLanes>(in ResetBatch batch) where TLanes : unmanaged, ILanes<TLanes> => CartPole.Reset<TLanes>(batch);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Step<TLanes>(in StepBatch batch) where TLanes : unmanaged, ILanes<TLanes> => CartPole.Step<TLanes>(batch);
}

/// <summary>CartPole with the reward of Sutton and Barto's book: −1 on the step in which the pole falls, else 0.</summary>
/// <remarks>
/// Source: Gymnasium 1.3, <c>CartPole-v1</c> with <c>sutton_barto_reward</c>. Truncated after 500 steps. With γ &lt; 1 the return is −γ^(T−1)
/// of an episode of T steps that falls, and 0 of one that does not; with γ = 1 all that falls is worth the same. No return counts as
/// solving it.
/// </remarks>
public readonly struct CartPoleSuttonBarto : IBatchedEnvironment<CartPoleSuttonBarto>
{
    /// <inheritdoc/>
    public static EnvironmentSpecification Specification { get; } =
        CartPole.Specification with { Name = "CartPole-v1, Sutton and Barto's reward", SolvedReturn = null };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Reset<TLanes>(in ResetBatch batch) where TLanes : unmanaged, ILanes<TLanes> => CartPole.Reset<TLanes>(batch);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Step<TLanes>(in StepBatch batch) where TLanes : unmanaged, ILanes<TLanes>
    {
        ulong terminated = CartPole.Step<TLanes>(batch);
        for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
            batch.Reward.Store(0, lane, TLanes.Broadcast(-1f) & TLanes.MaskFromBits((uint)(terminated >> lane)));
        return terminated;
    }
}

/// <summary>CartPole as PufferLib's ocean has it: 200 steps, starts within ±0.04, and no reward on an episode's last step.</summary>
/// <remarks>
/// <para>Source: PufferLib, <c>ocean/cartpole</c> (2026). The best return is 199, as neither the step that falls nor the one that reaches the
/// limit is rewarded; 195 counts as solved.</para>
/// <para>State: that of <see cref="CartPole"/>, and the number of steps so far, which the policy does not see.</para>
/// <para>Differences from the source: an episode that reaches the limit is reported as truncated, which PufferLib never does; random numbers
/// and elementary functions are the engine's own.</para>
/// </remarks>
public readonly struct CartPolePuffer : IBatchedEnvironment<CartPolePuffer>
{
    private const float ResetRange = 0.04f;
    private const int Limit = 200;

    /// <inheritdoc/>
    public static EnvironmentSpecification Specification { get; } = CartPole.Specification with
    {
        Name = "CartPole, PufferLib",
        StateSize = 5,
        ObservationIsState = false,
        MaximumEpisodeSteps = Limit,
        SolvedReturn = 195,
    };

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Reset<TLanes>(in ResetBatch batch) where TLanes : unmanaged, ILanes<TLanes>
    {
        CartPole.Reset<TLanes>(batch, ResetRange);
        for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
        {
            batch.State.Store(4, lane, TLanes.Zero);
            for (int variable = 0; variable < 4; variable++)
                batch.Observation.Store(variable, lane, batch.State.Load<TLanes>(variable, lane));
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Step<TLanes>(in StepBatch batch) where TLanes : unmanaged, ILanes<TLanes>
    {
        ulong terminated = CartPole.Step<TLanes>(batch);
        for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
        {
            TLanes steps = batch.State.Load<TLanes>(4, lane) + TLanes.Broadcast(1f);
            batch.NextState.Store(4, lane, steps);
            TLanes isLast = TLanes.MaskFromBits((uint)(terminated >> lane)) | ~TLanes.LessThan(steps, TLanes.Broadcast((float)Limit));
            batch.Reward.Store(0, lane, TLanes.Broadcast(1f) & ~isLast);
            for (int variable = 0; variable < 4; variable++)
                batch.Observation.Store(variable, lane, batch.NextState.Load<TLanes>(variable, lane));
        }

        return terminated;
    }
}
