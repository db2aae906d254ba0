namespace PgFast.Statistics;

/// <summary>Scores in ascending order, each with the run it came from: sorted once for all replicates.</summary>
/// <remarks>A replicate is a count of every run. Walking the order with these counts is walking the resampled scores sorted.</remarks>
internal sealed class SortedScores
{
    private readonly double[] _scores;
    private readonly int[] _runs;

    /// <param name="scores">[run]; copied.</param>
    public SortedScores(ReadOnlySpan<double> scores)
    {
        _scores = scores.ToArray();
        _runs = new int[scores.Length];
        for (int run = 0; run < _runs.Length; run++)
            _runs[run] = run;
        Array.Sort(_scores, _runs);
    }

    /// <summary>Mean of what is left of a resample without its <paramref name="cut"/> smallest and largest scores.</summary>
    /// <param name="counts">[run]; how often each run was drawn, as many in all as there are runs.</param>
    /// <param name="cut">In 0 … (runs − 1)/2. 0 gives the mean, the largest the median.</param>
    public double TrimmedMean(ReadOnlySpan<int> counts, int cut)
    {
        int first = cut, end = _scores.Length - cut, seen = 0;
        double sum = 0;
        for (int i = 0; seen < end; i++)
        {
            int before = seen;
            seen += counts[_runs[i]];
            // Added one by one, as if the resample had been written out: a constant gives the same bits in every replicate.
            for (int k = Math.Max(before, first); k < Math.Min(seen, end); k++)
                sum += _scores[i];
        }

        return sum / (end - first);
    }

    /// <summary>Fraction of a resample above a threshold.</summary>
    /// <param name="counts">[run]; as for <see cref="TrimmedMean"/>.</param>
    /// <param name="threshold">τ; a score equal to it is not above.</param>
    public double FractionAbove(ReadOnlySpan<int> counts, double threshold)
    {
        int above = 0;
        for (int i = _scores.Length - 1; i >= 0 && _scores[i] > threshold; i--)
            above += counts[_runs[i]];
        return (double)above / _scores.Length;
    }

    /// <summary>P(X &gt; Y) + ½ P(X = Y) for one score of each resample.</summary>
    /// <param name="counts">[run] of this sample, X.</param>
    /// <param name="other">Y.</param>
    /// <param name="otherCounts">[run] of Y.</param>
    public double ProbabilityAbove(ReadOnlySpan<int> counts, SortedScores other, ReadOnlySpan<int> otherCounts)
    {
        // Pairs won, twice, so that ties stay whole numbers. Equal scores are taken together: both orders are walked once.
        long wins = 0, below = 0;
        int i = 0, j = 0;
        while (i < _scores.Length)
        {
            double score = _scores[i];
            long here = 0, tied = 0;
            for (; i < _scores.Length && _scores[i] == score; i++)
                here += counts[_runs[i]];
            for (; j < other._scores.Length && other._scores[j] < score; j++)
                below += otherCounts[other._runs[j]];
            for (; j < other._scores.Length && other._scores[j] == score; j++)
                tied += otherCounts[other._runs[j]];
            wins += here * (2 * below + tied);
            below += tied;
        }

        return wins / (2.0 * _scores.Length * other._scores.Length);
    }
}
