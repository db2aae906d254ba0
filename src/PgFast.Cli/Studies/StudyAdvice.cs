using PgFast.Cli.Output;
using PgFast.Estimators;
using PgFast.Training;
using PgFast.Variance;

namespace PgFast.Cli.Studies;

/// <summary>What a study's numbers come to, in sentences.</summary>
internal static class StudyAdvice
{
    /// <summary>The batch size that training uses by default: advice is given for the one nearest to it.</summary>
    private static readonly int UsualBatchSize = new TrainerOptions().BatchSize;

    /// <summary>Best baselines by variance and by efficiency, and the batch size that the noise scale suggests.</summary>
    public static IEnumerable<string> Sentences(VarianceReport report)
    {
        VarianceRow[] rows = RowsNearUsualBatch(report.Rows);
        if (rows.Length == 0)
        {
            yield return "There are too few episodes for any interval: give more --episodes or smaller --batch-sizes.";
            yield break;
        }

        IGrouping<Estimator, VarianceRow>[] groups = [.. rows.GroupBy(row => row.Estimator)];
        yield return $"Least variance at batch size {Terminal.Count(rows[0].BatchSize)}: {Join(groups.Select(LeastVariance))}."
            + MostEfficient(groups);
        yield return $"Suggested batch size, at which signal and noise are equal: {Join(groups.Select(Suggestion))}.";
    }

    /// <summary>The row of least variance among one estimator's, none where no baseline has certainly less.</summary>
    public static VarianceRow BestOf(IEnumerable<VarianceRow> rows)
    {
        VarianceRow[] all = [.. rows];
        VarianceRow best = all.MinBy(row => row.Trace)!;
        return best.RatioInterval.High < 1 ? best : all.FirstOrDefault(row => row.Baseline == Baseline.None) ?? best;
    }

    /// <summary>The rows with numbers of the batch size nearest to the usual one; none where none has numbers.</summary>
    public static VarianceRow[] RowsNearUsualBatch(IReadOnlyList<VarianceRow> rows)
    {
        IGrouping<int, VarianceRow>? nearest = rows.Where(row => double.IsFinite(row.Trace) && row.TraceInterval.IsKnown)
            .GroupBy(row => row.BatchSize).MinBy(group => Math.Abs(Math.Log2((double)group.Key / UsualBatchSize)));
        return nearest is null ? [] : [.. nearest];
    }

    private static string LeastVariance(IGrouping<Estimator, VarianceRow> group)
    {
        VarianceRow best = BestOf(group);
        return best.Baseline == Baseline.None
            ? $"{StudyText.NameOf(best)} (no baseline is certainly better)"
            : $"{StudyText.NameOf(best)} ({Figures.Significant(best.RatioToNone, 3)} of none)";
    }

    /// <summary>A sentence of its own, or nothing where times were not measured.</summary>
    private static string MostEfficient(IEnumerable<IGrouping<Estimator, VarianceRow>> groups)
    {
        List<string> best = [];
        foreach (IGrouping<Estimator, VarianceRow> group in groups)
        {
            VarianceRow? most = group.Where(row => double.IsFinite(row.Efficiency)).MaxBy(row => row.Efficiency);
            if (most is not null)
                best.Add(StudyText.NameOf(most));
        }

        return best.Count == 0 ? "" : $" Most precision a second: {Join(best)}.";
    }

    private static string Suggestion(IGrouping<Estimator, VarianceRow> group)
    {
        VarianceRow best = BestOf(group);
        ConfidenceInterval interval = best.NoiseScaleInterval;
        string name = StudyText.NameOf(best);
        if (best.SuggestedBatchSize is { } size)
            return $"{Terminal.Count(size)} {Figures.Ends(interval)} for {name}";
        return interval.Low > 0
            ? $"at least {Figures.Significant(interval.Low, 3)} for {name} (more episodes would tell)"
            : $"unknown for {name} (more episodes would tell)";
    }

    private static string Join(IEnumerable<string> parts) => string.Join(", ", parts);
}
