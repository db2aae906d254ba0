namespace PgFast.Networks;

/// <summary>The non-linearity after every hidden layer.</summary>
public enum Activation
{
    /// <summary>Hyperbolic tangent.</summary>
    Tanh = 0,

    /// <summary>max(x, 0), with derivative 0 at 0.</summary>
    Relu = 1,
}
