using System.Numerics.Tensors;

namespace PgFast.Comparison.Vectorized;

/// <summary>Adam with the sign of ascent: θ ← θ + α·m̂ / (√v̂ + ε) (Kingma and Ba 2015, algorithm 1).</summary>
internal sealed class VectorAdam(int parameterCount, float stepSize)
{
    private const float Beta1 = 0.9f, Beta2 = 0.999f, Epsilon = 1e-8f;

    private readonly float[] _first = new float[parameterCount], _second = new float[parameterCount];
    private readonly float[] _change = new float[parameterCount], _square = new float[parameterCount];
    private double _power1 = 1, _power2 = 1;

    public void Step(Span<float> parameters, ReadOnlySpan<float> gradient)
    {
        _power1 *= Beta1;
        _power2 *= Beta2;
        TensorPrimitives.Multiply(gradient, 1 - Beta1, _change);
        TensorPrimitives.MultiplyAdd(_first, Beta1, _change, _first);
        TensorPrimitives.Multiply(gradient, gradient, _square);
        TensorPrimitives.Multiply(_square, 1 - Beta2, _square);
        TensorPrimitives.MultiplyAdd(_second, Beta2, _square, _second);

        TensorPrimitives.Multiply(_second, (float)(1 / (1 - _power2)), _square);
        TensorPrimitives.Sqrt<float>(_square, _square);
        TensorPrimitives.Add(_square, Epsilon, _square);
        TensorPrimitives.Divide<float>(_first, _square, _change);
        TensorPrimitives.MultiplyAdd(_change, (float)(stepSize / (1 - _power1)), parameters, parameters);
    }
}
