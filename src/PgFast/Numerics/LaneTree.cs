using System.Runtime.CompilerServices;

namespace PgFast.Numerics;

/// <summary>Sums 16 logical lanes in one fixed tree, whatever the hardware width.</summary>
internal static unsafe class LaneTree
{
    /// <summary>((lane k + lane k+8) + (…k+4)) + …: halves are added to halves, 8, 4, 2, 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(float* lanes)
    {
        float a0 = lanes[0] + lanes[8], a1 = lanes[1] + lanes[9], a2 = lanes[2] + lanes[10], a3 = lanes[3] + lanes[11];
        float a4 = lanes[4] + lanes[12], a5 = lanes[5] + lanes[13], a6 = lanes[6] + lanes[14], a7 = lanes[7] + lanes[15];
        return ((a0 + a4) + (a2 + a6)) + ((a1 + a5) + (a3 + a7));
    }
}
