using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Randomness;

/// <summary>Four random 32-bit words.</summary>
/// <param name="Word0">First word.</param>
/// <param name="Word1">Second word.</param>
/// <param name="Word2">Third word.</param>
/// <param name="Word3">Fourth word.</param>
public readonly record struct PhiloxBlock(uint Word0, uint Word1, uint Word2, uint Word3)
{
    /// <summary>Word <paramref name="index"/> (0 to 3; higher bits of the index are ignored).</summary>
    public uint this[int index] => (index & 3) switch { 0 => Word0, 1 => Word1, 2 => Word2, _ => Word3 };
}

/// <summary>Philox-4x32-10: random words as a pure function of a 64-bit key and a 128-bit counter.</summary>
/// <remarks>
/// Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (2011). There is no state: any episode and step can be
/// drawn by any thread in any order. The counter is (block, stream, episode low, episode high), the key is the seed. Thread-safe; does
/// not allocate.
/// </remarks>
public static class Philox
{
    internal const int Rounds = 10;
    internal const uint Multiplier0 = 0xD2511F53;
    internal const uint Multiplier1 = 0xCD9E8D57;
    internal const uint Weyl0 = 0x9E3779B9;
    internal const uint Weyl1 = 0xBB67AE85;

    /// <summary>The block of a raw counter and key, as in the published test vectors.</summary>
    /// <param name="counter0">Counter word 0.</param>
    /// <param name="counter1">Counter word 1.</param>
    /// <param name="counter2">Counter word 2.</param>
    /// <param name="counter3">Counter word 3.</param>
    /// <param name="key0">Key word 0.</param>
    /// <param name="key1">Key word 1.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static PhiloxBlock Generate(uint counter0, uint counter1, uint counter2, uint counter3, uint key0, uint key1)
    {
        for (int round = 0; round < Rounds; round++)
        {
            ulong product0 = (ulong)Multiplier0 * counter0;
            ulong product1 = (ulong)Multiplier1 * counter2;
            counter0 = (uint)(product1 >> 32) ^ counter1 ^ key0;
            counter1 = (uint)product1;
            counter2 = (uint)(product0 >> 32) ^ counter3 ^ key1;
            counter3 = (uint)product0;
            key0 += Weyl0;
            key1 += Weyl1;
        }

        return new PhiloxBlock(counter0, counter1, counter2, counter3);
    }

    /// <summary>Block number <paramref name="block"/> of an episode's stream.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="stream">What the numbers are for.</param>
    /// <param name="episode">Episode id (or any other 64-bit index of the stream).</param>
    /// <param name="block">Which block of four words.</param>
    public static PhiloxBlock Generate(ulong seed, RandomStream stream, ulong episode, uint block) =>
        Generate(block, (uint)stream, (uint)episode, (uint)(episode >> 32), (uint)seed, (uint)(seed >> 32));

    /// <summary>A word as a uniform number strictly between 0 and 1.</summary>
    /// <param name="word">A random word; its lowest bit is not used.</param>
    /// <returns>(w + ½)·2⁻³¹ for the upper 31 bits w, at most 1 − 2⁻²⁴: never 0 and never 1.</returns>
    public static float Uniform(uint word) => Uniform(new Lanes1(BitConverter.UInt32BitsToSingle(word))).Value;

    /// <summary>Words as uniform numbers strictly between 0 and 1, lane by lane: the vector twin of <see cref="Uniform(uint)"/>.</summary>
    /// <typeparam name="TLanes">The lane vector.</typeparam>
    /// <param name="words">One random word a lane.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Uniform<TLanes>(TLanes words) where TLanes : unmanaged, ILanes<TLanes>
    {
        // 31 bits, because the signed conversion is one correctly rounded instruction everywhere. Half a step is added so that even the
        // smallest draw can be told from 0: an action of probability 2⁻³² is never chosen just because the grid of draws is coarse.
        TLanes integer = TLanes.ConvertInt32ToSingle(TLanes.ShiftRightLogical(words, 1));
        TLanes uniform = TLanes.FusedMultiplyAdd(integer, TLanes.Broadcast(1f / 2147483648f), TLanes.Broadcast(0.5f / 2147483648f));
        return TLanes.Min(uniform, TLanes.Broadcast(1f - 1f / 16777216f));
    }

    /// <summary>One block a lane: the vector twin of <see cref="Generate(uint, uint, uint, uint, uint, uint)"/>.</summary>
    /// <typeparam name="TLanes">The lane vector.</typeparam>
    /// <param name="counter0">Counter word 0 of each lane on entry, random word 0 on return.</param>
    /// <param name="counter1">Counter word 1 of each lane on entry, random word 1 on return.</param>
    /// <param name="counter2">Counter word 2 of each lane on entry, random word 2 on return.</param>
    /// <param name="counter3">Counter word 3 of each lane on entry, random word 3 on return.</param>
    /// <param name="seed">The key, the same for all lanes.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Generate<TLanes>(ref TLanes counter0, ref TLanes counter1, ref TLanes counter2, ref TLanes counter3, ulong seed)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        if (PhiloxPairs.IsSupported<TLanes>())
        {
            PhiloxPairs.Generate(ref counter0, ref counter1, ref counter2, ref counter3, seed);
            return;
        }

        TLanes c0 = counter0, c1 = counter1, c2 = counter2, c3 = counter3;
        uint key0 = (uint)seed, key1 = (uint)(seed >> 32);
        for (int round = 0; round < Rounds; round++)
        {
            TLanes.MultiplyWide(c0, Multiplier0, out TLanes high0, out TLanes low0);
            TLanes.MultiplyWide(c2, Multiplier1, out TLanes high1, out TLanes low1);
            c0 = high1 ^ c1 ^ TLanes.BroadcastInt32((int)key0);
            c1 = low1;
            c2 = high0 ^ c3 ^ TLanes.BroadcastInt32((int)key1);
            c3 = low0;
            key0 += Weyl0;
            key1 += Weyl1;
        }

        counter0 = c0;
        counter1 = c1;
        counter2 = c2;
        counter3 = c3;
    }
}
