using CsCheck;
using PgFast.Numerics;
using PgFast.Tests.Support;

namespace PgFast.Tests.Numerics;

/// <summary>The dense kernel against a plain triple loop of fused multiply-adds, bit for bit.</summary>
public unsafe class MatrixMultiplyTests
{
    private const float Untouched = -12345.678f;

    public static TheoryData<int> AllWidths => Widths.Rows;

    [Theory]
    [MemberData(nameof(AllWidths))]
    public void Accumulate_EveryRemainder_IsTheTripleLoop(int width)
    {
        for (int rows = 1; rows <= 9; rows++)
        {
            foreach (int depth in new[] { 1, 2, 3, 7 })
            {
                for (int columns = 16; columns <= 144; columns += 16)
                    AssertTripleLoop(width, new Sizes(rows, depth, columns), seed: (ulong)(rows * 1000 + depth * 10 + columns));
            }
        }
    }

    [Theory]
    [MemberData(nameof(AllWidths))]
    public void Accumulate_DepthsAroundTheBlocks_IsTheTripleLoop(int width)
    {
        foreach (int depth in new[] { 127, 128, 129, 255, 256, 257, 300 })
            AssertTripleLoop(width, new Sizes(5, depth, 80), (ulong)depth);
    }

    [Fact]
    public void Accumulate_RandomSizesStridesAndWidths_IsTheTripleLoop() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 200], Gen.Int[1, 12], Gen.Int[0, 3], Gen.Int[0, 40], Gen.Bool, Widths.Any, Gen.ULong)
            .Sample(
                (rows, depth, columns, aGap, gap, transposed, width, seed) =>
                    AssertTripleLoop(width, new Sizes(rows, depth, columns * 16, aGap, gap, gap / 2, transposed), seed),
                iter: 300);

    private static void AssertTripleLoop(int width, Sizes sizes, ulong seed)
    {
        Noise noise = new(seed);
        nint aRowStride = sizes.Transposed ? 1 : sizes.Depth + sizes.AGap;
        nint aDepthStride = sizes.Transposed ? sizes.Rows + sizes.AGap : 1;
        int bStride = sizes.Columns + sizes.BGap, cStride = sizes.Columns + sizes.CGap;
        float[] a = noise.Array((sizes.Rows + sizes.AGap) * (sizes.Depth + sizes.AGap), -1, 1);
        float[] b = noise.Array(sizes.Depth * bStride, -1, 1);
        float[] c = noise.Array(sizes.Rows * cStride, -1, 1);
        for (int row = 0; row < sizes.Rows; row++)
            c.AsSpan(row * cStride + sizes.Columns, sizes.CGap).Fill(Untouched);
        float[] expected = [.. c];
        for (int row = 0; row < sizes.Rows; row++)
        {
            for (int column = 0; column < sizes.Columns; column++)
            {
                float sum = c[row * cStride + column];
                for (int k = 0; k < sizes.Depth; k++)
                    sum = MathF.FusedMultiplyAdd(a[row * aRowStride + k * aDepthStride], b[k * bStride + column], sum);
                expected[row * cStride + column] = sum;
            }
        }

        Widths.Visit<Multiplier, int>(width, new Multiplier(a, aRowStride, aDepthStride, b, bStride, c, cStride, sizes));
        Bits.AssertEqual(expected, c, $"{sizes} at {width} lanes");
    }

    private sealed record Sizes(int Rows, int Depth, int Columns, int AGap = 0, int BGap = 0, int CGap = 0, bool Transposed = false);

    private readonly struct Multiplier(
        float[] a, nint aRowStride, nint aDepthStride, float[] b, int bStride, float[] c, int cStride, Sizes sizes) : ILaneVisitor<int>
    {
        public int Visit<TLanes>() where TLanes : unmanaged, ILanes<TLanes>
        {
            // In aligned memory, as the engine's matrices are.
            using AlignedBuffer<float> bMemory = new(b.Length), cMemory = new(c.Length);
            b.CopyTo(bMemory.Span);
            c.CopyTo(cMemory.Span);
            fixed (float* aStart = a)
            {
                MatrixMultiply.Accumulate<TLanes>(
                    aStart, aRowStride, aDepthStride, bMemory.Pointer, bStride, cMemory.Pointer, cStride, sizes.Rows, sizes.Depth, sizes.Columns);
            }

            cMemory.Span.CopyTo(c);
            return 0;
        }
    }
}
