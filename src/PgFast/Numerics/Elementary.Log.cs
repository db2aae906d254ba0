using System.Runtime.CompilerServices;

namespace PgFast.Numerics;

public static partial class Elementary
{
    /// <summary>Natural logarithm.</summary>
    /// <param name="x">Any float.</param>
    /// <returns>
    /// Within 0.96 ulp (measured, every positive float, denormals too). Log(1) = 0, Log(±0) = −∞, Log(+∞) = +∞; negative numbers and NaN
    /// give NaN.
    /// </returns>
    public static float Log(float x) => Log(new Lanes1(x)).Value;

    /// <summary>Natural logarithm of a positive, normal, finite number: <see cref="Log(float)"/> without its special cases.</summary>
    /// <param name="x">2⁻¹²⁶ to the largest float. Elsewhere the result is unspecified.</param>
    /// <returns>The same bits as <see cref="Log(float)"/>.</returns>
    public static float LogPositive(float x) => LogPositive(new Lanes1(x)).Value;

    /// <summary>Natural logarithm, lane by lane: the vector twin of <see cref="Log(float)"/>.</summary>
    /// <typeparam name="TLanes">The lane vector.</typeparam>
    /// <param name="x">Any floats.</param>
    /// <inheritdoc cref="Log(float)" path="/returns"/>
    /// <remarks>
    /// x = 2ᵉ·(1 + f) with 1 + f in [⅔, 4⁄3); log x = e·ln 2 + f − f²/2 + f³·P(f), P minimax of degree 7. A denormal is first scaled up.
    /// 28 operations and a square root, which serves only to turn a negative number into NaN and leave +∞ alone.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Log<TLanes>(TLanes x) where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes isDenormal = TLanes.LessThan(x, TLanes.Broadcast(1.17549435e-38f));
        TLanes normal = TLanes.Select(isDenormal, x * TLanes.Broadcast(8388608f), x);
        TLanes f = SplitExponent(normal, out TLanes exponent);
        TLanes result = CombineLog(f, exponent - (isDenormal & TLanes.Broadcast(23f)));
        TLanes isOrdinary = TLanes.GreaterThan(x, TLanes.Zero) & TLanes.LessThan(x, TLanes.Broadcast(float.PositiveInfinity));
        TLanes special = TLanes.Select(TLanes.Equal(x, TLanes.Zero), TLanes.Broadcast(float.NegativeInfinity), TLanes.Sqrt(x));
        return TLanes.Select(isOrdinary, result, special);
    }

    /// <summary>Natural logarithm of positive, normal, finite numbers: the vector twin of <see cref="LogPositive(float)"/>.</summary>
    /// <typeparam name="TLanes">The lane vector.</typeparam>
    /// <param name="x">2⁻¹²⁶ to the largest float. Elsewhere the result is unspecified.</param>
    /// <inheritdoc cref="LogPositive(float)" path="/returns"/>
    /// <remarks>As <see cref="Log{TLanes}(TLanes)"/>; 17 operations. What log Σ exp and the normal distribution need.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes LogPositive<TLanes>(TLanes x) where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes f = SplitExponent(x, out TLanes exponent);
        return CombineLog(f, exponent);
    }

    /// <summary>f and e with x = 2ᵉ·(1 + f), 1 + f in [⅔, 4⁄3).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes SplitExponent<TLanes>(TLanes x, out TLanes exponent) where TLanes : unmanaged, ILanes<TLanes>
    {
        // Counted from the bits of ⅔, the exponent field is e, and what is left of the bits belongs to 1 + f.
        TLanes twoThirds = TLanes.BroadcastInt32(0x3F2AAAAB);
        TLanes offset = TLanes.SubtractInt32(x, twoThirds);
        exponent = TLanes.ConvertInt32ToSingle(TLanes.ShiftRightArithmetic(offset, 23));
        TLanes mantissa = TLanes.AddInt32(offset & TLanes.BroadcastInt32(0x007FFFFF), twoThirds);
        return mantissa - TLanes.Broadcast(1f);
    }

    /// <summary>log(1 + f) + e·ln 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes CombineLog<TLanes>(TLanes f, TLanes exponent) where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes p = TLanes.FusedMultiplyAdd(TLanes.Broadcast(-0.1289022545f), f, TLanes.Broadcast(0.139826725625f));
        p = TLanes.FusedMultiplyAdd(p, f, TLanes.Broadcast(-0.121846139417f));
        p = TLanes.FusedMultiplyAdd(p, f, TLanes.Broadcast(0.140062702702f));
        p = TLanes.FusedMultiplyAdd(p, f, TLanes.Broadcast(-0.166804602095f));
        p = TLanes.FusedMultiplyAdd(p, f, TLanes.Broadcast(0.200103775708f));
        p = TLanes.FusedMultiplyAdd(p, f, TLanes.Broadcast(-0.249997983261f));
        p = TLanes.FusedMultiplyAdd(p, f, TLanes.Broadcast(0.333332165842f));
        p = TLanes.FusedMultiplyAdd(p, f, TLanes.Broadcast(-0.5f));
        TLanes logMantissa = TLanes.FusedMultiplyAdd(f * f, p, f);
        // ln 2 as one float: its error times e ≤ 149 is far below half an ulp of e·ln 2.
        return TLanes.FusedMultiplyAdd(exponent, TLanes.Broadcast(Ln2High), logMantissa);
    }
}
