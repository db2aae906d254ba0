namespace PgFast.Statistics;

/// <summary>Percentile bootstrap intervals for scores of several runs (seeds) on one or more tasks (environments).</summary>
/// <remarks>
/// <para>Each replicate draws as many runs as there are, with replacement, inside each task: tasks are strata, fixed by the experimenter, and only
/// runs are random (Agarwal et al. 2021; Efron and Tibshirani 1993). An interval is about other seeds of the same tasks, not about other tasks.</para>
/// <para>Tasks are pooled: scores of different tasks must be on one scale, and a task with more runs weighs more. A run that diverged has no score
/// and must be given one by the caller. With few runs intervals are too short; docs/statistics.md says by how much.</para>
/// <para>Random numbers come from <see cref="Randomness.RandomStream.Bootstrap"/>, counted by replicate and task, and sums are in ascending order of the
/// scores: the result is a function of the arguments, to the last bit. The same seed resamples the same places for every configuration and
/// statistic. Thread-safe; allocates its working memory.</para>
/// </remarks>
public static partial class StratifiedBootstrap
{
    /// <summary>Interquartile mean of all runs of all tasks (<see cref="Aggregates.InterquartileMean"/>).</summary>
    /// <param name="scoresByTask">[task][run]; at least one task and one run of each, finite, not necessarily equally many runs.</param>
    /// <param name="seed">Seed of the resampling.</param>
    /// <param name="confidence">Share of the replicates in the interval, strictly between 0 and 1.</param>
    /// <param name="replicates">Number of resamples, at least 1.</param>
    /// <exception cref="ArgumentException">Scores are missing or not finite, or another argument is out of its range.</exception>
    public static BootstrapEstimate InterquartileMean(
        IReadOnlyList<double[]> scoresByTask, ulong seed, double confidence = 0.95, int replicates = 2000) =>
        TrimmedMean(scoresByTask, Aggregates.InterquartileCut, seed, confidence, replicates);

    /// <summary>Median of all runs of all tasks; for several tasks not the same as the median of the tasks' means.</summary>
    /// <param name="scoresByTask">[task][run]; at least one task and one run of each, finite, not necessarily equally many runs.</param>
    /// <param name="seed">Seed of the resampling.</param>
    /// <param name="confidence">Share of the replicates in the interval, strictly between 0 and 1.</param>
    /// <param name="replicates">Number of resamples, at least 1.</param>
    /// <exception cref="ArgumentException">Scores are missing or not finite, or another argument is out of its range.</exception>
    public static BootstrapEstimate Median(
        IReadOnlyList<double[]> scoresByTask, ulong seed, double confidence = 0.95, int replicates = 2000) =>
        TrimmedMean(scoresByTask, Aggregates.MedianCut, seed, confidence, replicates);

    /// <summary>Mean of all runs of all tasks.</summary>
    /// <param name="scoresByTask">[task][run]; at least one task and one run of each, finite, not necessarily equally many runs.</param>
    /// <param name="seed">Seed of the resampling.</param>
    /// <param name="confidence">Share of the replicates in the interval, strictly between 0 and 1.</param>
    /// <param name="replicates">Number of resamples, at least 1.</param>
    /// <exception cref="ArgumentException">Scores are missing or not finite, or another argument is out of its range.</exception>
    public static BootstrapEstimate Mean(
        IReadOnlyList<double[]> scoresByTask, ulong seed, double confidence = 0.95, int replicates = 2000) =>
        TrimmedMean(scoresByTask, _ => 0, seed, confidence, replicates);

    /// <summary>Mean over tasks of P(X &gt; Y) + ½ P(X = Y) (<see cref="Aggregates.ProbabilityOfImprovement"/>).</summary>
    /// <param name="xByTask">[task][run of X]; at least one task and one run of each, finite.</param>
    /// <param name="yByTask">[task][run of Y]; the same tasks, not necessarily as many runs.</param>
    /// <param name="seed">Seed of the resampling.</param>
    /// <param name="confidence">Share of the replicates in the interval, strictly between 0 and 1.</param>
    /// <param name="replicates">Number of resamples, at least 1.</param>
    /// <exception cref="ArgumentException">Scores are missing or not finite, the tasks are not equally many, or another argument is out of its
    /// range.</exception>
    /// <remarks>
    /// X and Y are resampled independently, so that runs of equal seed are not treated as pairs. Agarwal et al. (2021). An interval that leaves out ½
    /// tells the configurations apart.
    /// </remarks>
    public static BootstrapEstimate ProbabilityOfImprovement(
        IReadOnlyList<double[]> xByTask, IReadOnlyList<double[]> yByTask, ulong seed, double confidence = 0.95, int replicates = 2000)
    {
        ScoreChecks.RequireTasks(xByTask, nameof(xByTask));
        ScoreChecks.RequireTasks(yByTask, nameof(yByTask));
        if (xByTask.Count != yByTask.Count)
            throw new ArgumentException($"There are {yByTask.Count} tasks of Y, but {xByTask.Count} of X.", nameof(yByTask));
        ScoreChecks.RequireInterval(confidence, replicates);

        // The strata are X's tasks, then Y's.
        int tasks = xByTask.Count;
        SortedScores[] x = [.. xByTask.Select(scores => new SortedScores(scores))], y = [.. yByTask.Select(scores => new SortedScores(scores))];
        StratifiedResample resample = new(Sizes([.. xByTask, .. yByTask]));
        double MeanOverTasks(int _)
        {
            double sum = 0;
            for (int task = 0; task < tasks; task++)
                sum += x[task].ProbabilityAbove(resample.CountsOf(task), y[task], resample.CountsOf(tasks + task));
            return sum / tasks;
        }

        return Estimates(resample, 1, MeanOverTasks, seed, confidence, replicates)[0];
    }

    private static BootstrapEstimate TrimmedMean(
        IReadOnlyList<double[]> scoresByTask, Func<int, int> cutOf, ulong seed, double confidence, int replicates)
    {
        ScoreChecks.RequireTasks(scoresByTask, nameof(scoresByTask));
        ScoreChecks.RequireInterval(confidence, replicates);
        double[] pooled = [.. scoresByTask.SelectMany(scores => scores)];
        SortedScores sorted = new(pooled);
        StratifiedResample resample = new(Sizes(scoresByTask));
        int cut = cutOf(pooled.Length);
        return Estimates(resample, 1, _ => sorted.TrimmedMean(resample.Counts, cut), seed, confidence, replicates)[0];
    }

    /// <summary>[statistic]; each of the sample, which a new resample is, with the interval of its replicates.</summary>
    /// <param name="resample">Not yet drawn; what the statistics are computed from.</param>
    /// <param name="count">Number of statistics, all of the same replicates.</param>
    /// <param name="statistic">The value of a statistic at the present state of <paramref name="resample"/>.</param>
    /// <param name="seed">Seed of the resampling.</param>
    /// <param name="confidence">Share of the replicates in an interval.</param>
    /// <param name="replicates">Number of resamples.</param>
    private static BootstrapEstimate[] Estimates(
        StratifiedResample resample, int count, Func<int, double> statistic, ulong seed, double confidence, int replicates)
    {
        double[] value = new double[count];
        double[][] replicated = new double[count][];
        for (int i = 0; i < count; i++)
        {
            value[i] = statistic(i);
            replicated[i] = new double[replicates];
        }

        for (int replicate = 0; replicate < replicates; replicate++)
        {
            resample.Draw(seed, replicate);
            for (int i = 0; i < count; i++)
                replicated[i][replicate] = statistic(i);
        }

        return [.. value.Zip(replicated, (center, values) => BootstrapEstimate.Percentile(center, values, confidence))];
    }

    private static int[] Sizes(IReadOnlyList<double[]> scoresByTask) => [.. scoresByTask.Select(scores => scores.Length)];
}
