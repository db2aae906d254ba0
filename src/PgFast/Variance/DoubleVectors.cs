using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using PgFast.Numerics;

namespace PgFast.Variance;

/// <summary>Vectors of doubles as long as the parameters. Sums run over 16 logical lanes in the fixed tree, as everywhere.</summary>
internal static unsafe class DoubleVectors
{
    /// <summary>Σ xᵢ·yᵢ.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Dot(double* x, double* y, int count)
    {
        Vector512<double> lower = Vector512<double>.Zero, upper = Vector512<double>.Zero;
        int i = 0;
        for (; i <= count - FixedOrder.LaneCount; i += FixedOrder.LaneCount)
        {
            lower += Vector512.Load(x + i) * Vector512.Load(y + i);
            upper += Vector512.Load(x + i + 8) * Vector512.Load(y + i + 8);
        }

        double* lanes = stackalloc double[FixedOrder.LaneCount];
        lower.Store(lanes);
        upper.Store(lanes + 8);
        for (int lane = 0; i < count; i++, lane++)
            lanes[lane] += x[i] * y[i];
        return FixedOrder.ReduceLanes(lanes);
    }

    /// <summary>y += factor·x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddScaled(double factor, double* x, double* y, int count)
    {
        Vector512<double> factors = Vector512.Create(factor);
        int i = 0;
        for (; i <= count - Vector512<double>.Count; i += Vector512<double>.Count)
            (Vector512.Load(y + i) + factors * Vector512.Load(x + i)).Store(y + i);
        for (; i < count; i++)
            y[i] += factor * x[i];
    }
}
