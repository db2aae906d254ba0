using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PgFast.Numerics;

/// <summary>Element-wise arithmetic and sums of rows of doubles, whose length is a multiple of 16.</summary>
/// <remarks>
/// A 512-bit vector stands for 8 elements; where the CPU's registers are narrower the runtime splits it, with the same results. Products are
/// rounded before they are added: nothing here depends on a fused instruction being there.
/// </remarks>
internal static unsafe class DoubleRows
{
    private const int Count = 8;

    /// <summary>target = source.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Widen(float* source, double* target, int length)
    {
        for (int i = 0; i < length; i += 16)
        {
            (Vector512<double> lower, Vector512<double> upper) = Vector512.Widen(Vector512.Load(source + i));
            lower.Store(target + i);
            upper.Store(target + i + Count);
        }
    }

    /// <summary>sum += x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(double* sum, double* x, int length)
    {
        for (int i = 0; i < length; i += Count)
            (Vector512.Load(sum + i) + Vector512.Load(x + i)).Store(sum + i);
    }

    /// <summary>sum += x∘y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddProduct(double* x, double* y, double* sum, int length)
    {
        for (int i = 0; i < length; i += Count)
            (Vector512.Load(sum + i) + Vector512.Load(x + i) * Vector512.Load(y + i)).Store(sum + i);
    }

    /// <summary>target = a·x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale(double* target, double a, double* x, int length)
    {
        Vector512<double> factor = Vector512.Create(a);
        for (int i = 0; i < length; i += Count)
            (factor * Vector512.Load(x + i)).Store(target + i);
    }

    /// <summary>target += a·x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddScaled(double* target, double a, double* x, int length)
    {
        Vector512<double> factor = Vector512.Create(a);
        for (int i = 0; i < length; i += Count)
            (Vector512.Load(target + i) + factor * Vector512.Load(x + i)).Store(target + i);
    }

    /// <summary>target = a·x + b·y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Combine(double* target, double a, double* x, double b, double* y, int length)
    {
        Vector512<double> first = Vector512.Create(a), second = Vector512.Create(b);
        for (int i = 0; i < length; i += Count)
            (first * Vector512.Load(x + i) + second * Vector512.Load(y + i)).Store(target + i);
    }

    /// <summary>target = a·x + b·factor∘y, with a factor for each element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void CombineByElement(double* target, double a, double* x, double b, double* factor, double* y, int length)
    {
        Vector512<double> first = Vector512.Create(a), second = Vector512.Create(b);
        for (int i = 0; i < length; i += Count)
            (first * Vector512.Load(x + i) + second * (Vector512.Load(factor + i) * Vector512.Load(y + i))).Store(target + i);
    }

    /// <summary>sum += x, square += x²; returns Σ weight·x².</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double AddMoments(double* x, double* weight, double* sum, double* square, int length)
    {
        Vector512<double> even = Vector512<double>.Zero, odd = Vector512<double>.Zero;
        for (int i = 0; i < length; i += 2 * Count)
        {
            Vector512<double> x0 = Vector512.Load(x + i), x1 = Vector512.Load(x + i + Count);
            Vector512<double> squared0 = x0 * x0, squared1 = x1 * x1;
            (Vector512.Load(sum + i) + x0).Store(sum + i);
            (Vector512.Load(sum + i + Count) + x1).Store(sum + i + Count);
            (Vector512.Load(square + i) + squared0).Store(square + i);
            (Vector512.Load(square + i + Count) + squared1).Store(square + i + Count);
            even += squared0 * Vector512.Load(weight + i);
            odd += squared1 * Vector512.Load(weight + i + Count);
        }

        return Reduce(even, odd);
    }

    /// <summary>Σ weight·x·y, in 16 partial sums and a fixed tree.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Dot(double* x, double* y, double* weight, int length)
    {
        Vector512<double> even = Vector512<double>.Zero, odd = Vector512<double>.Zero;
        for (int i = 0; i < length; i += 2 * Count)
        {
            even += Vector512.Load(x + i) * Vector512.Load(y + i) * Vector512.Load(weight + i);
            odd += Vector512.Load(x + i + Count) * Vector512.Load(y + i + Count) * Vector512.Load(weight + i + Count);
        }

        return Reduce(even, odd);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Reduce(Vector512<double> even, Vector512<double> odd)
    {
        double* lanes = stackalloc double[2 * Count];
        even.Store(lanes);
        odd.Store(lanes + Count);
        return FixedOrder.ReduceLanes(lanes);
    }
}
