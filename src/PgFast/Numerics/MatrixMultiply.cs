using System.Runtime.CompilerServices;

namespace PgFast.Numerics;

/// <summary>C += A·B on small single-precision matrices: the one dense kernel behind forward, input gradient and weight gradient.</summary>
/// <remarks>
/// Every element of C is one chain of fused multiply-adds in the order of the inner index, whatever the tile, the lane width or the
/// blocking: a plain triple loop gives the same bits. B and C are row-major with a width that is a multiple of 16; A is read one
/// scalar at a time and broadcast, so any two strides will do and a transposed A costs nothing.
/// </remarks>
internal static unsafe partial class MatrixMultiply
{
    /// <summary>Rows of B kept in the first-level cache while all rows of A pass by: 128 rows × 64 columns are 32 KiB.</summary>
    private const int DepthBlock = 128;

    /// <summary>C[m][j] += Σ_k A(m, k)·B[k][j].</summary>
    /// <param name="a">A(m, k) is at m·<paramref name="aRowStride"/> + k·<paramref name="aDepthStride"/>.</param>
    /// <param name="aRowStride">Floats between rows of A.</param>
    /// <param name="aDepthStride">Floats between columns of A.</param>
    /// <param name="b">[depth][columns], rows <paramref name="bStride"/> floats apart.</param>
    /// <param name="bStride">Floats between rows of B.</param>
    /// <param name="c">[rows][columns], rows <paramref name="cStride"/> floats apart; accumulated into.</param>
    /// <param name="cStride">Floats between rows of C.</param>
    /// <param name="rows">Rows of A and C.</param>
    /// <param name="depth">Columns of A, rows of B.</param>
    /// <param name="columns">Columns of B and C, a multiple of 16.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Accumulate<TLanes>(
        float* a, nint aRowStride, nint aDepthStride, float* b, nint bStride, float* c, nint cStride, int rows, int depth, int columns)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        for (int depthStart = 0; depthStart < depth; depthStart += DepthBlock)
        {
            int depthCount = Math.Min(DepthBlock, depth - depthStart);
            float* aBlock = a + depthStart * aDepthStride;
            float* bBlock = b + depthStart * bStride;
            int column = 0;
            if (TLanes.Count == 16)
            {
                // 4 × 4 accumulators need 32 registers: AVX-512.
                for (; column <= columns - 64; column += 64)
                {
                    int row = 0;
                    for (; row <= rows - 4; row += 4)
                        Tile4x4<TLanes>(aBlock + row * aRowStride, aRowStride, aDepthStride, bBlock + column, bStride, c + row * cStride + column, cStride, depthCount);
                    for (; row < rows; row++)
                        Tile1x4<TLanes>(aBlock + row * aRowStride, aDepthStride, bBlock + column, bStride, c + row * cStride + column, depthCount);
                }
            }

            for (; column <= columns - 2 * TLanes.Count; column += 2 * TLanes.Count)
            {
                int row = 0;
                for (; row <= rows - 4; row += 4)
                    Tile4x2<TLanes>(aBlock + row * aRowStride, aRowStride, aDepthStride, bBlock + column, bStride, c + row * cStride + column, cStride, depthCount);
                for (; row < rows; row++)
                    Tile1x2<TLanes>(aBlock + row * aRowStride, aDepthStride, bBlock + column, bStride, c + row * cStride + column, depthCount);
            }

            for (; column < columns; column += TLanes.Count)
            {
                int row = 0;
                for (; row <= rows - 4; row += 4)
                    Tile4x1<TLanes>(aBlock + row * aRowStride, aRowStride, aDepthStride, bBlock + column, bStride, c + row * cStride + column, cStride, depthCount);
                for (; row < rows; row++)
                    Tile1x1<TLanes>(aBlock + row * aRowStride, aDepthStride, bBlock + column, bStride, c + row * cStride + column, depthCount);
            }
        }
    }
}
