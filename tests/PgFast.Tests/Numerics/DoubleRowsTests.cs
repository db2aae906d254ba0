using System.Runtime.CompilerServices;
using PgFast.Numerics;
using PgFast.Tests.Support;

namespace PgFast.Tests.Numerics;

/// <summary>Rows of doubles have the bits of plain loops: products are rounded before they are added.</summary>
public sealed unsafe class DoubleRowsTests
{
    private const int Padding = 16;

    public static TheoryData<int> Lengths => [16, 32, 48, 208];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void ElementWise_AnyRows_HasTheBitsOfAPlainLoop(int length)
    {
        const double A = 0.3, B = -1.7;
        double[] x = Values(length, 1), y = Values(length, 2), z = Values(length, 3);
        float[] single = GC.AllocateArray<float>(length, pinned: true);
        Closeness.ToSingle(x).CopyTo(single, 0);
        AssertRow(length, x, t => DoubleRows.Widen((float*)Unsafe.AsPointer(ref single[0]), (double*)t, length), i => single[i]);
        AssertRow(length, x, t => DoubleRows.Add((double*)t, P(y), length), i => x[i] + y[i]);
        AssertRow(length, x, t => DoubleRows.AddProduct(P(y), P(z), (double*)t, length), i => x[i] + y[i] * z[i]);
        AssertRow(length, x, t => DoubleRows.Scale((double*)t, A, P(y), length), i => A * y[i]);
        AssertRow(length, x, t => DoubleRows.AddScaled((double*)t, A, P(y), length), i => x[i] + A * y[i]);
        AssertRow(length, x, t => DoubleRows.Combine((double*)t, A, P(y), B, P(z), length), i => A * y[i] + B * z[i]);
        AssertRow(length, x, t => DoubleRows.CombineByElement((double*)t, A, P(y), B, P(x), P(z), length), i => A * y[i] + B * (x[i] * z[i]));
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Sums_AnyRows_AreThoseOfSixteenLanesAndATree(int length)
    {
        double[] x = Values(length, 4), y = Values(length, 5), weight = Values(length, 6);
        Assert.Equal(Tree(length, i => x[i] * y[i] * weight[i]), DoubleRows.Dot(P(x), P(y), P(weight), length));
        double[] sum = Values(length, 7), square = Values(length, 8), expectedSum = new double[length], expectedSquare = new double[length];
        for (int i = 0; i < length; i++)
            (expectedSum[i], expectedSquare[i]) = (sum[i] + x[i], square[i] + x[i] * x[i]);
        Assert.Equal(Tree(length, i => x[i] * x[i] * weight[i]), DoubleRows.AddMoments(P(x), P(weight), P(sum), P(square), length));
        Assert.Equal(expectedSum, sum);
        Assert.Equal(expectedSquare, square);
    }

    private static void AssertRow(int length, double[] before, Action<nint> act, Func<int, double> expected)
    {
        using AlignedBuffer<double> target = new(length + Padding);
        before.CopyTo(target.Span);
        target.Span[length..].Fill(-1);
        act((nint)target.Pointer);
        for (int i = 0; i < length; i++)
            Assert.Equal(expected(i), target.Span[i]);
        Assert.All(target.Span[length..].ToArray(), value => Assert.Equal(-1, value));
    }

    /// <summary>Random numbers that do not move in memory.</summary>
    private static double[] Values(int length, ulong seed)
    {
        double[] values = GC.AllocateArray<double>(length, pinned: true);
        Noise noise = new(seed);
        for (int i = 0; i < length; i++)
            values[i] = noise.Next(-1, 1) + 1e-9 * noise.Next(-1, 1);
        return values;
    }

    private static double* P(double[] pinned) => (double*)Unsafe.AsPointer(ref pinned[0]);

    private static double Tree(int length, Func<int, double> term)
    {
        double[] lanes = new double[16];
        for (int i = 0; i < length; i++)
            lanes[i % 16] += term(i);
        for (int half = 8; half > 0; half /= 2)
        {
            for (int lane = 0; lane < half; lane++)
                lanes[lane] += lanes[lane + half];
        }

        return lanes[0];
    }
}
