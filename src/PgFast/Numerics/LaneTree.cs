using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PgFast.Numerics;

/// <summary>Sums 16 logical lanes in one fixed tree, whatever the hardware width.</summary>
internal static unsafe class LaneTree
{
    /// <summary>((lane k + lane k+8) + (…k+4)) + …: halves are added to halves, 8, 4, 2, 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(float* lanes)
    {
        Vector512<float> all = Vector512.Load(lanes);
        Vector256<float> eight = all.GetLower() + all.GetUpper();
        Vector128<float> four = eight.GetLower() + eight.GetUpper();
        Vector128<float> two = four + Vector128.Shuffle(four, Vector128.Create(2, 3, 2, 3));
        return two.ToScalar() + two.GetElement(1);
    }
}
