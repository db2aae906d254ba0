namespace PgFast.Comparison.Vectorized;

/// <summary>SplitMix64 (Steele, Lea and Flood 2014): small, fast, and the same on every machine for a seed, which <see cref="Random"/> does not promise.</summary>
internal sealed class SplitMix(ulong seed)
{
    private ulong _state = seed;

    /// <summary>Fills with uniform numbers in [0, 1), two from each 64-bit word.</summary>
    public void Fill(Span<float> destination)
    {
        const float Scale = 1f / (1 << 24);
        for (int i = 0; i < destination.Length; i += 2)
        {
            ulong word = Next();
            destination[i] = (word >> 40) * Scale;
            if (i + 1 < destination.Length)
                destination[i + 1] = (uint)(word & 0xFFFFFF) * Scale;
        }
    }

    private ulong Next()
    {
        ulong word = _state += 0x9E3779B97F4A7C15;
        word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9;
        word = (word ^ (word >> 27)) * 0x94D049BB133111EB;
        return word ^ (word >> 31);
    }
}
