using System.Runtime.CompilerServices;

namespace PgFast.Numerics;

// Tiles of one row, for what the others leave.
internal static unsafe partial class MatrixMultiply
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tile1x4<TLanes>(in Factors factors, float* a, float* b, float* c, in Tile tile)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        nint aDepthStride = factors.ADepthStride, bStride = factors.BStride;
        float* start = tile.Start;
        TLanes s00 = TLanes.Load(start), s01 = TLanes.Load(start + TLanes.Count), s02 = TLanes.Load(start + 2 * TLanes.Count), s03 = TLanes.Load(start + 3 * TLanes.Count);
        for (int k = 0; k < factors.Depth; k++)
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

        if (tile.Finish == Finish.Relu)
        {
            s00 = TLanes.MaxInt32(s00, TLanes.Zero);
            s01 = TLanes.MaxInt32(s01, TLanes.Zero);
            s02 = TLanes.MaxInt32(s02, TLanes.Zero);
            s03 = TLanes.MaxInt32(s03, TLanes.Zero);
        }
        else if (tile.Finish == Finish.ReluGate)
        {
            float* gate = tile.Gate;
            s00 &= TLanes.GreaterThanInt32(TLanes.Load(gate), TLanes.Zero);
            s01 &= TLanes.GreaterThanInt32(TLanes.Load(gate + TLanes.Count), TLanes.Zero);
            s02 &= TLanes.GreaterThanInt32(TLanes.Load(gate + 2 * TLanes.Count), TLanes.Zero);
            s03 &= TLanes.GreaterThanInt32(TLanes.Load(gate + 3 * TLanes.Count), TLanes.Zero);
        }
        else if (tile.Finish == Finish.TanhGate)
        {
            float* gate = tile.Gate;
            s00 *= OneMinusSquare(TLanes.Load(gate));
            s01 *= OneMinusSquare(TLanes.Load(gate + TLanes.Count));
            s02 *= OneMinusSquare(TLanes.Load(gate + 2 * TLanes.Count));
            s03 *= OneMinusSquare(TLanes.Load(gate + 3 * TLanes.Count));
        }

        if (tile.Sum != null)
        {
            float* sum = tile.Sum;
            TLanes.Store(TLanes.Load(sum) + s00, sum);
            TLanes.Store(TLanes.Load(sum + TLanes.Count) + s01, sum + TLanes.Count);
            TLanes.Store(TLanes.Load(sum + 2 * TLanes.Count) + s02, sum + 2 * TLanes.Count);
            TLanes.Store(TLanes.Load(sum + 3 * TLanes.Count) + s03, sum + 3 * TLanes.Count);
        }

        TLanes.Store(s00, c);
        TLanes.Store(s01, c + TLanes.Count);
        TLanes.Store(s02, c + 2 * TLanes.Count);
        TLanes.Store(s03, c + 3 * TLanes.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tile1x2<TLanes>(in Factors factors, float* a, float* b, float* c, in Tile tile)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        nint aDepthStride = factors.ADepthStride, bStride = factors.BStride;
        float* start = tile.Start;
        TLanes s00 = TLanes.Load(start), s01 = TLanes.Load(start + TLanes.Count);
        for (int k = 0; k < factors.Depth; k++)
        {
            TLanes b0 = TLanes.Load(b), b1 = TLanes.Load(b + TLanes.Count);
            TLanes x = TLanes.Broadcast(*a);
            s00 = TLanes.FusedMultiplyAdd(x, b0, s00);
            s01 = TLanes.FusedMultiplyAdd(x, b1, s01);
            a += aDepthStride;
            b += bStride;
        }

        if (tile.Finish == Finish.Relu)
        {
            s00 = TLanes.MaxInt32(s00, TLanes.Zero);
            s01 = TLanes.MaxInt32(s01, TLanes.Zero);
        }
        else if (tile.Finish == Finish.ReluGate)
        {
            float* gate = tile.Gate;
            s00 &= TLanes.GreaterThanInt32(TLanes.Load(gate), TLanes.Zero);
            s01 &= TLanes.GreaterThanInt32(TLanes.Load(gate + TLanes.Count), TLanes.Zero);
        }
        else if (tile.Finish == Finish.TanhGate)
        {
            float* gate = tile.Gate;
            s00 *= OneMinusSquare(TLanes.Load(gate));
            s01 *= OneMinusSquare(TLanes.Load(gate + TLanes.Count));
        }

        if (tile.Sum != null)
        {
            float* sum = tile.Sum;
            TLanes.Store(TLanes.Load(sum) + s00, sum);
            TLanes.Store(TLanes.Load(sum + TLanes.Count) + s01, sum + TLanes.Count);
        }

        TLanes.Store(s00, c);
        TLanes.Store(s01, c + TLanes.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tile1x1<TLanes>(in Factors factors, float* a, float* b, float* c, in Tile tile)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        nint aDepthStride = factors.ADepthStride, bStride = factors.BStride;
        float* start = tile.Start;
        TLanes s00 = TLanes.Load(start);
        for (int k = 0; k < factors.Depth; k++)
        {
            TLanes b0 = TLanes.Load(b);
            TLanes x = TLanes.Broadcast(*a);
            s00 = TLanes.FusedMultiplyAdd(x, b0, s00);
            a += aDepthStride;
            b += bStride;
        }

        if (tile.Finish == Finish.Relu)
        {
            s00 = TLanes.MaxInt32(s00, TLanes.Zero);
        }
        else if (tile.Finish == Finish.ReluGate)
        {
            float* gate = tile.Gate;
            s00 &= TLanes.GreaterThanInt32(TLanes.Load(gate), TLanes.Zero);
        }
        else if (tile.Finish == Finish.TanhGate)
        {
            float* gate = tile.Gate;
            s00 *= OneMinusSquare(TLanes.Load(gate));
        }

        if (tile.Sum != null)
        {
            float* sum = tile.Sum;
            TLanes.Store(TLanes.Load(sum) + s00, sum);
        }

        TLanes.Store(s00, c);
    }
}
