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
        StudyRow[] missing =
        [
            .. study.Rows.Where(row => row.Estimator == estimator && !row.HasNumbers && row.BatchSize == (batchSize ?? row.BatchSize)),
        ];
        if (missing.Length == 0)
            return "";
        IEnumerable<string> reasons = missing
            .GroupBy(row => row.Note ?? "no interval")
            .Select(group => $"{string.Join(", ", group.Select(Describe).Distinct())} ({group.Key})");
        return $" Not shown: {string.Join("; ", reasons)}.";

        string Describe(StudyRow row) => batchSize is null ? $"{row.Baseline} at {row.BatchSize}" : row.Baseline;
    }
}
