using System.Numerics;
using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Networks;

// Backward: chunk by chunk of samples; within a chunk single precision, between chunks double.
internal sealed unsafe partial class DenseNetwork<TLanes>
{
    public override void BeginGradient(double* gradient) => _gradient = gradient;

    public override void EndGradient() => _gradient = null;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Accumulate(in GradientChunk chunk)
    {
        int samples = Gather(chunk);
        if (samples == 0)
            return;
        int computedAgain = _recordSize > 0 ? _firstRecorded : _hiddenLayers;
        for (int layer = 0; layer < computedAgain; layer++)
        {
            if (layer == 0)
                ForwardLayer(0, _activation[0].Pointer, _sampleStride, _inputStride, _activation[1].Pointer, samples);
            else
                ForwardLayer(layer, _activation[layer].Pointer, NetworkParameters.Pad(_shape.InputSizeOf(layer)), 1, _activation[layer + 1].Pointer, samples);
        }

        // The record of the next chunk, which no cache holds since the rollout, is fetched during this chunk's largest product.
        nint recorded = (nint)chunk.Rows * chunk.Lanes * _recordSize;
        _ahead = new(chunk.Record + recorded, recorded);
        OutputLayer(samples);
        for (int layer = _hiddenLayers - 1; layer >= 0; layer--)
        {
            HiddenLayer(layer, samples);
            if (layer == 0)
                break;
            PropagateDown(
                layer, _delta[layer].Pointer, NetworkParameters.Pad(_shape.OutputSizeOf(layer)), 1, Parameters.PaddedWeight(layer),
                _shape.OutputSizeOf(layer), samples);
        }
    }

    /// <summary>[sample][Pad(in)]; the input of a layer.</summary>
    private float* ActivationOf(int layer) => _recordedActivation is not null && layer == _hiddenLayers ? _recordedActivation : _activation[layer].Pointer;

    /// <summary>Makes the live lanes of the chunk consecutive samples; pads with all-zero ones to a multiple of the tile height.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Gather(in GradientChunk chunk)
    {
        int inputs = _shape.InputSize, outputs = Parameters.EffectiveOutputs, lanes = chunk.Lanes;
        int samples = 0;
        // The activations of a single hidden layer are recorded as consecutive samples already. Using them where they are, idle lanes
        // included, whose output gradient is zero, costs less than copying the others. Without a record the samples must be the same,
        // so that sums are.
        bool wholeRows = _hiddenLayers == 1;
        // Where one of several layers is recorded, the same goes for chunks in which every lane is live.
        bool inPlace = _recordSize > 0 && _hiddenLayers - _firstRecorded == 1 && (wholeRows || IsWhole(chunk));
        for (int row = 0; row < chunk.Rows; row++)
        {
            ulong live = wholeRows ? ulong.MaxValue >> (64 - lanes) : chunk.Live[row];
            float* observation = chunk.Observation + (nint)row * inputs * lanes;
            float* outputGradient = chunk.OutputGradient + (nint)row * outputs * lanes;
            GatherRow(observation, inputs, lanes, live, _activation[0].Pointer + (nint)samples * _sampleStride, _sampleStride, _inputStride);
            GatherRow(outputGradient, outputs, lanes, live, _outputDelta.Pointer + samples, 1, MaximumSamples);
            if (_recordSize > 0 && !inPlace)
                GatherActivations(chunk.Record + (nint)row * _recordSize * lanes, live, lanes, samples);
            samples += BitOperations.PopCount(live);
        }

        _recordedActivation = inPlace ? chunk.Record : null;

        int padded = (samples + 3) & ~3;
        for (int sample = samples; sample < padded; sample++)
        {
            for (int input = 0; input < inputs; input++)
                _activation[0].Pointer[sample * _sampleStride + input * _inputStride] = 0;
            for (int output = 0; output < outputs; output++)
                _outputDelta.Pointer[output * MaximumSamples + sample] = 0;
        }

        for (int layer = 1 + _firstRecorded; layer < _shape.LayerCount && !inPlace; layer++)
        {
            int width = NetworkParameters.Pad(_shape.InputSizeOf(layer));
            new Span<float>(_activation[layer].Pointer + (nint)samples * width, (padded - samples) * width).Clear();
        }

        return padded;
    }

    private static bool IsWhole(in GradientChunk chunk)
    {
        for (int row = 0; row < chunk.Rows; row++)
        {
            if (BitOperations.PopCount(chunk.Live[row]) != chunk.Lanes)
                return false;
        }

        return true;
    }

    /// <summary>target(sample, value) = source[value][lane] for the live lanes in order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GatherRow(float* source, int values, int lanes, ulong live, float* target, int sampleStride, int valueStride)
    {
        bool isWhole = sampleStride == 1 && BitOperations.PopCount(live) == lanes;
        for (int value = 0; value < values; value++, source += lanes, target += valueStride)
        {
            if (isWhole)
            {
                ElementWise.CopyRow<TLanes>(source, target, lanes);
                continue;
            }

            float* next = target;
            for (ulong rest = live; rest != 0; rest &= rest - 1, next += sampleStride)
                *next = source[BitOperations.TrailingZeroCount(rest)];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void GatherActivations(float* record, ulong lanesToCopy, int lanes, int firstSample)
    {
        for (int layer = _firstRecorded; layer < _hiddenLayers; layer++)
        {
            int width = _shape.OutputSizeOf(layer), columns = NetworkParameters.Columns(width), stride = NetworkParameters.Pad(width);
            float* target = _activation[layer + 1].Pointer + (nint)firstSample * stride;
            if (BitOperations.PopCount(lanesToCopy) == lanes)
            {
                ElementWise.CopyRow<TLanes>(record, target, lanes * stride);
                record += (nint)lanes * stride;
                continue;
            }

            for (ulong live = lanesToCopy; live != 0; live &= live - 1, target += stride)
                ElementWise.CopyRow<TLanes>(record + (nint)BitOperations.TrailingZeroCount(live) * stride, target, columns);
            record += (nint)lanes * stride;
        }
    }

    /// <summary>Gradient of the last layer's weights and of its bias, if it has one, and of its input.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void OutputLayer(int samples)
    {
        int last = _hiddenLayers;
        int inputs = _shape.InputSizeOf(last), stride = NetworkParameters.Pad(inputs), outputs = Parameters.LayerOutputs;
        int columns = NetworkParameters.Columns(inputs);
        float* weightGradient = _weightGradient.Pointer;
        float* delta = _outputDelta.Pointer;
        if (last > 0 && outputs <= MatrixMultiply.MostThinOutputs<TLanes>())
        {
            MatrixMultiply.ThinBackward<TLanes>(
                delta, MaximumSamples, outputs, Parameters.OutputWeight, weightGradient, ActivationOf(last), _delta[last - 1].Pointer,
                _deltaSum[last - 1].Pointer, stride, samples, columns, _shape.Activation == Activation.Relu);
        }
        else
        {
            MatrixMultiply.Product<TLanes>(delta, MaximumSamples, 1, ActivationOf(last), stride, weightGradient, stride, outputs, samples, columns);
            if (last > 0)
                PropagateDown(last, delta, 1, MaximumSamples, Parameters.OutputWeight, outputs, samples);
        }

        double* weight = _gradient + _shape.WeightOffset(last);
        double* bias = _gradient + _shape.BiasOffset(last);
        for (int output = 0; output < outputs; output++)
        {
            int row = Parameters.MergesOutputs ? 1 : output;
            ElementWise.AddToDouble(weightGradient + output * stride, weight + row * inputs, inputs);
            if (Parameters.MergesOutputs)
                ElementWise.AddToDouble(weightGradient, weight, inputs, -1);
            if (!_shape.HasBias)
                continue;
            float biasGradient = SumOfRow(delta + output * MaximumSamples, samples);
            bias[row] += biasGradient;
            if (Parameters.MergesOutputs)
                bias[0] -= biasGradient;
        }

        for (int k = 0; k < _shape.FreeOutputSize; k++)
            _gradient[_shape.FreeOutputOffset + k] += SumOfRow(delta + (outputs + k) * MaximumSamples, samples);
    }

    /// <summary>The gradient by the activations below a layer, times the derivative of those activations, and its sum over the samples.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PropagateDown(int layer, float* delta, nint rowStride, nint depthStride, float* weight, int outputs, int samples)
    {
        int inputs = _shape.InputSizeOf(layer), stride = NetworkParameters.Pad(inputs);
        float* below = _delta[layer - 1].Pointer;
        _deltaSum[layer - 1].Span.Clear();
        MatrixMultiply.GatedProduct<TLanes>(
            delta, rowStride, depthStride, weight, stride, below, stride, samples, outputs, NetworkParameters.Columns(inputs),
            ActivationOf(layer), _shape.Activation == Activation.Relu, _deltaSum[layer - 1].Pointer);
    }

    /// <summary>Gradient of a hidden layer's weights and of its bias, if it has one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void HiddenLayer(int layer, int samples)
    {
        int inputs = _shape.InputSizeOf(layer), outputs = _shape.OutputSizeOf(layer);
        int inputStride = NetworkParameters.Pad(inputs), outputStride = NetworkParameters.Pad(outputs);
        float* weightGradient = _weightGradient.Pointer;
        float* delta = _delta[layer].Pointer;
        double* weight = _gradient + _shape.WeightOffset(layer);
        if (layer == 0)
        {
            // The transpose, with the outputs along the register: observations are few and would fill it badly.
            MatrixMultiply.Product<TLanes>(
                _activation[layer].Pointer, _inputStride, _sampleStride, delta, outputStride, weightGradient, outputStride, inputs, samples,
                NetworkParameters.Columns(outputs));
            AddTransposed(weightGradient, outputStride, weight, inputs, outputs);
        }
        else
        {
            MatrixMultiply.Product<TLanes>(
                delta, 1, outputStride, ActivationOf(layer), inputStride, weightGradient, inputStride, outputs, samples,
                NetworkParameters.Columns(inputs), _ahead);
            _ahead = default;
            for (int output = 0; output < outputs; output++)
                ElementWise.AddToDouble(weightGradient + output * inputStride, weight + output * inputs, inputs);
        }

        if (_shape.HasBias)
            ElementWise.AddToDouble(_deltaSum[layer].Pointer, _gradient + _shape.BiasOffset(layer), outputs);
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

    /// <summary>Sum of a row in four partial sums: (0 + 1) + (2 + 3); the number of samples is a multiple of 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float SumOfRow(float* values, int samples)
    {
        float s0 = 0, s1 = 0, s2 = 0, s3 = 0;
        for (int sample = 0; sample < samples; sample += 4, values += 4)
        {
            s0 += values[0];
            s1 += values[1];
            s2 += values[2];
            s3 += values[3];
        }

        return (s0 + s1) + (s2 + s3);
    }
}
