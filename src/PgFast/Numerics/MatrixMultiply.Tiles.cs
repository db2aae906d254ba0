using System.Runtime.CompilerServices;

namespace PgFast.Numerics;

// One register tile a method: the compiler stops tracking locals at 1,024, and a tile must stay in registers. A name says rows × vectors.
// sRV accumulates row R, vector V of C; bV is vector V of a row of B; x is an element of A in every lane.
internal static unsafe partial class MatrixMultiply
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tile4x4<TLanes>(float* a, nint aRowStride, nint aDepthStride, float* b, nint bStride, float* c, nint cStride, int depth)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        float* c1 = c + cStride;
        float* c2 = c + 2 * cStride;
        float* c3 = c + 3 * cStride;
        TLanes s00 = TLanes.Load(c), s01 = TLanes.Load(c + TLanes.Count), s02 = TLanes.Load(c + 2 * TLanes.Count), s03 = TLanes.Load(c + 3 * TLanes.Count);
        TLanes s10 = TLanes.Load(c1), s11 = TLanes.Load(c1 + TLanes.Count), s12 = TLanes.Load(c1 + 2 * TLanes.Count), s13 = TLanes.Load(c1 + 3 * TLanes.Count);
        TLanes s20 = TLanes.Load(c2), s21 = TLanes.Load(c2 + TLanes.Count), s22 = TLanes.Load(c2 + 2 * TLanes.Count), s23 = TLanes.Load(c2 + 3 * TLanes.Count);
        TLanes s30 = TLanes.Load(c3), s31 = TLanes.Load(c3 + TLanes.Count), s32 = TLanes.Load(c3 + 2 * TLanes.Count), s33 = TLanes.Load(c3 + 3 * TLanes.Count);
        for (int k = 0; k < depth; k++)
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
            a += aDepthStride;
            b += bStride;
        }

        TLanes.Store(s00, c);
        TLanes.Store(s01, c + TLanes.Count);
        TLanes.Store(s02, c + 2 * TLanes.Count);
        TLanes.Store(s03, c + 3 * TLanes.Count);
        TLanes.Store(s10, c1);
        TLanes.Store(s11, c1 + TLanes.Count);
        TLanes.Store(s12, c1 + 2 * TLanes.Count);
        TLanes.Store(s13, c1 + 3 * TLanes.Count);
        TLanes.Store(s20, c2);
        TLanes.Store(s21, c2 + TLanes.Count);
        TLanes.Store(s22, c2 + 2 * TLanes.Count);
        TLanes.Store(s23, c2 + 3 * TLanes.Count);
        TLanes.Store(s30, c3);
        TLanes.Store(s31, c3 + TLanes.Count);
        TLanes.Store(s32, c3 + 2 * TLanes.Count);
        TLanes.Store(s33, c3 + 3 * TLanes.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tile4x2<TLanes>(float* a, nint aRowStride, nint aDepthStride, float* b, nint bStride, float* c, nint cStride, int depth)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        float* c1 = c + cStride;
        float* c2 = c + 2 * cStride;
        float* c3 = c + 3 * cStride;
        TLanes s00 = TLanes.Load(c), s01 = TLanes.Load(c + TLanes.Count);
        TLanes s10 = TLanes.Load(c1), s11 = TLanes.Load(c1 + TLanes.Count);
        TLanes s20 = TLanes.Load(c2), s21 = TLanes.Load(c2 + TLanes.Count);
        TLanes s30 = TLanes.Load(c3), s31 = TLanes.Load(c3 + TLanes.Count);
        for (int k = 0; k < depth; k++)
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
            a += aDepthStride;
            b += bStride;
        }

        TLanes.Store(s00, c);
        TLanes.Store(s01, c + TLanes.Count);
        TLanes.Store(s10, c1);
        TLanes.Store(s11, c1 + TLanes.Count);
        TLanes.Store(s20, c2);
        TLanes.Store(s21, c2 + TLanes.Count);
        TLanes.Store(s30, c3);
        TLanes.Store(s31, c3 + TLanes.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tile4x1<TLanes>(float* a, nint aRowStride, nint aDepthStride, float* b, nint bStride, float* c, nint cStride, int depth)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        float* c1 = c + cStride;
        float* c2 = c + 2 * cStride;
        float* c3 = c + 3 * cStride;
        TLanes s00 = TLanes.Load(c);
        TLanes s10 = TLanes.Load(c1);
        TLanes s20 = TLanes.Load(c2);
        TLanes s30 = TLanes.Load(c3);
        for (int k = 0; k < depth; k++)
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

        TLanes.Store(s00, c);
        TLanes.Store(s10, c1);
        TLanes.Store(s20, c2);
        TLanes.Store(s30, c3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tile1x4<TLanes>(float* a, nint aDepthStride, float* b, nint bStride, float* c, int depth)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes s00 = TLanes.Load(c), s01 = TLanes.Load(c + TLanes.Count), s02 = TLanes.Load(c + 2 * TLanes.Count), s03 = TLanes.Load(c + 3 * TLanes.Count);
        for (int k = 0; k < depth; k++)
        {
            TLanes b0 = TLanes.Load(b), b1 = TLanes.Load(b + TLanes.Count), b2 = TLanes.Load(b + 2 * TLanes.Count), b3 = TLanes.Load(b + 3 * TLanes.Count);
            TLanes x = TLanes.Broadcast(*a);
            s00 = TLanes.FusedMultiplyAdd(x, b0, s00);
            s01 = TLanes.FusedMultiplyAdd(x, b1, s01);
            s02 = TLanes.FusedMultiplyAdd(x, b2, s02);
            s03 = TLanes.FusedMultiplyAdd(x, b3, s03);
            a += aDepthStride;
            b += bStride;
        }

        TLanes.Store(s00, c);
        TLanes.Store(s01, c + TLanes.Count);
        TLanes.Store(s02, c + 2 * TLanes.Count);
        TLanes.Store(s03, c + 3 * TLanes.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tile1x2<TLanes>(float* a, nint aDepthStride, float* b, nint bStride, float* c, int depth)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes s00 = TLanes.Load(c), s01 = TLanes.Load(c + TLanes.Count);
        for (int k = 0; k < depth; k++)
        {
            TLanes b0 = TLanes.Load(b), b1 = TLanes.Load(b + TLanes.Count);
            TLanes x = TLanes.Broadcast(*a);
            s00 = TLanes.FusedMultiplyAdd(x, b0, s00);
            s01 = TLanes.FusedMultiplyAdd(x, b1, s01);
            a += aDepthStride;
            b += bStride;
        }

        TLanes.Store(s00, c);
        TLanes.Store(s01, c + TLanes.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tile1x1<TLanes>(float* a, nint aDepthStride, float* b, nint bStride, float* c, int depth)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes s00 = TLanes.Load(c);
        for (int k = 0; k < depth; k++)
        {
            TLanes b0 = TLanes.Load(b);
            TLanes x = TLanes.Broadcast(*a);
            s00 = TLanes.FusedMultiplyAdd(x, b0, s00);
            a += aDepthStride;
            b += bStride;
        }

        TLanes.Store(s00, c);
    }
}
