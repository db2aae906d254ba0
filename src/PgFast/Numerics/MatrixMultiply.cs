using System.Runtime.CompilerServices;

namespace PgFast.Numerics;

/// <summary>Products of small single-precision matrices: the one dense kernel behind forward, input gradient and weight gradient.</summary>
/// <remarks>
/// Every element of C is one chain of fused multiply-adds in the order of the inner index, whatever the tile, the lane width or the
/// blocking: a plain triple loop gives the same bits. B and C are row-major with a width that is a multiple of 16; A is read one
/// scalar at a time and broadcast, so any two strides will do and a transposed A costs nothing.
/// </remarks>
internal static unsafe partial class MatrixMultiply
{
    /// <summary>Rows of B kept in the first-level cache while all rows of A pass by: 128 rows × 64 columns are 32 KiB.</summary>
    private const int DepthBlock = 128;

    /// <summary>Size of the usual tile with 512-bit registers; with narrower ones there are more of them.</summary>
    private const int TileRows = 4;

    private const int TileColumns = 64;

    /// <summary>A row of zeros to start from: as wide as the widest tile.</summary>
    private static readonly AlignedBuffer<float> Zeros = new(64);

    /// <summary>What is done to an element of C after its sum is complete.</summary>
    private enum Finish
    {
        None = 0,
        Relu = 1,
        ReluGate = 2,
        TanhGate = 3,
    }

    // In all three: A(m, k) is at m·aRowStride + k·aDepthStride; B is [depth][columns] and C is [rows][columns], with rows bStride and
    // cStride floats apart; columns is a multiple of 16.

    /// <summary>C[m][j] += Σ_k A(m, k)·B[k][j].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Accumulate<TLanes>(
        float* a, nint aRowStride, nint aDepthStride, float* b, nint bStride, float* c, nint cStride, int rows, int depth, int columns,
        Ahead ahead = default)
        where TLanes : unmanaged, ILanes<TLanes> =>
        Run<TLanes>(
            new Factors(a, aRowStride, aDepthStride, b, bStride, depth), new Tile(c, cStride, c, cStride, Finish.None, null), rows, columns, 0, ahead);

    /// <summary>C[m][j] = bias[j] + Σ_k A(m, k)·B[k][j], then max(·, 0) if asked for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Affine<TLanes>(
        float* a, nint aRowStride, nint aDepthStride, float* b, nint bStride, float* bias, float* c, nint cStride, int rows, int depth,
        int columns, bool relu, Ahead ahead = default)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        Factors factors = new(a, aRowStride, aDepthStride, b, bStride, depth);
        if (depth <= MostShallow<TLanes>())
            RunShallow<TLanes>(factors, bias, c, cStride, rows, columns, relu);
        else
            Run<TLanes>(factors, new Tile(c, cStride, bias, 0, relu ? Finish.Relu : Finish.None, null), rows, columns, 1, ahead);
    }

    /// <summary>C[m][j] = Σ_k A(m, k)·B[k][j].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Product<TLanes>(
        float* a, nint aRowStride, nint aDepthStride, float* b, nint bStride, float* c, nint cStride, int rows, int depth, int columns,
        Ahead ahead = default)
        where TLanes : unmanaged, ILanes<TLanes> =>
        Run<TLanes>(
            new Factors(a, aRowStride, aDepthStride, b, bStride, depth), new Tile(c, cStride, Zeros.Pointer, 0, Finish.None, null), rows, columns, 0,
            ahead);

    /// <summary>
    /// The product times the derivative of the activation whose values are in <paramref name="activation"/>, shaped like C. What results is added, row
    /// after row, to <paramref name="columnSum"/>, if that is not null.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GatedProduct<TLanes>(
        float* a, nint aRowStride, nint aDepthStride, float* b, nint bStride, float* c, nint cStride, int rows, int depth, int columns,
        float* activation, bool relu, float* columnSum)
        where TLanes : unmanaged, ILanes<TLanes> =>
        Run<TLanes>(
            new Factors(a, aRowStride, aDepthStride, b, bStride, depth),
            new Tile(c, cStride, Zeros.Pointer, 0, relu ? Finish.ReluGate : Finish.TanhGate, activation, columnSum), rows, columns, 0);

    /// <summary>Walks the tiles of C. <paramref name="startColumns"/> is 1 where the start differs by column, 0 where it does not or is C.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TLanes>(in Factors all, in Tile target, int rows, int columns, int startColumns, Ahead ahead = default)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        // With nothing to fetch, tiles fetch what they have anyway: an address without memory behind it would be looked up again every time.
        float* nextAhead = ahead.Length > 0 ? ahead.Start : target.C;
        nint aheadStep = ahead.Length > 0 ? ahead.Step(rows, all.Depth, columns) : 0;
        bool startsFromC = target.Start == target.C;
        for (int depthStart = 0; depthStart < all.Depth; depthStart += DepthBlock)
        {
            int depth = Math.Min(DepthBlock, all.Depth - depthStart);
            bool isLast = depthStart + depth == all.Depth;
            Factors block = all;
            block.Depth = depth;
            float* a = all.A + depthStart * all.ADepthStride;
            float* b = all.B + depthStart * all.BStride;
            bool continues = startsFromC || depthStart > 0;
            Tile tile = target;
            tile.StartStride = continues ? target.CStride : 0;
            tile.Finish = isLast ? target.Finish : Finish.None;
            bool sumsUp = isLast && target.Sum != null;
            for (int column = 0; column < columns;)
            {
                // 32 registers hold a tile of 4 × 4 vectors and its operands; 16 hold one of 6 × 2, the largest share of multiply-adds to loads that fits.
                int vectors = LaneWidth.HasManyRegisters && columns - column >= 4 * TLanes.Count ? 4 : columns - column >= 2 * TLanes.Count ? 2 : 1;
                for (int row = 0; row < rows;)
                {
                    float* c = target.C + row * target.CStride + column;
                    tile.Start = continues ? c : target.Start + column * startColumns;
                    tile.Gate = target.Gate + (row * target.CStride + column);
                    tile.Sum = sumsUp ? target.Sum + column : null;
                    float* aRow = a + row * all.ARowStride;
                    tile.Ahead = nextAhead;
                    tile.AheadStep = aheadStep;
                    nextAhead += aheadStep * depth;
                    if (nextAhead >= ahead.Start + ahead.Length)
                        aheadStep = 0;
                    if (!LaneWidth.HasManyRegisters && vectors == 2 && rows - row >= 6)
                    {
                        Tile6x2<TLanes>(block, aRow, b + column, c, tile);
                        row += 6;
                    }
                    else if (rows - row >= 4)
                    {
                        if (vectors == 4)
                            Tile4x4<TLanes>(block, aRow, b + column, c, tile);
                        else if (vectors == 2)
                            Tile4x2<TLanes>(block, aRow, b + column, c, tile);
                        else
                            Tile4x1<TLanes>(block, aRow, b + column, c, tile);
                        row += 4;
                    }
                    else
                    {
                        if (vectors == 4)
                            Tile1x4<TLanes>(block, aRow, b + column, c, tile);
                        else if (vectors == 2)
                            Tile1x2<TLanes>(block, aRow, b + column, c, tile);
                        else
                            Tile1x1<TLanes>(block, aRow, b + column, c, tile);
                        row++;
                    }
                }

                column += vectors * TLanes.Count;
            }
        }
    }

    /// <summary>Memory that will be needed after a product, fetched into the second-level cache while it is computed.</summary>
    /// <remarks>
    /// A hint: it may lie beyond what is allocated, and where the CPU's instruction for it is not at hand, nothing is done. The fetches are
    /// spread over the steps of the inner index: many at once would fill the queue of outstanding misses and hold up the arithmetic.
    /// </remarks>
    internal readonly struct Ahead(float* start, nint length)
    {
        public readonly float* Start = start;
        public readonly nint Length = length;

        /// <summary>Floats a step of the inner index, so that the last tile fetches the last.</summary>
        public nint Step(int rows, int depth, int columns)
        {
            nint steps = (nint)((rows + TileRows - 1) / TileRows) * ((columns + TileColumns - 1) / TileColumns) * depth;
            return (Length + steps - 1) / steps;
        }
    }

    /// <summary>The two factors, or a block of them.</summary>
    private struct Factors(float* a, nint aRowStride, nint aDepthStride, float* b, nint bStride, int depth)
    {
        public readonly float* A = a;
        public readonly nint ARowStride = aRowStride;
        public readonly nint ADepthStride = aDepthStride;
        public readonly float* B = b;
        public readonly nint BStride = bStride;
        public int Depth = depth;
    }

    /// <summary>The product, or a tile of it: where it starts from, where it goes, how it ends, and where its columns are summed.</summary>
    private struct Tile(float* c, nint cStride, float* start, nint startStride, Finish finish, float* gate, float* sum = null)
    {
        public readonly float* C = c;
        public readonly nint CStride = cStride;
        public float* Start = start;
        public nint StartStride = startStride;
        public Finish Finish = finish;
        public float* Gate = gate;
        public float* Sum = sum;
        public float* Ahead = null;
        public nint AheadStep = 0;
    }
}
