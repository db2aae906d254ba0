using CsCheck;
using PgFast.Numerics;

namespace PgFast.Tests.Numerics;

/// <summary>Sums have the bits of a plain loop over 16 lanes and a tree, for every length and address.</summary>
public sealed unsafe class FixedOrderTests
{
    private const int LargestLength = 200;

    [Fact]
    public void Sums_EveryLength_EqualThePlainTree()
    {
        for (int length = 0; length <= LargestLength; length++)
        {
            float[] x = Values(length, 1), y = Values(length, 2);
            AssertBits(Tree(length, (int i, float sum) => sum + x[i]), FixedOrder.Sum(x));
            AssertBits(Tree(length, (int i, float sum) => MathF.FusedMultiplyAdd(x[i], y[i], sum)), FixedOrder.Dot(x, y));
            AssertBits(Tree(length, (int i, float sum) => MathF.FusedMultiplyAdd(x[i], x[i], sum)), FixedOrder.SumOfSquares(x));
            AssertBits(Tree(length, (int i, double sum) => sum + x[i]), FixedOrder.SumDouble(x));
            AssertBits(Tree(length, (int i, double sum) => sum + (double)x[i] * y[i]), FixedOrder.DotDouble(x, y));
            AssertBits(Tree(length, (int i, double sum) => sum + (double)x[i] * x[i]), FixedOrder.SumOfSquaresDouble(x));
            if (length < 2) continue;
            double mean = Tree(length, (int i, double sum) => sum + x[i]) / length;
            double variance = Tree(length, (int i, double sum) => sum + (x[i] - mean) * (x[i] - mean)) / (length - 1);
            (double actualMean, double actualVariance) = FixedOrder.MeanAndVariance(x);
            AssertBits(mean, actualMean);
            AssertBits(variance, actualVariance);
        }
    }

    [Fact]
    public void Sums_EveryAddress_AreTheSame()
    {
        using AlignedBuffer<float> xBuffer = new(LargestLength + 64), yBuffer = new(LargestLength + 64);
        for (int length = 0; length <= LargestLength; length += 13)
        {
            float[] x = Values(length, 3), y = Values(length, 4);
            for (int offset = 0; offset < 20; offset++)
            {
                Span<float> xMoved = xBuffer.Span.Slice(offset, length), yMoved = yBuffer.Span.Slice(2 * offset, length);
                x.CopyTo(xMoved);
                y.CopyTo(yMoved);
                AssertBits(FixedOrder.Sum(x), FixedOrder.Sum(xMoved));
                AssertBits(FixedOrder.Dot(x, y), FixedOrder.Dot(xMoved, yMoved));
                AssertBits(FixedOrder.SumDouble(x), FixedOrder.SumDouble(xMoved));
                AssertBits(FixedOrder.DotDouble(x, y), FixedOrder.DotDouble(xMoved, yMoved));
            }
        }
    }

    [Fact]
    public void ReduceLanes_RandomLanes_EqualsTheTreeAndKeepsTheLanes() =>
        Gen.Single[-1000, 1000].Array[16].Sample(lanes =>
        {
            float[] copy = [.. lanes];
            double[] wide = Array.ConvertAll(lanes, v => (double)v);
            fixed (float* pointer = lanes) AssertBits(Tree(16, (int i, float sum) => sum + copy[i]), FixedOrder.ReduceLanes(pointer));
            double expected = Tree(16, (int i, double sum) => sum + (double)copy[i]);
            fixed (double* pointer = wide) AssertBits(expected, FixedOrder.ReduceLanes(pointer));
            Assert.Equal(copy, lanes);
        });

    [Fact]
    public void Sum_OrderThatMatters_IsLaneByLane()
    {
        // Lane 0 adds 1e8 and −1e8 before the 1 of lane 8 comes in; from left to right the 1 would be lost.
        float[] x = new float[32];
        x[0] = 1e8f;
        x[8] = 1f;
        x[16] = -1e8f;
        Assert.Equal(1f, FixedOrder.Sum(x));
    }

    [Fact]
    public void SumDouble_ManySmallAndOneLarge_LosesNothing()
    {
        float[] x = [.. Enumerable.Repeat(1f, 1_000_000), 1e9f];
        Assert.Equal(1.001e9, FixedOrder.SumDouble(x));
    }

    [Fact]
    public void MeanAndVariance_KnownNumbers_AreUnbiased()
    {
        (double mean, double variance) = FixedOrder.MeanAndVariance([2f, 4f, 4f, 4f, 5f, 5f, 7f, 9f]);
        Assert.Equal(5.0, mean);
        Assert.Equal(32.0 / 7.0, variance, 1e-15);
    }

    [Fact]
    public void Arguments_OutOfRange_AreNamed()
    {
        Assert.Equal("y", Assert.Throws<ArgumentException>(() => FixedOrder.Dot(new float[3], new float[4])).ParamName);
        Assert.Equal("y", Assert.Throws<ArgumentException>(() => FixedOrder.DotDouble(new float[3], new float[2])).ParamName);
        Assert.Equal("values", Assert.Throws<ArgumentException>(() => FixedOrder.MeanAndVariance([1f])).ParamName);
    }

    private static float[] Values(int length, int seed)
    {
        Random random = new(seed * 1000 + length);
        return [.. Enumerable.Range(0, length).Select(_ => (float)((random.NextDouble() - 0.4) * Math.Pow(10, random.Next(-4, 5))))];
    }

    private static float Tree(int length, Func<int, float, float> step)
    {
        float[] lane = new float[16];
        for (int i = 0; i < length; i++) lane[i % 16] = step(i, lane[i % 16]);
        for (int half = 8; half > 0; half /= 2)
            for (int j = 0; j < half; j++) lane[j] += lane[j + half];
        return lane[0];
    }

    private static double Tree(int length, Func<int, double, double> step)
    {
        double[] lane = new double[16];
        for (int i = 0; i < length; i++) lane[i % 16] = step(i, lane[i % 16]);
        for (int half = 8; half > 0; half /= 2)
            for (int j = 0; j < half; j++) lane[j] += lane[j + half];
        return lane[0];
    }

    private static void AssertBits(float expected, float actual) =>
        Assert.Equal(BitConverter.SingleToInt32Bits(expected), BitConverter.SingleToInt32Bits(actual));

    private static void AssertBits(double expected, double actual) =>
        Assert.Equal(BitConverter.DoubleToInt64Bits(expected), BitConverter.DoubleToInt64Bits(actual));
}
