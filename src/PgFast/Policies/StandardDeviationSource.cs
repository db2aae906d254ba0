namespace PgFast.Policies;

/// <summary>Where the standard deviation of a Gaussian policy comes from.</summary>
public enum StandardDeviationSource
{
    /// <summary>A vector of parameters log σ, one a dimension, the same in every state.</summary>
    Free = 0,

    /// <summary>A second head of the network: outputs log σ(s), one a dimension, after those of the mean.</summary>
    StateDependent = 1,
}
