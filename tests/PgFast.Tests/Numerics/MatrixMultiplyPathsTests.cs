using CsCheck;
using PgFast.Networks;
using PgFast.Numerics;
using PgFast.Tests.Support;

namespace PgFast.Tests.Numerics;

/// <summary>What dense layers do besides multiplying, and the paths for short inner indices, against scalar chains, bit for bit.</summary>
public unsafe class MatrixMultiplyPathsTests
{
    [Fact]
    public void Affine_RandomSizesAndWidths_IsTheScalarChain() =>
        Gen.Select(Gen.Int[1, 40], Gen.Select(Gen.Int[1, 10], Gen.Int[1, 300]), Gen.Bool, Gen.Int[1, 9], Gen.Bool, Widths.Any, Gen.ULong)
            .Sample(
                (rows, depths, isShallow, columns, relu, width, seed) =>
                    Widths.Visit<AffineCase, int>(width, new AffineCase(rows, isShallow ? depths.Item1 : depths.Item2, columns * 16, relu, seed)),
                iter: 400);

    [Fact]
    public void GatedProduct_RandomSizesAndWidths_IsTheScalarChainAndSumsItsColumns() =>
        Gen.Select(Gen.Int[1, 70], Gen.Int[1, 300], Gen.Int[1, 9], Gen.Bool, Widths.Any, Gen.ULong)
            .Sample(
                (rows, depth, columns, relu, width, seed) =>
                    Widths.Visit<GatedCase, int>(width, new GatedCase(rows, depth, columns * 16, relu, seed)),
                iter: 200);

    [Fact]
    public void ThinBackward_RandomSizesWidthsAndBlocks_IsTheProducts() =>
        Gen.Select(Gen.Int[1, 4], Gen.Int[1, 70], Gen.Int[1, 9], Gen.Bool, Gen.Bool, Widths.Any, Gen.ULong)
            .Sample(
                (outputs, samples, columns, relu, isCut, width, seed) =>
                    Widths.Visit<ThinCase, int>(width, new ThinCase(outputs, samples, columns * 16, relu, isCut, seed)),
                iter: 300);

    [Fact]
    public void DotRows_RandomSizesAndWidths_IsTheFixedOrderDot() =>
        Gen.Select(Gen.Int[1, 16], Gen.Int[1, 20], Widths.Any, Gen.ULong)
            .Sample((rows, columns, width, seed) => Widths.Visit<DotCase, int>(width, new DotCase(rows * 4, columns * 16, seed)), iter: 200);

    [Fact]
    public void Transpose_Square_MovesEveryValue()
    {
        const int Stride = 21;
        float[] source = new Noise(3).Array(SquareTranspose.Size * Stride, -1, 1), target = new float[SquareTranspose.Size * SquareTranspose.Size];
        float** columns = stackalloc float*[SquareTranspose.Size];
        fixed (float* from = source, to = target)
        {
            for (int column = 0; column < SquareTranspose.Size; column++)
                columns[column] = to + column * SquareTranspose.Size;
            SquareTranspose.Run(from, Stride, columns);
        }

        for (int row = 0; row < SquareTranspose.Size; row++)
        {
            for (int column = 0; column < SquareTranspose.Size; column++)
                Assert.Equal(source[row * Stride + column], target[column * SquareTranspose.Size + row]);
        }
    }

    private static AlignedBuffer<float> Aligned(float[] values)
    {
        AlignedBuffer<float> buffer = new(Math.Max(1, values.Length));
        values.CopyTo(buffer.Span);
        return buffer;
    }

    private static float Gate(float value, float activation, bool relu) =>
        relu ? (activation > 0 ? value : 0) : value * MathF.FusedMultiplyAdd(-activation, activation, 1);

    // A row of activations may be anything; a column that is padding has zeros, as in a network.
    private readonly struct AffineCase(int rows, int depth, int columns, bool relu, ulong seed) : ILaneVisitor<int>
    {
        public int Visit<TLanes>() where TLanes : unmanaged, ILanes<TLanes>
        {
            Noise noise = new(seed);
            float[] a = noise.Array(rows * depth, -1, 1), b = noise.Array(depth * columns, -1, 1), bias = noise.Array(columns, -1, 1);
            float[] expected = new float[rows * columns];
            for (int at = 0; at < expected.Length; at++)
            {
                float sum = bias[at % columns];
                for (int k = 0; k < depth; k++)
                    sum = MathF.FusedMultiplyAdd(a[k * rows + at / columns], b[k * columns + at % columns], sum);
                expected[at] = relu && !(sum > 0) ? 0 : sum;
            }

            using AlignedBuffer<float> aMemory = Aligned(a), bMemory = Aligned(b), biasMemory = Aligned(bias), c = new(expected.Length);
            MatrixMultiply.Affine<TLanes>(
                aMemory.Pointer, 1, rows, bMemory.Pointer, columns, biasMemory.Pointer, c.Pointer, columns, rows, depth, columns, relu);
            Bits.AssertEqual(expected, c.Span.ToArray(), $"{rows} × {depth} × {columns} at {TLanes.Count} lanes");
            return 0;
        }
    }

    private readonly struct GatedCase(int rows, int depth, int columns, bool relu, ulong seed) : ILaneVisitor<int>
    {
        public int Visit<TLanes>() where TLanes : unmanaged, ILanes<TLanes>
        {
            Noise noise = new(seed);
            float[] a = noise.Array(rows * depth, -1, 1), b = noise.Array(depth * columns, -1, 1), activation = noise.Array(rows * columns, -1, 1);
            float[] expected = new float[rows * columns], expectedSum = noise.Array(columns, -1, 1);
            using AlignedBuffer<float> sum = Aligned(expectedSum);
            for (int at = 0; at < expected.Length; at++)
            {
                float value = 0;
                for (int k = 0; k < depth; k++)
                    value = MathF.FusedMultiplyAdd(a[at / columns * depth + k], b[k * columns + at % columns], value);
                expected[at] = Gate(value, activation[at], relu);
                expectedSum[at % columns] += expected[at];
            }

            using AlignedBuffer<float> aMemory = Aligned(a), bMemory = Aligned(b), gate = Aligned(activation), c = new(expected.Length);
            MatrixMultiply.GatedProduct<TLanes>(
                aMemory.Pointer, depth, 1, bMemory.Pointer, columns, c.Pointer, columns, rows, depth, columns, gate.Pointer, relu, sum.Pointer);
            Bits.AssertEqual(expected, c.Span.ToArray(), $"{rows} × {depth} × {columns} at {TLanes.Count} lanes");
            Bits.AssertEqual(expectedSum, sum.Span.ToArray(), $"column sums of {rows} × {depth} × {columns} at {TLanes.Count} lanes");
            return 0;
        }
    }

    private readonly struct ThinCase(int outputs, int samples, int columns, bool relu, bool isCut, ulong seed) : ILaneVisitor<int>
    {
        public int Visit<TLanes>() where TLanes : unmanaged, ILanes<TLanes>
        {
            int count = Math.Min(outputs, MatrixMultiply.MostThinOutputs<TLanes>());
            Noise noise = new(seed);
            float[] delta = noise.Array(count * samples, -1, 1), weight = noise.Array(count * columns, -1, 1);
            float[] activation = noise.Array(2 * samples * columns, -1, 1);
            // Samples lie in rows of their own, with rows between them that belong to none.
            using AlignedBuffer<int> row = new(samples);
            for (int sample = 0; sample < samples; sample++)
                row.Span[sample] = 2 * sample + 1;
            float[] gradient = new float[count * columns], below = new float[samples * columns], sum = new float[columns];
            for (int sample = 0; sample < samples; sample++)
            {
                for (int column = 0; column < columns; column++)
                {
                    float value = 0, a = activation[(2 * sample + 1) * columns + column];
                    for (int output = 0; output < count; output++)
                    {
                        float d = delta[output * samples + sample];
                        gradient[output * columns + column] = MathF.FusedMultiplyAdd(d, a, gradient[output * columns + column]);
                        value = MathF.FusedMultiplyAdd(d, weight[output * columns + column], value);
                    }

                    below[sample * columns + column] = Gate(value, a, relu);
                    sum[column] += below[sample * columns + column];
                }
            }

            using AlignedBuffer<float> deltaMemory = Aligned(delta), weightMemory = Aligned(weight), activationMemory = Aligned(activation);
            // What was there before must not count.
            using AlignedBuffer<float> gradientMemory = Aligned(noise.Array(gradient.Length, -1, 1)), sumMemory = Aligned(noise.Array(columns, -1, 1));
            using AlignedBuffer<float> belowMemory = new(below.Length);
            int cut = isCut ? samples / 2 : 0;
            for (int first = 0; first < samples; first = first < cut ? cut : samples)
            {
                int block = first < cut ? cut : samples - first;
                MatrixMultiply.ThinBackward<TLanes>(
                    deltaMemory.Pointer + first, samples, count, weightMemory.Pointer, gradientMemory.Pointer, activationMemory.Pointer,
                    row.Pointer + first, belowMemory.Pointer + first * columns, sumMemory.Pointer, columns, block, columns, relu, continues: first > 0);
            }

            string what = $"{count} outputs, {samples} samples, {columns} columns at {TLanes.Count} lanes";
            Bits.AssertEqual(gradient, gradientMemory.Span.ToArray(), what);
            Bits.AssertEqual(below, belowMemory.Span.ToArray(), what);
            Bits.AssertEqual(sum, sumMemory.Span.ToArray(), what);
            return 0;
        }
    }

    private readonly struct DotCase(int rows, int columns, ulong seed) : ILaneVisitor<int>
    {
        public int Visit<TLanes>() where TLanes : unmanaged, ILanes<TLanes>
        {
            Noise noise = new(seed);
            float[] values = noise.Array(rows * columns, -1, 1), weight = noise.Array(columns, -1, 1), expected = new float[rows];
            for (int row = 0; row < rows; row++)
                expected[row] = FixedOrder.Dot(values.AsSpan(row * columns, columns), weight) + 0.25f;
            using AlignedBuffer<float> valueMemory = Aligned(values), weightMemory = Aligned(weight), output = new(rows);
            ElementWise.DotRows<TLanes>(valueMemory.Pointer, weightMemory.Pointer, 0.25f, output.Pointer, rows, columns, columns);
            Bits.AssertEqual(expected, output.Span.ToArray(), $"{rows} × {columns} at {TLanes.Count} lanes");
            return 0;
        }
    }
}
