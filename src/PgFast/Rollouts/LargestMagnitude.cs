using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Rollouts;

/// <summary>The output that is farthest from zero, with its sign.</summary>
internal static unsafe class LargestMagnitude
{
    /// <summary>Of all cells of a trajectory, idle ones included; NaN counts as +∞.</summary>
    /// <param name="trajectory">Keeps its steps.</param>
    /// <param name="first">The first output that is looked at; all after it are, too.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float OfOutputs(Trajectory trajectory, int first)
    {
        Lanes16 largest = Lanes16.Zero, smallest = Lanes16.Zero, isNumber = ~Lanes16.Zero;
        for (int row = 0; row < trajectory.Rows; row++)
        {
            int lanes = trajectory.LaneCount[row];
            float* output = trajectory.Output(trajectory.Cell[row]);
            for (int i = first * lanes; i < trajectory.Outputs * lanes; i += 16)
                Add(output + i, ref largest, ref smallest, ref isNumber);
        }

        return Farthest(largest, smallest, isNumber);
    }

    /// <summary>Of a row; NaN counts as +∞.</summary>
    /// <param name="values">What is looked at.</param>
    /// <param name="count">A multiple of 16.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float OfRow(float* values, int count)
    {
        Lanes16 largest = Lanes16.Zero, smallest = Lanes16.Zero, isNumber = ~Lanes16.Zero;
        for (int i = 0; i < count; i += 16)
            Add(values + i, ref largest, ref smallest, ref isNumber);
        return Farthest(largest, smallest, isNumber);
    }

    /// <summary>Of two values the one that is farther from zero.</summary>
    public static float Of(float left, float right) => Math.Abs(right) > Math.Abs(left) ? right : left;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float* values, ref Lanes16 largest, ref Lanes16 smallest, ref Lanes16 isNumber)
    {
        Lanes16 value = Lanes16.Load(values);
        isNumber &= Lanes16.Equal(value, value);
        largest = Lanes16.Max(largest, value);
        smallest = Lanes16.Min(smallest, value);
    }

    private static float Farthest(Lanes16 largest, Lanes16 smallest, Lanes16 isNumber)
    {
        float* lane = stackalloc float[32];
        Lanes16.Store(Lanes16.Select(isNumber, largest, Lanes16.Broadcast(float.PositiveInfinity)), lane);
        Lanes16.Store(smallest, lane + 16);
        float result = 0;
        for (int k = 0; k < 32; k++)
            result = Of(result, lane[k]);
        return result;
    }
}
