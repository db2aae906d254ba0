using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PgFast.Numerics;

/// <summary>Transposes squares of 16 × 16 32-bit values, which are moved and not computed with: the same bits on every CPU.</summary>
internal static unsafe class SquareTranspose
{
    /// <summary>Rows and columns.</summary>
    public const int Size = 16;

    /// <summary>target[column][row] = source[row][column].</summary>
    /// <param name="source">16 rows of 16 values, <paramref name="stride"/> apart.</param>
    /// <param name="stride">Values between rows of the source.</param>
    /// <param name="target">[16][16], without gaps; not overlapping the source.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(float* source, nint stride, float* target)
    {
        for (int row = 0; row < Size; row += 4)
        {
            for (int column = 0; column < Size; column += 4)
                Quad(source + row * stride + column, stride, target + column * Size + row);
        }
    }

    /// <summary>A square of 4 × 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quad(float* source, nint stride, float* target)
    {
        Vector128<float> a = Vector128.Load(source), b = Vector128.Load(source + stride);
        Vector128<float> c = Vector128.Load(source + 2 * stride), d = Vector128.Load(source + 3 * stride);
        if (Sse.IsSupported)
        {
            // ab = a0 b0 a1 b1, and so on: pairs first, then pairs of pairs.
            Vector128<float> abLow = Sse.UnpackLow(a, b), abHigh = Sse.UnpackHigh(a, b);
            Vector128<float> cdLow = Sse.UnpackLow(c, d), cdHigh = Sse.UnpackHigh(c, d);
            Sse.MoveLowToHigh(abLow, cdLow).Store(target);
            Sse.MoveHighToLow(cdLow, abLow).Store(target + Size);
            Sse.MoveLowToHigh(abHigh, cdHigh).Store(target + 2 * Size);
            Sse.MoveHighToLow(cdHigh, abHigh).Store(target + 3 * Size);
            return;
        }

        for (int column = 0; column < 4; column++)
            Vector128.Create(a[column], b[column], c[column], d[column]).Store(target + column * Size);
    }
}
