namespace PgFast.Networks;

/// <summary>How the weights start. Biases, where there are any, start at 0.</summary>
public enum Initialization
{
    /// <summary>Uniform in ±√(6/in) before ReLU and ±√(3/in) before tanh and at the output (He et al. 2015; LeCun et al. 1998).</summary>
    FanIn = 0,

    /// <summary>Uniform in ±√(6/(in + out)) (Glorot and Bengio 2010).</summary>
    Glorot = 1,

    /// <summary>All zero; a linear policy starts uniform, a deeper network never learns.</summary>
    Zero = 2,
}
