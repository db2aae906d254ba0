namespace PgFast.Variance;

/// <summary>Which episodes a row's baseline was computed from; never the one that it is subtracted from.</summary>
public enum BaselineSource
{
    /// <summary>There is no baseline.</summary>
    None = 0,

    /// <summary>The other episodes of the batch, as training does.</summary>
    Batch = 1,

    /// <summary>A pilot sample of its own, drawn before the study.</summary>
    Pilot = 2,

    /// <summary>The updates of the training that the policy comes from, before it.</summary>
    Training = 3,
}
