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
        int unitStride = _valueRows * 16;
        for (int block = 0; block < PaddedUnits / UnitBlock; block++)
        {
            // Every fourth unit of 16: their bits are neighbours, see Push.
            int unit = block / 4 * UnitPadding + block % 4;
            int shift = block % 4 * 8 + block / 4 % 2 * 4;
            float* signs = _stage.Pointer + (_valueRows + unit / 32) * 16;
            for (int value = 0; value < _valueRows; value += ValueBlock)
            {
                float* sums = _sums.Pointer + (nint)unit * unitStride + value * 16;
                for (int part = 0; part < 16; part += TLanes.Count)
                    AddMasked(_stage.Pointer + value * 16 + part, signs + part, shift, _stageRows * 16, vectors, sums + part, 4 * unitStride);
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
        for (int unit = 0; unit < Units; unit++)
        {
            // ∂v_j = Σ_i W1_ji·G_ji, with the bias as the weight of an input of 1.
            double* moment = _moments.Pointer + (nint)unit * _valueRows;
            double activity = HiddenBias[unit] * moment[Inputs];
            for (int input = 0; input < Inputs; input++)
                activity += InputWeight[unit * Inputs + input] * moment[input];
            AddUnit(_gradient, unit, moment, activity);
        }

        AddOutput(_gradient, _moments.Pointer[(nint)PaddedUnits * _valueRows]);
        _gradient = null;
    }

    /// <summary>Copies δ·x, δ and the activity bits of every group of 16 lanes with a live one to [vector][stage row][16].</summary>
    private int Stage(in GradientChunk chunk)
    {
        int vectors = 0;
        for (int part = 0; part < 16; part += TLanes.Count)
            vectors = Stage(chunk, part);
        return vectors;
    }

    /// <summary>The same for the lanes of one register in every group of 16; their sums stay in registers from row to row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private int Stage(in GradientChunk chunk, int part)
    {
        int lanes = chunk.Lanes, inputs = Inputs, signWords = SignWords, signRow = _valueRows * 16, stride = _stageRows * 16;
        float* stage = _stage.Pointer + part;
        float* sums = _outputSum.Pointer + part;
        TLanes total = TLanes.Load(sums), check = TLanes.Load(sums + 16);
        int vectors = 0;
        for (int row = 0; row < chunk.Rows; row++)
        {
            float* observation = chunk.Observation + (nint)row * inputs * lanes + part;
            float* delta = chunk.OutputGradient + (nint)row * lanes + part;
            float* signs = chunk.Record + (nint)row * signWords * lanes + part;
            ulong live = chunk.Live[row];
            for (int group = 0; group < lanes; group += 16, live >>= 16)
            {
                if ((live & 0xFFFF) == 0)
                    continue;
                TLanes d = TLanes.Load(delta + group);
                total += d;
                float* target = stage;
                float* source = observation + group;
                for (int input = 0; input < inputs; input++, target += 16, source += lanes)
                {
                    TLanes product = d * TLanes.Load(source);
                    check += product;
                    TLanes.Store(product, target);
                }

                TLanes.Store(d, target);
                target = stage + signRow;
                for (int word = 0; word < signWords; word++, target += 16)
                    TLanes.Store(TLanes.Load(signs + word * lanes + group), target);
                stage += stride;
                vectors++;
            }
        }

        TLanes.Store(total, sums);
        TLanes.Store(check, sums + 16);
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

        AddMasked2(values, signs, shift, stride, vectors, sums, unitStride);
        AddMasked2(values, signs, shift + 2, stride, vectors, sums + 2 * unitStride, unitStride);
    }

    /// <summary>sums[unit][value] += Σ over vectors of value where the unit's bit is set: 4 units × 5 values in registers.</summary>
    /// <remarks>
    /// <c>shift</c> brings the first unit's bit to the lowest place; the other units' follow it. Two units are added by adders under a mask, two
    /// by multiply-adds with 0 or 1, which give the same sums: so both kinds of unit are busy.
    /// </remarks>
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
            TLanes bits = TLanes.ShiftRightLogical(TLanes.Load(signs), shift);
            TLanes selector0 = TLanes.ShiftLeft(bits, 31), factor1 = TLanes.OneWhereBit(bits, 1);
            s00 = TLanes.AddWhereNegative(selector0, s00, v0);
            s10 = TLanes.FusedMultiplyAdd(v0, factor1, s10);
            s01 = TLanes.AddWhereNegative(selector0, s01, v1);
            s11 = TLanes.FusedMultiplyAdd(v1, factor1, s11);
            s02 = TLanes.AddWhereNegative(selector0, s02, v2);
            s12 = TLanes.FusedMultiplyAdd(v2, factor1, s12);
            s03 = TLanes.AddWhereNegative(selector0, s03, v3);
            s13 = TLanes.FusedMultiplyAdd(v3, factor1, s13);
            s04 = TLanes.AddWhereNegative(selector0, s04, v4);
            s14 = TLanes.FusedMultiplyAdd(v4, factor1, s14);
            TLanes selector2 = TLanes.ShiftLeft(bits, 29), factor3 = TLanes.OneWhereBit(bits, 3);
            s20 = TLanes.AddWhereNegative(selector2, s20, v0);
            s30 = TLanes.FusedMultiplyAdd(v0, factor3, s30);
            s21 = TLanes.AddWhereNegative(selector2, s21, v1);
            s31 = TLanes.FusedMultiplyAdd(v1, factor3, s31);
            s22 = TLanes.AddWhereNegative(selector2, s22, v2);
            s32 = TLanes.FusedMultiplyAdd(v2, factor3, s32);
            s23 = TLanes.AddWhereNegative(selector2, s23, v3);
            s33 = TLanes.FusedMultiplyAdd(v3, factor3, s33);
            s24 = TLanes.AddWhereNegative(selector2, s24, v4);
            s34 = TLanes.FusedMultiplyAdd(v4, factor3, s34);
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
            TLanes bits = TLanes.ShiftRightLogical(TLanes.Load(signs), shift);
            TLanes factor0 = TLanes.OneWhereBit(bits, 0), factor1 = TLanes.OneWhereBit(bits, 1);
            TLanes value = TLanes.Load(values);
            s00 = TLanes.FusedMultiplyAdd(value, factor0, s00);
            s10 = TLanes.FusedMultiplyAdd(value, factor1, s10);
            value = TLanes.Load(values + 16);
            s01 = TLanes.FusedMultiplyAdd(value, factor0, s01);
            s11 = TLanes.FusedMultiplyAdd(value, factor1, s11);
            value = TLanes.Load(values + 32);
            s02 = TLanes.FusedMultiplyAdd(value, factor0, s02);
            s12 = TLanes.FusedMultiplyAdd(value, factor1, s12);
            value = TLanes.Load(values + 48);
            s03 = TLanes.FusedMultiplyAdd(value, factor0, s03);
            s13 = TLanes.FusedMultiplyAdd(value, factor1, s13);
            value = TLanes.Load(values + 64);
            s04 = TLanes.FusedMultiplyAdd(value, factor0, s04);
            s14 = TLanes.FusedMultiplyAdd(value, factor1, s14);
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
        int count = PaddedUnits * _valueRows;
        float* sum = _sums.Pointer;
        double* moment = _moments.Pointer;
        for (int i = 0; i < count; i++, sum += 16)
            moment[i] += FixedOrder.ReduceLanes(sum);
        moment[count] += FixedOrder.ReduceLanes(_outputSum.Pointer);
        // A NaN observation makes units look inactive, and a masked sum leaves it out where a product with 0 does not: all or none.
        if (!float.IsFinite(FixedOrder.ReduceLanes(_outputSum.Pointer + 16)))
            _moments.Span.Fill(double.NaN);
        _chunksPending = 0;
    }
}
