namespace PgFast.Statistics;

/// <summary>Statistics of the scores of a configuration's runs, and of the comparison of two.</summary>
/// <remarks>
/// A score is one number a run, larger is better: a final return, an area under a learning curve. A run that diverged has none, and must be given
/// one by the caller (the lowest return of the environment, say): leaving it out would favour configurations that diverge. Thread-safe.
/// </remarks>
public static class Aggregates
{
    /// <summary>Interquartile mean: the mean without the ⌊n/4⌋ smallest and the ⌊n/4⌋ largest scores.</summary>
    /// <param name="scores">[run]; at least one, finite, in any order.</param>
    /// <exception cref="ArgumentException">There are no scores, or one is not finite.</exception>
    /// <remarks>
    /// Agarwal, Schwarzer, Castro, Courville and Bellemare (2021), "Deep Reinforcement Learning at the Edge of the Statistical Precipice"; the same
    /// as <c>scipy.stats.trim_mean(scores, 0.25)</c>. Below four scores it is the mean.
    /// </remarks>
    public static double InterquartileMean(ReadOnlySpan<double> scores)
    {
        ScoreChecks.Require(scores, nameof(scores));
        return TrimmedMean(scores, InterquartileCut(scores.Length));
    }

    /// <summary>Median: the middle score, or the mean of the two in the middle.</summary>
    /// <param name="scores">[run]; at least one, finite, in any order.</param>
    /// <exception cref="ArgumentException">There are no scores, or one is not finite.</exception>
    public static double Median(ReadOnlySpan<double> scores)
    {
        ScoreChecks.Require(scores, nameof(scores));
        return TrimmedMean(scores, MedianCut(scores.Length));
    }

    /// <summary>P(X &gt; Y) + ½ P(X = Y) for a run of each configuration drawn at random: 1 where all of X are better, ½ without a difference.</summary>
    /// <param name="x">[run of X]; at least one, finite, in any order.</param>
    /// <param name="y">[run of Y]; as <paramref name="x"/>, not necessarily as many.</param>
    /// <exception cref="ArgumentException">There are no scores, or one is not finite.</exception>
    /// <remarks>The U statistic of Mann and Whitney (1947) over the number of pairs, exact with ties; Agarwal et al. (2021).</remarks>
    public static double ProbabilityOfImprovement(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        ScoreChecks.Require(x, nameof(x));
        ScoreChecks.Require(y, nameof(y));
        return new SortedScores(x).ProbabilityAbove(new StratifiedResample([x.Length]).Counts, new SortedScores(y), new StratifiedResample([y.Length]).Counts);
    }

    /// <summary>How many scores the interquartile mean cuts at either end.</summary>
    internal static int InterquartileCut(int count) => count / 4;

    /// <summary>How many scores to cut at either end so that one or two are left.</summary>
    internal static int MedianCut(int count) => (count - 1) / 2;

    private static double TrimmedMean(ReadOnlySpan<double> scores, int cut) =>
        new SortedScores(scores).TrimmedMean(new StratifiedResample([scores.Length]).Counts, cut);
}
