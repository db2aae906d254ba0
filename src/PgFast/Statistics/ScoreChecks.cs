namespace PgFast.Statistics;

/// <summary>What scores and the parameters of an interval must be.</summary>
internal static class ScoreChecks
{
    /// <summary>At least one score, all finite.</summary>
    /// <param name="scores">[run].</param>
    /// <param name="name">The parameter that holds them.</param>
    /// <param name="place">Where in the parameter, for messages; may be empty.</param>
    public static void Require(ReadOnlySpan<double> scores, string name, string place = "")
    {
        if (scores.IsEmpty)
            throw new ArgumentException($"There are 0 scores{place}; at least 1 is needed.", name);
        for (int run = 0; run < scores.Length; run++)
        {
            if (!double.IsFinite(scores[run]))
            {
                throw new ArgumentOutOfRangeException(
                    name, scores[run], $"Score {run}{place} is not finite; a run that diverged needs a score from the caller.");
            }
        }
    }

    /// <summary>At least one task, and the same of each task's scores.</summary>
    public static void RequireTasks(IReadOnlyList<double[]> scoresByTask, string name)
    {
        ArgumentNullException.ThrowIfNull(scoresByTask, name);
        if (scoresByTask.Count == 0)
            throw new ArgumentException("There are 0 tasks; at least 1 is needed.", name);
        for (int task = 0; task < scoresByTask.Count; task++)
            Require(scoresByTask[task], name, $" of task {task}");
    }

    /// <summary>At least one run with at least one point, all runs equally long, all values finite.</summary>
    public static void RequireCurves(IReadOnlyList<double[]> curves, string name)
    {
        ArgumentNullException.ThrowIfNull(curves, name);
        if (curves.Count == 0)
            throw new ArgumentException("There are 0 runs; at least 1 is needed.", name);
        for (int run = 0; run < curves.Count; run++)
        {
            Require(curves[run], name, $" of run {run}");
            if (curves[run].Length != curves[0].Length)
                throw new ArgumentException($"Run {run} has {curves[run].Length} points, run 0 has {curves[0].Length}.", name);
        }
    }

    /// <summary>A confidence strictly between 0 and 1, at least one replicate.</summary>
    public static void RequireInterval(double confidence, int replicates)
    {
        if (!(confidence > 0 && confidence < 1))
            throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "A confidence lies strictly between 0 and 1.");
        if (replicates < 1)
            throw new ArgumentOutOfRangeException(nameof(replicates), replicates, "An interval needs at least one replicate.");
    }
}
