using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PgFast.Numerics;

/// <summary>Looks for numbers that are not finite, as fast as memory gives them.</summary>
internal static class FiniteCheck
{
    private const int Exponent = 0x7F80_0000;

    /// <summary>Place of the first number that is infinite or NaN from a place on; −1 if there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int FirstNonFinite(ReadOnlySpan<float> values, int from = 0)
    {
        ReadOnlySpan<int> bits = MemoryMarshal.Cast<float, int>(values);
        Vector<int> exponent = new(Exponent);
        int i = from;
        for (; i <= bits.Length - Vector<int>.Count; i += Vector<int>.Count)
        {
            if (Vector.EqualsAny(new Vector<int>(bits[i..]) & exponent, exponent))
                break;
        }

        for (; i < bits.Length; i++)
        {
            if ((bits[i] & Exponent) == Exponent)
                return i;
        }

        return -1;
    }
}
