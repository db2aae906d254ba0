using System.Runtime.CompilerServices;

namespace PgFast.Numerics;

public static partial class Elementary
{
    /// <summary>Largest magnitude that <see cref="SinCosBounded(float, out float, out float)"/> takes, in radians: 2¹⁷.</summary>
    public const float SinCosBound = 131072f;

    // π/2 = HalfPi0 + HalfPi1 + HalfPi2 to 73 bits. x − n·HalfPi0 is exact in a fused multiply-add, whatever the integer n nearest to 2x/π.
    // All three are positive: that keeps the sign of −0.
    private const float HalfPi0 = 1.57079625f;
    private const float HalfPi1 = 7.54978942e-8f;
    private const float HalfPi2 = 5.39030295e-15f;
    private const float TwoOverPi = 0.636619747f;

    // Adding 1.5·2²³ rounds to an integer and leaves its two lowest bits, the quadrant, in the two lowest bits of the sum.
    private const float QuadrantMagic = 12582912f;

    /// <summary>The bits of 2/π, behind 32 zeros.</summary>
    private static ReadOnlySpan<uint> TwoOverPiBits =>
        [0, 0xA2F9836E, 0x4E441529, 0xFC2757D1, 0xF534DDC0, 0xDB629599, 0x3C439041, 0xFE5163AB];

    /// <summary>Sine and cosine of any angle.</summary>
    /// <param name="x">Angle in radians, any float.</param>
    /// <param name="sine">Within 2.1 ulp (every float measured up to 2¹⁷, a dense grid beyond), near multiples of π too; keeps ±0.</param>
    /// <param name="cosine">Within 2.1 ulp (measured likewise).</param>
    /// <remarks>±∞ and NaN give NaN for both.</remarks>
    public static void SinCos(float x, out float sine, out float cosine)
    {
        SinCos(new Lanes1(x), out Lanes1 sineLane, out Lanes1 cosineLane);
        sine = sineLane.Value;
        cosine = cosineLane.Value;
    }

    /// <summary><see cref="SinCos(float, out float, out float)"/> without its check for huge angles.</summary>
    /// <param name="x">Angle in radians, up to ±<see cref="SinCosBound"/>, or NaN. Beyond, the results are unspecified.</param>
    /// <param name="sine">The same bits as <see cref="SinCos(float, out float, out float)"/>.</param>
    /// <param name="cosine">The same bits as <see cref="SinCos(float, out float, out float)"/>.</param>
    public static void SinCosBounded(float x, out float sine, out float cosine)
    {
        SinCosBounded(new Lanes1(x), out Lanes1 sineLane, out Lanes1 cosineLane);
        sine = sineLane.Value;
        cosine = cosineLane.Value;
    }

    /// <summary>Sine and cosine of a small angle, by two short polynomials.</summary>
    /// <param name="x">Angle in radians, at most 0.25 in magnitude. Beyond, accuracy fades: 2·10⁻⁵ at 0.5, 3·10⁻⁴ at π/4.</param>
    /// <param name="sine">Within 1.04 ulp (measured, every float of the domain); keeps the sign of ±0.</param>
    /// <param name="cosine">Within 0.76 ulp (measured, every float of the domain).</param>
    public static void SinCosSmall(float x, out float sine, out float cosine)
    {
        SinCosSmall(new Lanes1(x), out Lanes1 sineLane, out Lanes1 cosineLane);
        sine = sineLane.Value;
        cosine = cosineLane.Value;
    }

    /// <summary>Sine and cosine, lane by lane: the vector twin of <see cref="SinCos(float, out float, out float)"/>.</summary>
    /// <typeparam name="TLanes">The lane vector.</typeparam>
    /// <param name="x">Angles in radians, any floats.</param>
    /// <param name="sine">Within 2.1 ulp.</param>
    /// <param name="cosine">Within 2.1 ulp.</param>
    /// <remarks>
    /// Up to <see cref="SinCosBound"/>, as <see cref="SinCosBounded{TLanes}"/>. If any lane is larger, all lanes are done one by one,
    /// the large ones after the reduction of Payne and Hanek (1983) in 128-bit integers: the same accuracy at any size, but far slower.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SinCos<TLanes>(TLanes x, out TLanes sine, out TLanes cosine) where TLanes : unmanaged, ILanes<TLanes>
    {
        // The bits of floats that are not negative compare like integers, and NaN as larger than all.
        if (TLanes.SignBits(TLanes.SubtractInt32(TLanes.Broadcast(SinCosBound), TLanes.Abs(x))) != 0)
        {
            (sine, cosine) = SinCosLaneByLane(x);
            return;
        }

        SinCosBounded(x, out sine, out cosine);
    }

    /// <summary>Sine and cosine, lane by lane: the vector twin of <see cref="SinCosBounded(float, out float, out float)"/>.</summary>
    /// <typeparam name="TLanes">The lane vector.</typeparam>
    /// <param name="x">Angles in radians, at most <see cref="SinCosBound"/> in magnitude, or NaN.</param>
    /// <param name="sine">Within 2.1 ulp.</param>
    /// <param name="cosine">Within 2.1 ulp.</param>
    /// <remarks>
    /// Cody and Waite (1980): x = n·π/2 + r in three fused steps, minimax polynomials of degree 7 (sine) and 6 (cosine) on |r| ≤ π/4,
    /// swapped and negated by the two lowest bits of n. 24 operations.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SinCosBounded<TLanes>(TLanes x, out TLanes sine, out TLanes cosine) where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes quadrant = TLanes.FusedMultiplyAdd(x, TLanes.Broadcast(TwoOverPi), TLanes.Broadcast(QuadrantMagic));
        TLanes n = quadrant - TLanes.Broadcast(QuadrantMagic);
        TLanes r = TLanes.FusedMultiplyAdd(n, TLanes.Broadcast(-HalfPi0), x);
        r = TLanes.FusedMultiplyAdd(n, TLanes.Broadcast(-HalfPi1), r);
        r = TLanes.FusedMultiplyAdd(n, TLanes.Broadcast(-HalfPi2), r);
        SinCosReduced(r, quadrant, out sine, out cosine);
    }

    /// <summary>Sine and cosine to about the last bit, for dynamics that magnify errors.</summary>
    /// <typeparam name="TLanes">The lane vector.</typeparam>
    /// <param name="x">Angles in radians, at most <see cref="SinCosBound"/> in magnitude, or NaN.</param>
    /// <param name="sine">Within 1 ulp of the larger of the two; the sign of ±0 is lost.</param>
    /// <param name="cosine">Likewise.</param>
    /// <remarks>As <see cref="SinCosBounded{TLanes}(TLanes, out TLanes, out TLanes)"/> with a term more in each polynomial; 26 operations.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void SinCosAccurate<TLanes>(TLanes x, out TLanes sine, out TLanes cosine) where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes quadrant = TLanes.FusedMultiplyAdd(x, TLanes.Broadcast(TwoOverPi), TLanes.Broadcast(QuadrantMagic));
        TLanes n = quadrant - TLanes.Broadcast(QuadrantMagic);
        TLanes r = TLanes.FusedMultiplyAdd(n, TLanes.Broadcast(-HalfPi0), x);
        r = TLanes.FusedMultiplyAdd(n, TLanes.Broadcast(-HalfPi1), r);
        r = TLanes.FusedMultiplyAdd(n, TLanes.Broadcast(-HalfPi2), r);
        TLanes z = r * r;
        TLanes s = TLanes.FusedMultiplyAdd(TLanes.Broadcast(2.7183114939898219e-6f), z, TLanes.Broadcast(-1.98393348360966317e-4f));
        s = TLanes.FusedMultiplyAdd(s, z, TLanes.Broadcast(8.3333293858894631756e-3f));
        s = TLanes.FusedMultiplyAdd(s, z, TLanes.Broadcast(-0.166666666416265235595f));
        s = TLanes.FusedMultiplyAdd(r * z, s, r);
        TLanes c = TLanes.FusedMultiplyAdd(TLanes.Broadcast(2.43904487962774090654e-5f), z, TLanes.Broadcast(-1.38867637746099294692e-3f));
        c = TLanes.FusedMultiplyAdd(c, z, TLanes.Broadcast(4.16666233237390631894e-2f));
        c = TLanes.FusedMultiplyAdd(c, z, TLanes.Broadcast(-0.499999997251031003120f));
        c = TLanes.FusedMultiplyAdd(c, z, TLanes.Broadcast(1f));
        Rotate(s, c, quadrant, out sine, out cosine);
    }

    /// <summary>Sine and cosine of small angles: the vector twin of <see cref="SinCosSmall(float, out float, out float)"/>.</summary>
    /// <typeparam name="TLanes">The lane vector.</typeparam>
    /// <param name="x">Angles in radians, at most 0.25 in magnitude.</param>
    /// <param name="sine">Within 1.04 ulp.</param>
    /// <param name="cosine">Within 0.76 ulp.</param>
    /// <remarks>Minimax polynomials of degree 5 and 4, six operations in all.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SinCosSmall<TLanes>(TLanes x, out TLanes sine, out TLanes cosine) where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes one = TLanes.Broadcast(1f);
        TLanes z = x * x;
        TLanes s = TLanes.FusedMultiplyAdd(TLanes.Broadcast(0.00831608599509f), z, TLanes.Broadcast(-0.166666333307f));
        TLanes c = TLanes.FusedMultiplyAdd(TLanes.Broadcast(0.041545969991f), z, TLanes.Broadcast(-0.499997667403f));
        sine = x * TLanes.FusedMultiplyAdd(s, z, one);
        cosine = TLanes.FusedMultiplyAdd(c, z, one);
    }

    /// <summary>Sine and cosine of r + q·π/2 for |r| ≤ π/4; q is in the two lowest bits of <paramref name="quadrant"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SinCosReduced<TLanes>(TLanes r, TLanes quadrant, out TLanes sine, out TLanes cosine)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes one = TLanes.Broadcast(1f);
        TLanes z = r * r;
        TLanes s = TLanes.FusedMultiplyAdd(TLanes.Broadcast(-0.000195127001222f), z, TLanes.Broadcast(0.00833214212634f));
        s = TLanes.FusedMultiplyAdd(s, z, TLanes.Broadcast(-0.166666543232f));
        // A product, not r + r·z·s in one step: that would lose the sign of −0.
        s = r * TLanes.FusedMultiplyAdd(s, z, one);
        TLanes c = TLanes.FusedMultiplyAdd(TLanes.Broadcast(-0.0013589465674f), z, TLanes.Broadcast(0.0416556006338f));
        c = TLanes.FusedMultiplyAdd(c, z, TLanes.Broadcast(-0.499998819341f));
        c = TLanes.FusedMultiplyAdd(c, z, one);

        Rotate(s, c, quadrant, out sine, out cosine);
    }

    /// <summary>From sine s and cosine c of an angle to those of one that is some quadrants further.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Rotate<TLanes>(TLanes s, TLanes c, TLanes quadrant, out TLanes sine, out TLanes cosine)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        // Odd quadrants swap the two; the sine is negative in quadrants 2 and 3, the cosine in 1 and 2.
        TLanes isOdd = TLanes.ShiftRightArithmetic(TLanes.ShiftLeft(quadrant, 31), 31);
        TLanes signBit = TLanes.BroadcastInt32(int.MinValue);
        TLanes sineSign = TLanes.ShiftLeft(quadrant, 30) & signBit;
        TLanes cosineSign = TLanes.ShiftLeft(TLanes.AddInt32(quadrant, TLanes.BroadcastInt32(1)), 30) & signBit;
        sine = TLanes.Select(isOdd, c, s) ^ sineSign;
        cosine = TLanes.Select(isOdd, s, c) ^ cosineSign;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static unsafe (TLanes Sine, TLanes Cosine) SinCosLaneByLane<TLanes>(TLanes x) where TLanes : unmanaged, ILanes<TLanes>
    {
        float* lanes = stackalloc float[3 * TLanes.Count];
        TLanes.Store(x, lanes);
        for (int lane = 0; lane < TLanes.Count; lane++)
        {
            Lanes1 angle = new(lanes[lane]);
            Lanes1 sineLane, cosineLane;
            if (MathF.Abs(angle.Value) > SinCosBound)
            {
                float r = ReduceHuge(angle.Value, out int quadrant);
                SinCosReduced(new Lanes1(r), Lanes1.BroadcastInt32(quadrant), out sineLane, out cosineLane);
            }
            else
            {
                SinCosBounded(angle, out sineLane, out cosineLane);
            }

            Lanes1.Store(sineLane, lanes + TLanes.Count + lane);
            Lanes1.Store(cosineLane, lanes + (2 * TLanes.Count) + lane);
        }

        return (TLanes.Load(lanes + TLanes.Count), TLanes.Load(lanes + (2 * TLanes.Count)));
    }

    /// <summary>x modulo π/2, in [−π/4, π/4], and the quadrant, for |x| &gt; 2¹⁷ or infinite.</summary>
    private static float ReduceHuge(float x, out int quadrant)
    {
        quadrant = 0;
        if (!float.IsFinite(x)) return float.NaN;

        // |x| = m·2ᵉ. The bits of 2/π above weight 2¹⁻ᵉ give multiples of 4 quadrants and are dropped; the next 96 are kept, which leaves
        // more than 64 of the product right, and no float comes closer to a multiple of π/2 than 2⁻²⁹ of a quadrant or so.
        int bits = BitConverter.SingleToInt32Bits(x);
        uint mantissa = (uint)(bits & 0x007FFFFF) | 0x00800000;
        int exponent = ((bits >> 23) & 0xFF) - 150;
        int firstBit = exponent + 30;
        ReadOnlySpan<uint> words = TwoOverPiBits.Slice(firstBit >> 5, 4);
        UInt128 window = new(((ulong)words[0] << 32) | words[1], ((ulong)words[2] << 32) | words[3]);
        UInt128 product = ((window << (firstBit & 31)) >> 32) * mantissa;

        // In units of a quarter turn: 2 integer bits on top of 62 fraction bits, rounded to the nearest quadrant.
        ulong turns = (ulong)(product >> 32);
        ulong nearest = (turns + (1UL << 61)) >> 62;
        double r = (long)(turns - (nearest << 62)) * (1.5707963267948966 / (1UL << 62));
        quadrant = bits < 0 ? -(int)nearest : (int)nearest;
        return (float)(bits < 0 ? -r : r);
    }
}
