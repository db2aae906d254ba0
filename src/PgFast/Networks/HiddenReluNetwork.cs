using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Networks;

/// <summary>Fast path: one hidden ReLU layer and two outputs merged to one.</summary>
/// <remarks>
/// With δ the derivative of the objective by the merged output and m_j = 1 where hidden unit j is active, G_ji = Σ δ·x_i·m_j holds the
/// whole gradient: ∂W1_ji = v_j·G_ji and ∂v_j = Σ_i W1_ji·G_ji, with the bias as input x_F = 1. So the forward pass records one bit a
/// hidden unit, and the backward pass is F + 1 masked additions a unit and step: nothing is recomputed and nothing multiplied.
/// </remarks>
internal sealed unsafe class HiddenReluNetwork<TLanes> : NetworkKernels where TLanes : unmanaged, ILanes<TLanes>
{
    /// <summary>Hidden units and staged values whose sums stay in registers: 4 × 5.</summary>
    private const int UnitBlock = 4;
    private const int ValueBlock = 5;

    /// <summary>Chunks summed in single precision before they are moved to double: at most 2,048 additions a lane.</summary>
    private const int ChunksBetweenFlushes = 32;

    private const int StepsPerChunk = 1024;

    private readonly int _inputs;
    private readonly int _units;
    private readonly int _paddedUnits;
    private readonly int _valueRows;
    private readonly int _stageRows;
    private readonly AlignedBuffer<float> _stage;
    private readonly AlignedBuffer<float> _sums;
    private readonly AlignedBuffer<float> _outputSum;
    private readonly AlignedBuffer<double> _moments;
    private readonly AlignedBuffer<float> _inputWeight;
    private readonly AlignedBuffer<float> _hiddenBias;
    private readonly AlignedBuffer<float> _outputWeight;
    private double* _gradient;
    private int _chunksPending;

    public HiddenReluNetwork(NetworkParameters parameters)
        : base(parameters)
    {
        _inputs = parameters.Shape.InputSize;
        _units = parameters.Shape.OutputSizeOf(0);
        _paddedUnits = (_units + UnitBlock - 1) / UnitBlock * UnitBlock;
        _valueRows = (_inputs + 1 + ValueBlock - 1) / ValueBlock * ValueBlock;
        _stageRows = _valueRows + SignWords;
        _stage = new AlignedBuffer<float>((long)StepsPerChunk * _stageRows);
        _sums = new AlignedBuffer<float>((long)_paddedUnits * _valueRows * 16);
        _outputSum = new AlignedBuffer<float>(16);
        _moments = new AlignedBuffer<double>((long)_paddedUnits * _valueRows + 1);
        _inputWeight = new AlignedBuffer<float>((long)_paddedUnits * _inputs);
        _hiddenBias = new AlignedBuffer<float>(_paddedUnits);
        _outputWeight = new AlignedBuffer<float>(_paddedUnits);
    }

    public override int RecordSize => SignWords;

    public override int ChunkSteps => StepsPerChunk;

    /// <summary>Rows of activity bits, 32 units each.</summary>
    private int SignWords => (_paddedUnits + 31) / 32;

    public static bool Handles(NetworkParameters parameters) =>
        parameters.MergesOutputs && parameters.Shape.LayerCount == 2 && parameters.Shape.Activation == Activation.Relu;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Refresh()
    {
        NetworkShape shape = Parameters.Shape;
        new ReadOnlySpan<float>(Parameters.FlatPointer + shape.WeightOffset(0), _units * _inputs).CopyTo(_inputWeight.Span);
        new ReadOnlySpan<float>(Parameters.FlatPointer + shape.BiasOffset(0), _units).CopyTo(_hiddenBias.Span);
        new ReadOnlySpan<float>(Parameters.OutputWeight, _units).CopyTo(_outputWeight.Span);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Forward(float* observation, float* output, float* record, int lanes)
    {
        float* signs = record;
        int lane = 0;
        if (_inputs == 4)
        {
            for (; lane <= lanes - 2 * TLanes.Count; lane += 2 * TLanes.Count)
                Forward2OfFour(observation + lane, output + lane, signs + lane, lanes);
        }

        for (; lane <= lanes - 2 * TLanes.Count; lane += 2 * TLanes.Count)
            Forward2(observation + lane, output + lane, signs + lane, lanes);
        for (; lane < lanes; lane += TLanes.Count)
            Forward1(observation + lane, output + lane, signs + lane, lanes);
    }

    public override void BeginGradient(double* gradient)
    {
        _gradient = gradient;
        _chunksPending = 0;
        _moments.Span.Clear();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Accumulate(in GradientChunk chunk)
    {
        if (_chunksPending == 0)
        {
            _sums.Span.Clear();
            _outputSum.Span.Clear();
        }

        int vectors = Stage(chunk);
        for (int unit = 0; unit < _paddedUnits; unit += UnitBlock)
        {
            float* signs = _stage.Pointer + (_valueRows + unit / 32) * 16;
            for (int value = 0; value < _valueRows; value += ValueBlock)
            {
                float* sums = _sums.Pointer + ((nint)unit * _valueRows + value) * 16;
                for (int part = 0; part < 16; part += TLanes.Count)
                    AddMasked(_stage.Pointer + value * 16 + part, signs + part, 28 - unit % 32, _stageRows * 16, vectors, sums + part, _valueRows * 16);
            }
        }

        if (++_chunksPending == ChunksBetweenFlushes)
            Flush();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void EndGradient()
    {
        if (_chunksPending > 0)
            Flush();
        NetworkShape shape = Parameters.Shape;
        double* weight = _gradient + shape.WeightOffset(0);
        double* bias = _gradient + shape.BiasOffset(0);
        double* outputWeight = _gradient + shape.WeightOffset(1);
        double* outputBias = _gradient + shape.BiasOffset(1);
        for (int unit = 0; unit < _units; unit++)
        {
            double* moment = _moments.Pointer + (nint)unit * _valueRows;
            double effective = _outputWeight.Pointer[unit];
            double activity = _hiddenBias.Pointer[unit] * moment[_inputs];
            for (int input = 0; input < _inputs; input++)
            {
                weight[unit * _inputs + input] += effective * moment[input];
                activity += _inputWeight.Pointer[unit * _inputs + input] * moment[input];
            }

            bias[unit] += effective * moment[_inputs];
            outputWeight[_units + unit] += activity;
            outputWeight[unit] -= activity;
        }

        double total = _moments.Pointer[(nint)_paddedUnits * _valueRows];
        outputBias[1] += total;
        outputBias[0] -= total;
        _gradient = null;
    }

    public override void Dispose()
    {
        _stage.Dispose();
        _sums.Dispose();
        _outputSum.Dispose();
        _moments.Dispose();
        _inputWeight.Dispose();
        _hiddenBias.Dispose();
        _outputWeight.Dispose();
    }

    /// <summary>Two vectors of lanes; 4 units × 2 vectors of pre-activations in registers, folded at once into the output.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Forward2(float* observation, float* output, float* signs, int lanes)
    {
        float* weight = _inputWeight.Pointer;
        float* bias = _hiddenBias.Pointer;
        float* outputWeight = _outputWeight.Pointer;
        int inputs = _inputs, units = _paddedUnits;
        TLanes sign = TLanes.BroadcastInt32(int.MinValue);
        TLanes out0 = TLanes.Broadcast(*Parameters.OutputBias), out1 = out0;
        TLanes signs0 = TLanes.Zero, signs1 = TLanes.Zero;
        for (int unit = 0; unit < units; unit += 4)
        {
            TLanes h00 = TLanes.Broadcast(bias[unit]), h01 = h00;
            TLanes h10 = TLanes.Broadcast(bias[unit + 1]), h11 = h10;
            TLanes h20 = TLanes.Broadcast(bias[unit + 2]), h21 = h20;
            TLanes h30 = TLanes.Broadcast(bias[unit + 3]), h31 = h30;
            float* input = observation;
            float* w = weight;
            for (int i = 0; i < inputs; i++)
            {
                TLanes x0 = TLanes.Load(input), x1 = TLanes.Load(input + TLanes.Count);
                TLanes w0 = TLanes.Broadcast(w[0]);
                h00 = TLanes.FusedMultiplyAdd(w0, x0, h00);
                h01 = TLanes.FusedMultiplyAdd(w0, x1, h01);
                TLanes w1 = TLanes.Broadcast(w[inputs]);
                h10 = TLanes.FusedMultiplyAdd(w1, x0, h10);
                h11 = TLanes.FusedMultiplyAdd(w1, x1, h11);
                TLanes w2 = TLanes.Broadcast(w[2 * inputs]);
                h20 = TLanes.FusedMultiplyAdd(w2, x0, h20);
                h21 = TLanes.FusedMultiplyAdd(w2, x1, h21);
                TLanes w3 = TLanes.Broadcast(w[3 * inputs]);
                h30 = TLanes.FusedMultiplyAdd(w3, x0, h30);
                h31 = TLanes.FusedMultiplyAdd(w3, x1, h31);
                input += lanes;
                w++;
            }

            weight += 4 * inputs;
            Fold(h00, outputWeight[unit], sign, ref out0, ref signs0);
            Fold(h01, outputWeight[unit], sign, ref out1, ref signs1);
            Fold(h10, outputWeight[unit + 1], sign, ref out0, ref signs0);
            Fold(h11, outputWeight[unit + 1], sign, ref out1, ref signs1);
            Fold(h20, outputWeight[unit + 2], sign, ref out0, ref signs0);
            Fold(h21, outputWeight[unit + 2], sign, ref out1, ref signs1);
            Fold(h30, outputWeight[unit + 3], sign, ref out0, ref signs0);
            Fold(h31, outputWeight[unit + 3], sign, ref out1, ref signs1);
            if (((unit + 4) & 31) == 0 || unit + 4 == units)
            {
                int shift = 31 - ((unit + 3) & 31);
                TLanes.Store(TLanes.ShiftRightLogical(signs0, shift), signs);
                TLanes.Store(TLanes.ShiftRightLogical(signs1, shift), signs + TLanes.Count);
                signs += lanes;
            }
        }

        TLanes.Store(out0, output);
        TLanes.Store(out1, output + TLanes.Count);
    }

    /// <summary>The same for four inputs, which then stay in registers: one unit × 2 vectors at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Forward2OfFour(float* observation, float* output, float* signs, int lanes)
    {
        float* weight = _inputWeight.Pointer;
        float* bias = _hiddenBias.Pointer;
        float* outputWeight = _outputWeight.Pointer;
        int units = _paddedUnits;
        TLanes sign = TLanes.BroadcastInt32(int.MinValue);
        TLanes out0 = TLanes.Broadcast(*Parameters.OutputBias), out1 = out0;
        TLanes signs0 = TLanes.Zero, signs1 = TLanes.Zero;
        TLanes x00 = TLanes.Load(observation), x01 = TLanes.Load(observation + TLanes.Count);
        observation += lanes;
        TLanes x10 = TLanes.Load(observation), x11 = TLanes.Load(observation + TLanes.Count);
        observation += lanes;
        TLanes x20 = TLanes.Load(observation), x21 = TLanes.Load(observation + TLanes.Count);
        observation += lanes;
        TLanes x30 = TLanes.Load(observation), x31 = TLanes.Load(observation + TLanes.Count);
        for (int word = 0; word < units; word += 32)
        {
            int end = Math.Min(units, word + 32);
            for (int unit = word; unit < end; unit++)
            {
                TLanes w = TLanes.Broadcast(weight[0]);
                TLanes h0 = TLanes.Broadcast(bias[unit]), h1 = h0;
                h0 = TLanes.FusedMultiplyAdd(x00, w, h0);
                h1 = TLanes.FusedMultiplyAdd(x01, w, h1);
                w = TLanes.Broadcast(weight[1]);
                h0 = TLanes.FusedMultiplyAdd(x10, w, h0);
                h1 = TLanes.FusedMultiplyAdd(x11, w, h1);
                w = TLanes.Broadcast(weight[2]);
                h0 = TLanes.FusedMultiplyAdd(x20, w, h0);
                h1 = TLanes.FusedMultiplyAdd(x21, w, h1);
                w = TLanes.Broadcast(weight[3]);
                h0 = TLanes.FusedMultiplyAdd(x30, w, h0);
                h1 = TLanes.FusedMultiplyAdd(x31, w, h1);
                weight += 4;
                float v = outputWeight[unit];
                Fold(h0, v, sign, ref out0, ref signs0);
                Fold(h1, v, sign, ref out1, ref signs1);
            }

            int shift = 32 - (end - word);
            TLanes.Store(TLanes.ShiftRightLogical(signs0, shift & 31), signs);
            TLanes.Store(TLanes.ShiftRightLogical(signs1, shift & 31), signs + TLanes.Count);
            signs += lanes;
        }

        TLanes.Store(out0, output);
        TLanes.Store(out1, output + TLanes.Count);
    }

    /// <summary>The same for one vector of lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void Forward1(float* observation, float* output, float* signs, int lanes)
    {
        float* weight = _inputWeight.Pointer;
        float* bias = _hiddenBias.Pointer;
        float* outputWeight = _outputWeight.Pointer;
        int inputs = _inputs, units = _paddedUnits;
        TLanes sign = TLanes.BroadcastInt32(int.MinValue);
        TLanes out0 = TLanes.Broadcast(*Parameters.OutputBias);
        TLanes signs0 = TLanes.Zero;
        for (int unit = 0; unit < units; unit += 4)
        {
            TLanes h0 = TLanes.Broadcast(bias[unit]);
            TLanes h1 = TLanes.Broadcast(bias[unit + 1]);
            TLanes h2 = TLanes.Broadcast(bias[unit + 2]);
            TLanes h3 = TLanes.Broadcast(bias[unit + 3]);
            float* input = observation;
            float* w = weight;
            for (int i = 0; i < inputs; i++)
            {
                TLanes x = TLanes.Load(input);
                h0 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(w[0]), x, h0);
                h1 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(w[inputs]), x, h1);
                h2 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(w[2 * inputs]), x, h2);
                h3 = TLanes.FusedMultiplyAdd(TLanes.Broadcast(w[3 * inputs]), x, h3);
                input += lanes;
                w++;
            }

            weight += 4 * inputs;
            Fold(h0, outputWeight[unit], sign, ref out0, ref signs0);
            Fold(h1, outputWeight[unit + 1], sign, ref out0, ref signs0);
            Fold(h2, outputWeight[unit + 2], sign, ref out0, ref signs0);
            Fold(h3, outputWeight[unit + 3], sign, ref out0, ref signs0);
            if (((unit + 4) & 31) == 0 || unit + 4 == units)
            {
                TLanes.Store(TLanes.ShiftRightLogical(signs0, 31 - ((unit + 3) & 31)), signs);
                signs += lanes;
            }
        }

        TLanes.Store(out0, output);
    }

    /// <summary>ReLU, its activity bit, and the unit's share of the output.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fold(TLanes preActivation, float outputWeight, TLanes sign, ref TLanes output, ref TLanes signs)
    {
        // As an integer the activation is positive or 0, so 0 − activation has its sign bit set exactly where the unit is active. Bits
        // enter at the top and move down: after 32 units, bit j belongs to unit j.
        TLanes activation = TLanes.MaxInt32(preActivation, TLanes.Zero);
        output = TLanes.FusedMultiplyAdd(TLanes.Broadcast(outputWeight), activation, output);
        signs = TLanes.Select(sign, TLanes.SubtractInt32(TLanes.Zero, activation), TLanes.ShiftRightLogical(signs, 1));
    }

    /// <summary>Copies δ·x, δ and the activity bits of every group of 16 lanes with a live one to [vector][stage row][16].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Stage(in GradientChunk chunk)
    {
        int lanes = chunk.Lanes, inputs = _inputs, signWords = SignWords, valueRows = _valueRows;
        float* stage = _stage.Pointer;
        float* outputSum = _outputSum.Pointer;
        int vectors = 0;
        for (int row = 0; row < chunk.Rows; row++)
        {
            float* observation = chunk.Observation + (nint)row * inputs * lanes;
            float* delta = chunk.OutputGradient + (nint)row * lanes;
            float* signs = chunk.Record + (nint)row * signWords * lanes;
            ulong live = chunk.Live[row];
            for (int group = 0; group < lanes; group += 16, live >>= 16)
            {
                if ((live & 0xFFFF) == 0)
                    continue;
                for (int part = 0; part < 16; part += TLanes.Count)
                {
                    int lane = group + part;
                    float* target = stage + part;
                    TLanes d = TLanes.Load(delta + lane);
                    TLanes.Store(TLanes.Load(outputSum + part) + d, outputSum + part);
                    for (int input = 0; input < inputs; input++, target += 16)
                        TLanes.Store(d * TLanes.Load(observation + input * lanes + lane), target);
                    TLanes.Store(d, target);
                    target = stage + part + valueRows * 16;
                    for (int word = 0; word < signWords; word++, target += 16)
                        TLanes.Store(TLanes.Load(signs + word * lanes + lane), target);
                }

                stage += _stageRows * 16;
                vectors++;
            }
        }

        return vectors;
    }

    /// <summary>sums[unit][value] += Σ over vectors of value where the unit's bit is set: 4 units × 5 values in registers.</summary>
    /// <remarks><c>shift</c> brings the last unit's bit to the sign; the other units' bits lie below it.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void AddMasked(float* values, float* signs, int shift, int stride, int vectors, float* sums, int unitStride)
    {
        float* u1 = sums + unitStride;
        float* u2 = u1 + unitStride;
        float* u3 = u2 + unitStride;
        TLanes s00 = TLanes.Load(sums), s01 = TLanes.Load(sums + 16), s02 = TLanes.Load(sums + 32), s03 = TLanes.Load(sums + 48), s04 = TLanes.Load(sums + 64);
        TLanes s10 = TLanes.Load(u1), s11 = TLanes.Load(u1 + 16), s12 = TLanes.Load(u1 + 32), s13 = TLanes.Load(u1 + 48), s14 = TLanes.Load(u1 + 64);
        TLanes s20 = TLanes.Load(u2), s21 = TLanes.Load(u2 + 16), s22 = TLanes.Load(u2 + 32), s23 = TLanes.Load(u2 + 48), s24 = TLanes.Load(u2 + 64);
        TLanes s30 = TLanes.Load(u3), s31 = TLanes.Load(u3 + 16), s32 = TLanes.Load(u3 + 32), s33 = TLanes.Load(u3 + 48), s34 = TLanes.Load(u3 + 64);
        for (int vector = 0; vector < vectors; vector++)
        {
            TLanes v0 = TLanes.Load(values), v1 = TLanes.Load(values + 16), v2 = TLanes.Load(values + 32), v3 = TLanes.Load(values + 48), v4 = TLanes.Load(values + 64);
            TLanes bit3 = TLanes.ShiftLeft(TLanes.Load(signs), shift);
            TLanes bit0 = TLanes.ShiftLeft(bit3, 3);
            s00 = TLanes.AddWhereNegative(bit0, s00, v0);
            s01 = TLanes.AddWhereNegative(bit0, s01, v1);
            s02 = TLanes.AddWhereNegative(bit0, s02, v2);
            s03 = TLanes.AddWhereNegative(bit0, s03, v3);
            s04 = TLanes.AddWhereNegative(bit0, s04, v4);
            TLanes bit1 = TLanes.ShiftLeft(bit3, 2);
            s10 = TLanes.AddWhereNegative(bit1, s10, v0);
            s11 = TLanes.AddWhereNegative(bit1, s11, v1);
            s12 = TLanes.AddWhereNegative(bit1, s12, v2);
            s13 = TLanes.AddWhereNegative(bit1, s13, v3);
            s14 = TLanes.AddWhereNegative(bit1, s14, v4);
            TLanes bit2 = TLanes.ShiftLeft(bit3, 1);
            s20 = TLanes.AddWhereNegative(bit2, s20, v0);
            s21 = TLanes.AddWhereNegative(bit2, s21, v1);
            s22 = TLanes.AddWhereNegative(bit2, s22, v2);
            s23 = TLanes.AddWhereNegative(bit2, s23, v3);
            s24 = TLanes.AddWhereNegative(bit2, s24, v4);
            s30 = TLanes.AddWhereNegative(bit3, s30, v0);
            s31 = TLanes.AddWhereNegative(bit3, s31, v1);
            s32 = TLanes.AddWhereNegative(bit3, s32, v2);
            s33 = TLanes.AddWhereNegative(bit3, s33, v3);
            s34 = TLanes.AddWhereNegative(bit3, s34, v4);
            values += stride;
            signs += stride;
        }

        TLanes.Store(s00, sums);
        TLanes.Store(s01, sums + 16);
        TLanes.Store(s02, sums + 32);
        TLanes.Store(s03, sums + 48);
        TLanes.Store(s04, sums + 64);
        TLanes.Store(s10, u1);
        TLanes.Store(s11, u1 + 16);
        TLanes.Store(s12, u1 + 32);
        TLanes.Store(s13, u1 + 48);
        TLanes.Store(s14, u1 + 64);
        TLanes.Store(s20, u2);
        TLanes.Store(s21, u2 + 16);
        TLanes.Store(s22, u2 + 32);
        TLanes.Store(s23, u2 + 48);
        TLanes.Store(s24, u2 + 64);
        TLanes.Store(s30, u3);
        TLanes.Store(s31, u3 + 16);
        TLanes.Store(s32, u3 + 32);
        TLanes.Store(s33, u3 + 48);
        TLanes.Store(s34, u3 + 64);
    }

    /// <summary>Adds the 16 lanes of every sum in a fixed tree and moves the totals to double precision.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Flush()
    {
        int count = _paddedUnits * _valueRows;
        float* sum = _sums.Pointer;
        double* moment = _moments.Pointer;
        for (int i = 0; i < count; i++, sum += 16)
            moment[i] += FixedOrder.ReduceLanes(sum);
        moment[count] += FixedOrder.ReduceLanes(_outputSum.Pointer);
        _chunksPending = 0;
    }
}
