using System.Runtime.CompilerServices;
using static PgFast.Numerics.Constants;

namespace PgFast.Numerics;

// Products whose inner index is short, as that over observations: B and the bias stay in registers while the rows of A pass by. A square
// tile would spend as long on loading its start and on its loop as on its few multiply-adds.
internal static unsafe partial class MatrixMultiply
{
    /// <summary>Longest inner index for which B fits the registers: two vectors a row of B, two for the bias, two for sums, one for A.</summary>
    private static int MostShallow<TLanes>() where TLanes : unmanaged, ILanes<TLanes> => TLanes.Count == 16 ? 8 : 4;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunShallow<TLanes>(in Factors factors, float* bias, float* c, nint cStride, int rows, int columns, bool relu)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        switch (factors.Depth)
        {
            case 1: RunShallow<TLanes, One>(factors, bias, c, cStride, rows, columns, relu); break;
            case 2: RunShallow<TLanes, Two>(factors, bias, c, cStride, rows, columns, relu); break;
            case 3: RunShallow<TLanes, Three>(factors, bias, c, cStride, rows, columns, relu); break;
            case 4: RunShallow<TLanes, Four>(factors, bias, c, cStride, rows, columns, relu); break;
            case 5: RunShallow<TLanes, Five>(factors, bias, c, cStride, rows, columns, relu); break;
            case 6: RunShallow<TLanes, Six>(factors, bias, c, cStride, rows, columns, relu); break;
            case 7: RunShallow<TLanes, Seven>(factors, bias, c, cStride, rows, columns, relu); break;
            default: RunShallow<TLanes, Eight>(factors, bias, c, cStride, rows, columns, relu); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunShallow<TLanes, TDepth>(in Factors factors, float* bias, float* c, nint cStride, int rows, int columns, bool relu)
        where TLanes : unmanaged, ILanes<TLanes>
        where TDepth : struct, IConstant
    {
        int column = 0;
        for (; column <= columns - 2 * TLanes.Count; column += 2 * TLanes.Count)
            ShallowStrip<TLanes, TDepth, Two>(factors, factors.B + column, bias + column, c + column, cStride, rows, relu);
        if (column < columns)
            ShallowStrip<TLanes, TDepth, One>(factors, factors.B + column, bias + column, c + column, cStride, rows, relu);
    }

    /// <summary>One or two vectors of columns of C, all rows. wKV is vector V of row K of B.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void ShallowStrip<TLanes, TDepth, TVectors>(
        in Factors factors, float* b, float* bias, float* c, nint cStride, int rows, bool relu)
        where TLanes : unmanaged, ILanes<TLanes>
        where TDepth : struct, IConstant
        where TVectors : struct, IConstant
    {
        nint aRowStride = factors.ARowStride, aDepthStride = factors.ADepthStride, bStride = factors.BStride;
        TLanes bias0 = TLanes.Load(bias), bias1 = TVectors.Value > 1 ? TLanes.Load(bias + TLanes.Count) : TLanes.Zero;
        LoadRow<TLanes, TDepth, TVectors>(0, b, bStride, out TLanes w00, out TLanes w01);
        LoadRow<TLanes, TDepth, TVectors>(1, b, bStride, out TLanes w10, out TLanes w11);
        LoadRow<TLanes, TDepth, TVectors>(2, b, bStride, out TLanes w20, out TLanes w21);
        LoadRow<TLanes, TDepth, TVectors>(3, b, bStride, out TLanes w30, out TLanes w31);
        LoadRow<TLanes, TDepth, TVectors>(4, b, bStride, out TLanes w40, out TLanes w41);
        LoadRow<TLanes, TDepth, TVectors>(5, b, bStride, out TLanes w50, out TLanes w51);
        LoadRow<TLanes, TDepth, TVectors>(6, b, bStride, out TLanes w60, out TLanes w61);
        LoadRow<TLanes, TDepth, TVectors>(7, b, bStride, out TLanes w70, out TLanes w71);
        float* a = factors.A;
        for (int row = 0; row < rows; row++, a += aRowStride, c += cStride)
        {
            float* value = a;
            TLanes s0 = bias0, s1 = bias1;
            MultiplyRow<TLanes, TDepth, TVectors>(0, ref value, aDepthStride, w00, w01, ref s0, ref s1);
            MultiplyRow<TLanes, TDepth, TVectors>(1, ref value, aDepthStride, w10, w11, ref s0, ref s1);
            MultiplyRow<TLanes, TDepth, TVectors>(2, ref value, aDepthStride, w20, w21, ref s0, ref s1);
            MultiplyRow<TLanes, TDepth, TVectors>(3, ref value, aDepthStride, w30, w31, ref s0, ref s1);
            MultiplyRow<TLanes, TDepth, TVectors>(4, ref value, aDepthStride, w40, w41, ref s0, ref s1);
            MultiplyRow<TLanes, TDepth, TVectors>(5, ref value, aDepthStride, w50, w51, ref s0, ref s1);
            MultiplyRow<TLanes, TDepth, TVectors>(6, ref value, aDepthStride, w60, w61, ref s0, ref s1);
            MultiplyRow<TLanes, TDepth, TVectors>(7, ref value, aDepthStride, w70, w71, ref s0, ref s1);
            if (relu)
            {
                s0 = TLanes.MaxInt32(s0, TLanes.Zero);
                s1 = TLanes.MaxInt32(s1, TLanes.Zero);
            }

            TLanes.Store(s0, c);
            if (TVectors.Value > 1)
                TLanes.Store(s1, c + TLanes.Count);
        }
    }

    /// <summary>Row <paramref name="row"/> of a strip, or zeros, which are never used, beyond the last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LoadRow<TLanes, TRows, TVectors>(int row, float* source, nint stride, out TLanes w0, out TLanes w1)
        where TLanes : unmanaged, ILanes<TLanes>
        where TRows : struct, IConstant
        where TVectors : struct, IConstant
    {
        w0 = row < TRows.Value ? TLanes.Load(source + row * stride) : TLanes.Zero;
        w1 = row < TRows.Value && TVectors.Value > 1 ? TLanes.Load(source + row * stride + TLanes.Count) : TLanes.Zero;
    }

    /// <summary>s += A(·, row)·w, or nothing where there is no such row; afterwards <paramref name="value"/> is at the next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyRow<TLanes, TRows, TVectors>(
        int row, ref float* value, nint stride, TLanes w0, TLanes w1, ref TLanes s0, ref TLanes s1)
        where TLanes : unmanaged, ILanes<TLanes>
        where TRows : struct, IConstant
        where TVectors : struct, IConstant
    {
        if (row >= TRows.Value)
            return;
        TLanes x = TLanes.Broadcast(*value);
        value += stride;
        s0 = TLanes.FusedMultiplyAdd(x, w0, s0);
        if (TVectors.Value > 1)
            s1 = TLanes.FusedMultiplyAdd(x, w1, s1);
    }
}
