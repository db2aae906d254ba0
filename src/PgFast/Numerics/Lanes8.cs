using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PgFast.Numerics;

/// <summary>8 lanes in a 256-bit register (AVX2).</summary>
/// <inheritdoc cref="ILanes{TSelf}" path="/remarks"/>
public readonly unsafe struct Lanes8 : ILanes<Lanes8>
{
    private readonly Vector256<float> _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Lanes8(Vector256<float> value) => _value = value;

    internal Vector256<float> Value => _value;

    /// <inheritdoc/>
    public static int Count => 8;

    /// <inheritdoc/>
    public static Lanes8 Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector256<float>.Zero);
    }

    /// <inheritdoc/>
    public static Lanes8 LaneIndices
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector256<int>.Indices.AsSingle());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Broadcast(float value) => new(Vector256.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 BroadcastInt32(int value) => new(Vector256.Create(value).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Load(float* source) => new(Vector256.Load(source));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes8 value, float* destination) => value._value.Store(destination);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator +(Lanes8 left, Lanes8 right) => new(left._value + right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator -(Lanes8 left, Lanes8 right) => new(left._value - right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator *(Lanes8 left, Lanes8 right) => new(left._value * right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator /(Lanes8 left, Lanes8 right) => new(left._value / right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator -(Lanes8 value) => new(-value._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator &(Lanes8 left, Lanes8 right) => new((left._value.AsInt32() & right._value.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator |(Lanes8 left, Lanes8 right) => new((left._value.AsInt32() | right._value.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator ^(Lanes8 left, Lanes8 right) => new((left._value.AsInt32() ^ right._value.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator ~(Lanes8 value) => new((~value._value.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 FusedMultiplyAdd(Lanes8 x, Lanes8 y, Lanes8 addend) => new(Vector256.FusedMultiplyAdd(x._value, y._value, addend._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 FusedNegateMultiplyAdd(Lanes8 x, Lanes8 y, Lanes8 addend) =>
        new(Fma.IsSupported ? Fma.MultiplyAddNegated(x._value, y._value, addend._value)
            : Vector256.FusedMultiplyAdd(-x._value, y._value, addend._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Sqrt(Lanes8 value) => new(Vector256.Sqrt(value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Abs(Lanes8 value) => new(Vector256.Abs(value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Min(Lanes8 left, Lanes8 right) => new(Vector256.MinNative(left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Max(Lanes8 left, Lanes8 right) => new(Vector256.MaxNative(left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 LessThan(Lanes8 left, Lanes8 right) => new(Vector256.LessThan(left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 GreaterThan(Lanes8 left, Lanes8 right) => new(Vector256.GreaterThan(left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Equal(Lanes8 left, Lanes8 right) => new(Vector256.Equals(left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Select(Lanes8 mask, Lanes8 whenSet, Lanes8 whenClear) => new(Vector256.ConditionalSelect(mask._value, whenSet._value, whenClear._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 AddWhereNegative(Lanes8 selector, Lanes8 sum, Lanes8 addend) =>
        sum + (addend & ShiftRightArithmetic(selector, 31));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 PackBytes(Lanes8 first, Lanes8 second, Lanes8 third, Lanes8 fourth)
    {
        if (Avx2.IsSupported)
        {
            Vector256<short> low = Avx2.PackSignedSaturate(first._value.AsInt32(), second._value.AsInt32());
            Vector256<short> high = Avx2.PackSignedSaturate(third._value.AsInt32(), fourth._value.AsInt32());
            return new(Avx2.PackSignedSaturate(low, high).AsSingle());
        }

        Lanes4 lower = Lanes4.PackBytes(new(first._value.GetLower()), new(second._value.GetLower()), new(third._value.GetLower()), new(fourth._value.GetLower()));
        Lanes4 upper = Lanes4.PackBytes(new(first._value.GetUpper()), new(second._value.GetUpper()), new(third._value.GetUpper()), new(fourth._value.GetUpper()));
        return new(Vector256.Create(lower.Value, upper.Value));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 OrderBytes(Lanes8 packed)
    {
        if (Avx2.IsSupported)
            return new(Avx2.Shuffle(packed._value.AsByte(), Vector256.Create(Lanes4.ByteOrder)).AsSingle());
        return new(Vector256.Create(Lanes4.OrderBytes(new(packed._value.GetLower())).Value, Lanes4.OrderBytes(new(packed._value.GetUpper())).Value));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 OneWhereBit(Lanes8 value, int bit)
    {
        if (!Avx2.IsSupported || bit > 2)
            return ShiftRightArithmetic(ShiftLeft(value, 31 - bit), 31) & Broadcast(1f);
        // One permutation looks the lowest three bits up.
        Vector256<float> table = bit switch
        {
            0 => Vector256.Create(0f, 1, 0, 1, 0, 1, 0, 1),
            1 => Vector256.Create(0f, 0, 1, 1, 0, 0, 1, 1),
            _ => Vector256.Create(0f, 0, 0, 0, 1, 1, 1, 1),
        };
        return new(Avx2.PermuteVar8x32(table, value._value.AsInt32()));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 AddInt32(Lanes8 left, Lanes8 right) => new((left._value.AsInt32() + right._value.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 SubtractInt32(Lanes8 left, Lanes8 right) => new((left._value.AsInt32() - right._value.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 MaxInt32(Lanes8 left, Lanes8 right) => new(Vector256.Max(left._value.AsInt32(), right._value.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 EqualInt32(Lanes8 left, Lanes8 right) => new(Vector256.Equals(left._value.AsInt32(), right._value.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 GreaterThanInt32(Lanes8 left, Lanes8 right) => new(Vector256.GreaterThan(left._value.AsInt32(), right._value.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 ShiftLeft(Lanes8 value, int bits) => new(Vector256.ShiftLeft(value._value.AsInt32(), bits).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 ShiftRightLogical(Lanes8 value, int bits) => new(Vector256.ShiftRightLogical(value._value.AsInt32(), bits).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 ShiftRightArithmetic(Lanes8 value, int bits) => new(Vector256.ShiftRightArithmetic(value._value.AsInt32(), bits).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 ConvertInt32ToSingle(Lanes8 value) => new(Vector256.ConvertToSingle(value._value.AsInt32()));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyWide(Lanes8 value, uint factor, out Lanes8 high, out Lanes8 low)
    {
        if (Avx2.IsSupported)
        {
            Vector256<uint> lanes = value._value.AsUInt32();
            Vector256<uint> factors = Vector256.Create(factor);
            Vector256<ulong> even = Avx2.Multiply(lanes, factors);
            Vector256<ulong> odd = Avx2.Multiply(Vector256.ShiftRightLogical(lanes.AsUInt64(), 32).AsUInt32(), factors);
            Vector256<ulong> upper = Vector256.Create(0xFFFFFFFF_00000000UL);
            high = new(((odd & upper) | Vector256.ShiftRightLogical(even, 32)).AsSingle());
            low = new((Vector256.ShiftLeft(odd, 32) | Vector256.AndNot(even, upper)).AsSingle());
            return;
        }

        Lanes4.MultiplyWide(new Lanes4(value._value.GetLower()), factor, out Lanes4 highLower, out Lanes4 lowLower);
        Lanes4.MultiplyWide(new Lanes4(value._value.GetUpper()), factor, out Lanes4 highUpper, out Lanes4 lowUpper);
        high = new(Vector256.Create(highLower.Value, highUpper.Value));
        low = new(Vector256.Create(lowLower.Value, lowUpper.Value));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint SignBits(Lanes8 value) => (uint)Vector256.ExtractMostSignificantBits(value._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 MaskFromBits(uint bits)
    {
        Vector256<int> laneBit = Vector256.Create(1, 2, 4, 8, 16, 32, 64, 128);
        return new(Vector256.Equals(Vector256.Create((int)bits) & laneBit, laneBit).AsSingle());
    }
}
