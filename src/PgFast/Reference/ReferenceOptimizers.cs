namespace PgFast.Reference;

/// <summary>A rule that turns gradients into steps. All of them ascend: returns are to be made larger.</summary>
public interface IReferenceOptimizer
{
    /// <summary>Moves the parameters up the gradient.</summary>
    /// <param name="parameters">θ [ParameterCount], overwritten.</param>
    /// <param name="gradient">g [ParameterCount].</param>
    /// <param name="stepSize">α, above 0.</param>
    void Step(double[] parameters, double[] gradient, double stepSize);
}

/// <summary>Gradient ascent with momentum: v ← μ·v + g; θ ← θ + α·v. Without momentum, the book's θ ← θ + α·g.</summary>
/// <param name="parameterCount">Number of parameters.</param>
/// <param name="momentum">μ in [0, 1).</param>
public sealed class ReferenceSgd(int parameterCount, double momentum = 0.0) : IReferenceOptimizer
{
    private readonly double[] _velocity = new double[parameterCount];

    /// <inheritdoc/>
    public void Step(double[] parameters, double[] gradient, double stepSize)
    {
        for (int k = 0; k < _velocity.Length; k++)
        {
            _velocity[k] = momentum * _velocity[k] + gradient[k];
            parameters[k] += stepSize * _velocity[k];
        }
    }
}

/// <summary>Adam, ascending: m ← β₁·m + (1−β₁)·g; v ← β₂·v + (1−β₂)·g²; θ ← θ + α·m̂ / (√v̂ + ε).</summary>
/// <param name="parameterCount">Number of parameters.</param>
/// <remarks>
/// Kingma and Ba (2015), algorithm 1, with β₁ = 0.9, β₂ = 0.999, ε = 1e-8. The moments start at zero, which biases them towards zero;
/// at step n that is undone by m̂ = m / (1 − β₁ⁿ) and v̂ = v / (1 − β₂ⁿ).
/// </remarks>
public sealed class ReferenceAdam(int parameterCount) : IReferenceOptimizer
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const double Epsilon = 1e-8;

    private readonly double[] _mean = new double[parameterCount];
    private readonly double[] _square = new double[parameterCount];
    private int _stepCount;

    /// <inheritdoc/>
    public void Step(double[] parameters, double[] gradient, double stepSize)
    {
        _stepCount++;
        double meanCorrection = 1.0 - Math.Pow(Beta1, _stepCount);
        double squareCorrection = 1.0 - Math.Pow(Beta2, _stepCount);
        for (int k = 0; k < _mean.Length; k++)
        {
            _mean[k] = Beta1 * _mean[k] + (1.0 - Beta1) * gradient[k];
            _square[k] = Beta2 * _square[k] + (1.0 - Beta2) * gradient[k] * gradient[k];
            parameters[k] += stepSize * (_mean[k] / meanCorrection) / (Math.Sqrt(_square[k] / squareCorrection) + Epsilon);
        }
    }
}
