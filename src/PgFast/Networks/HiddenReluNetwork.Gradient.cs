using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Networks;

// Backward: masked sums of δ·x by unit, and what they say about the weights.
internal sealed unsafe partial class HiddenReluNetwork<TLanes>
{
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
                    TLanes check = TLanes.Load(outputSum + 16 + part);
                    for (int input = 0; input < inputs; input++, target += 16)
                    {
                        TLanes product = d * TLanes.Load(observation + input * lanes + lane);
                        check += product;
                        TLanes.Store(product, target);
                    }

                    TLanes.Store(check, outputSum + 16 + part);
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

    /// <summary>The sums of 4 units, in one go where there are 32 registers, in two where there are 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddMasked(float* values, float* signs, int shift, int stride, int vectors, float* sums, int unitStride)
    {
        if (TLanes.Count == 16)
        {
            AddMasked4(values, signs, shift, stride, vectors, sums, unitStride);
            return;
        }

        AddMasked2(values, signs, shift + 2, stride, vectors, sums, unitStride);
        AddMasked2(values, signs, shift, stride, vectors, sums + 2 * unitStride, unitStride);
    }

    /// <summary>sums[unit][value] += Σ over vectors of value where the unit's bit is set: 4 units × 5 values in registers.</summary>
    /// <remarks><c>shift</c> brings the last unit's bit to the sign; the other units' bits lie below it.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void AddMasked4(float* values, float* signs, int shift, int stride, int vectors, float* sums, int unitStride)
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

    /// <summary>The same for 2 units × 5 values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void AddMasked2(float* values, float* signs, int shift, int stride, int vectors, float* sums, int unitStride)
    {
        float* u1 = sums + unitStride;
        TLanes s00 = TLanes.Load(sums), s01 = TLanes.Load(sums + 16), s02 = TLanes.Load(sums + 32), s03 = TLanes.Load(sums + 48), s04 = TLanes.Load(sums + 64);
        TLanes s10 = TLanes.Load(u1), s11 = TLanes.Load(u1 + 16), s12 = TLanes.Load(u1 + 32), s13 = TLanes.Load(u1 + 48), s14 = TLanes.Load(u1 + 64);
        for (int vector = 0; vector < vectors; vector++)
        {
            TLanes bit1 = TLanes.ShiftLeft(TLanes.Load(signs), shift);
            TLanes bit0 = TLanes.ShiftLeft(bit1, 1);
            TLanes value = TLanes.Load(values);
            s00 = TLanes.AddWhereNegative(bit0, s00, value);
            s10 = TLanes.AddWhereNegative(bit1, s10, value);
            value = TLanes.Load(values + 16);
            s01 = TLanes.AddWhereNegative(bit0, s01, value);
            s11 = TLanes.AddWhereNegative(bit1, s11, value);
            value = TLanes.Load(values + 32);
            s02 = TLanes.AddWhereNegative(bit0, s02, value);
            s12 = TLanes.AddWhereNegative(bit1, s12, value);
            value = TLanes.Load(values + 48);
            s03 = TLanes.AddWhereNegative(bit0, s03, value);
            s13 = TLanes.AddWhereNegative(bit1, s13, value);
            value = TLanes.Load(values + 64);
            s04 = TLanes.AddWhereNegative(bit0, s04, value);
            s14 = TLanes.AddWhereNegative(bit1, s14, value);
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
        // A NaN observation makes units look inactive, and a masked sum then leaves it out: it must not go unnoticed.
        if (!float.IsFinite(FixedOrder.ReduceLanes(_outputSum.Pointer + 16)))
            moment[count] = double.NaN;
        _chunksPending = 0;
    }
}
