namespace PgFast.Numerics;

/// <summary>
/// A register of <see cref="Count"/> 32-bit lanes, one environment a lane, holding single-precision floats, 32-bit integers or masks.
/// </summary>
/// <typeparam name="TSelf">The implementing struct.</typeparam>
/// <remarks>
/// Kernels are written once against this interface; a struct type argument gets its own machine code, so every member is one or a few
/// instructions. Only operations whose result is defined to the last bit on every CPU are here: that is what makes a kernel's lanes
/// equal at any width. A mask has all bits of a lane set or none. No member allocates.
/// </remarks>
public unsafe interface ILanes<TSelf> where TSelf : unmanaged, ILanes<TSelf>
{
    /// <summary>Number of lanes; a constant to the compiler in each specialisation.</summary>
    static abstract int Count { get; }

    /// <summary>All lanes zero (as float, integer and mask).</summary>
    static abstract TSelf Zero { get; }

    /// <summary>Lane indices 0, 1, 2, … as integers.</summary>
    static abstract TSelf LaneIndices { get; }

    /// <summary>The same float in every lane.</summary>
    static abstract TSelf Broadcast(float value);

    /// <summary>The same 32-bit integer in every lane.</summary>
    static abstract TSelf BroadcastInt32(int value);

    /// <summary>Reads <see cref="Count"/> consecutive 32-bit values; no alignment is required.</summary>
    static abstract TSelf Load(float* source);

    /// <summary>Writes <see cref="Count"/> consecutive 32-bit values; no alignment is required.</summary>
    static abstract void Store(TSelf value, float* destination);

    /// <summary>Lane-wise float sum, one rounding.</summary>
    static abstract TSelf operator +(TSelf left, TSelf right);

    /// <summary>Lane-wise float difference, one rounding.</summary>
    static abstract TSelf operator -(TSelf left, TSelf right);

    /// <summary>Lane-wise float product, one rounding.</summary>
    static abstract TSelf operator *(TSelf left, TSelf right);

    /// <summary>Lane-wise float quotient, correctly rounded (never a reciprocal estimate).</summary>
    static abstract TSelf operator /(TSelf left, TSelf right);

    /// <summary>Lane-wise float negation (flips the sign bit).</summary>
    static abstract TSelf operator -(TSelf value);

    /// <summary>Bitwise and.</summary>
    static abstract TSelf operator &(TSelf left, TSelf right);

    /// <summary>Bitwise or.</summary>
    static abstract TSelf operator |(TSelf left, TSelf right);

    /// <summary>Bitwise exclusive or.</summary>
    static abstract TSelf operator ^(TSelf left, TSelf right);

    /// <summary>Bitwise complement.</summary>
    static abstract TSelf operator ~(TSelf value);

    /// <summary>x·y + addend with one rounding.</summary>
    static abstract TSelf FusedMultiplyAdd(TSelf x, TSelf y, TSelf addend);

    /// <summary>addend − x·y with one rounding.</summary>
    static abstract TSelf FusedNegateMultiplyAdd(TSelf x, TSelf y, TSelf addend);

    /// <summary>Correctly rounded square root.</summary>
    static abstract TSelf Sqrt(TSelf value);

    /// <summary>Float magnitude (clears the sign bit).</summary>
    static abstract TSelf Abs(TSelf value);

    /// <summary>Lane-wise smaller float. Of two zeros of opposite sign, which one comes out is unspecified.</summary>
    /// <param name="left">May not be NaN: then the result is unspecified.</param>
    /// <param name="right">Where this is NaN, so is the result: a clamp with its constants on the left passes NaN on.</param>
    static abstract TSelf Min(TSelf left, TSelf right);

    /// <summary>Lane-wise larger float. Of two zeros of opposite sign, which one comes out is unspecified.</summary>
    /// <param name="left">May not be NaN: then the result is unspecified.</param>
    /// <param name="right">Where this is NaN, so is the result: a clamp with its constants on the left passes NaN on.</param>
    static abstract TSelf Max(TSelf left, TSelf right);

    /// <summary>Mask of lanes where left &lt; right as floats; false where either is NaN.</summary>
    static abstract TSelf LessThan(TSelf left, TSelf right);

    /// <summary>Mask of lanes where left &gt; right as floats; false where either is NaN.</summary>
    static abstract TSelf GreaterThan(TSelf left, TSelf right);

    /// <summary>Mask of lanes where left = right as floats; false where either is NaN.</summary>
    static abstract TSelf Equal(TSelf left, TSelf right);

    /// <summary>Lanes of <paramref name="whenSet"/> where the mask is set, of <paramref name="whenClear"/> elsewhere.</summary>
    static abstract TSelf Select(TSelf mask, TSelf whenSet, TSelf whenClear);

    /// <summary>sum + addend in lanes whose selector has its sign bit set, sum elsewhere. Sums must never be −0: start them at +0.</summary>
    static abstract TSelf AddWhereNegative(TSelf selector, TSelf sum, TSelf addend);

    /// <summary>
    /// Four non-negative 32-bit integers a lane as four bytes, each at most 127 and 0 only where the integer is 0, in an order of the width's own:
    /// <see cref="OrderBytes"/> brings them home.
    /// </summary>
    static abstract TSelf PackBytes(TSelf first, TSelf second, TSelf third, TSelf fourth);

    /// <summary>The bytes of <see cref="PackBytes"/> in order: byte k of a lane, from the lowest, is that of the k-th integer.</summary>
    static abstract TSelf OrderBytes(TSelf packed);

    /// <summary>1 in lanes whose lowest bits have that number's bit set, +0 elsewhere: as a factor it lets a multiply-add leave lanes out.</summary>
    /// <param name="value">Any bits.</param>
    /// <param name="bit">0 to 3; a constant, best of all.</param>
    static abstract TSelf OneWhereBit(TSelf value, int bit);

    /// <summary>Lane-wise 32-bit integer sum, wrapping.</summary>
    static abstract TSelf AddInt32(TSelf left, TSelf right);

    /// <summary>Lane-wise 32-bit integer difference, wrapping.</summary>
    static abstract TSelf SubtractInt32(TSelf left, TSelf right);

    /// <summary>Lane-wise larger signed 32-bit integer.</summary>
    static abstract TSelf MaxInt32(TSelf left, TSelf right);

    /// <summary>Mask of lanes whose 32 bits are equal.</summary>
    static abstract TSelf EqualInt32(TSelf left, TSelf right);

    /// <summary>Mask of lanes where left &gt; right as signed 32-bit integers.</summary>
    static abstract TSelf GreaterThanInt32(TSelf left, TSelf right);

    /// <summary>Shifts every lane left by 0 to 31 bits.</summary>
    static abstract TSelf ShiftLeft(TSelf value, int bits);

    /// <summary>Shifts every lane right by 0 to 31 bits, filling with zeros.</summary>
    static abstract TSelf ShiftRightLogical(TSelf value, int bits);

    /// <summary>Shifts every lane right by 0 to 31 bits, filling with the sign.</summary>
    static abstract TSelf ShiftRightArithmetic(TSelf value, int bits);

    /// <summary>Signed 32-bit integers to the nearest floats (ties to even).</summary>
    static abstract TSelf ConvertInt32ToSingle(TSelf value);

    /// <summary>Full 64-bit product of each unsigned lane and <paramref name="factor"/>, split in halves.</summary>
    /// <param name="value">Unsigned 32-bit lanes.</param>
    /// <param name="factor">The multiplier, the same for every lane.</param>
    /// <param name="high">The upper 32 bits of each product.</param>
    /// <param name="low">The lower 32 bits of each product.</param>
    static abstract void MultiplyWide(TSelf value, uint factor, out TSelf high, out TSelf low);

    /// <summary>The sign bit of lane k as bit k.</summary>
    static abstract uint SignBits(TSelf value);

    /// <summary>The mask whose lane k is set where bit k is set.</summary>
    static abstract TSelf MaskFromBits(uint bits);
}
