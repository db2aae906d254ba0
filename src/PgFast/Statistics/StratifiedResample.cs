using PgFast.Randomness;

namespace PgFast.Statistics;

/// <summary>How often each run occurs in a bootstrap replicate; every stratum is resampled with replacement by itself.</summary>
/// <remarks>
/// Draw <c>i</c> of a stratum is word <c>i</c> mod 4 of block <c>i</c>/4 of stream <see cref="RandomStream.Bootstrap"/>, whose 64-bit index is the replicate
/// (upper half) and the stratum (lower half): a replicate is a function of the seed, whoever draws it and when.
/// </remarks>
internal sealed class StratifiedResample
{
    private readonly int[] _offsets;
    private readonly int[] _counts;

    /// <summary>Starts with the sample itself: every run once.</summary>
    /// <param name="sizes">[stratum]; runs of each, at least 1.</param>
    public StratifiedResample(ReadOnlySpan<int> sizes)
    {
        _offsets = new int[sizes.Length + 1];
        for (int stratum = 0; stratum < sizes.Length; stratum++)
            _offsets[stratum + 1] = _offsets[stratum] + sizes[stratum];
        _counts = new int[_offsets[^1]];
        _counts.AsSpan().Fill(1);
    }

    /// <summary>[run] of all strata, one stratum after the other.</summary>
    public ReadOnlySpan<int> Counts => _counts;

    /// <summary>[run] of one stratum.</summary>
    public ReadOnlySpan<int> CountsOf(int stratum) => _counts.AsSpan(_offsets[stratum].._offsets[stratum + 1]);

    /// <summary>Replaces the counts by those of a replicate.</summary>
    public void Draw(ulong seed, int replicate)
    {
        _counts.AsSpan().Clear();
        for (int stratum = 0; stratum < _offsets.Length - 1; stratum++)
            Draw(seed, (ulong)(uint)replicate << 32 | (uint)stratum, _counts.AsSpan(_offsets[stratum].._offsets[stratum + 1]));
    }

    private static void Draw(ulong seed, ulong index, Span<int> counts)
    {
        PhiloxBlock block = default;
        for (int i = 0; i < counts.Length; i++)
        {
            if ((i & 3) == 0)
                block = Philox.Generate(seed, RandomStream.Bootstrap, index, (uint)i / 4);
            // The upper half of word × runs; runs differ in probability by less than 2⁻³².
            counts[(int)((ulong)block[i] * (uint)counts.Length >> 32)]++;
        }
    }
}
