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
    /// <param name="target">[16]; where each column's 16 values go, at any address, none overlapping the source.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(float* source, nint stride, float** target)
    {
        for (int column = 0; column < Size; column += 4, source += 4)
        {
            float* target0 = target[column], target1 = target[column + 1], target2 = target[column + 2], target3 = target[column + 3];
            Quad(source, stride, target0, target1, target2, target3);
            Quad(source + 4 * stride, stride, target0 + 4, target1 + 4, target2 + 4, target3 + 4);
            Quad(source + 8 * stride, stride, target0 + 8, target1 + 8, target2 + 8, target3 + 8);
            Quad(source + 12 * stride, stride, target0 + 12, target1 + 12, target2 + 12, target3 + 12);
        }
    }

    /// <summary>A square of 4 × 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quad(float* source, nint stride, float* target0, float* target1, float* target2, float* target3)
    {
        Vector128<float> a = Vector128.Load(source), b = Vector128.Load(source + stride);
        Vector128<float> c = Vector128.Load(source + 2 * stride), d = Vector128.Load(source + 3 * stride);
        if (Sse.IsSupported)
        {
            // ab = a0 b0 a1 b1, and so on: pairs first, then pairs of pairs.
            Vector128<float> abLow = Sse.UnpackLow(a, b), abHigh = Sse.UnpackHigh(a, b);
            Vector128<float> cdLow = Sse.UnpackLow(c, d), cdHigh = Sse.UnpackHigh(c, d);
            Sse.MoveLowToHigh(abLow, cdLow).Store(target0);
            Sse.MoveHighToLow(cdLow, abLow).Store(target1);
            Sse.MoveLowToHigh(abHigh, cdHigh).Store(target2);
            Sse.MoveHighToLow(cdHigh, abHigh).Store(target3);
            return;
        }

        Vector128.Create(a[0], b[0], c[0], d[0]).Store(target0);
        Vector128.Create(a[1], b[1], c[1], d[1]).Store(target1);
        Vector128.Create(a[2], b[2], c[2], d[2]).Store(target2);
        Vector128.Create(a[3], b[3], c[3], d[3]).Store(target3);
    }
}
