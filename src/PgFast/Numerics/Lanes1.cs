using System.Runtime.CompilerServices;

namespace PgFast.Numerics;

/// <summary>One lane: the scalar twin of every kernel, and what runs where the CPU has no vectors.</summary>
/// <inheritdoc cref="ILanes{TSelf}" path="/remarks"/>
public readonly unsafe struct Lanes1 : ILanes<Lanes1>
{
    private readonly float _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Lanes1(float value) => _value = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Lanes1(int bits) => _value = BitConverter.Int32BitsToSingle(bits);

    internal float Value => _value;

    private int Bits
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => BitConverter.SingleToInt32Bits(_value);
    }

    /// <inheritdoc/>
    public static int Count => 1;

    /// <inheritdoc/>
    public static Lanes1 Zero => default;

    /// <inheritdoc/>
    public static Lanes1 LaneIndices => default;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Broadcast(float value) => new(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 BroadcastInt32(int value) => new(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Load(float* source) => new(*source);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes1 value, float* destination) => *destination = value._value;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 operator +(Lanes1 left, Lanes1 right) => new(left._value + right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 operator -(Lanes1 left, Lanes1 right) => new(left._value - right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 operator *(Lanes1 left, Lanes1 right) => new(left._value * right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 operator /(Lanes1 left, Lanes1 right) => new(left._value / right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 operator -(Lanes1 value) => new(value.Bits ^ int.MinValue);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 operator &(Lanes1 left, Lanes1 right) => new(left.Bits & right.Bits);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 operator |(Lanes1 left, Lanes1 right) => new(left.Bits | right.Bits);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 operator ^(Lanes1 left, Lanes1 right) => new(left.Bits ^ right.Bits);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 operator ~(Lanes1 value) => new(~value.Bits);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 FusedMultiplyAdd(Lanes1 x, Lanes1 y, Lanes1 addend) => new(MathF.FusedMultiplyAdd(x._value, y._value, addend._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 FusedNegateMultiplyAdd(Lanes1 x, Lanes1 y, Lanes1 addend) => new(MathF.FusedMultiplyAdd(-x._value, y._value, addend._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Sqrt(Lanes1 value) => new(MathF.Sqrt(value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Abs(Lanes1 value) => new(value.Bits & int.MaxValue);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Min(Lanes1 left, Lanes1 right) => new(left._value < right._value ? left._value : right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Max(Lanes1 left, Lanes1 right) => new(left._value > right._value ? left._value : right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 LessThan(Lanes1 left, Lanes1 right) => new(left._value < right._value ? -1 : 0);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 GreaterThan(Lanes1 left, Lanes1 right) => new(left._value > right._value ? -1 : 0);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Equal(Lanes1 left, Lanes1 right) => new(left._value == right._value ? -1 : 0);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Select(Lanes1 mask, Lanes1 whenSet, Lanes1 whenClear) => new((mask.Bits & whenSet.Bits) | (~mask.Bits & whenClear.Bits));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 AddWhereNegative(Lanes1 selector, Lanes1 sum, Lanes1 addend) =>
        sum + (addend & ShiftRightArithmetic(selector, 31));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 PackBytes(Lanes1 first, Lanes1 second, Lanes1 third, Lanes1 fourth) => new(
        Math.Min(first.Bits, 127) | Math.Min(second.Bits, 127) << 8 | Math.Min(third.Bits, 127) << 16 | Math.Min(fourth.Bits, 127) << 24);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 OrderBytes(Lanes1 packed) => packed;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 OneWhereBit(Lanes1 value, int bit) => new((value.Bits >> bit & 1) != 0 ? 1f : 0f);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 AddInt32(Lanes1 left, Lanes1 right) => new(left.Bits + right.Bits);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 SubtractInt32(Lanes1 left, Lanes1 right) => new(left.Bits - right.Bits);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 MaxInt32(Lanes1 left, Lanes1 right) => new(Math.Max(left.Bits, right.Bits));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 EqualInt32(Lanes1 left, Lanes1 right) => new(left.Bits == right.Bits ? -1 : 0);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 GreaterThanInt32(Lanes1 left, Lanes1 right) => new(left.Bits > right.Bits ? -1 : 0);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 ShiftLeft(Lanes1 value, int bits) => new(value.Bits << bits);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 ShiftRightLogical(Lanes1 value, int bits) => new(value.Bits >>> bits);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 ShiftRightArithmetic(Lanes1 value, int bits) => new(value.Bits >> bits);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 ConvertInt32ToSingle(Lanes1 value) => new((float)value.Bits);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyWide(Lanes1 value, uint factor, out Lanes1 high, out Lanes1 low)
    {
        ulong product = (ulong)(uint)value.Bits * factor;
        high = new((int)(uint)(product >> 32));
        low = new((int)(uint)product);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint SignBits(Lanes1 value) => (uint)value.Bits >> 31;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 MaskFromBits(uint bits) => new(-(int)(bits & 1));
}
