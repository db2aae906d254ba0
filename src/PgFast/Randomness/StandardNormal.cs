using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Randomness;

/// <summary>Normal random numbers of mean 0 and variance 1: one word, one number.</summary>
/// <remarks>
/// The inverse of the distribution function, by the rational functions of Wichura (1988), algorithm AS 241, PPND7. One word a number keeps
/// random numbers a function of (seed, stream, episode, step, dimension), without a second word or a loop that rejects.
/// </remarks>
public static class StandardNormal
{
    /// <summary>A word as a normal number.</summary>
    /// <param name="word">A random word: its highest bit is the sign, the other 31 bits w give the tail probability (w + ½)·2⁻³².</param>
    /// <returns>Within ±6.4; within 4e-7 of the exact quantile x, relative to max(1, |x|) (measured: 3.6e-7). Near 0 the tail
    /// is rounded to single precision, so that the error there is absolute.</returns>
    public static float FromWord(uint word) => FromWords(new Lanes1(BitConverter.UInt32BitsToSingle(word))).Value;

    /// <summary>Words as normal numbers, lane by lane: the vector twin of <see cref="FromWord(uint)"/>.</summary>
    /// <typeparam name="TLanes">The lane vector.</typeparam>
    /// <param name="words">One random word a lane.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes FromWords<TLanes>(TLanes words) where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes integer = TLanes.ConvertInt32ToSingle(TLanes.ShiftRightLogical(TLanes.ShiftLeft(words, 1), 1));
        TLanes tail = TLanes.FusedMultiplyAdd(integer, TLanes.Broadcast(1f / 4294967296f), TLanes.Broadcast(0.5f / 4294967296f));
        TLanes centred = TLanes.Broadcast(0.5f) - tail;
        TLanes isCentral = TLanes.LessThan(centred, TLanes.Broadcast(0.425f));
        TLanes magnitude = TLanes.Select(isCentral, Central(centred), Tail(tail));
        TLanes sign = words & TLanes.BroadcastInt32(int.MinValue);
        return magnitude ^ sign;
    }

    /// <summary>The quantile of ½ + q for 0 ≤ q &lt; 0.425.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Central<TLanes>(TLanes q) where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes r = TLanes.FusedNegateMultiplyAdd(q, q, TLanes.Broadcast(0.180625f));
        TLanes top = TLanes.FusedMultiplyAdd(TLanes.Broadcast(5.9109374720e+01f), r, TLanes.Broadcast(1.5929113202e+02f));
        top = TLanes.FusedMultiplyAdd(top, r, TLanes.Broadcast(5.0434271938e+01f));
        top = TLanes.FusedMultiplyAdd(top, r, TLanes.Broadcast(3.3871327179f));
        TLanes bottom = TLanes.FusedMultiplyAdd(TLanes.Broadcast(6.7187563600e+01f), r, TLanes.Broadcast(7.8757757664e+01f));
        bottom = TLanes.FusedMultiplyAdd(bottom, r, TLanes.Broadcast(1.7895169469e+01f));
        bottom = TLanes.FusedMultiplyAdd(bottom, r, TLanes.Broadcast(1f));
        return q * top / bottom;
    }

    /// <summary>The quantile of 1 − p for e⁻²⁵ ≤ p ≤ 0.075; the smallest p here is 2⁻³³.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Tail<TLanes>(TLanes p) where TLanes : unmanaged, ILanes<TLanes>
    {
        TLanes r = TLanes.Sqrt(-Elementary.LogPositive(p)) - TLanes.Broadcast(1.6f);
        TLanes top = TLanes.FusedMultiplyAdd(TLanes.Broadcast(1.7023821103e-01f), r, TLanes.Broadcast(1.3067284816f));
        top = TLanes.FusedMultiplyAdd(top, r, TLanes.Broadcast(2.7568153900f));
        top = TLanes.FusedMultiplyAdd(top, r, TLanes.Broadcast(1.4234372777f));
        TLanes bottom = TLanes.FusedMultiplyAdd(TLanes.Broadcast(1.2021132975e-01f), r, TLanes.Broadcast(7.3700164250e-01f));
        bottom = TLanes.FusedMultiplyAdd(bottom, r, TLanes.Broadcast(1f));
        return top / bottom;
    }
}
