using System.Runtime.CompilerServices;
using PgFast.Numerics;
using PgFast.Randomness;

namespace PgFast.Environments;

/// <summary>The car in the valley, for both kinds of action.</summary>
internal static class Valley
{
    private const float LeftWall = -1.2f;
    private const float RightWall = 0.6f;
    private const float LargestSpeed = 0.07f;
    private const float Gravity = 0.0025f;

    /// <summary>Position uniform in (−0.6, −0.4), at rest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Reset<TLanes>(in ResetBatch batch) where TLanes : unmanaged, ILanes<TLanes>
    {
        for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
        {
            TLanes uniform = Philox.Uniform(batch.RandomWords.Load<TLanes>(0, lane));
            batch.State.Store(0, lane, TLanes.FusedMultiplyAdd(uniform, TLanes.Broadcast(0.2f), TLanes.Broadcast(-0.6f)));
            batch.State.Store(1, lane, TLanes.Zero);
        }
    }

    /// <summary>One step.</summary>
    /// <param name="position">Before, then after the step.</param>
    /// <param name="velocity">Before, then after the step.</param>
    /// <param name="push">−1 to 1.</param>
    /// <param name="force">Velocity that a push of 1 adds.</param>
    /// <param name="goal">Position of the flag.</param>
    /// <returns>Mask of the lanes that reached it, not moving back.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Advance<TLanes>(ref TLanes position, ref TLanes velocity, TLanes push, float force, float goal)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        Elementary.SinCosBounded(TLanes.Broadcast(3f) * position, out _, out TLanes cos);
        TLanes pull = TLanes.FusedMultiplyAdd(cos, TLanes.Broadcast(-Gravity), push * TLanes.Broadcast(force));
        TLanes v = Angles.Clip(velocity + pull, -LargestSpeed, LargestSpeed);
        TLanes x = Angles.Clip(position + v, LeftWall, RightWall);
        // At the wall the car stops: there max(v, 0) takes the place of v.
        TLanes atWall = TLanes.Equal(x, TLanes.Broadcast(LeftWall));
        v = TLanes.Select(atWall, TLanes.Max(v, TLanes.Zero), v);
        position = x;
        velocity = v;
        return ~(TLanes.LessThan(x, TLanes.Broadcast(goal)) | TLanes.LessThan(v, TLanes.Zero));
    }
}
