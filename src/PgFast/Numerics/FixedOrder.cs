using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace PgFast.Numerics;

/// <summary>Sums whose order of additions, and so whose every bit, depends on the length alone.</summary>
/// <remarks>
/// Element i goes to logical lane i mod 16; each lane adds its elements by rising index; then lane j takes in lane j + 8, then j + 4, j + 2
/// and j + 1. The hardware's width, the address and its alignment play no part. A 512-bit vector stands for the 16 lanes; where the CPU's
/// registers are narrower, the runtime splits it, with the same results. Thread-safe; does not allocate.
/// </remarks>
public static unsafe class FixedOrder
{
    /// <summary>Number of logical lanes.</summary>
    public const int LaneCount = 16;

    /// <summary>Sum of the elements in single precision; +0 for none.</summary>
    /// <param name="values">Any length, any alignment.</param>
    public static float Sum(ReadOnlySpan<float> values)
    {
        ref float source = ref MemoryMarshal.GetReference(values);
        Vector512<float> sum = Vector512<float>.Zero;
        int i = 0;
        for (; i <= values.Length - LaneCount; i += LaneCount) sum += Vector512.LoadUnsafe(ref source, (nuint)i);
        float* lanes = stackalloc float[LaneCount];
        sum.Store(lanes);
        for (int lane = 0; i < values.Length; i++, lane++) lanes[lane] += values[i];
        return ReduceLanes(lanes);
    }

    /// <summary>Σ xᵢ·yᵢ in single precision, each product and addition fused; +0 for length 0.</summary>
    /// <param name="x">Any length, any alignment.</param>
    /// <param name="y">As many elements as <paramref name="x"/>; may be the same memory.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static float Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        ThrowIfLengthsDiffer(x.Length, y.Length, nameof(y));
        ref float left = ref MemoryMarshal.GetReference(x);
        ref float right = ref MemoryMarshal.GetReference(y);
        Vector512<float> sum = Vector512<float>.Zero;
        int i = 0;
        for (; i <= x.Length - LaneCount; i += LaneCount)
            sum = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref left, (nuint)i), Vector512.LoadUnsafe(ref right, (nuint)i), sum);
        float* lanes = stackalloc float[LaneCount];
        sum.Store(lanes);
        for (int lane = 0; i < x.Length; i++, lane++) lanes[lane] = MathF.FusedMultiplyAdd(x[i], y[i], lanes[lane]);
        return ReduceLanes(lanes);
    }

    /// <summary>Σ xᵢ² in single precision, the dot product of the elements with themselves.</summary>
    /// <param name="values">Any length, any alignment.</param>
    public static float SumOfSquares(ReadOnlySpan<float> values) => Dot(values, values);

    /// <summary>Sum of the elements, each exact in double precision, added in double precision; +0 for none.</summary>
    /// <param name="values">Any length, any alignment.</param>
    public static double SumDouble(ReadOnlySpan<float> values)
    {
        ref float source = ref MemoryMarshal.GetReference(values);
        Vector512<double> lower = Vector512<double>.Zero, upper = Vector512<double>.Zero;
        int i = 0;
        for (; i <= values.Length - LaneCount; i += LaneCount)
        {
            (Vector512<double> first, Vector512<double> second) = Vector512.Widen(Vector512.LoadUnsafe(ref source, (nuint)i));
            lower += first;
            upper += second;
        }

        double* lanes = stackalloc double[LaneCount];
        lower.Store(lanes);
        upper.Store(lanes + 8);
        for (int lane = 0; i < values.Length; i++, lane++) lanes[lane] += values[i];
        return ReduceLanes(lanes);
    }

    /// <summary>Σ xᵢ·yᵢ with exact products, added in double precision; +0 for length 0.</summary>
    /// <param name="x">Any length, any alignment.</param>
    /// <param name="y">As many elements as <paramref name="x"/>; may be the same memory.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double DotDouble(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        ThrowIfLengthsDiffer(x.Length, y.Length, nameof(y));
        ref float left = ref MemoryMarshal.GetReference(x);
        ref float right = ref MemoryMarshal.GetReference(y);
        Vector512<double> lower = Vector512<double>.Zero, upper = Vector512<double>.Zero;
        int i = 0;
        for (; i <= x.Length - LaneCount; i += LaneCount)
        {
            // The product of two floats has at most 48 bits, so multiplying and adding rounds once, like a fused step.
            (Vector512<double> x0, Vector512<double> x1) = Vector512.Widen(Vector512.LoadUnsafe(ref left, (nuint)i));
            (Vector512<double> y0, Vector512<double> y1) = Vector512.Widen(Vector512.LoadUnsafe(ref right, (nuint)i));
            lower += x0 * y0;
            upper += x1 * y1;
        }

        double* lanes = stackalloc double[LaneCount];
        lower.Store(lanes);
        upper.Store(lanes + 8);
        for (int lane = 0; i < x.Length; i++, lane++) lanes[lane] += (double)x[i] * y[i];
        return ReduceLanes(lanes);
    }

    /// <summary>Σ xᵢ² with exact squares, added in double precision.</summary>
    /// <param name="values">Any length, any alignment.</param>
    public static double SumOfSquaresDouble(ReadOnlySpan<float> values) => DotDouble(values, values);

    /// <summary>Mean and unbiased variance in double precision, by two passes.</summary>
    /// <param name="values">At least 2 elements.</param>
    /// <returns>Mean x̄ = Σxᵢ/n and variance Σ(xᵢ − x̄)²/(n − 1).</returns>
    /// <exception cref="ArgumentException">There are fewer than 2 elements.</exception>
    public static (double Mean, double Variance) MeanAndVariance(ReadOnlySpan<float> values)
    {
        if (values.Length < 2) throw new ArgumentException("A variance needs at least 2 values.", nameof(values));
        double mean = SumDouble(values) / values.Length;
        ref float source = ref MemoryMarshal.GetReference(values);
        Vector512<double> center = Vector512.Create(mean);
        Vector512<double> lower = Vector512<double>.Zero, upper = Vector512<double>.Zero;
        int i = 0;
        for (; i <= values.Length - LaneCount; i += LaneCount)
        {
            (Vector512<double> first, Vector512<double> second) = Vector512.Widen(Vector512.LoadUnsafe(ref source, (nuint)i));
            first -= center;
            second -= center;
            lower += first * first;
            upper += second * second;
        }

        double* lanes = stackalloc double[LaneCount];
        lower.Store(lanes);
        upper.Store(lanes + 8);
        for (int lane = 0; i < values.Length; i++, lane++)
        {
            double difference = values[i] - mean;
            lanes[lane] += difference * difference;
        }

        return (mean, ReduceLanes(lanes) / (values.Length - 1));
    }

    /// <summary>Adds 16 lanes in the fixed tree: lane j takes in lane j + 8, then j + 4, j + 2 and j + 1.</summary>
    /// <param name="lanes">16 readable floats, any alignment; not changed.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ReduceLanes(float* lanes)
    {
        Vector512<float> sixteen = Vector512.Load(lanes);
        Vector256<float> eight = sixteen.GetLower() + sixteen.GetUpper();
        Vector128<float> four = eight.GetLower() + eight.GetUpper();
        return (four[0] + four[2]) + (four[1] + four[3]);
    }

    /// <summary>Four times <see cref="ReduceLanes(float*)"/>: the sums of lanes 0–15, 16–31, 32–47 and 48–63.</summary>
    /// <param name="lanes">64 readable floats, any alignment; not changed.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<float> ReduceFour(float* lanes)
    {
        Vector128<float> a = FoldToFour(lanes), b = FoldToFour(lanes + 16), c = FoldToFour(lanes + 32), d = FoldToFour(lanes + 48);
        // First (a0 + a2, b0 + b2, a1 + a3, b1 + b3), and likewise of c and d; then the two halves of both.
        if (Sse.IsSupported)
        {
            Vector128<float> ab = Sse.UnpackLow(a, b) + Sse.UnpackHigh(a, b), cd = Sse.UnpackLow(c, d) + Sse.UnpackHigh(c, d);
            return Sse.MoveLowToHigh(ab, cd) + Sse.MoveHighToLow(cd, ab);
        }

        if (AdvSimd.Arm64.IsSupported)
        {
            Vector128<double> ab = (AdvSimd.Arm64.ZipLow(a, b) + AdvSimd.Arm64.ZipHigh(a, b)).AsDouble();
            Vector128<double> cd = (AdvSimd.Arm64.ZipLow(c, d) + AdvSimd.Arm64.ZipHigh(c, d)).AsDouble();
            return AdvSimd.Arm64.ZipLow(ab, cd).AsSingle() + AdvSimd.Arm64.ZipHigh(ab, cd).AsSingle();
        }

        return Vector128.Create((a[0] + a[2]) + (a[1] + a[3]), (b[0] + b[2]) + (b[1] + b[3]), (c[0] + c[2]) + (c[1] + c[3]), (d[0] + d[2]) + (d[1] + d[3]));
    }

    /// <inheritdoc cref="ReduceLanes(float*)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double ReduceLanes(double* lanes)
    {
        Vector512<double> eight = Vector512.Load(lanes) + Vector512.Load(lanes + 8);
        Vector256<double> four = eight.GetLower() + eight.GetUpper();
        return (four[0] + four[2]) + (four[1] + four[3]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> FoldToFour(float* lanes)
    {
        Vector512<float> sixteen = Vector512.Load(lanes);
        Vector256<float> eight = sixteen.GetLower() + sixteen.GetUpper();
        return eight.GetLower() + eight.GetUpper();
    }

    private static void ThrowIfLengthsDiffer(int expected, int actual, string name)
    {
        if (expected != actual) throw new ArgumentException($"Length is {actual}, but {expected} is needed.", name);
    }
}
