using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Environments;

/// <summary>A bandit with one real action: the further from ½, the worse. Its gradients are known in closed form.</summary>
/// <remarks>
/// <para>Action: a real number a, without limits. Observation: the number 1. Reward: −(a − ½)². One step, then terminated.</para>
/// <para>With a ~ N(μ, σ²), δ = μ − ½ and a constant baseline b: ∂J/∂μ = −2δ and ∂J/∂log σ = −2σ², and the variance of the estimate by μ is
/// (δ² + b)²/σ² + 6(δ² + b) + 8δ² + 15σ², least at b = −δ² − 3σ². A linear policy without bias has μ as its only weight.</para>
/// <para>No return counts as solving it: the best policy has μ = ½ and σ = 0, of return 0.</para>
/// </remarks>
public readonly struct GaussianBandit : IBatchedEnvironment<GaussianBandit>
{
    /// <summary>The best action.</summary>
    private const float Best = 0.5f;

    /// <inheritdoc/>
    public static EnvironmentSpecification Specification { get; } = new(
        "Gaussian bandit", StateSize: 1, ObservationSize: 1, ObservationIsState: true,
        ActionSpace.Continuous(1, float.NegativeInfinity, float.PositiveInfinity), MaximumEpisodeSteps: 1, ResetWords: 0, SolvedReturn: null);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Reset<TLanes>(in ResetBatch batch) where TLanes : unmanaged, ILanes<TLanes>
    {
        for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
            batch.State.Store(0, lane, TLanes.Broadcast(1f));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Step<TLanes>(in StepBatch batch) where TLanes : unmanaged, ILanes<TLanes>
    {
        for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
        {
            TLanes distance = batch.Action.Load<TLanes>(0, lane) - TLanes.Broadcast(Best);
            batch.Reward.Store(0, lane, -(distance * distance));
            batch.NextState.Store(0, lane, TLanes.Broadcast(1f));
        }

        return ulong.MaxValue >> (StepBatch.MaximumLanes - batch.LaneCount);
    }
}
