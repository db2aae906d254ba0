namespace PgFast.Networks;

/// <summary>A fully connected network: sizes, activation, and where each tensor lies in the flat parameter vector.</summary>
/// <remarks>
/// Layer k maps Sizes[k] inputs to Sizes[k + 1] outputs: weight [out][in] row-major, then bias [out] if there are biases; layers follow
/// one another. The activation follows every layer but the last. Free outputs come after those of the last layer: they are parameters
/// themselves, the same for every input, such as a Gaussian policy's log σ. Immutable and thread-safe.
/// </remarks>
public sealed class NetworkShape
{
    private readonly int[] _sizes;
    private readonly int[] _weightOffsets;

    /// <summary>Describes a network.</summary>
    /// <param name="inputSize">Number of inputs, at least 1.</param>
    /// <param name="hiddenSizes">Size of each hidden layer, at least 1 each; empty for a linear map.</param>
    /// <param name="outputSize">Number of outputs of the last layer, at least 1.</param>
    /// <param name="activation">The non-linearity of the hidden layers.</param>
    /// <param name="hasBias">Whether layers have biases; without them a linear map of a one-hot observation is a plain table.</param>
    /// <param name="freeOutputSize">Number of outputs that do not depend on the input, at least 0; they follow the others.</param>
    /// <exception cref="ArgumentException">A size is not positive, the activation is unknown, or there are more than 2³¹ parameters.</exception>
    public NetworkShape(
        int inputSize, ReadOnlySpan<int> hiddenSizes, int outputSize, Activation activation, bool hasBias = true, int freeOutputSize = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(freeOutputSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(inputSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(outputSize);
        if (!Enum.IsDefined(activation))
            throw new ArgumentOutOfRangeException(nameof(activation), activation, "Unknown activation.");
        foreach (int size in hiddenSizes)
        {
            if (size <= 0)
                throw new ArgumentOutOfRangeException(nameof(hiddenSizes), size, "A hidden layer has at least one unit.");
        }

        _sizes = [inputSize, .. hiddenSizes, outputSize];
        Activation = activation;
        HasBias = hasBias;
        FreeOutputSize = freeOutputSize;
        _weightOffsets = new int[LayerCount];
        long offset = 0;
        for (int layer = 0; layer < LayerCount; layer++)
        {
            _weightOffsets[layer] = (int)offset;
            offset += ((long)_sizes[layer] + (hasBias ? 1 : 0)) * _sizes[layer + 1];
            if (offset > int.MaxValue)
                throw new ArgumentException("The network has more than 2³¹ − 1 parameters.", nameof(hiddenSizes));
        }

        FreeOutputOffset = (int)offset;
        ParameterCount = checked(FreeOutputOffset + freeOutputSize);
    }

    /// <summary>Input size, hidden sizes, output size of the last layer.</summary>
    public ReadOnlySpan<int> Sizes => _sizes;

    /// <summary>Number of layers with weights: hidden layers + 1.</summary>
    public int LayerCount => _sizes.Length - 1;

    /// <summary>The non-linearity of the hidden layers.</summary>
    public Activation Activation { get; }

    /// <summary>Whether every layer has a bias.</summary>
    public bool HasBias { get; }

    /// <summary>Length of the flat parameter vector.</summary>
    public int ParameterCount { get; }

    /// <summary>Number of inputs.</summary>
    public int InputSize => _sizes[0];

    /// <summary>Number of outputs, free ones included.</summary>
    public int OutputSize => _sizes[^1] + FreeOutputSize;

    /// <summary>Number of outputs that are parameters themselves.</summary>
    public int FreeOutputSize { get; }

    /// <summary>Position of the free outputs in the flat vector: where the last layer ends.</summary>
    public int FreeOutputOffset { get; }

    /// <summary>
    /// Useful multiply-adds of one step of training: one forward, one weight-gradient and, above the first layer, one input-gradient
    /// pass.
    /// </summary>
    public long MultiplyAddsPerStep
    {
        get
        {
            long count = 0;
            for (int layer = 0; layer < LayerCount; layer++)
                count += (layer == 0 ? 2L : 3L) * InputSizeOf(layer) * OutputSizeOf(layer);
            return count;
        }
    }

    /// <summary>Useful multiply-adds of one forward pass.</summary>
    public long MultiplyAddsForward
    {
        get
        {
            long count = 0;
            for (int layer = 0; layer < LayerCount; layer++)
                count += (long)InputSizeOf(layer) * OutputSizeOf(layer);
            return count;
        }
    }

    /// <summary>Inputs of layer <paramref name="layer"/>.</summary>
    public int InputSizeOf(int layer) => _sizes[layer];

    /// <summary>Outputs of layer <paramref name="layer"/>.</summary>
    public int OutputSizeOf(int layer) => _sizes[layer + 1];

    /// <summary>Position of weight [out][in] of layer <paramref name="layer"/> in the flat vector.</summary>
    public int WeightOffset(int layer) => _weightOffsets[layer];

    /// <summary>Position of bias [out] of layer <paramref name="layer"/> in the flat vector: where its weights end.</summary>
    public int BiasOffset(int layer) => _weightOffsets[layer] + _sizes[layer] * _sizes[layer + 1];

    /// <summary>Length of the bias of layer <paramref name="layer"/>: its outputs, or 0 without biases.</summary>
    public int BiasSizeOf(int layer) => HasBias ? OutputSizeOf(layer) : 0;

    /// <summary>Name of the tensor that holds a parameter: <c>policy.K.weight</c> or <c>policy.K.bias</c> of layer K, or <c>policy.log_std</c>.</summary>
    /// <param name="index">Position in the flat vector.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such parameter.</exception>
    public string TensorAt(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, ParameterCount);
        if (index >= FreeOutputOffset)
            return "policy.log_std";
        int layer = LayerCount - 1;
        while (index < _weightOffsets[layer])
            layer--;
        return $"policy.{layer}.{(index < BiasOffset(layer) ? "weight" : "bias")}";
    }

    /// <summary>Sizes joined by hyphens, such as <c>4-32-2</c>.</summary>
    public override string ToString() => string.Join('-', _sizes);
}
