using PgFast.Randomness;

namespace PgFast.Networks;

/// <summary>Draws initial parameters: a function of seed, shape and scheme only.</summary>
public static class NetworkInitializer
{
    /// <summary>Fills a parameter vector.</summary>
    /// <param name="parameters">[ParameterCount]; overwritten.</param>
    /// <param name="shape">The network.</param>
    /// <param name="scheme">How the weights are scaled.</param>
    /// <param name="outputScale">Factor on the last layer's weights, at least 0; a small one starts with a nearly uniform policy.</param>
    /// <param name="seed">The run's seed; parameter i uses word i of stream <see cref="RandomStream.Initialization"/>.</param>
    /// <exception cref="ArgumentException">The length, the scheme or the scale is wrong.</exception>
    public static void Initialize(Span<float> parameters, NetworkShape shape, Initialization scheme, float outputScale, ulong seed) =>
        Initialize(parameters, shape, scheme, outputScale, seed, RandomStream.Initialization);

    /// <summary>The same with numbers of another stream, for a second network of a run.</summary>
    internal static void Initialize(
        Span<float> parameters, NetworkShape shape, Initialization scheme, float outputScale, ulong seed, RandomStream stream)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (parameters.Length != shape.ParameterCount)
            throw new ArgumentException($"The network has {shape.ParameterCount} parameters.", nameof(parameters));
        if (!Enum.IsDefined(scheme))
            throw new ArgumentOutOfRangeException(nameof(scheme), scheme, "Unknown scheme.");
        if (!(outputScale >= 0) || !float.IsFinite(outputScale))
            throw new ArgumentOutOfRangeException(nameof(outputScale), outputScale, "The scale must be finite and at least 0.");

        parameters.Clear();
        if (scheme == Initialization.Zero)
            return;
        for (int layer = 0; layer < shape.LayerCount; layer++)
        {
            bool isOutput = layer == shape.LayerCount - 1;
            float bound = Bound(shape, layer, isOutput, scheme) * (isOutput ? outputScale : 1);
            int offset = shape.WeightOffset(layer);
            int count = shape.InputSizeOf(layer) * shape.OutputSizeOf(layer);
            for (int i = 0; i < count; i++)
            {
                uint index = (uint)(offset + i);
                uint word = Philox.Generate(seed, stream, 0, index >> 2)[(int)(index & 3)];
                parameters[offset + i] = MathF.FusedMultiplyAdd(Philox.Uniform(word), 2 * bound, -bound);
            }
        }
    }

    private static float Bound(NetworkShape shape, int layer, bool isOutput, Initialization scheme)
    {
        int inputs = shape.InputSizeOf(layer);
        float variance = scheme switch
        {
            Initialization.Glorot => 6f / (inputs + shape.OutputSizeOf(layer)),
            _ => (shape.Activation == Activation.Relu && !isOutput ? 6f : 3f) / inputs,
        };
        return MathF.Sqrt(variance);
    }
}
