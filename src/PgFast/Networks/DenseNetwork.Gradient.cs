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
        for (int layer = 0; layer < _hiddenLayers; layer++)
            _deltaSum[layer].Span.Clear();
        for (int first = 0; first < samples; first += _blockSamples)
            AccumulateBlock(first, Math.Min(_blockSamples, samples - first));
        AddOutputLayer(samples);
        for (int layer = 0; layer < _hiddenLayers; layer++)
            AddHiddenLayer(layer);
    }

    /// <summary>Adds the samples of a block to the chunk's sums, which the first block starts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AccumulateBlock(int first, int samples)
    {
        int computedAgain = _recordSize > 0 ? _firstRecorded : _hiddenLayers;
        for (int layer = 0; layer < computedAgain; layer++)
        {
            if (layer == 0)
                ForwardLayer(0, InputsOf(first), _sampleStride, _inputStride, _activation[1].Pointer, samples);
            else
                ForwardLayer(layer, _activation[layer].Pointer, NetworkParameters.Pad(_shape.InputSizeOf(layer)), 1, _activation[layer + 1].Pointer, samples);
        }

        OutputLayer(first, samples);
        for (int layer = _hiddenLayers - 1; layer >= 0; layer--)
        {
            HiddenLayer(layer, first, samples);
            if (layer == 0)
                break;
            PropagateDown(
                layer, first, _delta[layer].Pointer, NetworkParameters.Pad(_shape.OutputSizeOf(layer)), 1, Parameters.PaddedWeight(layer),
                _shape.OutputSizeOf(layer), samples);
        }
    }

    /// <summary>Input 0 of sample <paramref name="first"/>.</summary>
    private float* InputsOf(int first) => _activation[0].Pointer + (nint)first * _sampleStride;

    /// <summary>[sample][Pad(in)]; the input of a layer, from sample <paramref name="first"/> of the chunk on.</summary>
    private float* ActivationOf(int layer, int first)
    {
        bool isInPlace = _recordedActivation is not null && layer == _hiddenLayers;
        float* start = isInPlace ? _recordedActivation : _activation[layer].Pointer;
        // What a block computes again, only this block has.
        bool isOfBlock = layer > 0 && (_recordSize == 0 || layer <= _firstRecorded);
        return isOfBlock ? start : start + (nint)first * NetworkParameters.Pad(_shape.InputSizeOf(layer));
    }

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
        // Where only the last hidden layer is recorded, thin outputs read it where it is, row by row.
        bool isIndexed = _readsRecordByRow;
        // Other outputs can do so for chunks in which every lane is live.
        bool inPlace = isIndexed || (_recordSize > 0 && _hiddenLayers - _firstRecorded == 1 && (wholeRows || IsWhole(chunk)));
        int* recordedRow = _recordedRow.Pointer;
        for (int row = 0; row < chunk.Rows; row++)
        {
            ulong live = wholeRows ? ulong.MaxValue >> (64 - lanes) : chunk.Live[row];
            float* observation = chunk.Observation + (nint)row * inputs * lanes;
            float* outputGradient = chunk.OutputGradient + (nint)row * outputs * lanes;
            GatherRow(observation, inputs, lanes, live, _activation[0].Pointer + (nint)samples * _sampleStride, _sampleStride, _inputStride);
            GatherRow(outputGradient, outputs, lanes, live, _outputDelta.Pointer + samples, 1, MaximumSamples);
            if (isIndexed)
            {
                int* next = recordedRow + samples;
                for (ulong rest = live; rest != 0; rest &= rest - 1)
                    *next++ = row * lanes + BitOperations.TrailingZeroCount(rest);
            }
            else if (_recordSize > 0 && !inPlace)
            {
                GatherActivations(chunk.Record + (nint)row * _recordSize * lanes, live, lanes, samples);
            }

            samples += BitOperations.PopCount(live);
        }

        _recordedActivation = inPlace ? chunk.Record : null;
        _nextRecord = chunk.Record + (nint)chunk.Rows * lanes * _recordSize;
        int padded = (samples + 3) & ~3;
        for (int sample = samples; sample < padded; sample++)
        {
            // Some row that there is: it counts for nothing, as its δ is zero.
            if (isIndexed)
                recordedRow[sample] = samples > 0 ? recordedRow[samples - 1] : 0;
            for (int input = 0; input < inputs; input++)
                _activation[0].Pointer[sample * _sampleStride + input * _inputStride] = 0;
            for (int output = 0; output < outputs; output++)
                _outputDelta.Pointer[output * MaximumSamples + sample] = 0;
        }

        for (int layer = 1 + _firstRecorded; layer < _shape.LayerCount && _recordSize > 0 && !inPlace; layer++)
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

    /// <summary>Gradient of the last layer's weights, and of its input.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void OutputLayer(int first, int samples)
    {
        int last = _hiddenLayers;
        int inputs = _shape.InputSizeOf(last), stride = NetworkParameters.Pad(inputs), outputs = Parameters.LayerOutputs;
        int columns = NetworkParameters.Columns(inputs);
        float* weightGradient = _weightGradient[last].Pointer;
        float* delta = _outputDelta.Pointer + first;
        if (_hasThinOutputs)
        {
            int* rows = _readsRecordByRow ? _recordedRow.Pointer + first : _recordedRow.Pointer;
            MatrixMultiply.ThinBackward<TLanes>(
                delta, MaximumSamples, outputs, Parameters.OutputWeight, weightGradient, _readsRecordByRow ? ActivationOf(last, 0) : ActivationOf(last, first), rows, _delta[last - 1].Pointer,
                _deltaSum[last - 1].Pointer, stride, samples, columns, _shape.Activation == Activation.Relu, first > 0);
            return;
        }

        WeightProduct(delta, MaximumSamples, 1, ActivationOf(last, first), stride, weightGradient, outputs, samples, columns, first > 0);
        if (last > 0)
            PropagateDown(last, first, delta, 1, MaximumSamples, Parameters.OutputWeight, outputs, samples);
    }

    /// <summary>The gradient by the activations below a layer, times the derivative of those activations, and its sum over the samples.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PropagateDown(int layer, int first, float* delta, nint rowStride, nint depthStride, float* weight, int outputs, int samples)
    {
        int inputs = _shape.InputSizeOf(layer), stride = NetworkParameters.Pad(inputs);
        MatrixMultiply.GatedProduct<TLanes>(
            delta, rowStride, depthStride, weight, stride, _delta[layer - 1].Pointer, stride, samples, outputs, NetworkParameters.Columns(inputs),
            ActivationOf(layer, first), _shape.Activation == Activation.Relu, _deltaSum[layer - 1].Pointer);
    }

    /// <summary>Gradient of a hidden layer's weights.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void HiddenLayer(int layer, int first, int samples)
    {
        int inputs = _shape.InputSizeOf(layer), outputs = _shape.OutputSizeOf(layer);
        int inputStride = NetworkParameters.Pad(inputs), outputStride = NetworkParameters.Pad(outputs);
        float* weightGradient = _weightGradient[layer].Pointer;
        float* delta = _delta[layer].Pointer;
        if (layer == 0)
        {
            // The transpose, with the outputs along the register: observations are few and would fill it badly.
            WeightProduct(
                InputsOf(first), _inputStride, _sampleStride, delta, outputStride, weightGradient, inputs, samples,
                NetworkParameters.Columns(outputs), first > 0);
            return;
        }

        // The record of a later block, which no cache holds since the rollout, is fetched during the largest product but one.
        MatrixMultiply.Ahead ahead = layer == _hiddenLayers - 1 ? RecordAfter(first, samples) : default;
        WeightProduct(
            delta, 1, outputStride, ActivationOf(layer, first), inputStride, weightGradient, outputs, samples, NetworkParameters.Columns(inputs),
            first > 0, ahead);
    }

    /// <summary>What a block later will read of the record: the rows after this one's where they are read in place, else as much of the next chunk.</summary>
    private MatrixMultiply.Ahead RecordAfter(int first, int samples)
    {
        nint length = (nint)samples * _recordSize;
        return _readsRecordByRow
            ? new(_recordedActivation + (nint)(_recordedRow.Pointer[first + samples - 1] + 1) * _recordSize, length)
            : new(_nextRecord + (nint)first * _recordSize, length);
    }

    /// <summary>The product of a block, added to that of the blocks before if there are any.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WeightProduct(
        float* a, nint aRowStride, nint aDepthStride, float* b, int stride, float* gradient, int rows, int samples, int columns, bool continues,
        MatrixMultiply.Ahead ahead = default)
    {
        if (continues)
            MatrixMultiply.Accumulate<TLanes>(a, aRowStride, aDepthStride, b, stride, gradient, stride, rows, samples, columns, ahead);
        else
            MatrixMultiply.Product<TLanes>(a, aRowStride, aDepthStride, b, stride, gradient, stride, rows, samples, columns, ahead);
    }

    /// <summary>The chunk's sums of the last layer, and of the free outputs, in double precision.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddOutputLayer(int samples)
    {
        int last = _hiddenLayers;
        int inputs = _shape.InputSizeOf(last), stride = NetworkParameters.Pad(inputs), outputs = Parameters.LayerOutputs;
        float* weightGradient = _weightGradient[last].Pointer;
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
            float biasGradient = SumOfRow(_outputDelta.Pointer + output * MaximumSamples, samples);
            bias[row] += biasGradient;
            if (Parameters.MergesOutputs)
                bias[0] -= biasGradient;
        }

        for (int k = 0; k < _shape.FreeOutputSize; k++)
            _gradient[_shape.FreeOutputOffset + k] += SumOfRow(_outputDelta.Pointer + (outputs + k) * MaximumSamples, samples);
    }

    /// <summary>The chunk's sums of a hidden layer in double precision.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddHiddenLayer(int layer)
    {
        int inputs = _shape.InputSizeOf(layer), outputs = _shape.OutputSizeOf(layer);
        float* weightGradient = _weightGradient[layer].Pointer;
        double* weight = _gradient + _shape.WeightOffset(layer);
        if (layer == 0)
        {
            AddTransposed(weightGradient, NetworkParameters.Pad(outputs), weight, inputs, outputs);
        }
        else
        {
            int stride = NetworkParameters.Pad(inputs);
            for (int output = 0; output < outputs; output++)
                ElementWise.AddToDouble(weightGradient + output * stride, weight + output * inputs, inputs);
        }

        if (_shape.HasBias)
            ElementWise.AddToDouble(_deltaSum[layer].Pointer, _gradient + _shape.BiasOffset(layer), outputs);
    }

    /// <summary>destination[output][input] += source[input][output].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddTransposed(float* source, int sourceStride, double* destination, int inputs, int outputs)
    {
        for (int input = 0; input < inputs; input++, source += sourceStride, destination++)
        {
            double* target = destination;
            for (int output = 0; output < outputs; output++, target += inputs)
                *target += source[output];
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
