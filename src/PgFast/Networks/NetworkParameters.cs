using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Networks;

/// <summary>The parameters of a network, and copies of them in the layouts that kernels read. Written between phases, read by all workers.</summary>
/// <remarks>
/// With two actions only the difference of the two outputs matters to a softmax. The last layer is then merged to a single effective
/// output, weight[1] − weight[0], which halves its work; its gradient is +g for output 1 and −g for output 0. Where the network has no
/// biases, the copies of biases stay zero: kernels add them all the same.
/// </remarks>
internal sealed unsafe class NetworkParameters : IDisposable
{
    private readonly AlignedBuffer<float> _flat;
    private readonly AlignedBuffer<float> _outputWeight;
    private readonly AlignedBuffer<float> _outputBias;
    private readonly AlignedBuffer<float>?[] _padded;
    private readonly AlignedBuffer<float>?[] _transposed;
    private readonly AlignedBuffer<float>?[] _bias;

    public NetworkParameters(NetworkShape shape, bool mergeOutputs)
    {
        if (mergeOutputs && (shape.OutputSize != 2 || shape.FreeOutputSize != 0))
            throw new ArgumentException("Only two outputs can be merged.", nameof(mergeOutputs));
        Shape = shape;
        MergesOutputs = mergeOutputs;
        EffectiveOutputs = mergeOutputs ? 1 : shape.OutputSize;
        LayerOutputs = EffectiveOutputs - shape.FreeOutputSize;
        int last = shape.LayerCount - 1;
        _flat = new AlignedBuffer<float>(shape.ParameterCount);
        _outputWeight = new AlignedBuffer<float>((long)LayerOutputs * Pad(shape.InputSizeOf(last)));
        _outputBias = new AlignedBuffer<float>(EffectiveOutputs);
        _padded = new AlignedBuffer<float>?[shape.LayerCount];
        _transposed = new AlignedBuffer<float>?[shape.LayerCount];
        _bias = new AlignedBuffer<float>?[shape.LayerCount];
        for (int layer = 0; layer < last; layer++)
        {
            if (layer > 0)
                _padded[layer] = new AlignedBuffer<float>((long)shape.OutputSizeOf(layer) * Pad(shape.InputSizeOf(layer)));
            _bias[layer] = new AlignedBuffer<float>(Pad(shape.OutputSizeOf(layer)));
            _transposed[layer] = new AlignedBuffer<float>((long)shape.InputSizeOf(layer) * Pad(shape.OutputSizeOf(layer)));
        }
    }

    public NetworkShape Shape { get; }

    /// <summary>Whether the two outputs are computed as one difference.</summary>
    public bool MergesOutputs { get; }

    /// <summary>Outputs that kernels compute: 1 where two are merged.</summary>
    public int EffectiveOutputs { get; }

    /// <summary>Those of them that the last layer computes; the others are free.</summary>
    public int LayerOutputs { get; }

    /// <summary>[ParameterCount], in file order.</summary>
    public Span<float> Flat => _flat.Span;

    public float* FlatPointer => _flat.Pointer;

    /// <summary>Rows of the last layer's weight as kernels see it: [LayerOutputs][Pad(in)], zero-padded.</summary>
    public float* OutputWeight => _outputWeight.Pointer;

    /// <summary>[EffectiveOutputs]; biases of the last layer, then the free outputs.</summary>
    public float* OutputBias => _outputBias.Pointer;

    /// <summary>Weight [out][Pad(in)] of a hidden layer above the first, zero-padded.</summary>
    public float* PaddedWeight(int layer) => _padded[layer]!.Pointer;

    /// <summary>Weight [in][Pad(out)] of a hidden layer, zero-padded.</summary>
    public float* TransposedWeight(int layer) => _transposed[layer]!.Pointer;

    /// <summary>Bias [Pad(out)] of a hidden layer, zero-padded.</summary>
    public float* PaddedBias(int layer) => _bias[layer]!.Pointer;

    /// <summary>Width rounded up to whole vectors of 16: what kernels compute of a row.</summary>
    public static int Columns(int width) => (width + 15) & ~15;

    /// <summary>
    /// Distance between rows of a matrix with <paramref name="width"/> columns: a multiple of 16, and not of 64 when above 64, as rows a power of two
    /// apart would compete for the same few cache sets.
    /// </summary>
    public static int Pad(int width)
    {
        int padded = Columns(width);
        return padded > 64 && padded % 64 == 0 ? padded + 16 : padded;
    }

    /// <summary>Recomputes the derived copies; called after every change of <see cref="Flat"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Refresh()
    {
        RefreshOutput();
        for (int layer = 0; layer < Shape.LayerCount - 1; layer++)
        {
            int inputs = Shape.InputSizeOf(layer), outputs = Shape.OutputSizeOf(layer);
            float* weight = FlatPointer + Shape.WeightOffset(layer);
            float* transposed = TransposedWeight(layer);
            int stride = Pad(outputs);
            for (int output = 0; output < outputs; output++)
            {
                for (int input = 0; input < inputs; input++)
                    transposed[input * stride + output] = weight[output * inputs + input];
            }

            new ReadOnlySpan<float>(FlatPointer + Shape.BiasOffset(layer), Shape.BiasSizeOf(layer)).CopyTo(_bias[layer]!.Span);
            if (layer == 0)
                continue;
            int paddedStride = Pad(inputs);
            for (int output = 0; output < outputs; output++)
                new ReadOnlySpan<float>(weight + output * inputs, inputs).CopyTo(new Span<float>(PaddedWeight(layer) + output * paddedStride, inputs));
        }
    }

    public void Dispose()
    {
        _flat.Dispose();
        _outputWeight.Dispose();
        _outputBias.Dispose();
        foreach (AlignedBuffer<float>? buffer in _padded)
            buffer?.Dispose();
        foreach (AlignedBuffer<float>? buffer in _transposed)
            buffer?.Dispose();
        foreach (AlignedBuffer<float>? buffer in _bias)
            buffer?.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RefreshOutput()
    {
        int last = Shape.LayerCount - 1;
        int inputs = Shape.InputSizeOf(last), stride = Pad(inputs);
        float* weight = FlatPointer + Shape.WeightOffset(last);
        float* bias = FlatPointer + Shape.BiasOffset(last);
        if (MergesOutputs)
        {
            for (int input = 0; input < inputs; input++)
                OutputWeight[input] = weight[inputs + input] - weight[input];
            if (Shape.HasBias)
                OutputBias[0] = bias[1] - bias[0];
            return;
        }

        new ReadOnlySpan<float>(FlatPointer + Shape.FreeOutputOffset, Shape.FreeOutputSize)
            .CopyTo(new Span<float>(OutputBias + LayerOutputs, Shape.FreeOutputSize));
        for (int output = 0; output < LayerOutputs; output++)
        {
            new ReadOnlySpan<float>(weight + output * inputs, inputs).CopyTo(new Span<float>(OutputWeight + output * stride, inputs));
            if (Shape.HasBias)
                OutputBias[output] = bias[output];
        }
    }
}
