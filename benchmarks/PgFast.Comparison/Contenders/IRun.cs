namespace PgFast.Comparison.Contenders;

/// <summary>A training run of some implementation, all of them the same algorithm.</summary>
internal interface IRun : IDisposable
{
    /// <summary>One batch of 64 whole episodes, one step of Adam.</summary>
    /// <returns>Mean return of the batch, and its steps.</returns>
    (double MeanReturn, long Steps) Update();

    /// <summary>Mean return of fresh episodes of the stochastic policy.</summary>
    double Evaluate(int episodes);
}
