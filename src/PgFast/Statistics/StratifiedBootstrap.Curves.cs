namespace PgFast.Statistics;

// Several numbers of the same resamples: a learning curve's points, a performance profile's thresholds.
public static partial class StratifiedBootstrap
{
    /// <summary>Interquartile mean at every point of a learning curve, with a pointwise interval.</summary>
    /// <param name="curves">[run][point]; at least one run and one point, finite, all runs equally long.</param>
    /// <param name="seed">Seed of the resampling.</param>
    /// <param name="confidence">Share of the replicates in each point's interval, strictly between 0 and 1.</param>
    /// <param name="replicates">Number of resamples, at least 1.</param>
    /// <returns>[point].</returns>
    /// <exception cref="ArgumentException">Runs are missing, of unequal length or not finite, or another argument is out of its range.</exception>
    /// <remarks>
    /// Runs are resampled whole: points of one run stay together. The intervals hold point by point; the whole curve leaves such a band more often.
    /// </remarks>
    public static BootstrapEstimate[] InterquartileMeanCurve(
        IReadOnlyList<double[]> curves, ulong seed, double confidence = 0.95, int replicates = 500)
    {
        ScoreChecks.RequireCurves(curves, nameof(curves));
        ScoreChecks.RequireInterval(confidence, replicates);
        int cut = Aggregates.InterquartileCut(curves.Count);
        SortedScores[] points = [.. Enumerable.Range(0, curves[0].Length).Select(point => new SortedScores([.. curves.Select(curve => curve[point])]))];
        StratifiedResample resample = new([curves.Count]);
        return Estimates(resample, points.Length, point => points[point].TrimmedMean(resample.Counts, cut), seed, confidence, replicates);
    }

    /// <summary>Performance profile: mean over tasks of the fraction of runs whose score is above τ, with a pointwise interval.</summary>
    /// <param name="scoresByTask">[task][run]; at least one task and one run of each, finite, not necessarily equally many runs.</param>
    /// <param name="thresholds">[threshold]; τ, in any order, not NaN.</param>
    /// <param name="seed">Seed of the resampling.</param>
    /// <param name="confidence">Share of the replicates in each threshold's interval, strictly between 0 and 1.</param>
    /// <param name="replicates">Number of resamples, at least 1.</param>
    /// <returns>[threshold]; fractions in [0, 1].</returns>
    /// <exception cref="ArgumentException">Scores are missing or not finite, a threshold is NaN, or another argument is out of its range.</exception>
    /// <remarks>
    /// The run-score distribution of Agarwal et al. (2021), after Dolan and Moré (2002). Every task weighs the same, however many runs it has. With all
    /// runs on one side of τ the interval has no width, and says nothing about rarer runs.
    /// </remarks>
    public static BootstrapEstimate[] PerformanceProfile(
        IReadOnlyList<double[]> scoresByTask, ReadOnlySpan<double> thresholds, ulong seed, double confidence = 0.95, int replicates = 2000)
    {
        ScoreChecks.RequireTasks(scoresByTask, nameof(scoresByTask));
        foreach (double threshold in thresholds)
        {
            if (double.IsNaN(threshold))
                throw new ArgumentOutOfRangeException(nameof(thresholds), threshold, "A threshold is a number.");
        }

        ScoreChecks.RequireInterval(confidence, replicates);
        double[] tau = thresholds.ToArray();
        SortedScores[] tasks = [.. scoresByTask.Select(scores => new SortedScores(scores))];
        StratifiedResample resample = new(Sizes(scoresByTask));
        double MeanOverTasks(int threshold)
        {
            double sum = 0;
            for (int task = 0; task < tasks.Length; task++)
                sum += tasks[task].FractionAbove(resample.CountsOf(task), tau[threshold]);
            return sum / tasks.Length;
        }

        return Estimates(resample, tau.Length, MeanOverTasks, seed, confidence, replicates);
    }
}
