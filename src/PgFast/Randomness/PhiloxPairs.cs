using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using PgFast.Numerics;

namespace PgFast.Randomness;

/// <summary>Philox's rounds on registers whose 32-bit lanes are taken as halves of 64-bit pairs.</summary>
/// <remarks>
/// The processor multiplies the lower halves of pairs to 64-bit products, and a round wants both halves of each product: the lower as it
/// is, the upper moved down. So lanes of even and of odd number are kept apart from the first round to the last, each in the lower half
/// of a pair, and nothing is put together in between; what the upper halves hold does not matter. A round takes six instructions a
/// register of pairs with a three-way exclusive or, eight without, instead of thirteen on lanes in their places.
/// </remarks>
internal static class PhiloxPairs
{
    /// <summary>Whether this processor has the instructions for <typeparamref name="TLanes"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsSupported<TLanes>() where TLanes : unmanaged, ILanes<TLanes> =>
        (typeof(TLanes) == typeof(Lanes16) && Avx512F.IsSupported)
        || (typeof(TLanes) == typeof(Lanes8) && Avx2.IsSupported)
        || (typeof(TLanes) == typeof(Lanes4) && Sse2.IsSupported);

    /// <summary>One block a lane, as <see cref="Philox.Generate{TLanes}(ref TLanes, ref TLanes, ref TLanes, ref TLanes, ulong)"/> describes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Generate<TLanes>(ref TLanes counter0, ref TLanes counter1, ref TLanes counter2, ref TLanes counter3, ulong seed)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        if (typeof(TLanes) == typeof(Lanes16))
            Rounds<TLanes, Pairs512>(ref counter0, ref counter1, ref counter2, ref counter3, seed);
        else if (typeof(TLanes) == typeof(Lanes8))
            Rounds<TLanes, Pairs256>(ref counter0, ref counter1, ref counter2, ref counter3, seed);
        else
            Rounds<TLanes, Pairs128>(ref counter0, ref counter1, ref counter2, ref counter3, seed);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Rounds<TLanes, TPairs>(
        ref TLanes counter0, ref TLanes counter1, ref TLanes counter2, ref TLanes counter3, ulong seed)
        where TLanes : unmanaged
        where TPairs : unmanaged, IPairs<TPairs>
    {
        TPairs even0 = Unsafe.BitCast<TLanes, TPairs>(counter0), odd0 = TPairs.Upper(even0);
        TPairs even1 = Unsafe.BitCast<TLanes, TPairs>(counter1), odd1 = TPairs.Upper(even1);
        TPairs even2 = Unsafe.BitCast<TLanes, TPairs>(counter2), odd2 = TPairs.Upper(even2);
        TPairs even3 = Unsafe.BitCast<TLanes, TPairs>(counter3), odd3 = TPairs.Upper(even3);
        TPairs multiplier0 = TPairs.Broadcast(Philox.Multiplier0), multiplier1 = TPairs.Broadcast(Philox.Multiplier1);
        uint key0 = (uint)seed, key1 = (uint)(seed >> 32);
        for (int round = 0; round < Philox.Rounds; round++)
        {
            TPairs word0 = TPairs.Broadcast(key0), word1 = TPairs.Broadcast(key1);
            TPairs product0 = TPairs.Multiply(even0, multiplier0), product1 = TPairs.Multiply(even2, multiplier1);
            even0 = TPairs.ExclusiveOr(TPairs.Upper(product1), even1, word0);
            even1 = product1;
            even2 = TPairs.ExclusiveOr(TPairs.Upper(product0), even3, word1);
            even3 = product0;
            product0 = TPairs.Multiply(odd0, multiplier0);
            product1 = TPairs.Multiply(odd2, multiplier1);
            odd0 = TPairs.ExclusiveOr(TPairs.Upper(product1), odd1, word0);
            odd1 = product1;
            odd2 = TPairs.ExclusiveOr(TPairs.Upper(product0), odd3, word1);
            odd3 = product0;
            key0 += Philox.Weyl0;
            key1 += Philox.Weyl1;
        }

        counter0 = Unsafe.BitCast<TPairs, TLanes>(TPairs.Merge(even0, odd0));
        counter1 = Unsafe.BitCast<TPairs, TLanes>(TPairs.Merge(even1, odd1));
        counter2 = Unsafe.BitCast<TPairs, TLanes>(TPairs.Merge(even2, odd2));
        counter3 = Unsafe.BitCast<TPairs, TLanes>(TPairs.Merge(even3, odd3));
    }

    /// <summary>A register of 64-bit pairs of 32-bit words.</summary>
    private interface IPairs<TSelf> where TSelf : unmanaged, IPairs<TSelf>
    {
        static abstract TSelf Broadcast(uint word);

        /// <summary>Both halves of the product of the lower halves.</summary>
        static abstract TSelf Multiply(TSelf left, TSelf right);

        /// <summary>The upper half, moved down.</summary>
        static abstract TSelf Upper(TSelf value);

        static abstract TSelf ExclusiveOr(TSelf first, TSelf second, TSelf third);

        /// <summary>The lower halves of both, those of <paramref name="odd"/> moved up.</summary>
        static abstract TSelf Merge(TSelf even, TSelf odd);
    }

    private readonly struct Pairs512(Vector512<uint> value) : IPairs<Pairs512>
    {
        private readonly Vector512<uint> _value = value;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Pairs512 Broadcast(uint word) => new(Vector512.Create(word));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Pairs512 Multiply(Pairs512 left, Pairs512 right) => new(Avx512F.Multiply(left._value, right._value).AsUInt32());

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Pairs512 Upper(Pairs512 value) => new(Vector512.ShiftRightLogical(value._value.AsUInt64(), 32).AsUInt32());

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Pairs512 ExclusiveOr(Pairs512 first, Pairs512 second, Pairs512 third) =>
            new(Avx512F.TernaryLogic(first._value, second._value, third._value, 0x96));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Pairs512 Merge(Pairs512 even, Pairs512 odd)
        {
            Vector512<ulong> upper = Vector512.ShiftLeft(odd._value.AsUInt64(), 32);
            return new((Vector512.ConditionalSelect(Vector512.Create(0xFFFFFFFFUL), even._value.AsUInt64(), upper)).AsUInt32());
        }
    }

    private readonly struct Pairs256(Vector256<uint> value) : IPairs<Pairs256>
    {
        private readonly Vector256<uint> _value = value;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Pairs256 Broadcast(uint word) => new(Vector256.Create(word));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Pairs256 Multiply(Pairs256 left, Pairs256 right) => new(Avx2.Multiply(left._value, right._value).AsUInt32());

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Pairs256 Upper(Pairs256 value) => new(Vector256.ShiftRightLogical(value._value.AsUInt64(), 32).AsUInt32());

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Pairs256 ExclusiveOr(Pairs256 first, Pairs256 second, Pairs256 third) => new(first._value ^ second._value ^ third._value);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Pairs256 Merge(Pairs256 even, Pairs256 odd) =>
            new(Avx2.Blend(even._value, Vector256.ShiftLeft(odd._value.AsUInt64(), 32).AsUInt32(), 0b1010_1010));
    }

    private readonly struct Pairs128(Vector128<uint> value) : IPairs<Pairs128>
    {
        private readonly Vector128<uint> _value = value;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Pairs128 Broadcast(uint word) => new(Vector128.Create(word));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Pairs128 Multiply(Pairs128 left, Pairs128 right) => new(Sse2.Multiply(left._value, right._value).AsUInt32());

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Pairs128 Upper(Pairs128 value) => new(Vector128.ShiftRightLogical(value._value.AsUInt64(), 32).AsUInt32());

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Pairs128 ExclusiveOr(Pairs128 first, Pairs128 second, Pairs128 third) => new(first._value ^ second._value ^ third._value);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Pairs128 Merge(Pairs128 even, Pairs128 odd)
        {
            Vector128<ulong> lower = Vector128.Create(0xFFFFFFFFUL);
            return new(((even._value.AsUInt64() & lower) | Vector128.ShiftLeft(odd._value.AsUInt64(), 32)).AsUInt32());
        }
    }
}
