namespace PgFast.Variance;

/// <summary>The variance of one step's gradient, split by what it comes from (Tucker et al. 2018, section 3).</summary>
/// <remarks>
/// For a step drawn uniformly from the steps that the policy visits, with g = (G_t − b(s)) ∇log π(a|s):
/// Σ = Var_s(E[g|s]) + E_s Var_a(E[g|s, a]) + E_{s,a} Var(g|s, a), measured by replaying from saved states. All are traces.
/// </remarks>
public sealed record VarianceDecomposition
{
    /// <summary>Baseline of the split: <c>none</c> or <c>state-value</c>.</summary>
    public required string Baseline { get; init; }

    /// <summary>States replayed from.</summary>
    public required int States { get; init; }

    /// <summary>Σ_s: variance of the expected gradient over states.</summary>
    public required double State { get; init; }

    /// <summary>Interval of <see cref="State"/>.</summary>
    public required ConfidenceInterval StateInterval { get; init; }

    /// <summary>Σ_a: variance over actions within a state.</summary>
    public required double Action { get; init; }

    /// <summary>Interval of <see cref="Action"/>.</summary>
    public required ConfidenceInterval ActionInterval { get; init; }

    /// <summary>Σ_τ: variance over what follows a state and action.</summary>
    public required double Trajectory { get; init; }

    /// <summary>Interval of <see cref="Trajectory"/>.</summary>
    public required ConfidenceInterval TrajectoryInterval { get; init; }

    /// <summary>The variance of one step's gradient measured directly, from a single continuation of each state; the three parts sum to it.</summary>
    public required double Total { get; init; }

    /// <summary>Interval of <see cref="Total"/>.</summary>
    public required ConfidenceInterval TotalInterval { get; init; }
}
