using PgFast.Estimators;

namespace PgFast.Variance;

/// <summary>One estimator, baseline and batch size, and which ingredients of its batch size its gradient is made of.</summary>
/// <remarks>
/// Over a batch with returns R_i, the gradient is [Main + b·Direction + c·ReturnDirection]/B, where Direction is what a baseline of 1 would
/// subtract, Σ_i Σ_t z_it (or γ^t z_it), and ReturnDirection the same with each episode's part times R_i, which leave-one-out needs.
/// </remarks>
internal sealed record StudyRow(Estimator Estimator, Baseline Baseline, int Size, bool Normalizes)
{
    /// <summary>Measured because others refer to it, not because it was asked for.</summary>
    public bool IsHidden { get; init; }

    /// <summary>Ingredient that the estimator sums without a constant baseline.</summary>
    public required int Main { get; init; }

    /// <summary>Column of <see cref="Main"/>.</summary>
    public required int MainColumn { get; init; }

    /// <summary>Ingredient Σ z (Σ γ^t z where discounted), or −1.</summary>
    public int Direction { get; init; } = -1;

    /// <summary>Column of <see cref="Direction"/>, or −1.</summary>
    public int DirectionColumn { get; init; } = -1;

    /// <summary>Ingredient Σ R z (Σ R γ^t z where discounted), or −1.</summary>
    public int ReturnDirection { get; init; } = -1;

    /// <summary>Ingredient Σ z, which the mean of the weights multiplies when they are standardised; or −1.</summary>
    public int Score { get; init; } = -1;

    /// <summary>Whether the weights differ from step to step other than by a constant: a column of their own.</summary>
    public bool IsColumn => Baseline is Baseline.Time or Baseline.Linear or Baseline.Value;
}
