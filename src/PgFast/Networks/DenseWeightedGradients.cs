using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Networks;

/// <summary>Weighted gradients of any network.</summary>
/// <remarks>
/// Works on samples, like <see cref="DenseNetwork{TLanes}"/>: activations and their gradients are computed once for up to
/// <see cref="MaximumSamples"/> samples, and every weighting of every episode among them then is one matrix product a layer, whose inner
/// index is time. Each element is a chain of fused multiply-adds in the order of time. The last column of hidden activations is 1, so that biases
/// need no case of their own.
/// </remarks>
internal sealed unsafe class DenseWeightedGradients<TLanes> : WeightedGradients where TLanes : unmanaged, ILanes<TLanes>
{
    private readonly NetworkShape _shape;
    private readonly int _hiddenLayers;
    private readonly int _biasRows;
    private readonly AlignedBuffer<float>[] _activation;
    private readonly AlignedBuffer<float>[] _delta;
    private readonly AlignedBuffer<float> _inputs;
    private readonly AlignedBuffer<float> _outputs;
    private readonly AlignedBuffer<float> _scaled;
    private readonly AlignedBuffer<float>? _free;
    private GradientSamples _loaded;
    private float* _weight;

    // One hidden layer, one output, one weighting: a single pass over the samples of an episode, without a δ in memory.
    private readonly bool _isOnePass;

    public DenseWeightedGradients(NetworkParameters parameters, int columns)
        : base(parameters, columns)
    {
        _shape = parameters.Shape;
        _hiddenLayers = _shape.LayerCount - 1;
        _biasRows = _shape.HasBias ? 1 : 0;
        _activation = new AlignedBuffer<float>[_hiddenLayers];
        // One δ a layer; that of a last layer above others is read where it was given.
        _delta = new AlignedBuffer<float>[Math.Max(1, _hiddenLayers)];
        int widest = 16;
        for (int layer = 0; layer < _hiddenLayers; layer++)
        {
            int stride = StrideOf(layer);
            widest = Math.Max(widest, stride);
            _activation[layer] = new AlignedBuffer<float>((long)MaximumSamples * stride);
            _delta[layer] = new AlignedBuffer<float>((long)MaximumSamples * stride);
        }

        if (_hiddenLayers == 0)
            _delta[0] = new AlignedBuffer<float>((long)MaximumSamples * NetworkParameters.Columns(parameters.LayerOutputs));
        _inputs = new AlignedBuffer<float>((long)columns * (_shape.InputSize + _biasRows) * MaximumSamples);
        _outputs = new AlignedBuffer<float>((long)columns * parameters.LayerOutputs * MaximumSamples);
        _scaled = new AlignedBuffer<float>((long)MaximumSamples * widest);
        _isOnePass = _hiddenLayers == 1 && columns == 1 && parameters.LayerOutputs == 1
            && _shape.InputSize + _biasRows <= MatrixMultiply.MostOneHiddenRows<TLanes>();
        if (_shape.FreeOutputSize > 0)
            _free = new AlignedBuffer<float>((long)MaximumSamples * NetworkParameters.Columns(_shape.FreeOutputSize));
    }

    public override int MaximumSamples => 256;

    public override int RecordSize => 0;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Load(in GradientSamples samples)
    {
        _loaded = samples;
        float* outputGradient = samples.OutputGradient;
        if (_free is not null)
            Transpose(outputGradient + Parameters.LayerOutputs * samples.Stride, _free.Pointer, _shape.FreeOutputSize);
        if (_hiddenLayers == 0)
        {
            Transpose(outputGradient, _delta[0].Pointer, Parameters.LayerOutputs);
            return;
        }

        int padded = (samples.Count + 3) & ~3;
        ForwardLayer(0, samples.Observation, 1, samples.Stride, padded);
        for (int layer = 1; layer < _hiddenLayers; layer++)
            ForwardLayer(layer, _activation[layer - 1].Pointer, StrideOf(layer - 1), 1, padded);
        if (_isOnePass)
            return;
        int last = _hiddenLayers - 1;
        Back(last, outputGradient, 1, samples.Stride, Parameters.OutputWeight, Parameters.LayerOutputs, padded);
        for (int layer = last; layer > 0; layer--)
            Back(layer - 1, _delta[layer].Pointer, StrideOf(layer), 1, Parameters.PaddedWeight(layer), _shape.OutputSizeOf(layer), padded);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Weigh(float* weight)
    {
        _weight = weight;
        int inputs = _shape.InputSize, samples = (_loaded.Count + 15) & ~15, outputs = Parameters.LayerOutputs;
        float* target = _inputs.Pointer;
        for (int column = 0; column < Columns; column++, weight += MaximumSamples)
        {
            for (int input = 0; input < inputs; input++, target += MaximumSamples)
                Multiply(_loaded.Observation + input * _loaded.Stride, weight, target, samples);
            if (_biasRows == 0)
                continue;
            ElementWise.CopyRow<TLanes>(weight, target, samples);
            target += MaximumSamples;
        }

        if (_hiddenLayers == 0)
            return;
        weight = _weight;
        target = _outputs.Pointer;
        for (int column = 0; column < Columns; column++, weight += MaximumSamples)
        {
            for (int output = 0; output < outputs; output++, target += MaximumSamples)
                Multiply(_loaded.OutputGradient + output * _loaded.Stride, weight, target, samples);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Accumulate(int first, int count, float* gradient, bool continues)
    {
        if (_free is not null)
        {
            int columns = NetworkParameters.Columns(_shape.FreeOutputSize);
            Product(
                _weight + first, MaximumSamples, 1, _free.Pointer + (nint)first * columns, columns,
                gradient + (nint)Columns * Layout.OffsetOf(_hiddenLayers + 1), Columns, count, columns, continues);
        }

        if (_isOnePass)
        {
            AccumulateInOnePass(first, count, gradient, continues);
            return;
        }

        int firstOutputs = _hiddenLayers == 0 ? Parameters.LayerOutputs : _shape.OutputSizeOf(0);
        int stride = _hiddenLayers == 0 ? NetworkParameters.Columns(firstOutputs) : StrideOf(0);
        Product(
            _inputs.Pointer + first, MaximumSamples, 1, _delta[0].Pointer + (nint)first * stride, stride, gradient,
            Columns * (_shape.InputSize + _biasRows), count, NetworkParameters.Columns(firstOutputs), continues);
        if (_hiddenLayers == 0)
            return;
        for (int layer = 1; layer < _hiddenLayers; layer++)
            AccumulateHidden(layer, first, count, gradient + (nint)Columns * Layout.OffsetOf(layer), continues);
        int last = _hiddenLayers;
        Product(
            _outputs.Pointer + first, MaximumSamples, 1, _activation[last - 1].Pointer + (nint)first * StrideOf(last - 1), StrideOf(last - 1),
            gradient + (nint)Columns * Layout.OffsetOf(last), Columns * Parameters.LayerOutputs, count,
            NetworkParameters.Columns(_shape.InputSizeOf(last) + _biasRows), continues);
    }

    public override void Dispose()
    {
        foreach (AlignedBuffer<float> buffer in _activation)
            buffer.Dispose();
        foreach (AlignedBuffer<float> buffer in _delta)
            buffer.Dispose();
        _inputs.Dispose();
        _outputs.Dispose();
        _scaled.Dispose();
        _free?.Dispose();
    }

    /// <summary>Floats between samples of a hidden layer's activations: room for the 1 after them.</summary>
    private int StrideOf(int layer) => NetworkParameters.Pad(_shape.OutputSizeOf(layer) + _biasRows);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AccumulateInOnePass(int first, int count, float* gradient, bool continues)
    {
        int width = _shape.OutputSizeOf(0), stride = StrideOf(0);
        MatrixMultiply.OneHidden<TLanes>(
            new MatrixMultiply.OneHiddenFactors
            {
                Input = _inputs.Pointer + first,
                InputStride = MaximumSamples,
                Rows = _shape.InputSize + _biasRows,
                Output = _outputs.Pointer + first,
                Score = _loaded.OutputGradient + first,
                Weight = Parameters.OutputWeight,
                Activation = _activation[0].Pointer + (nint)first * stride,
                Stride = stride,
                Samples = count,
                Columns = NetworkParameters.Columns(width),
                UpperColumns = NetworkParameters.Columns(width + _biasRows),
                Relu = _shape.Activation == Activation.Relu,
            },
            gradient,
            gradient + Layout.OffsetOf(1),
            continues);
    }

    /// <summary>A layer between hidden layers: weighting by weighting, δ is scaled and multiplied with the activations below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AccumulateHidden(int layer, int first, int count, float* gradient, bool continues)
    {
        int below = StrideOf(layer - 1), stride = StrideOf(layer), columns = NetworkParameters.Columns(_shape.OutputSizeOf(layer));
        int rows = _shape.InputSizeOf(layer) + _biasRows;
        float* delta = _delta[layer].Pointer + (nint)first * stride;
        for (int column = 0; column < Columns; column++, gradient += (nint)rows * columns)
        {
            Scale(delta, _weight + column * MaximumSamples + first, _scaled.Pointer, count, columns, stride);
            Product(
                _activation[layer - 1].Pointer + (nint)first * below, 1, below, _scaled.Pointer, stride, gradient, rows, count, columns,
                continues);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Product(
        float* a, nint aRowStride, nint aDepthStride, float* b, nint bStride, float* c, int rows, int depth, int columns, bool continues)
    {
        if (continues)
            MatrixMultiply.Accumulate<TLanes>(a, aRowStride, aDepthStride, b, bStride, c, columns, rows, depth, columns);
        else
            MatrixMultiply.Product<TLanes>(a, aRowStride, aDepthStride, b, bStride, c, columns, rows, depth, columns);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ForwardLayer(int layer, float* input, nint rowStride, nint depthStride, int samples)
    {
        int outputs = _shape.OutputSizeOf(layer), stride = StrideOf(layer), columns = NetworkParameters.Columns(outputs);
        float* output = _activation[layer].Pointer;
        bool isRelu = _shape.Activation == Activation.Relu;
        MatrixMultiply.Affine<TLanes>(
            input, rowStride, depthStride, Parameters.TransposedWeight(layer), NetworkParameters.Pad(outputs), Parameters.PaddedBias(layer),
            output, stride, samples, _shape.InputSizeOf(layer), columns, isRelu);
        if (!isRelu)
            ElementWise.Tanh<TLanes>(output, samples * stride);
        if (_biasRows == 0)
            return;
        for (int sample = 0; sample < samples; sample++)
            output[(nint)sample * stride + outputs] = 1;
    }

    /// <summary>δ of a hidden layer from what lies above it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Back(int layer, float* above, nint rowStride, nint depthStride, float* weight, int outputs, int samples)
    {
        int width = _shape.OutputSizeOf(layer);
        MatrixMultiply.GatedProduct<TLanes>(
            above, rowStride, depthStride, weight, NetworkParameters.Pad(width), _delta[layer].Pointer, StrideOf(layer), samples, outputs,
            NetworkParameters.Columns(width), _activation[layer].Pointer, _shape.Activation == Activation.Relu, null);
    }

    /// <summary>target = x·y, element by element; <paramref name="count"/> is a multiple of 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(float* x, float* y, float* target, int count)
    {
        for (int i = 0; i < count; i += TLanes.Count)
            TLanes.Store(TLanes.Load(x + i) * TLanes.Load(y + i), target + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scale(float* source, float* factor, float* target, int rows, int columns, int stride)
    {
        for (int row = 0; row < rows; row++, source += stride, target += stride)
        {
            TLanes scale = TLanes.Broadcast(factor[row]);
            for (int column = 0; column < columns; column += TLanes.Count)
                TLanes.Store(TLanes.Load(source + column) * scale, target + column);
        }
    }

    /// <summary>Some rows of the loaded samples, [row][sample], to [sample][Columns(rows)].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Transpose(float* source, float* target, int rows)
    {
        int columns = NetworkParameters.Columns(rows);
        for (int sample = 0; sample < _loaded.Count; sample++, source++, target += columns)
        {
            for (int row = 0; row < rows; row++)
                target[row] = source[row * _loaded.Stride];
        }
    }
}
