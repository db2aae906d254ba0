namespace PgFast.Estimators;

/// <summary>What is subtracted from the return. Each is computed from the other episodes of the batch, so it adds no bias.</summary>
public enum Baseline
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Mean discounted return G_0 of the other episodes (leave-one-out; Kool, van Hoof and Welling 2019); 0 in a batch of one.</summary>
    Mean = 1,

    /// <summary>
    /// Mean return of the other episodes still running at step t, the return being the one that the estimator uses (leave-one-out); 0
    /// where no other runs.
    /// </summary>
    Time = 2,
}
