using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PgFast.Rollouts;

/// <summary>Sums of a trajectory's observations and of their squares, feature by feature: what a running normalisation is made of.</summary>
/// <remarks>
/// In double precision throughout, as the variance is a small difference of such sums where a feature hardly changes. Squares of single
/// precision are exact in double. A 512-bit vector stands for 8 elements whatever the CPU's registers are.
/// </remarks>
internal static unsafe class ObservationSums
{
    private const int Group = 16;

    /// <summary>Adds up the observations that actions were taken on.</summary>
    /// <param name="trajectory">Keeps its steps; idle lanes observe zeros, which add nothing.</param>
    /// <param name="sum">[ObservationSize]; overwritten.</param>
    /// <param name="squares">[ObservationSize]; overwritten.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Compute(Trajectory trajectory, double* sum, double* squares)
    {
        int features = trajectory.Specification.ObservationSize;
        for (int feature = 0; feature < features; feature++)
        {
            Vector512<double> lowerSum = Vector512<double>.Zero, upperSum = lowerSum, lowerSquares = lowerSum, upperSquares = lowerSum;
            for (int row = 0; row < trajectory.Rows; row++)
            {
                int lanes = trajectory.LaneCount[row];
                float* values = trajectory.Observation(trajectory.Cell[row]) + feature * lanes;
                for (int lane = 0; lane < lanes; lane += Group)
                {
                    (Vector512<double> lower, Vector512<double> upper) = Vector512.Widen(Vector512.Load(values + lane));
                    lowerSum += lower;
                    upperSum += upper;
                    lowerSquares += lower * lower;
                    upperSquares += upper * upper;
                }
            }

            sum[feature] = Reduce(lowerSum + upperSum);
            squares[feature] = Reduce(lowerSquares + upperSquares);
        }
    }

    /// <summary>Adds up 8 elements in a fixed tree.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Reduce(Vector512<double> parts)
    {
        Vector256<double> four = parts.GetLower() + parts.GetUpper();
        Vector128<double> two = four.GetLower() + four.GetUpper();
        return two.ToScalar() + two.GetElement(1);
    }
}
