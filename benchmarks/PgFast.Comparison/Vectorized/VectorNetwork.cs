using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace PgFast.Comparison.Vectorized;

/// <summary>The 4-32-2 ReLU network, unit by unit over all steps at once, with its gradient derived by hand.</summary>
/// <remarks>
/// Parameters as PgFast orders them: W1 [32][4], b1 [32], W2 [2][32], b2 [2]. Two actions need the difference of the two logits alone:
/// z = Σ_j (W2_1j − W2_0j) · max(0, W1_j · s + b1_j) + b2_1 − b2_0.
/// </remarks>
internal sealed class VectorNetwork
{
    public const int Inputs = 4, Hidden = 32, Outputs = 2;
    public const int ParameterCount = Hidden * Inputs + Hidden + Outputs * Hidden + Outputs;

    private const int HiddenBias = Hidden * Inputs;
    private const int Output = HiddenBias + Hidden;
    private const int OutputBias = Output + Outputs * Hidden;

    /// <summary>Steps that go through all units before the next, so that features and scratch stay in the first cache.</summary>
    private const int Block = 512;

    private readonly float[] _hidden = new float[Block];
    private readonly float[] _masked = new float[Block];

    /// <summary>θ [ParameterCount].</summary>
    public float[] Parameters { get; } = new float[ParameterCount];

    /// <summary>Computes the logit difference z of every step.</summary>
    /// <param name="features">Of the steps.</param>
    /// <param name="logits">[step]; overwritten.</param>
    public void Forward(Features features, Span<float> logits)
    {
        logits.Fill(Parameters[OutputBias + 1] - Parameters[OutputBias]);
        for (int start = 0; start < features.Count; start += Block)
        {
            int count = Math.Min(Block, features.Count - start);
            Features part = features.Slice(start, count);
            Span<float> hidden = _hidden.AsSpan(0, count), z = logits.Slice(start, count);
            for (int unit = 0; unit < Hidden; unit++)
            {
                Activate(part, unit, hidden);
                TensorPrimitives.MultiplyAdd(hidden, OutputWeight(unit), z, z);
            }
        }
    }

    /// <summary>Computes Σ_t d_t ∇z_t, where d is the derivative of the objective with respect to z.</summary>
    /// <param name="features">Of the steps.</param>
    /// <param name="derivative">d [step].</param>
    /// <param name="gradient">[ParameterCount]; overwritten.</param>
    public void Gradient(Features features, ReadOnlySpan<float> derivative, Span<float> gradient)
    {
        gradient.Clear();
        for (int start = 0; start < features.Count; start += Block)
        {
            int count = Math.Min(Block, features.Count - start);
            Features part = features.Slice(start, count);
            ReadOnlySpan<float> d = derivative.Slice(start, count);
            Span<float> hidden = _hidden.AsSpan(0, count), masked = _masked.AsSpan(0, count);
            for (int unit = 0; unit < Hidden; unit++)
            {
                Activate(part, unit, hidden);
                gradient[Output + Hidden + unit] += TensorPrimitives.Dot(hidden, d);
                Mask(hidden, d, masked);
                float weight = OutputWeight(unit);
                Span<float> row = gradient.Slice(unit * Inputs, Inputs);
                row[0] += weight * TensorPrimitives.Dot(masked, part.Position);
                row[1] += weight * TensorPrimitives.Dot(masked, part.Velocity);
                row[2] += weight * TensorPrimitives.Dot(masked, part.Angle);
                row[3] += weight * TensorPrimitives.Dot(masked, part.Rate);
                gradient[HiddenBias + unit] += weight * TensorPrimitives.Sum<float>(masked);
            }

            gradient[OutputBias + 1] += TensorPrimitives.Sum(d);
        }

        // The first action's logit enters the difference with the opposite sign.
        TensorPrimitives.Negate(gradient.Slice(Output + Hidden, Hidden), gradient.Slice(Output, Hidden));
        gradient[OutputBias] = -gradient[OutputBias + 1];
    }

    private float OutputWeight(int unit) => Parameters[Output + Hidden + unit] - Parameters[Output + unit];

    private void Activate(Features features, int unit, Span<float> hidden)
    {
        ReadOnlySpan<float> weights = Parameters.AsSpan(unit * Inputs, Inputs);
        TensorPrimitives.Multiply(features.Position, weights[0], hidden);
        TensorPrimitives.MultiplyAdd(features.Velocity, weights[1], hidden, hidden);
        TensorPrimitives.MultiplyAdd(features.Angle, weights[2], hidden, hidden);
        TensorPrimitives.MultiplyAdd(features.Rate, weights[3], hidden, hidden);
        TensorPrimitives.Add(hidden, Parameters[HiddenBias + unit], hidden);
        TensorPrimitives.Max(hidden, 0f, hidden);
    }

    /// <summary>The derivative where the unit is active, 0 elsewhere: the one operation here that TensorPrimitives does not have.</summary>
    private static void Mask(ReadOnlySpan<float> hidden, ReadOnlySpan<float> derivative, Span<float> masked)
    {
        ReadOnlySpan<Vector<float>> h = MemoryMarshal.Cast<float, Vector<float>>(hidden), d = MemoryMarshal.Cast<float, Vector<float>>(derivative);
        Span<Vector<float>> m = MemoryMarshal.Cast<float, Vector<float>>(masked);
        for (int i = 0; i < m.Length; i++)
            m[i] = Vector.ConditionalSelect(Vector.GreaterThan(h[i], Vector<float>.Zero), d[i], Vector<float>.Zero);
        for (int i = m.Length * Vector<float>.Count; i < masked.Length; i++)
            masked[i] = hidden[i] > 0 ? derivative[i] : 0;
    }
}
