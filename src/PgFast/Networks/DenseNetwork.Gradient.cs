using System.Numerics;
using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Networks;

// Backward: chunk by chunk of samples; within a chunk single precision, between chunks double.
internal sealed unsafe partial class DenseNetwork<TLanes>
{
    public override void BeginGradient(double* gradient) => _gradient = gradient;

    public override void EndGradient() => _gradient = null;

    public override void Accumulate(in GradientChunk chunk)
    {
        int samples = Gather(chunk);
        if (samples == 0)
            return;
        if (_recordSize == 0)
        {
            for (int layer = 0; layer < _hiddenLayers; layer++)
                ForwardLayer(layer, _activation[layer].Pointer, NetworkParameters.Pad(_shape.InputSizeOf(layer)), 1, _activation[layer + 1].Pointer, samples);
        }

        OutputLayer(samples);
        for (int layer = _hiddenLayers - 1; layer >= 0; layer--)
        {
            HiddenLayer(layer, samples);
            if (layer == 0)
                break;
            PropagateDown(
                layer, _delta[layer].Pointer, NetworkParameters.Pad(_shape.OutputSizeOf(layer)), Parameters.PaddedWeight(layer),
                _shape.OutputSizeOf(layer), samples);
        }
    }

    /// <summary>Makes the live lanes of the chunk consecutive samples; pads with all-zero ones to a multiple of the tile height.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Gather(in GradientChunk chunk)
    {
        int inputs = _shape.InputSize, outputs = Parameters.EffectiveOutputs, lanes = chunk.Lanes;
        int stride = NetworkParameters.Pad(inputs);
        int samples = 0;
        for (int row = 0; row < chunk.Rows; row++)
        {
            float* observation = chunk.Observation + (nint)row * inputs * lanes;
            float* outputGradient = chunk.OutputGradient + (nint)row * outputs * lanes;
            float* record = chunk.Record + (nint)row * _recordSize * lanes;
            int first = samples;
            float* sample = _activation[0].Pointer + (nint)first * stride;
            float* delta = _outputDelta.Pointer + (nint)first * outputs;
            for (ulong live = chunk.Live[row]; live != 0; live &= live - 1, samples++)
            {
                int lane = BitOperations.TrailingZeroCount(live);
                for (int input = 0; input < inputs; input++)
                    sample[input] = observation[input * lanes + lane];
                for (int output = 0; output < outputs; output++)
                    delta[output] = outputGradient[output * lanes + lane];
                sample += stride;
                delta += outputs;
            }

            if (_recordSize > 0)
                GatherActivations(record, chunk.Live[row], lanes, first);
        }

        int padded = (samples + 3) & ~3;
        for (int layer = 0; layer < _shape.LayerCount; layer++)
        {
            int width = NetworkParameters.Pad(_shape.InputSizeOf(layer));
            new Span<float>(_activation[layer].Pointer + (nint)samples * width, (padded - samples) * width).Clear();
        }

        new Span<float>(_outputDelta.Pointer + (nint)samples * outputs, (padded - samples) * outputs).Clear();
        return padded;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void GatherActivations(float* record, ulong lanesToCopy, int lanes, int firstSample)
    {
        for (int layer = 0; layer < _hiddenLayers; layer++)
        {
            int width = _shape.OutputSizeOf(layer), columns = NetworkParameters.Columns(width), stride = NetworkParameters.Pad(width);
            float* target = _activation[layer + 1].Pointer + (nint)firstSample * stride;
            for (ulong live = lanesToCopy; live != 0; live &= live - 1, target += stride)
                ElementWise.CopyRow<TLanes>(record + (nint)BitOperations.TrailingZeroCount(live) * stride, target, columns);
            record += (nint)lanes * stride;
        }
    }

    /// <summary>Gradient of the last layer's weights and bias, and of its input.</summary>
    private void OutputLayer(int samples)
    {
        int last = _hiddenLayers;
        int inputs = _shape.InputSizeOf(last), stride = NetworkParameters.Pad(inputs), outputs = Parameters.EffectiveOutputs;
        float* weightGradient = _weightGradient.Pointer;
        MatrixMultiply.Product<TLanes>(
            _outputDelta.Pointer, 1, outputs, _activation[last].Pointer, stride, weightGradient, stride, outputs, samples,
            NetworkParameters.Columns(inputs));
        double* weight = _gradient + _shape.WeightOffset(last);
        double* bias = _gradient + _shape.BiasOffset(last);
        for (int output = 0; output < outputs; output++)
        {
            float biasGradient = SumOfColumn(_outputDelta.Pointer + output, outputs, samples);
            int row = Parameters.MergesOutputs ? 1 : output;
            ElementWise.AddToDouble(weightGradient + output * stride, weight + row * inputs, inputs);
            bias[row] += biasGradient;
            if (Parameters.MergesOutputs)
            {
                ElementWise.AddToDouble(weightGradient, weight, inputs, -1);
                bias[0] -= biasGradient;
            }
        }

        if (last > 0)
            PropagateDown(last, _outputDelta.Pointer, outputs, Parameters.OutputWeight, outputs, samples);
    }

    /// <summary>The gradient by the activations below a layer, times the derivative of those activations.</summary>
    private void PropagateDown(int layer, float* delta, int deltaStride, float* weight, int outputs, int samples)
    {
        int inputs = _shape.InputSizeOf(layer), stride = NetworkParameters.Pad(inputs);
        float* below = _delta[layer - 1].Pointer;
        float* activation = _activation[layer].Pointer;
        bool isRelu = _shape.Activation == Activation.Relu;
        MatrixMultiply.Product<TLanes>(
            delta, deltaStride, 1, weight, stride, below, stride, samples, outputs, NetworkParameters.Columns(inputs), isRelu ? activation : null);
        if (!isRelu)
            ElementWise.MultiplyByTanhDerivative<TLanes>(activation, below, samples * stride);
    }

    /// <summary>Gradient of a hidden layer's weights and bias.</summary>
    private void HiddenLayer(int layer, int samples)
    {
        int inputs = _shape.InputSizeOf(layer), outputs = _shape.OutputSizeOf(layer);
        int inputStride = NetworkParameters.Pad(inputs), outputStride = NetworkParameters.Pad(outputs);
        float* weightGradient = _weightGradient.Pointer;
        float* delta = _delta[layer].Pointer;
        double* weight = _gradient + _shape.WeightOffset(layer);
        if (inputs < 16 && outputs >= 16)
        {
            // Few inputs would fill a register badly: compute the transpose, with the outputs along the register.
            MatrixMultiply.Product<TLanes>(
            _activation[layer].Pointer, 1, inputStride, delta, outputStride, weightGradient, outputStride, inputs, samples,
            NetworkParameters.Columns(outputs));
            AddTransposed(weightGradient, outputStride, weight, inputs, outputs);
        }
        else
        {
            MatrixMultiply.Product<TLanes>(
            delta, 1, outputStride, _activation[layer].Pointer, inputStride, weightGradient, inputStride, outputs, samples,
            NetworkParameters.Columns(inputs));
            for (int output = 0; output < outputs; output++)
                ElementWise.AddToDouble(weightGradient + output * inputStride, weight + output * inputs, inputs);
        }

        new Span<float>(weightGradient, outputStride).Clear();
        ElementWise.AddRows<TLanes>(delta, samples, NetworkParameters.Columns(outputs), outputStride, weightGradient);
        ElementWise.AddToDouble(weightGradient, _gradient + _shape.BiasOffset(layer), outputs);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddTransposed(float* source, int sourceStride, double* destination, int inputs, int outputs)
    {
        for (int output = 0; output < outputs; output++)
        {
            for (int input = 0; input < inputs; input++)
                destination[output * inputs + input] += source[input * sourceStride + output];
        }
    }

    /// <summary>Sum down a column in four partial sums: (0 + 1) + (2 + 3); the number of samples is a multiple of 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float SumOfColumn(float* values, int stride, int samples)
    {
        float s0 = 0, s1 = 0, s2 = 0, s3 = 0;
        for (int sample = 0; sample < samples; sample += 4, values += 4 * stride)
        {
            s0 += values[0];
            s1 += values[stride];
            s2 += values[2 * stride];
            s3 += values[3 * stride];
        }

        return (s0 + s1) + (s2 + s3);
    }
}
