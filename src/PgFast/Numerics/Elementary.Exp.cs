using System.Runtime.CompilerServices;

namespace PgFast.Numerics;

/// <summary>Exponential, logarithm, hyperbolic tangent, sine and cosine with the same bits at every lane width and on every CPU.</summary>
/// <remarks>
/// Built from + − × ÷ √, fused multiply-add, comparison and integer operations alone; each is exactly defined, so a lane's result cannot
/// depend on how many lanes a register has. The scalar overloads run the same code with one lane. Coefficients are minimax fits (Remez)
/// of this project; error bounds are measured against double precision, over every float of the domain where it says so. Where a NaN
/// comes out, which NaN it is, is unspecified. Thread-safe; does not allocate.
/// </remarks>
public static partial class Elementary
{
    // ln 2 = Ln2High + Ln2Low to 49 bits. x − n·Ln2High is exact in a fused multiply-add for the |n| ≤ 150 that occur.
    private const float Ln2High = 0.693147182f;
    private const float Ln2Low = -1.90465421e-9f;
    private const float Log2E = 1.44269504f;

    // Adding 1.5·2²³ rounds to an integer, which is left in the low bits of the sum; 126 more makes those bits the exponent field of 2ⁿ⁻¹.
    private const float ExponentMagic = 12582912f + 126f;

    /// <summary>e to the power <paramref name="x"/>.</summary>
    /// <param name="x">Any float.</param>
    /// <returns>
    /// Within 0.90 ulp (measured, every float). Above 88.72283 it is +∞; below −86.99 (results under 1.7·10⁻³⁸) it is flushed to +0, so no
    /// denormal is returned. Exp(±0) = 1, Exp(+∞) = +∞, Exp(−∞) = 0, NaN gives NaN.
    /// </returns>
    public static float Exp(float x) => Exp(new Lanes1(x)).Value;

    /// <summary>e to the power of at most 0: softmax's exponential, two operations cheaper than <see cref="Exp(float)"/>.</summary>
    /// <param name="x">At most 0, or NaN. From 0 to 88 the result is still right; above it is unspecified.</param>
    /// <returns>Within 2.0 ulp (measured, every float of the domain). Below −86.99 it is +0; exactly 1 at ±0; NaN gives NaN.</returns>
    public static float ExpNonPositive(float x) => ExpNonPositive(new Lanes1(x)).Value;

    /// <summary>e to the power <paramref name="x"/>, lane by lane: the vector twin of <see cref="Exp(float)"/>.</summary>
    /// <typeparam name="TLanes">The lane vector.</typeparam>
    /// <param name="x">Any floats.</param>
    /// <inheritdoc cref="Exp(float)" path="/returns"/>
    /// <remarks>
    /// Cody and Waite (1980): x = n·ln 2 + r with |r| ≤ ½·ln 2, eˣ = 2ⁿ⁻¹·2eʳ. The polynomial is that of 2eʳ, degree 6, because the factor
    /// 2ⁿ⁻¹ is then finite for every finite result and becomes ∞ or 0 by itself beyond. 14 operations.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Exp<TLanes>(TLanes x) where TLanes : unmanaged, ILanes<TLanes>
    {
        // The constant stands on the left: Min and Max then pass a NaN on. At 89 the product overflows; at −87.5 the factor is 0.
        return ExpLimited(TLanes.Max(TLanes.Broadcast(-87.5f), TLanes.Min(TLanes.Broadcast(89f), x)));
    }

    /// <summary><see cref="Exp{TLanes}(TLanes)"/> without its clamp.</summary>
    /// <param name="x">From −87.5 to 89, or NaN.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLanes ExpLimited<TLanes>(TLanes x) where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes r = ReduceExponent(x, out TLanes scale);
        TLanes p = TLanes.FusedMultiplyAdd(TLanes.Broadcast(2f * 0.00138145772687f), r, TLanes.Broadcast(2f * 0.00836873803623f));
        p = TLanes.FusedMultiplyAdd(p, r, TLanes.Broadcast(2f * 0.0416683894121f));
        p = TLanes.FusedMultiplyAdd(p, r, TLanes.Broadcast(2f * 0.166665204752f));
        p = TLanes.FusedMultiplyAdd(p, r, TLanes.Broadcast(2f * 0.499999934422f));
        p = TLanes.FusedMultiplyAdd(p, r, TLanes.Broadcast(2f));
        p = TLanes.FusedMultiplyAdd(p, r, TLanes.Broadcast(2f));
        return p * scale;
    }

    /// <summary>e to the power of at most 0, lane by lane: the vector twin of <see cref="ExpNonPositive(float)"/>.</summary>
    /// <typeparam name="TLanes">The lane vector.</typeparam>
    /// <param name="x">At most 0, or NaN. From 0 to 88 the result is still right; above it is unspecified.</param>
    /// <inheritdoc cref="ExpNonPositive(float)" path="/returns"/>
    /// <remarks>As <see cref="Exp{TLanes}(TLanes)"/>, with a polynomial of degree 5 and no upper clamp. 12 operations.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes ExpNonPositive<TLanes>(TLanes x) where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes r = ReduceExponent(TLanes.Max(TLanes.Broadcast(-87.5f), x), out TLanes scale);
        TLanes p = TLanes.FusedMultiplyAdd(TLanes.Broadcast(2f * 0.00829029675712f), r, TLanes.Broadcast(2f * 0.041898068089f));
        p = TLanes.FusedMultiplyAdd(p, r, TLanes.Broadcast(2f * 0.166676369117f));
        p = TLanes.FusedMultiplyAdd(p, r, TLanes.Broadcast(2f * 0.499991487896f));
        p = TLanes.FusedMultiplyAdd(p, r, TLanes.Broadcast(2f * 0.999999707243f));
        p = TLanes.FusedMultiplyAdd(p, r, TLanes.Broadcast(2f));
        return p * scale;
    }

    /// <summary>r = x − n·ln 2 for the integer n nearest to x/ln 2, and 2ⁿ⁻¹ (0 for n = −126, ∞ for n = 129).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes ReduceExponent<TLanes>(TLanes x, out TLanes scale) where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes shifted = TLanes.FusedMultiplyAdd(x, TLanes.Broadcast(Log2E), TLanes.Broadcast(ExponentMagic));
        TLanes n = shifted - TLanes.Broadcast(ExponentMagic);
        TLanes r = TLanes.FusedMultiplyAdd(n, TLanes.Broadcast(-Ln2High), x);
        scale = TLanes.ShiftLeft(shifted, 23);
        return TLanes.FusedMultiplyAdd(n, TLanes.Broadcast(-Ln2Low), r);
    }
}
