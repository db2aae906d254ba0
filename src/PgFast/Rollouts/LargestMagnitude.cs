using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Rollouts;

/// <summary>How far rows of a trajectory's outputs are from zero.</summary>
internal static unsafe class LargestMagnitude
{
    /// <summary>max |output| over all cells, idle ones included; NaN counts as infinite.</summary>
    /// <param name="trajectory">Keeps its steps.</param>
    /// <param name="first">The first output that is looked at; all after it are, too.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float OfOutputs(Trajectory trajectory, int first)
    {
        Lanes16 largest = Lanes16.Zero, isNumber = ~Lanes16.Zero;
        for (int row = 0; row < trajectory.Rows; row++)
        {
            int lanes = trajectory.LaneCount[row];
            float* output = trajectory.Output(trajectory.Cell[row]);
            for (int i = first * lanes; i < trajectory.Outputs * lanes; i += 16)
            {
                Lanes16 value = Lanes16.Load(output + i);
                isNumber &= Lanes16.Equal(value, value);
                largest = Lanes16.Max(largest, Lanes16.Abs(value));
            }
        }

        float* lane = stackalloc float[16];
        Lanes16.Store(Lanes16.Select(isNumber, largest, Lanes16.Broadcast(float.PositiveInfinity)), lane);
        float result = 0;
        for (int k = 0; k < 16; k++)
            result = Math.Max(result, lane[k]);
        return result;
    }
}
