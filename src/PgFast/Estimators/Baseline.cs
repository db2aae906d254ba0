namespace PgFast.Estimators;

/// <summary>What is subtracted from the return. Each is computed from other episodes than the one that it is subtracted from, so it adds no bias.</summary>
/// <remarks>
/// The first three are computed from the batch itself; the next three are fitted on a pilot sample of their own and are offered by the
/// variance study alone; the last is learned: in training from the updates before, in the study from the pilot sample.
/// </remarks>
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

    /// <summary>The constant of least variance, E[⟨g, s⟩] / E[‖s‖²] with g the gradient without a baseline and s what a baseline of 1 subtracts
    /// (Weaver and Tao 2001; Greensmith, Bartlett and Baxter 2004).</summary>
    Optimal = 3,

    /// <summary>The same for every parameter by itself: E[g_h s_h] / E[s_h²] (Peters and Schaal 2008).</summary>
    OptimalPerParameter = 4,

    /// <summary>Ridge regression of the return on features of observation and time (Duan et al. 2016, the linear baseline of rllab).</summary>
    Linear = 5,

    /// <summary>
    /// V(s, t; w), a network trained on the returns of earlier updates or of a pilot sample (Sutton and Barto 2018, section 13.4).
    /// </summary>
    Value = 6,
}
