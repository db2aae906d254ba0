using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Environments;

/// <summary>Angles modulo a whole turn.</summary>
internal static class Angles
{
    /// <summary>Added and subtracted, it rounds a small number to a whole one: 1.5·2²³.</summary>
    private const float RoundingMagic = 12582912f;

    private const float InverseTurn = (float)(1 / (2 * Math.PI));

    // 2π as the sum of two floats.
    private const float Turn = (float)(2 * Math.PI);
    private const float TurnRest = (float)(2 * Math.PI - Turn);

    /// <summary>The same angle within [−π, π], up to rounding, for an angle of at most some thousand turns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Wrap<TLanes>(TLanes angle) where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes magic = TLanes.Broadcast(RoundingMagic);
        TLanes turns = TLanes.FusedMultiplyAdd(angle, TLanes.Broadcast(InverseTurn), magic) - magic;
        TLanes wrapped = TLanes.FusedNegateMultiplyAdd(turns, TLanes.Broadcast(Turn), angle);
        return TLanes.FusedNegateMultiplyAdd(turns, TLanes.Broadcast(TurnRest), wrapped);
    }

    /// <summary>value within [low, high]; NaN stays NaN, as the constants stand on the left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Clip<TLanes>(TLanes value, float low, float high) where TLanes : unmanaged, ILanes<TLanes> =>
        TLanes.Min(TLanes.Broadcast(high), TLanes.Max(TLanes.Broadcast(low), value));
}
