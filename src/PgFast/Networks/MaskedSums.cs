using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Networks;

/// <summary>
/// Σ value·m of every hidden unit, where m is the bit that says whether a ReLU was active: all that the gradient of one hidden ReLU layer needs, see
/// <see cref="HiddenReluNetwork{TLanes}"/>, whose forward pass wrote the bits.
/// </summary>
internal static unsafe class MaskedSums<TLanes> where TLanes : unmanaged, ILanes<TLanes>
{
    /// <summary>Hidden units and values whose sums stay in registers: 4 × 5.</summary>
    private const int UnitBlock = 4;
    private const int ValueBlock = 5;

    /// <summary>What the number of units is padded to: every fourth unit of 16 is taken together, as their bits are neighbours.</summary>
    public const int UnitPadding = 16;

    /// <summary>Words of activity bits a lane, 32 units each.</summary>
    public static int SignWords(int units) => (units + 31) / 32;

    /// <summary>Values summed a unit: inputs and the bias's 1, and what fills a block.</summary>
    public static int ValueRows(int inputs) => (inputs + 1 + ValueBlock - 1) / ValueBlock * ValueBlock;

    /// <summary>Adds all values of all vectors to the sums of all units, lane by lane.</summary>
    /// <param name="stage">[vector][valueRows + signWords][16]: values, then activity bits, 32 units a word.</param>
    /// <param name="valueRows">A multiple of <see cref="ValueBlock"/>.</param>
    /// <param name="signWords">Words of bits a lane.</param>
    /// <param name="vectors">Groups of 16 lanes.</param>
    /// <param name="units">A multiple of <see cref="UnitPadding"/>.</param>
    /// <param name="sums">[unit][value][16], in any strides; added to, never −0.</param>
    /// <param name="unitStride">Floats between units.</param>
    /// <param name="valueStride">Floats between values.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(float* stage, int valueRows, int signWords, int vectors, int units, float* sums, nint unitStride, nint valueStride)
    {
        int stride = (valueRows + signWords) * 16;
        for (int block = 0; block < units / UnitBlock; block++)
        {
            int unit = block / 4 * UnitPadding + block % 4;
            int shift = block % 4 * 8 + block / 4 % 2 * 4;
            float* signs = stage + (valueRows + unit / 32) * 16;
            for (int value = 0; value < valueRows; value += ValueBlock)
            {
                float* sum = sums + unit * unitStride + value * valueStride;
                for (int part = 0; part < 16; part += TLanes.Count)
                    AddMasked(stage + value * 16 + part, signs + part, shift, stride, vectors, sum + part, 4 * unitStride, valueStride);
            }
        }
    }

    /// <summary>The sums of 4 units, in one go where there are 32 registers, in two where there are 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddMasked(float* values, float* signs, int shift, int stride, int vectors, float* sums, nint unitStride, nint valueStride)
    {
        if (TLanes.Count == 16)
        {
            AddMasked4(values, signs, shift, stride, vectors, sums, unitStride, valueStride);
            return;
        }

        AddMasked2(values, signs, shift, stride, vectors, sums, unitStride, valueStride);
        AddMasked2(values, signs, shift + 2, stride, vectors, sums + 2 * unitStride, unitStride, valueStride);
    }

    /// <summary>sums[unit][value] += Σ over vectors of value where the unit's bit is set: 4 units × 5 values in registers.</summary>
    /// <remarks>
    /// <c>shift</c> brings the first unit's bit to the lowest place; the other units' follow it. Two units are added by adders under a mask, two
    /// by multiply-adds with 0 or 1, which give the same sums: so both kinds of unit are busy.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void AddMasked4(float* values, float* signs, int shift, int stride, int vectors, float* sums, nint unitStride, nint valueStride)
    {
        float* u1 = sums + unitStride;
        float* u2 = u1 + unitStride;
        float* u3 = u2 + unitStride;
        TLanes s00 = TLanes.Load(sums), s01 = TLanes.Load(sums + valueStride), s02 = TLanes.Load(sums + 2 * valueStride), s03 = TLanes.Load(sums + 3 * valueStride), s04 = TLanes.Load(sums + 4 * valueStride);
        TLanes s10 = TLanes.Load(u1), s11 = TLanes.Load(u1 + valueStride), s12 = TLanes.Load(u1 + 2 * valueStride), s13 = TLanes.Load(u1 + 3 * valueStride), s14 = TLanes.Load(u1 + 4 * valueStride);
        TLanes s20 = TLanes.Load(u2), s21 = TLanes.Load(u2 + valueStride), s22 = TLanes.Load(u2 + 2 * valueStride), s23 = TLanes.Load(u2 + 3 * valueStride), s24 = TLanes.Load(u2 + 4 * valueStride);
        TLanes s30 = TLanes.Load(u3), s31 = TLanes.Load(u3 + valueStride), s32 = TLanes.Load(u3 + 2 * valueStride), s33 = TLanes.Load(u3 + 3 * valueStride), s34 = TLanes.Load(u3 + 4 * valueStride);
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
        TLanes.Store(s01, sums + valueStride);
        TLanes.Store(s02, sums + 2 * valueStride);
        TLanes.Store(s03, sums + 3 * valueStride);
        TLanes.Store(s04, sums + 4 * valueStride);
        TLanes.Store(s10, u1);
        TLanes.Store(s11, u1 + valueStride);
        TLanes.Store(s12, u1 + 2 * valueStride);
        TLanes.Store(s13, u1 + 3 * valueStride);
        TLanes.Store(s14, u1 + 4 * valueStride);
        TLanes.Store(s20, u2);
        TLanes.Store(s21, u2 + valueStride);
        TLanes.Store(s22, u2 + 2 * valueStride);
        TLanes.Store(s23, u2 + 3 * valueStride);
        TLanes.Store(s24, u2 + 4 * valueStride);
        TLanes.Store(s30, u3);
        TLanes.Store(s31, u3 + valueStride);
        TLanes.Store(s32, u3 + 2 * valueStride);
        TLanes.Store(s33, u3 + 3 * valueStride);
        TLanes.Store(s34, u3 + 4 * valueStride);
    }

    /// <summary>The same for 2 units × 5 values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void AddMasked2(float* values, float* signs, int shift, int stride, int vectors, float* sums, nint unitStride, nint valueStride)
    {
        float* u1 = sums + unitStride;
        TLanes s00 = TLanes.Load(sums), s01 = TLanes.Load(sums + valueStride), s02 = TLanes.Load(sums + 2 * valueStride), s03 = TLanes.Load(sums + 3 * valueStride), s04 = TLanes.Load(sums + 4 * valueStride);
        TLanes s10 = TLanes.Load(u1), s11 = TLanes.Load(u1 + valueStride), s12 = TLanes.Load(u1 + 2 * valueStride), s13 = TLanes.Load(u1 + 3 * valueStride), s14 = TLanes.Load(u1 + 4 * valueStride);
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
        TLanes.Store(s01, sums + valueStride);
        TLanes.Store(s02, sums + 2 * valueStride);
        TLanes.Store(s03, sums + 3 * valueStride);
        TLanes.Store(s04, sums + 4 * valueStride);
        TLanes.Store(s10, u1);
        TLanes.Store(s11, u1 + valueStride);
        TLanes.Store(s12, u1 + 2 * valueStride);
        TLanes.Store(s13, u1 + 3 * valueStride);
        TLanes.Store(s14, u1 + 4 * valueStride);
    }
}
