namespace PgFast.Estimators;

/// <summary>What multiplies the score ∇log π(a_t|s_t) of step t. With a baseline b, the return G is replaced by G − b.</summary>
public enum Estimator
{
    /// <summary>The whole return: Σ_t G_0 ∇log π_t (Williams 1992). The gradient of J.</summary>
    Total = 0,

    /// <summary>
    /// The return from t on, discounted from t: Σ_t G_t ∇log π_t. What practice uses; for γ &lt; 1 it is not the gradient of J.
    /// </summary>
    RewardToGo = 1,

    /// <summary>The return from t on, discounted from 0: Σ_t γ^t G_t ∇log π_t (Sutton and Barto 2018, section 13.3). The gradient of J.</summary>
    Discounted = 2,
}
