using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PgFast.Numerics;

/// <summary>16 lanes in a 512-bit register (AVX-512).</summary>
/// <inheritdoc cref="ILanes{TSelf}" path="/remarks"/>
public readonly unsafe struct Lanes16 : ILanes<Lanes16>
{
    private readonly Vector512<float> _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Lanes16(Vector512<float> value) => _value = value;

    internal Vector512<float> Value => _value;

    /// <inheritdoc/>
    public static int Count => 16;

    /// <inheritdoc/>
    public static Lanes16 Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector512<float>.Zero);
    }

    /// <inheritdoc/>
    public static Lanes16 LaneIndices
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Vector512<int>.Indices.AsSingle());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Broadcast(float value) => new(Vector512.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 BroadcastInt32(int value) => new(Vector512.Create(value).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Load(float* source) => new(Vector512.Load(source));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes16 value, float* destination) => value._value.Store(destination);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator +(Lanes16 left, Lanes16 right) => new(left._value + right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator -(Lanes16 left, Lanes16 right) => new(left._value - right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator *(Lanes16 left, Lanes16 right) => new(left._value * right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator /(Lanes16 left, Lanes16 right) => new(left._value / right._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator -(Lanes16 value) => new(-value._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator &(Lanes16 left, Lanes16 right) => new((left._value.AsInt32() & right._value.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator |(Lanes16 left, Lanes16 right) => new((left._value.AsInt32() | right._value.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator ^(Lanes16 left, Lanes16 right) => new((left._value.AsInt32() ^ right._value.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator ~(Lanes16 value) => new((~value._value.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 FusedMultiplyAdd(Lanes16 x, Lanes16 y, Lanes16 addend) => new(Vector512.FusedMultiplyAdd(x._value, y._value, addend._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 FusedNegateMultiplyAdd(Lanes16 x, Lanes16 y, Lanes16 addend) =>
        new(Avx512F.IsSupported ? Avx512F.FusedMultiplyAddNegated(x._value, y._value, addend._value)
            : Vector512.FusedMultiplyAdd(-x._value, y._value, addend._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Sqrt(Lanes16 value) => new(Vector512.Sqrt(value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Abs(Lanes16 value) => new(Vector512.Abs(value._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Min(Lanes16 left, Lanes16 right) => new(Vector512.MinNative(left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Max(Lanes16 left, Lanes16 right) => new(Vector512.MaxNative(left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 LessThan(Lanes16 left, Lanes16 right) => new(Vector512.LessThan(left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 GreaterThan(Lanes16 left, Lanes16 right) => new(Vector512.GreaterThan(left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Equal(Lanes16 left, Lanes16 right) => new(Vector512.Equals(left._value, right._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Select(Lanes16 mask, Lanes16 whenSet, Lanes16 whenClear) => new(Vector512.ConditionalSelect(mask._value, whenSet._value, whenClear._value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 AddWhereNegative(Lanes16 selector, Lanes16 sum, Lanes16 addend) => Avx512F.IsSupported
        ? new(Avx512F.BlendVariable(sum._value, sum._value + addend._value, selector._value))
        : sum + (addend & ShiftRightArithmetic(selector, 31));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 PackBytes(Lanes16 first, Lanes16 second, Lanes16 third, Lanes16 fourth)
    {
        if (Avx512BW.IsSupported)
        {
            Vector512<short> low = Avx512BW.PackSignedSaturate(first._value.AsInt32(), second._value.AsInt32());
            Vector512<short> high = Avx512BW.PackSignedSaturate(third._value.AsInt32(), fourth._value.AsInt32());
            return new(Avx512BW.PackSignedSaturate(low, high).AsSingle());
        }

        Lanes8 lower = Lanes8.PackBytes(new(first._value.GetLower()), new(second._value.GetLower()), new(third._value.GetLower()), new(fourth._value.GetLower()));
        Lanes8 upper = Lanes8.PackBytes(new(first._value.GetUpper()), new(second._value.GetUpper()), new(third._value.GetUpper()), new(fourth._value.GetUpper()));
        return new(Vector512.Create(lower.Value, upper.Value));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 OrderBytes(Lanes16 packed)
    {
        if (Avx512BW.IsSupported)
            return new(Avx512BW.Shuffle(packed._value.AsByte(), Vector512.Create(Vector256.Create(Lanes4.ByteOrder), Vector256.Create(Lanes4.ByteOrder))).AsSingle());
        return new(Vector512.Create(Lanes8.OrderBytes(new(packed._value.GetLower())).Value, Lanes8.OrderBytes(new(packed._value.GetUpper())).Value));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 OneWhereBit(Lanes16 value, int bit)
    {
        if (!Avx512F.IsSupported)
            return ShiftRightArithmetic(ShiftLeft(value, 31 - bit), 31) & Broadcast(1f);
        // One permutation looks the lowest four bits up.
        Vector512<float> table = bit switch
        {
            0 => Vector512.Create(0f, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1),
            1 => Vector512.Create(0f, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1),
            2 => Vector512.Create(0f, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1),
            _ => Vector512.Create(0f, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1),
        };
        return new(Avx512F.PermuteVar16x32(table, value._value.AsInt32()));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 AddInt32(Lanes16 left, Lanes16 right) => new((left._value.AsInt32() + right._value.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 SubtractInt32(Lanes16 left, Lanes16 right) => new((left._value.AsInt32() - right._value.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 MaxInt32(Lanes16 left, Lanes16 right) => new(Vector512.Max(left._value.AsInt32(), right._value.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 EqualInt32(Lanes16 left, Lanes16 right) => new(Vector512.Equals(left._value.AsInt32(), right._value.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 GreaterThanInt32(Lanes16 left, Lanes16 right) => new(Vector512.GreaterThan(left._value.AsInt32(), right._value.AsInt32()).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 ShiftLeft(Lanes16 value, int bits) => new(Vector512.ShiftLeft(value._value.AsInt32(), bits).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 ShiftRightLogical(Lanes16 value, int bits) => new(Vector512.ShiftRightLogical(value._value.AsInt32(), bits).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 ShiftRightArithmetic(Lanes16 value, int bits) => new(Vector512.ShiftRightArithmetic(value._value.AsInt32(), bits).AsSingle());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 ConvertInt32ToSingle(Lanes16 value) => new(Vector512.ConvertToSingle(value._value.AsInt32()));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyWide(Lanes16 value, uint factor, out Lanes16 high, out Lanes16 low)
    {
        if (Avx512F.IsSupported)
        {
            Vector512<uint> lanes = value._value.AsUInt32();
            Vector512<uint> factors = Vector512.Create(factor);
            Vector512<ulong> even = Avx512F.Multiply(lanes, factors);
            Vector512<ulong> odd = Avx512F.Multiply(Vector512.ShiftRightLogical(lanes.AsUInt64(), 32).AsUInt32(), factors);
            Vector512<ulong> upper = Vector512.Create(0xFFFFFFFF_00000000UL);
            high = new(((odd & upper) | Vector512.ShiftRightLogical(even, 32)).AsSingle());
            low = new((Vector512.ShiftLeft(odd, 32) | Vector512.AndNot(even, upper)).AsSingle());
            return;
        }

        Lanes8.MultiplyWide(new Lanes8(value._value.GetLower()), factor, out Lanes8 highLower, out Lanes8 lowLower);
        Lanes8.MultiplyWide(new Lanes8(value._value.GetUpper()), factor, out Lanes8 highUpper, out Lanes8 lowUpper);
        high = new(Vector512.Create(highLower.Value, highUpper.Value));
        low = new(Vector512.Create(lowLower.Value, lowUpper.Value));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint SignBits(Lanes16 value) => (uint)Vector512.ExtractMostSignificantBits(value._value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 MaskFromBits(uint bits)
    {
        Vector512<int> laneBit = Vector512.Create(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768);
        return new(Vector512.Equals(Vector512.Create((int)bits) & laneBit, laneBit).AsSingle());
    }
}
