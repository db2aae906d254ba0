using PgFast.Reports.Input;

namespace PgFast.Reports.Figures;

/// <summary>Sentences that several figures need.</summary>
internal static class Captions
{
    /// <summary>The kind of the intervals, such as "95 % intervals".</summary>
    public static string Intervals(Study study) =>
        double.IsNaN(study.Confidence) ? "intervals" : $"{NumberText.Percent(study.Confidence)} intervals";

    /// <summary>The baselines of some rows, in the order in which the study names them first.</summary>
    public static string[] BaselinesOf(Study study, IEnumerable<StudyRow> rows)
    {
        HashSet<string> present = [.. rows.Select(row => row.Baseline)];
        return [.. study.Rows.Select(row => row.Baseline).Distinct().Where(present.Contains)];
    }

    /// <summary>The smallest batch size at which as many baselines as at any have what is plotted.</summary>
    /// <remarks>Baselines from the other episodes of a batch have none at batch size 1, where a comparison would lack them.</remarks>
    public static int BatchSizeOf(IEnumerable<StudyRow> rows) => rows
        .GroupBy(row => row.BatchSize)
        .OrderByDescending(group => group.Select(row => row.Baseline).Distinct().Count())
        .ThenBy(group => group.Key)
        .First().Key;

    /// <summary>The rows that have no numbers, with what they say about it; empty if all have.</summary>
    /// <param name="study">The study.</param>
    /// <param name="estimator">Rows of this estimator.</param>
    /// <param name="batchSize">Rows of this batch size; null for all.</param>
    public static string Missing(Study study, string estimator, int? batchSize)
    {
        StudyRow[] rows = [.. study.Rows.Where(row => row.Estimator == estimator && row.BatchSize == (batchSize ?? row.BatchSize))];
        string[] reasons =
        [
            .. rows.Where(row => !row.HasNumbers)
                .GroupBy(row => (Reason: row.Note ?? "no interval", row.BatchSize))
                .Select(group => $"{Names(group)} at B = {NumberText.Count(group.Key.BatchSize)} ({group.Key.Reason})"),
        ];
        return reasons.Length == 0 ? "" : $" Not shown: {string.Join("; ", reasons)}.";

        string Names(IGrouping<(string Reason, int BatchSize), StudyRow> group) =>
            group.Count() == rows.Count(row => row.BatchSize == group.Key.BatchSize)
                ? "all baselines"
                : string.Join(", ", group.Select(row => row.Baseline));
    }
}
