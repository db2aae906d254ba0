using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Networks;

/// <summary>Forward and backward for any fully connected network.</summary>
/// <remarks>
/// Hidden layers work on samples, [sample][feature], a sample being a lane at a time step: forward, input gradient and weight gradient are
/// then all products whose inner index is summed in order, without a sum across lanes, and samples of idle lanes are left out of the
/// gradient instead of masked. Activations are recorded by the forward pass if there is memory for them, else computed again: the same
/// kernel, so the same bits. Rows are <see cref="NetworkParameters.Pad"/> apart; padding columns are zero throughout.
/// </remarks>
internal sealed unsafe partial class DenseNetwork<TLanes> : NetworkKernels where TLanes : unmanaged, ILanes<TLanes>
{
    /// <summary>Samples a chunk: activations and their gradients of a wide layer stay in the second-level cache.</summary>
    private const int MaximumSamples = 256;

    private const int MaximumLanes = 64;

    /// <summary>Up to this width a chunk is worked off in blocks, which leave activations and their gradients in the first-level cache; a wider layer's
    /// weights and their gradient would be fetched from the second-level cache once a block.</summary>
    private const int NarrowWidth = 64;

    private const int NarrowBlockSamples = 64;

    /// <summary>Up to so many inputs the first hidden layer is not worth recording when there are others.</summary>
    private const int FewInputs = 16;

    private readonly NetworkShape _shape;
    private readonly int _hiddenLayers;
    private readonly int _recordSize;

    // Hidden layers below this one are computed again in the gradient although others are recorded: from few inputs that is cheaper than
    // storing and fetching their activations.
    private readonly int _firstRecorded;
    private readonly AlignedBuffer<float>? _laneActivations;
    private readonly AlignedBuffer<float>[] _activation;
    private readonly AlignedBuffer<float>[] _delta;

    // [Pad(out)] of a hidden layer: the sum of its δ over the samples, which is the gradient of its bias.
    private readonly AlignedBuffer<float>[] _deltaSum;
    private readonly AlignedBuffer<float> _outputDelta;
    private readonly AlignedBuffer<float>[] _weightGradient;

    // Whether the last layer, above hidden ones, has so few outputs that one pass takes its gradient and its input's.
    private readonly bool _hasThinOutputs;

    // Whether that pass reads the record where it is, so that nothing of it is copied; and the recorded row of each sample, or 0, 1, 2, …
    private readonly bool _readsRecordByRow;
    private readonly AlignedBuffer<int> _recordedRow;

    private readonly int _blockSamples;

    // Where input i of sample s is in _activation[0]. With a hidden layer the inputs are only ever read as a left factor: [input][sample],
    // which copies whole rows of lanes; a linear network needs them as a right factor: [sample][input].
    private readonly int _sampleStride;
    private readonly int _inputStride;
    private double* _gradient;
    private float* _recordedActivation;
    private float* _nextRecord;

    public DenseNetwork(NetworkParameters parameters, bool keepsActivations)
        : base(parameters)
    {
        _shape = parameters.Shape;
        _hiddenLayers = _shape.LayerCount - 1;
        int recordSize = 0, laneSize = 0, widest = 16;
        for (int layer = 0; layer < _hiddenLayers; layer++)
            widest = Math.Max(widest, NetworkParameters.Pad(_shape.OutputSizeOf(layer)));
        _blockSamples = widest <= NarrowWidth ? NarrowBlockSamples : MaximumSamples;
        _firstRecorded = _hiddenLayers > 1 && _shape.InputSize <= FewInputs ? 1 : 0;
        for (int layer = 0; layer < _hiddenLayers; layer++)
        {
            int width = NetworkParameters.Pad(_shape.OutputSizeOf(layer));
            laneSize += width;
            recordSize += layer >= _firstRecorded ? width : 0;
        }

        _recordSize = keepsActivations ? recordSize : 0;
        if (laneSize > _recordSize)
            _laneActivations = new AlignedBuffer<float>((long)laneSize * MaximumLanes);
        _sampleStride = _hiddenLayers > 0 ? 1 : NetworkParameters.Pad(_shape.InputSize);
        _inputStride = _hiddenLayers > 0 ? MaximumSamples : 1;
        _activation = new AlignedBuffer<float>[_shape.LayerCount];
        _delta = new AlignedBuffer<float>[_hiddenLayers];
        _deltaSum = new AlignedBuffer<float>[_hiddenLayers];
        for (int layer = 0; layer < _shape.LayerCount; layer++)
            _activation[layer] = new AlignedBuffer<float>((long)MaximumSamples * NetworkParameters.Pad(_shape.InputSizeOf(layer)));
        for (int layer = 0; layer < _hiddenLayers; layer++)
        {
            int stride = NetworkParameters.Pad(_shape.OutputSizeOf(layer));
            _delta[layer] = new AlignedBuffer<float>((long)MaximumSamples * stride);
            _deltaSum[layer] = new AlignedBuffer<float>(stride);
        }

        _outputDelta = new AlignedBuffer<float>((long)MaximumSamples * parameters.EffectiveOutputs);
        _weightGradient = new AlignedBuffer<float>[_shape.LayerCount];
        for (int layer = 0; layer < _shape.LayerCount; layer++)
        {
            bool isTransposed = layer == 0 && _hiddenLayers > 0;
            int inputs = _shape.InputSizeOf(layer), outputs = layer < _hiddenLayers ? _shape.OutputSizeOf(layer) : parameters.LayerOutputs;
            _weightGradient[layer] = new AlignedBuffer<float>(isTransposed ? (long)inputs * NetworkParameters.Pad(outputs) : (long)outputs * NetworkParameters.Pad(inputs));
        }

        _hasThinOutputs = _hiddenLayers > 0 && parameters.LayerOutputs <= MatrixMultiply.MostThinOutputs<TLanes>();
        _readsRecordByRow = _hasThinOutputs && _recordSize > 0 && _hiddenLayers - _firstRecorded == 1;
        _recordedRow = new AlignedBuffer<int>(MaximumSamples);
        for (int row = 0; row < MaximumSamples; row++)
            _recordedRow.Span[row] = row;
    }

    public override int RecordSize => _recordSize;

    public override int ChunkSteps => MaximumSamples;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Forward(float* observation, float* output, float* record, int lanes)
    {
        if (_hiddenLayers == 0)
        {
            ElementWise.BroadcastRows<TLanes>(Parameters.OutputBias, output, Parameters.EffectiveOutputs, lanes);
            MatrixMultiply.Accumulate<TLanes>(
                Parameters.OutputWeight, NetworkParameters.Pad(_shape.InputSize), 1, observation, lanes, output, lanes,
                Parameters.LayerOutputs, _shape.InputSize, lanes);
            return;
        }

        // The observation is [feature][lane]; read as the left factor, its transpose costs nothing.
        float* input = observation;
        nint rowStride = 1, depthStride = lanes;
        float* scratch = _laneActivations is null ? null : _laneActivations.Pointer;
        for (int layer = 0; layer < _hiddenLayers; layer++)
        {
            int stride = NetworkParameters.Pad(_shape.OutputSizeOf(layer));
            bool isRecorded = _recordSize > 0 && layer >= _firstRecorded;
            float* next = isRecorded ? record : scratch;
            // Where the next row will be recorded is in no cache after a whole rollout: fetched meanwhile, stores need not wait for it.
            MatrixMultiply.Ahead ahead = isRecorded ? new(next + (nint)lanes * _recordSize, (nint)lanes * stride) : default;
            ForwardLayer(layer, input, rowStride, depthStride, next, lanes, ahead);
            input = next;
            rowStride = stride;
            depthStride = 1;
            if (isRecorded)
                record += (nint)lanes * stride;
            else
                scratch += (nint)lanes * stride;
        }

        int last = _shape.InputSizeOf(_hiddenLayers);
        int width = NetworkParameters.Pad(last);
        int outputs = Parameters.LayerOutputs;
        for (int row = 0; row < outputs; row++)
        {
            ElementWise.DotRows<TLanes>(
                input, Parameters.OutputWeight + row * width, Parameters.OutputBias[row], output + row * lanes, lanes,
                NetworkParameters.Columns(last), width);
        }

        if (_shape.FreeOutputSize > 0)
            ElementWise.BroadcastRows<TLanes>(Parameters.OutputBias + outputs, output + outputs * lanes, _shape.FreeOutputSize, lanes);
    }

    public override void Dispose()
    {
        _laneActivations?.Dispose();
        _outputDelta.Dispose();
        _recordedRow.Dispose();
        foreach (AlignedBuffer<float> buffer in _weightGradient)
            buffer.Dispose();
        foreach (AlignedBuffer<float> buffer in _activation)
            buffer.Dispose();
        foreach (AlignedBuffer<float> buffer in _delta)
            buffer.Dispose();
        foreach (AlignedBuffer<float> buffer in _deltaSum)
            buffer.Dispose();
    }

    /// <summary>output[sample] = f(bias + W·input[sample]).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ForwardLayer(int layer, float* input, nint rowStride, nint depthStride, float* output, int samples, MatrixMultiply.Ahead ahead = default)
    {
        int outputs = _shape.OutputSizeOf(layer), stride = NetworkParameters.Pad(outputs), columns = NetworkParameters.Columns(outputs);
        bool isRelu = _shape.Activation == Activation.Relu;
        MatrixMultiply.Affine<TLanes>(
            input, rowStride, depthStride, Parameters.TransposedWeight(layer), stride, Parameters.PaddedBias(layer), output, stride, samples,
            _shape.InputSizeOf(layer), columns, isRelu, ahead);
        if (!isRelu)
            ElementWise.Tanh<TLanes>(output, samples * stride);
    }
}
