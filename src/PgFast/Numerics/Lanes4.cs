using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace PgFast.Numerics;

/// <summary>4 lanes in a 128-bit register (SSE, NEON).</summary>
/// <inheritdoc cref="ILanes{TSelf}" path="/remarks"/>
public readonly unsafe struct Lanes4 : ILanes<Lanes4>
{
    private readonly Vector128<float> _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Lanes4(Vector128<float> value) => _value = value;

    internal Vector128<float> Value => _value;

    /// <inheritdoc/>
    public static int Count => 4;

    /// <inheritdoc/>
    public static Lanes4 Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector128<float>.Zero);
    }

    /// <inheritdoc/>
    public static Lanes4 LaneIndices
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector128<int>.Indices.AsSingle());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Broadcast(float value) => new(Vector128.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 BroadcastInt32(int value) => new(Vector128.Create(value).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Load(float* source) => new(Vector128.Load(source));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes4 value, float* destination) => value._value.Store(destination);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator +(Lanes4 left, Lanes4 right) => new(left._value + right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator -(Lanes4 left, Lanes4 right) => new(left._value - right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator *(Lanes4 left, Lanes4 right) => new(left._value * right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator /(Lanes4 left, Lanes4 right) => new(left._value / right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator -(Lanes4 value) => new(-value._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator &(Lanes4 left, Lanes4 right) => new((left._value.AsInt32() & right._value.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator |(Lanes4 left, Lanes4 right) => new((left._value.AsInt32() | right._value.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator ^(Lanes4 left, Lanes4 right) => new((left._value.AsInt32() ^ right._value.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 operator ~(Lanes4 value) => new((~value._value.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 FusedMultiplyAdd(Lanes4 x, Lanes4 y, Lanes4 addend) => new(Vector128.FusedMultiplyAdd(x._value, y._value, addend._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 FusedNegateMultiplyAdd(Lanes4 x, Lanes4 y, Lanes4 addend) =>
        new(Fma.IsSupported ? Fma.MultiplyAddNegated(x._value, y._value, addend._value)
            : AdvSimd.IsSupported ? AdvSimd.FusedMultiplySubtract(addend._value, x._value, y._value)
            : Vector128.FusedMultiplyAdd(-x._value, y._value, addend._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Sqrt(Lanes4 value) => new(Vector128.Sqrt(value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Abs(Lanes4 value) => new(Vector128.Abs(value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Min(Lanes4 left, Lanes4 right) => new(Vector128.MinNative(left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Max(Lanes4 left, Lanes4 right) => new(Vector128.MaxNative(left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 LessThan(Lanes4 left, Lanes4 right) => new(Vector128.LessThan(left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 GreaterThan(Lanes4 left, Lanes4 right) => new(Vector128.GreaterThan(left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Equal(Lanes4 left, Lanes4 right) => new(Vector128.Equals(left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 Select(Lanes4 mask, Lanes4 whenSet, Lanes4 whenClear) => new(Vector128.ConditionalSelect(mask._value, whenSet._value, whenClear._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 AddWhereNegative(Lanes4 selector, Lanes4 sum, Lanes4 addend) =>
        sum + (addend & ShiftRightArithmetic(selector, 31));

    // Bytes [k][lane] → [lane][k].
    internal static Vector128<byte> ByteOrder
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector128.Create((byte)0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 PackBytes(Lanes4 first, Lanes4 second, Lanes4 third, Lanes4 fourth)
    {
        Vector128<short> low = Vector128.NarrowWithSaturation(first._value.AsInt32(), second._value.AsInt32());
        Vector128<short> high = Vector128.NarrowWithSaturation(third._value.AsInt32(), fourth._value.AsInt32());
        return new(Vector128.NarrowWithSaturation(low, high).AsSingle());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 OrderBytes(Lanes4 packed) => new(Vector128.Shuffle(packed._value.AsByte(), ByteOrder).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 OneWhereBit(Lanes4 value, int bit) => ShiftRightArithmetic(ShiftLeft(value, 31 - bit), 31) & Broadcast(1f);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 AddInt32(Lanes4 left, Lanes4 right) => new((left._value.AsInt32() + right._value.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 SubtractInt32(Lanes4 left, Lanes4 right) => new((left._value.AsInt32() - right._value.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 MaxInt32(Lanes4 left, Lanes4 right) => new(Vector128.Max(left._value.AsInt32(), right._value.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 EqualInt32(Lanes4 left, Lanes4 right) => new(Vector128.Equals(left._value.AsInt32(), right._value.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 GreaterThanInt32(Lanes4 left, Lanes4 right) => new(Vector128.GreaterThan(left._value.AsInt32(), right._value.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 ShiftLeft(Lanes4 value, int bits) => new(Vector128.ShiftLeft(value._value.AsInt32(), bits).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 ShiftRightLogical(Lanes4 value, int bits) => new(Vector128.ShiftRightLogical(value._value.AsInt32(), bits).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 ShiftRightArithmetic(Lanes4 value, int bits) => new(Vector128.ShiftRightArithmetic(value._value.AsInt32(), bits).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 ConvertInt32ToSingle(Lanes4 value) => new(Vector128.ConvertToSingle(value._value.AsInt32()));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyWide(Lanes4 value, uint factor, out Lanes4 high, out Lanes4 low)
    {
        Vector128<uint> lanes = value._value.AsUInt32();
        Vector128<uint> factors = Vector128.Create(factor);
        if (AdvSimd.Arm64.IsSupported)
        {
            // NEON has no product of 64-bit lanes; two widening products give lanes 0, 1 and 2, 3, and their halves only have to be picked out.
            Vector128<uint> first = AdvSimd.MultiplyWideningLower(lanes.GetLower(), factors.GetLower()).AsUInt32();
            Vector128<uint> second = AdvSimd.MultiplyWideningUpper(lanes, factors).AsUInt32();
            high = new(AdvSimd.Arm64.UnzipOdd(first, second).AsSingle());
            low = new(AdvSimd.Arm64.UnzipEven(first, second).AsSingle());
            return;
        }

        Vector128<ulong> even, odd;
        if (Sse2.IsSupported)
        {
            even = Sse2.Multiply(lanes, factors);
            odd = Sse2.Multiply(Vector128.ShiftRightLogical(lanes.AsUInt64(), 32).AsUInt32(), factors);
        }
        else
        {
            // A 64-bit product of two zero-extended 32-bit values is exact on every platform.
            Vector128<ulong> factors64 = Vector128.Create((ulong)factor);
            even = (lanes.AsUInt64() & Vector128.Create(0xFFFFFFFFUL)) * factors64;
            odd = Vector128.ShiftRightLogical(lanes.AsUInt64(), 32) * factors64;
        }

        Vector128<ulong> upper = Vector128.Create(0xFFFFFFFF_00000000UL);
        high = new(((odd & upper) | Vector128.ShiftRightLogical(even, 32)).AsSingle());
        low = new((Vector128.ShiftLeft(odd, 32) | Vector128.AndNot(even, upper)).AsSingle());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint SignBits(Lanes4 value) => (uint)Vector128.ExtractMostSignificantBits(value._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes4 MaskFromBits(uint bits)
    {
        Vector128<int> laneBit = Vector128.Create(1, 2, 4, 8);
        return new(Vector128.Equals(Vector128.Create((int)bits) & laneBit, laneBit).AsSingle());
    }
}
