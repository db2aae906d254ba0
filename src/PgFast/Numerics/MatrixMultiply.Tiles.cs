using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace PgFast.Numerics;

// One register tile a method: the compiler stops tracking locals at 1,024, and a tile must stay in registers. A name says rows × vectors.
// sRV accumulates row R, vector V of C; bV is vector V of a row of B; x is an element of A in every lane.
internal static unsafe partial class MatrixMultiply
{
    // How a sum ends is spelt out tile by tile: a helper that looks at each sum's ending costs 2 to 3 % of a 64 × 64 layer.

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tile4x4<TLanes>(in Factors factors, float* a, float* b, float* c, in Tile tile)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        nint aRowStride = factors.ARowStride, aDepthStride = factors.ADepthStride, bStride = factors.BStride, cStride = tile.CStride;
        float* start = tile.Start;
        nint startStride = tile.StartStride;
        TLanes s00 = TLanes.Load(start), s01 = TLanes.Load(start + TLanes.Count), s02 = TLanes.Load(start + 2 * TLanes.Count), s03 = TLanes.Load(start + 3 * TLanes.Count);
        TLanes s10 = TLanes.Load(start + startStride), s11 = TLanes.Load(start + startStride + TLanes.Count), s12 = TLanes.Load(start + startStride + 2 * TLanes.Count), s13 = TLanes.Load(start + startStride + 3 * TLanes.Count);
        TLanes s20 = TLanes.Load(start + 2 * startStride), s21 = TLanes.Load(start + 2 * startStride + TLanes.Count), s22 = TLanes.Load(start + 2 * startStride + 2 * TLanes.Count), s23 = TLanes.Load(start + 2 * startStride + 3 * TLanes.Count);
        TLanes s30 = TLanes.Load(start + 3 * startStride), s31 = TLanes.Load(start + 3 * startStride + TLanes.Count), s32 = TLanes.Load(start + 3 * startStride + 2 * TLanes.Count), s33 = TLanes.Load(start + 3 * startStride + 3 * TLanes.Count);
        float* ahead = tile.Ahead;
        nint aheadStep = tile.AheadStep;
        for (int k = 0; k < factors.Depth; k++)
        {
            TLanes b0 = TLanes.Load(b), b1 = TLanes.Load(b + TLanes.Count), b2 = TLanes.Load(b + 2 * TLanes.Count), b3 = TLanes.Load(b + 3 * TLanes.Count);
            TLanes x = TLanes.Broadcast(*a);
            s00 = TLanes.FusedMultiplyAdd(x, b0, s00);
            s01 = TLanes.FusedMultiplyAdd(x, b1, s01);
            s02 = TLanes.FusedMultiplyAdd(x, b2, s02);
            s03 = TLanes.FusedMultiplyAdd(x, b3, s03);
            x = TLanes.Broadcast(a[aRowStride]);
            s10 = TLanes.FusedMultiplyAdd(x, b0, s10);
            s11 = TLanes.FusedMultiplyAdd(x, b1, s11);
            s12 = TLanes.FusedMultiplyAdd(x, b2, s12);
            s13 = TLanes.FusedMultiplyAdd(x, b3, s13);
            x = TLanes.Broadcast(a[2 * aRowStride]);
            s20 = TLanes.FusedMultiplyAdd(x, b0, s20);
            s21 = TLanes.FusedMultiplyAdd(x, b1, s21);
            s22 = TLanes.FusedMultiplyAdd(x, b2, s22);
            s23 = TLanes.FusedMultiplyAdd(x, b3, s23);
            x = TLanes.Broadcast(a[3 * aRowStride]);
            s30 = TLanes.FusedMultiplyAdd(x, b0, s30);
            s31 = TLanes.FusedMultiplyAdd(x, b1, s31);
            s32 = TLanes.FusedMultiplyAdd(x, b2, s32);
            s33 = TLanes.FusedMultiplyAdd(x, b3, s33);
            if (Sse.IsSupported)
            {
                Sse.Prefetch1(ahead);
                ahead += aheadStep;
            }

            a += aDepthStride;
            b += bStride;
        }

        if (tile.Finish == Finish.Relu)
        {
            s00 = TLanes.MaxInt32(s00, TLanes.Zero);
            s01 = TLanes.MaxInt32(s01, TLanes.Zero);
            s02 = TLanes.MaxInt32(s02, TLanes.Zero);
            s03 = TLanes.MaxInt32(s03, TLanes.Zero);
            s10 = TLanes.MaxInt32(s10, TLanes.Zero);
            s11 = TLanes.MaxInt32(s11, TLanes.Zero);
            s12 = TLanes.MaxInt32(s12, TLanes.Zero);
            s13 = TLanes.MaxInt32(s13, TLanes.Zero);
            s20 = TLanes.MaxInt32(s20, TLanes.Zero);
            s21 = TLanes.MaxInt32(s21, TLanes.Zero);
            s22 = TLanes.MaxInt32(s22, TLanes.Zero);
            s23 = TLanes.MaxInt32(s23, TLanes.Zero);
            s30 = TLanes.MaxInt32(s30, TLanes.Zero);
            s31 = TLanes.MaxInt32(s31, TLanes.Zero);
            s32 = TLanes.MaxInt32(s32, TLanes.Zero);
            s33 = TLanes.MaxInt32(s33, TLanes.Zero);
        }
        else if (tile.Finish == Finish.ReluGate)
        {
            float* gate = tile.Gate;
            s00 &= TLanes.GreaterThanInt32(TLanes.Load(gate), TLanes.Zero);
            s01 &= TLanes.GreaterThanInt32(TLanes.Load(gate + TLanes.Count), TLanes.Zero);
            s02 &= TLanes.GreaterThanInt32(TLanes.Load(gate + 2 * TLanes.Count), TLanes.Zero);
            s03 &= TLanes.GreaterThanInt32(TLanes.Load(gate + 3 * TLanes.Count), TLanes.Zero);
            s10 &= TLanes.GreaterThanInt32(TLanes.Load(gate + cStride), TLanes.Zero);
            s11 &= TLanes.GreaterThanInt32(TLanes.Load(gate + cStride + TLanes.Count), TLanes.Zero);
            s12 &= TLanes.GreaterThanInt32(TLanes.Load(gate + cStride + 2 * TLanes.Count), TLanes.Zero);
            s13 &= TLanes.GreaterThanInt32(TLanes.Load(gate + cStride + 3 * TLanes.Count), TLanes.Zero);
            s20 &= TLanes.GreaterThanInt32(TLanes.Load(gate + 2 * cStride), TLanes.Zero);
            s21 &= TLanes.GreaterThanInt32(TLanes.Load(gate + 2 * cStride + TLanes.Count), TLanes.Zero);
            s22 &= TLanes.GreaterThanInt32(TLanes.Load(gate + 2 * cStride + 2 * TLanes.Count), TLanes.Zero);
            s23 &= TLanes.GreaterThanInt32(TLanes.Load(gate + 2 * cStride + 3 * TLanes.Count), TLanes.Zero);
            s30 &= TLanes.GreaterThanInt32(TLanes.Load(gate + 3 * cStride), TLanes.Zero);
            s31 &= TLanes.GreaterThanInt32(TLanes.Load(gate + 3 * cStride + TLanes.Count), TLanes.Zero);
            s32 &= TLanes.GreaterThanInt32(TLanes.Load(gate + 3 * cStride + 2 * TLanes.Count), TLanes.Zero);
            s33 &= TLanes.GreaterThanInt32(TLanes.Load(gate + 3 * cStride + 3 * TLanes.Count), TLanes.Zero);
        }
        else if (tile.Finish == Finish.TanhGate)
        {
            float* gate = tile.Gate;
            s00 *= OneMinusSquare(TLanes.Load(gate));
            s01 *= OneMinusSquare(TLanes.Load(gate + TLanes.Count));
            s02 *= OneMinusSquare(TLanes.Load(gate + 2 * TLanes.Count));
            s03 *= OneMinusSquare(TLanes.Load(gate + 3 * TLanes.Count));
            s10 *= OneMinusSquare(TLanes.Load(gate + cStride));
            s11 *= OneMinusSquare(TLanes.Load(gate + cStride + TLanes.Count));
            s12 *= OneMinusSquare(TLanes.Load(gate + cStride + 2 * TLanes.Count));
            s13 *= OneMinusSquare(TLanes.Load(gate + cStride + 3 * TLanes.Count));
            s20 *= OneMinusSquare(TLanes.Load(gate + 2 * cStride));
            s21 *= OneMinusSquare(TLanes.Load(gate + 2 * cStride + TLanes.Count));
            s22 *= OneMinusSquare(TLanes.Load(gate + 2 * cStride + 2 * TLanes.Count));
            s23 *= OneMinusSquare(TLanes.Load(gate + 2 * cStride + 3 * TLanes.Count));
            s30 *= OneMinusSquare(TLanes.Load(gate + 3 * cStride));
            s31 *= OneMinusSquare(TLanes.Load(gate + 3 * cStride + TLanes.Count));
            s32 *= OneMinusSquare(TLanes.Load(gate + 3 * cStride + 2 * TLanes.Count));
            s33 *= OneMinusSquare(TLanes.Load(gate + 3 * cStride + 3 * TLanes.Count));
        }

        if (tile.Sum != null)
        {
            float* sum = tile.Sum;
            TLanes.Store((((TLanes.Load(sum) + s00) + s10) + s20) + s30, sum);
            TLanes.Store((((TLanes.Load(sum + TLanes.Count) + s01) + s11) + s21) + s31, sum + TLanes.Count);
            TLanes.Store((((TLanes.Load(sum + 2 * TLanes.Count) + s02) + s12) + s22) + s32, sum + 2 * TLanes.Count);
            TLanes.Store((((TLanes.Load(sum + 3 * TLanes.Count) + s03) + s13) + s23) + s33, sum + 3 * TLanes.Count);
        }

        TLanes.Store(s00, c);
        TLanes.Store(s01, c + TLanes.Count);
        TLanes.Store(s02, c + 2 * TLanes.Count);
        TLanes.Store(s03, c + 3 * TLanes.Count);
        TLanes.Store(s10, c + cStride);
        TLanes.Store(s11, c + cStride + TLanes.Count);
        TLanes.Store(s12, c + cStride + 2 * TLanes.Count);
        TLanes.Store(s13, c + cStride + 3 * TLanes.Count);
        TLanes.Store(s20, c + 2 * cStride);
        TLanes.Store(s21, c + 2 * cStride + TLanes.Count);
        TLanes.Store(s22, c + 2 * cStride + 2 * TLanes.Count);
        TLanes.Store(s23, c + 2 * cStride + 3 * TLanes.Count);
        TLanes.Store(s30, c + 3 * cStride);
        TLanes.Store(s31, c + 3 * cStride + TLanes.Count);
        TLanes.Store(s32, c + 3 * cStride + 2 * TLanes.Count);
        TLanes.Store(s33, c + 3 * cStride + 3 * TLanes.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tile6x2<TLanes>(in Factors factors, float* a, float* b, float* c, in Tile tile)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        nint aRowStride = factors.ARowStride, aDepthStride = factors.ADepthStride, bStride = factors.BStride, cStride = tile.CStride;
        float* start = tile.Start;
        nint startStride = tile.StartStride;
        TLanes s00 = TLanes.Load(start), s01 = TLanes.Load(start + TLanes.Count);
        TLanes s10 = TLanes.Load(start + startStride), s11 = TLanes.Load(start + startStride + TLanes.Count);
        TLanes s20 = TLanes.Load(start + 2 * startStride), s21 = TLanes.Load(start + 2 * startStride + TLanes.Count);
        TLanes s30 = TLanes.Load(start + 3 * startStride), s31 = TLanes.Load(start + 3 * startStride + TLanes.Count);
        TLanes s40 = TLanes.Load(start + 4 * startStride), s41 = TLanes.Load(start + 4 * startStride + TLanes.Count);
        TLanes s50 = TLanes.Load(start + 5 * startStride), s51 = TLanes.Load(start + 5 * startStride + TLanes.Count);
        float* ahead = tile.Ahead;
        nint aheadStep = tile.AheadStep;
        for (int k = 0; k < factors.Depth; k++)
        {
            TLanes b0 = TLanes.Load(b), b1 = TLanes.Load(b + TLanes.Count);
            TLanes x = TLanes.Broadcast(*a);
            s00 = TLanes.FusedMultiplyAdd(x, b0, s00);
            s01 = TLanes.FusedMultiplyAdd(x, b1, s01);
            x = TLanes.Broadcast(a[aRowStride]);
            s10 = TLanes.FusedMultiplyAdd(x, b0, s10);
            s11 = TLanes.FusedMultiplyAdd(x, b1, s11);
            x = TLanes.Broadcast(a[2 * aRowStride]);
            s20 = TLanes.FusedMultiplyAdd(x, b0, s20);
            s21 = TLanes.FusedMultiplyAdd(x, b1, s21);
            x = TLanes.Broadcast(a[3 * aRowStride]);
            s30 = TLanes.FusedMultiplyAdd(x, b0, s30);
            s31 = TLanes.FusedMultiplyAdd(x, b1, s31);
            x = TLanes.Broadcast(a[4 * aRowStride]);
            s40 = TLanes.FusedMultiplyAdd(x, b0, s40);
            s41 = TLanes.FusedMultiplyAdd(x, b1, s41);
            x = TLanes.Broadcast(a[5 * aRowStride]);
            s50 = TLanes.FusedMultiplyAdd(x, b0, s50);
            s51 = TLanes.FusedMultiplyAdd(x, b1, s51);
            if (Sse.IsSupported)
            {
                Sse.Prefetch1(ahead);
                ahead += aheadStep;
            }

            a += aDepthStride;
            b += bStride;
        }

        if (tile.Finish == Finish.Relu)
        {
            s00 = TLanes.MaxInt32(s00, TLanes.Zero);
            s01 = TLanes.MaxInt32(s01, TLanes.Zero);
            s10 = TLanes.MaxInt32(s10, TLanes.Zero);
            s11 = TLanes.MaxInt32(s11, TLanes.Zero);
            s20 = TLanes.MaxInt32(s20, TLanes.Zero);
            s21 = TLanes.MaxInt32(s21, TLanes.Zero);
            s30 = TLanes.MaxInt32(s30, TLanes.Zero);
            s31 = TLanes.MaxInt32(s31, TLanes.Zero);
            s40 = TLanes.MaxInt32(s40, TLanes.Zero);
            s41 = TLanes.MaxInt32(s41, TLanes.Zero);
            s50 = TLanes.MaxInt32(s50, TLanes.Zero);
            s51 = TLanes.MaxInt32(s51, TLanes.Zero);
        }
        else if (tile.Finish == Finish.ReluGate)
        {
            float* gate = tile.Gate;
            s00 &= TLanes.GreaterThanInt32(TLanes.Load(gate), TLanes.Zero);
            s01 &= TLanes.GreaterThanInt32(TLanes.Load(gate + TLanes.Count), TLanes.Zero);
            s10 &= TLanes.GreaterThanInt32(TLanes.Load(gate + cStride), TLanes.Zero);
            s11 &= TLanes.GreaterThanInt32(TLanes.Load(gate + cStride + TLanes.Count), TLanes.Zero);
            s20 &= TLanes.GreaterThanInt32(TLanes.Load(gate + 2 * cStride), TLanes.Zero);
            s21 &= TLanes.GreaterThanInt32(TLanes.Load(gate + 2 * cStride + TLanes.Count), TLanes.Zero);
            s30 &= TLanes.GreaterThanInt32(TLanes.Load(gate + 3 * cStride), TLanes.Zero);
            s31 &= TLanes.GreaterThanInt32(TLanes.Load(gate + 3 * cStride + TLanes.Count), TLanes.Zero);
            s40 &= TLanes.GreaterThanInt32(TLanes.Load(gate + 4 * cStride), TLanes.Zero);
            s41 &= TLanes.GreaterThanInt32(TLanes.Load(gate + 4 * cStride + TLanes.Count), TLanes.Zero);
            s50 &= TLanes.GreaterThanInt32(TLanes.Load(gate + 5 * cStride), TLanes.Zero);
            s51 &= TLanes.GreaterThanInt32(TLanes.Load(gate + 5 * cStride + TLanes.Count), TLanes.Zero);
        }
        else if (tile.Finish == Finish.TanhGate)
        {
            float* gate = tile.Gate;
            s00 *= OneMinusSquare(TLanes.Load(gate));
            s01 *= OneMinusSquare(TLanes.Load(gate + TLanes.Count));
            s10 *= OneMinusSquare(TLanes.Load(gate + cStride));
            s11 *= OneMinusSquare(TLanes.Load(gate + cStride + TLanes.Count));
            s20 *= OneMinusSquare(TLanes.Load(gate + 2 * cStride));
            s21 *= OneMinusSquare(TLanes.Load(gate + 2 * cStride + TLanes.Count));
            s30 *= OneMinusSquare(TLanes.Load(gate + 3 * cStride));
            s31 *= OneMinusSquare(TLanes.Load(gate + 3 * cStride + TLanes.Count));
            s40 *= OneMinusSquare(TLanes.Load(gate + 4 * cStride));
            s41 *= OneMinusSquare(TLanes.Load(gate + 4 * cStride + TLanes.Count));
            s50 *= OneMinusSquare(TLanes.Load(gate + 5 * cStride));
            s51 *= OneMinusSquare(TLanes.Load(gate + 5 * cStride + TLanes.Count));
        }

        if (tile.Sum != null)
        {
            float* sum = tile.Sum;
            TLanes.Store((((((TLanes.Load(sum) + s00) + s10) + s20) + s30) + s40) + s50, sum);
            TLanes.Store((((((TLanes.Load(sum + TLanes.Count) + s01) + s11) + s21) + s31) + s41) + s51, sum + TLanes.Count);
        }

        TLanes.Store(s00, c);
        TLanes.Store(s01, c + TLanes.Count);
        TLanes.Store(s10, c + cStride);
        TLanes.Store(s11, c + cStride + TLanes.Count);
        TLanes.Store(s20, c + 2 * cStride);
        TLanes.Store(s21, c + 2 * cStride + TLanes.Count);
        TLanes.Store(s30, c + 3 * cStride);
        TLanes.Store(s31, c + 3 * cStride + TLanes.Count);
        TLanes.Store(s40, c + 4 * cStride);
        TLanes.Store(s41, c + 4 * cStride + TLanes.Count);
        TLanes.Store(s50, c + 5 * cStride);
        TLanes.Store(s51, c + 5 * cStride + TLanes.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tile4x2<TLanes>(in Factors factors, float* a, float* b, float* c, in Tile tile)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        nint aRowStride = factors.ARowStride, aDepthStride = factors.ADepthStride, bStride = factors.BStride, cStride = tile.CStride;
        float* start = tile.Start;
        nint startStride = tile.StartStride;
        TLanes s00 = TLanes.Load(start), s01 = TLanes.Load(start + TLanes.Count);
        TLanes s10 = TLanes.Load(start + startStride), s11 = TLanes.Load(start + startStride + TLanes.Count);
        TLanes s20 = TLanes.Load(start + 2 * startStride), s21 = TLanes.Load(start + 2 * startStride + TLanes.Count);
        TLanes s30 = TLanes.Load(start + 3 * startStride), s31 = TLanes.Load(start + 3 * startStride + TLanes.Count);
        float* ahead = tile.Ahead;
        nint aheadStep = tile.AheadStep;
        for (int k = 0; k < factors.Depth; k++)
        {
            TLanes b0 = TLanes.Load(b), b1 = TLanes.Load(b + TLanes.Count);
            TLanes x = TLanes.Broadcast(*a);
            s00 = TLanes.FusedMultiplyAdd(x, b0, s00);
            s01 = TLanes.FusedMultiplyAdd(x, b1, s01);
            x = TLanes.Broadcast(a[aRowStride]);
            s10 = TLanes.FusedMultiplyAdd(x, b0, s10);
            s11 = TLanes.FusedMultiplyAdd(x, b1, s11);
            x = TLanes.Broadcast(a[2 * aRowStride]);
            s20 = TLanes.FusedMultiplyAdd(x, b0, s20);
            s21 = TLanes.FusedMultiplyAdd(x, b1, s21);
            x = TLanes.Broadcast(a[3 * aRowStride]);
            s30 = TLanes.FusedMultiplyAdd(x, b0, s30);
            s31 = TLanes.FusedMultiplyAdd(x, b1, s31);
            if (Sse.IsSupported)
            {
                Sse.Prefetch1(ahead);
                ahead += aheadStep;
            }

            a += aDepthStride;
            b += bStride;
        }

        if (tile.Finish == Finish.Relu)
        {
            s00 = TLanes.MaxInt32(s00, TLanes.Zero);
            s01 = TLanes.MaxInt32(s01, TLanes.Zero);
            s10 = TLanes.MaxInt32(s10, TLanes.Zero);
            s11 = TLanes.MaxInt32(s11, TLanes.Zero);
            s20 = TLanes.MaxInt32(s20, TLanes.Zero);
            s21 = TLanes.MaxInt32(s21, TLanes.Zero);
            s30 = TLanes.MaxInt32(s30, TLanes.Zero);
            s31 = TLanes.MaxInt32(s31, TLanes.Zero);
        }
        else if (tile.Finish == Finish.ReluGate)
        {
            float* gate = tile.Gate;
            s00 &= TLanes.GreaterThanInt32(TLanes.Load(gate), TLanes.Zero);
            s01 &= TLanes.GreaterThanInt32(TLanes.Load(gate + TLanes.Count), TLanes.Zero);
            s10 &= TLanes.GreaterThanInt32(TLanes.Load(gate + cStride), TLanes.Zero);
            s11 &= TLanes.GreaterThanInt32(TLanes.Load(gate + cStride + TLanes.Count), TLanes.Zero);
            s20 &= TLanes.GreaterThanInt32(TLanes.Load(gate + 2 * cStride), TLanes.Zero);
            s21 &= TLanes.GreaterThanInt32(TLanes.Load(gate + 2 * cStride + TLanes.Count), TLanes.Zero);
            s30 &= TLanes.GreaterThanInt32(TLanes.Load(gate + 3 * cStride), TLanes.Zero);
            s31 &= TLanes.GreaterThanInt32(TLanes.Load(gate + 3 * cStride + TLanes.Count), TLanes.Zero);
        }
        else if (tile.Finish == Finish.TanhGate)
        {
            float* gate = tile.Gate;
            s00 *= OneMinusSquare(TLanes.Load(gate));
            s01 *= OneMinusSquare(TLanes.Load(gate + TLanes.Count));
            s10 *= OneMinusSquare(TLanes.Load(gate + cStride));
            s11 *= OneMinusSquare(TLanes.Load(gate + cStride + TLanes.Count));
            s20 *= OneMinusSquare(TLanes.Load(gate + 2 * cStride));
            s21 *= OneMinusSquare(TLanes.Load(gate + 2 * cStride + TLanes.Count));
            s30 *= OneMinusSquare(TLanes.Load(gate + 3 * cStride));
            s31 *= OneMinusSquare(TLanes.Load(gate + 3 * cStride + TLanes.Count));
        }

        if (tile.Sum != null)
        {
            float* sum = tile.Sum;
            TLanes.Store((((TLanes.Load(sum) + s00) + s10) + s20) + s30, sum);
            TLanes.Store((((TLanes.Load(sum + TLanes.Count) + s01) + s11) + s21) + s31, sum + TLanes.Count);
        }

        TLanes.Store(s00, c);
        TLanes.Store(s01, c + TLanes.Count);
        TLanes.Store(s10, c + cStride);
        TLanes.Store(s11, c + cStride + TLanes.Count);
        TLanes.Store(s20, c + 2 * cStride);
        TLanes.Store(s21, c + 2 * cStride + TLanes.Count);
        TLanes.Store(s30, c + 3 * cStride);
        TLanes.Store(s31, c + 3 * cStride + TLanes.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tile4x1<TLanes>(in Factors factors, float* a, float* b, float* c, in Tile tile)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        nint aRowStride = factors.ARowStride, aDepthStride = factors.ADepthStride, bStride = factors.BStride, cStride = tile.CStride;
        float* start = tile.Start;
        nint startStride = tile.StartStride;
        TLanes s00 = TLanes.Load(start);
        TLanes s10 = TLanes.Load(start + startStride);
        TLanes s20 = TLanes.Load(start + 2 * startStride);
        TLanes s30 = TLanes.Load(start + 3 * startStride);
        for (int k = 0; k < factors.Depth; k++)
        {
            TLanes b0 = TLanes.Load(b);
            TLanes x = TLanes.Broadcast(*a);
            s00 = TLanes.FusedMultiplyAdd(x, b0, s00);
            x = TLanes.Broadcast(a[aRowStride]);
            s10 = TLanes.FusedMultiplyAdd(x, b0, s10);
            x = TLanes.Broadcast(a[2 * aRowStride]);
            s20 = TLanes.FusedMultiplyAdd(x, b0, s20);
            x = TLanes.Broadcast(a[3 * aRowStride]);
            s30 = TLanes.FusedMultiplyAdd(x, b0, s30);
            a += aDepthStride;
            b += bStride;
        }

        if (tile.Finish == Finish.Relu)
        {
            s00 = TLanes.MaxInt32(s00, TLanes.Zero);
            s10 = TLanes.MaxInt32(s10, TLanes.Zero);
            s20 = TLanes.MaxInt32(s20, TLanes.Zero);
            s30 = TLanes.MaxInt32(s30, TLanes.Zero);
        }
        else if (tile.Finish == Finish.ReluGate)
        {
            float* gate = tile.Gate;
            s00 &= TLanes.GreaterThanInt32(TLanes.Load(gate), TLanes.Zero);
            s10 &= TLanes.GreaterThanInt32(TLanes.Load(gate + cStride), TLanes.Zero);
            s20 &= TLanes.GreaterThanInt32(TLanes.Load(gate + 2 * cStride), TLanes.Zero);
            s30 &= TLanes.GreaterThanInt32(TLanes.Load(gate + 3 * cStride), TLanes.Zero);
        }
        else if (tile.Finish == Finish.TanhGate)
        {
            float* gate = tile.Gate;
            s00 *= OneMinusSquare(TLanes.Load(gate));
            s10 *= OneMinusSquare(TLanes.Load(gate + cStride));
            s20 *= OneMinusSquare(TLanes.Load(gate + 2 * cStride));
            s30 *= OneMinusSquare(TLanes.Load(gate + 3 * cStride));
        }

        if (tile.Sum != null)
        {
            float* sum = tile.Sum;
            TLanes.Store((((TLanes.Load(sum) + s00) + s10) + s20) + s30, sum);
        }

        TLanes.Store(s00, c);
        TLanes.Store(s10, c + cStride);
        TLanes.Store(s20, c + 2 * cStride);
        TLanes.Store(s30, c + 3 * cStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes OneMinusSquare<TLanes>(TLanes x) where TLanes : unmanaged, ILanes<TLanes> =>
        TLanes.FusedNegateMultiplyAdd(x, x, TLanes.Broadcast(1f));
}
