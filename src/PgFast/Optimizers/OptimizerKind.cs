namespace PgFast.Optimizers;

/// <summary>How the gradient changes the parameters.</summary>
public enum OptimizerKind
{
    /// <summary>Adam (Kingma and Ba 2015).</summary>
    Adam = 0,

    /// <summary>Stochastic gradient ascent, with momentum if asked for.</summary>
    Sgd = 1,
}
