using System.Numerics;
using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Networks;

/// <summary>Forward and backward for any fully connected network.</summary>
/// <remarks>
/// Forward works on rows of lanes, [feature][lane]. Backward works on samples, [sample][feature]: there a weight gradient is a sum of
/// outer products and needs no sum across lanes, and idle lanes are left out instead of masked. Both compute the same bits, because
/// every activation is the same chain of multiply-adds over the inputs.
/// </remarks>
internal sealed unsafe class DenseNetwork<TLanes> : NetworkKernels where TLanes : unmanaged, ILanes<TLanes>
{
    /// <summary>Samples a chunk: activations and their gradients of a wide layer stay in the second-level cache.</summary>
    private const int MaximumSamples = 256;

    private readonly NetworkShape _shape;
    private readonly AlignedBuffer<float> _laneActivations;
    private readonly AlignedBuffer<float>[] _activation;
    private readonly AlignedBuffer<float>[] _delta;
    private readonly AlignedBuffer<float> _outputDelta;
    private readonly AlignedBuffer<float> _weightGradient;
    private readonly int _widest;
    private double* _gradient;

    public DenseNetwork(NetworkParameters parameters)
        : base(parameters)
    {
        _shape = parameters.Shape;
        _widest = 16;
        foreach (int size in _shape.Sizes)
            _widest = Math.Max(_widest, size);
        _laneActivations = new AlignedBuffer<float>(2L * _widest * 64);
        int hidden = _shape.LayerCount - 1;
        _activation = new AlignedBuffer<float>[_shape.LayerCount];
        _delta = new AlignedBuffer<float>[hidden];
        for (int layer = 0; layer < _shape.LayerCount; layer++)
            _activation[layer] = new AlignedBuffer<float>((long)MaximumSamples * NetworkParameters.Pad(_shape.InputSizeOf(layer)));
        for (int layer = 0; layer < hidden; layer++)
            _delta[layer] = new AlignedBuffer<float>((long)MaximumSamples * NetworkParameters.Pad(_shape.OutputSizeOf(layer)));
        _outputDelta = new AlignedBuffer<float>((long)MaximumSamples * parameters.EffectiveOutputs);
        int paddedWidest = NetworkParameters.Pad(_widest);
        _weightGradient = new AlignedBuffer<float>((long)paddedWidest * paddedWidest);
    }

    public override int ChunkSteps => MaximumSamples;

    public override void Forward(float* observation, float* output, float* signs, int lanes)
    {
        float* input = observation;
        float* next = _laneActivations.Pointer;
        float* other = next + (nint)_widest * 64;
        for (int layer = 0; layer < _shape.LayerCount - 1; layer++)
        {
            int inputs = _shape.InputSizeOf(layer), outputs = _shape.OutputSizeOf(layer);
            float* weight = Parameters.FlatPointer + _shape.WeightOffset(layer);
            ElementWise.BroadcastRows<TLanes>(Parameters.FlatPointer + _shape.BiasOffset(layer), next, outputs, lanes);
            MatrixMultiply.Accumulate<TLanes>(weight, inputs, 1, input, lanes, next, lanes, outputs, inputs, lanes);
            ElementWise.Activate<TLanes>(_shape.Activation, next, outputs * lanes);
            input = next;
            next = other;
            other = input;
        }

        int last = _shape.LayerCount - 1;
        int lastInputs = _shape.InputSizeOf(last);
        ElementWise.BroadcastRows<TLanes>(Parameters.OutputBias, output, Parameters.EffectiveOutputs, lanes);
        MatrixMultiply.Accumulate<TLanes>(
            Parameters.OutputWeight, NetworkParameters.Pad(lastInputs), 1, input, lanes, output, lanes,
            Parameters.EffectiveOutputs, lastInputs, lanes);
    }

    public override void BeginGradient(double* gradient) => _gradient = gradient;

    public override void EndGradient() => _gradient = null;

    public override void Accumulate(in GradientChunk chunk)
    {
        int samples = Gather(chunk);
        if (samples == 0)
            return;

        ForwardSamples(samples);
        int last = _shape.LayerCount - 1;
        OutputLayer(samples, _gradient);
        for (int layer = last - 1; layer >= 0; layer--)
        {
            HiddenLayer(layer, samples, _gradient);
            if (layer == 0)
                break;
            int inputStride = NetworkParameters.Pad(_shape.InputSizeOf(layer)), outputStride = NetworkParameters.Pad(_shape.OutputSizeOf(layer));
            float* below = _delta[layer - 1].Pointer;
            new Span<float>(below, samples * inputStride).Clear();
            MatrixMultiply.Accumulate<TLanes>(
                _delta[layer].Pointer, outputStride, 1, Parameters.PaddedWeight(layer), inputStride, below, inputStride,
                samples, _shape.OutputSizeOf(layer), inputStride);
            ElementWise.MultiplyByDerivative<TLanes>(_shape.Activation, _activation[layer].Pointer, below, samples * inputStride);
        }
    }

    public override void Dispose()
    {
        _laneActivations.Dispose();
        _outputDelta.Dispose();
        _weightGradient.Dispose();
        foreach (AlignedBuffer<float> buffer in _activation)
            buffer.Dispose();
        foreach (AlignedBuffer<float> buffer in _delta)
            buffer.Dispose();
    }

    /// <summary>Turns live lanes into consecutive samples; pads with all-zero samples to a multiple of the tile height.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Gather(in GradientChunk chunk)
    {
        int inputs = _shape.InputSize, outputs = Parameters.EffectiveOutputs, lanes = chunk.Lanes;
        int stride = NetworkParameters.Pad(inputs);
        float* sample = _activation[0].Pointer;
        float* delta = _outputDelta.Pointer;
        int samples = 0;
        for (int row = 0; row < chunk.Rows; row++)
        {
            float* observation = chunk.Observation + (nint)row * inputs * lanes;
            float* outputGradient = chunk.OutputGradient + (nint)row * outputs * lanes;
            for (ulong live = chunk.Live[row]; live != 0; live &= live - 1)
            {
                int lane = BitOperations.TrailingZeroCount(live);
                for (int input = 0; input < inputs; input++)
                    sample[input] = observation[input * lanes + lane];
                for (int output = 0; output < outputs; output++)
                    delta[output] = outputGradient[output * lanes + lane];
                sample += stride;
                delta += outputs;
                samples++;
            }
        }

        for (; samples % 4 != 0; samples++, sample += stride, delta += outputs)
        {
            new Span<float>(sample, inputs).Clear();
            new Span<float>(delta, outputs).Clear();
        }

        return samples;
    }

    private void ForwardSamples(int samples)
    {
        for (int layer = 0; layer < _shape.LayerCount - 1; layer++)
        {
            int inputs = _shape.InputSizeOf(layer), outputs = _shape.OutputSizeOf(layer);
            int inputStride = NetworkParameters.Pad(inputs), outputStride = NetworkParameters.Pad(outputs);
            float* next = _activation[layer + 1].Pointer;
            ElementWise.RepeatRow(Parameters.FlatPointer + _shape.BiasOffset(layer), outputs, next, outputStride, samples);
            MatrixMultiply.Accumulate<TLanes>(
                _activation[layer].Pointer, inputStride, 1, Parameters.TransposedWeight(layer), outputStride, next, outputStride,
                samples, inputs, outputStride);
            ElementWise.Activate<TLanes>(_shape.Activation, next, samples * outputStride);
        }
    }

    /// <summary>Gradient of the last layer's weights and bias, and of its input.</summary>
    private void OutputLayer(int samples, double* gradient)
    {
        int last = _shape.LayerCount - 1;
        int inputs = _shape.InputSizeOf(last), stride = NetworkParameters.Pad(inputs), outputs = Parameters.EffectiveOutputs;
        float* weightGradient = _weightGradient.Pointer;
        new Span<float>(weightGradient, outputs * stride).Clear();
        MatrixMultiply.Accumulate<TLanes>(
            _outputDelta.Pointer, 1, outputs, _activation[last].Pointer, stride, weightGradient, stride, outputs, samples, stride);
        double* weight = gradient + _shape.WeightOffset(last);
        double* bias = gradient + _shape.BiasOffset(last);
        for (int output = 0; output < outputs; output++)
        {
            float biasGradient = 0;
            for (int sample = 0; sample < samples; sample++)
                biasGradient += _outputDelta.Pointer[sample * outputs + output];
            int row = Parameters.MergesOutputs ? 1 : output;
            ElementWise.AddToDouble(weightGradient + output * stride, weight + row * inputs, inputs);
            bias[row] += biasGradient;
            if (Parameters.MergesOutputs)
            {
                ElementWise.SubtractFromDouble(weightGradient, weight, inputs);
                bias[0] -= biasGradient;
            }
        }

        if (last == 0)
            return;
        float* below = _delta[last - 1].Pointer;
        new Span<float>(below, samples * stride).Clear();
        MatrixMultiply.Accumulate<TLanes>(
            _outputDelta.Pointer, outputs, 1, Parameters.OutputWeight, stride, below, stride, samples, outputs, stride);
        ElementWise.MultiplyByDerivative<TLanes>(_shape.Activation, _activation[last].Pointer, below, samples * stride);
    }

    /// <summary>Gradient of a hidden layer's weights and bias.</summary>
    private void HiddenLayer(int layer, int samples, double* gradient)
    {
        int inputs = _shape.InputSizeOf(layer), outputs = _shape.OutputSizeOf(layer);
        int inputStride = NetworkParameters.Pad(inputs), outputStride = NetworkParameters.Pad(outputs);
        float* weightGradient = _weightGradient.Pointer;
        float* delta = _delta[layer].Pointer;
        double* weight = gradient + _shape.WeightOffset(layer);
        if (inputs < 16 && outputs >= 16)
        {
            // Few inputs would fill a register badly: compute the transpose, with the outputs along the register.
            new Span<float>(weightGradient, inputs * outputStride).Clear();
            MatrixMultiply.Accumulate<TLanes>(
                _activation[layer].Pointer, 1, inputStride, delta, outputStride, weightGradient, outputStride, inputs, samples, outputStride);
            for (int input = 0; input < inputs; input++)
            {
                for (int output = 0; output < outputs; output++)
                    weight[output * inputs + input] += weightGradient[input * outputStride + output];
            }
        }
        else
        {
            new Span<float>(weightGradient, outputs * inputStride).Clear();
            MatrixMultiply.Accumulate<TLanes>(
                delta, 1, outputStride, _activation[layer].Pointer, inputStride, weightGradient, inputStride, outputs, samples, inputStride);
            for (int output = 0; output < outputs; output++)
                ElementWise.AddToDouble(weightGradient + output * inputStride, weight + output * inputs, inputs);
        }

        new Span<float>(weightGradient, outputStride).Clear();
        ElementWise.AddRows<TLanes>(delta, samples, outputStride, weightGradient);
        ElementWise.AddToDouble(weightGradient, gradient + _shape.BiasOffset(layer), outputs);
    }
}
