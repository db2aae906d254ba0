using PgFast.Cli.Options;
using PgFast.Cli.Output;
using PgFast.Estimators;
using PgFast.Variance;

namespace PgFast.Cli.Studies;

/// <summary>Studies for reading: a heading, a table a batch size, and what follows from them.</summary>
internal static class StudyText
{
    /// <summary>Columns of text where the terminal does not say.</summary>
    public const int DefaultWidth = 100;

    public const int LeastWidth = 60;

    private static readonly string[] Headers =
        ["baseline", "trace", "of none", "noise scale", "suggested", "SNR", "cosine", "to mean", "bias", "time", "efficiency"];

    /// <param name="output">Where to.</param>
    /// <param name="studies">At least one.</param>
    /// <param name="checkpoints">The directory whose policies they are about; null for a single policy.</param>
    /// <param name="width">Columns of text that there is room for.</param>
    public static void Print(TextWriter output, IReadOnlyList<PolicyStudy> studies, string? checkpoints, int width)
    {
        if (checkpoints is not null)
        {
            TrainingText.Print(output, studies, checkpoints, width);
            return;
        }

        PolicyStudy study = studies[0];
        PrintHeading(output, study);
        foreach (IGrouping<int, VarianceRow> batch in study.Report.Rows.GroupBy(row => row.BatchSize))
            PrintBatch(output, [.. batch], width);
        if (study.Report.Decompositions.Count > 0)
            PrintDecompositions(output, study.Report.Decompositions, width);
        output.WriteLine();
        foreach (string sentence in StudyAdvice.Sentences(study.Report))
            WriteWrapped(output, sentence, width);
    }

    /// <summary>A row's name in a sentence or a note, such as "total with mean".</summary>
    public static string NameOf(VarianceRow row) =>
        $"{Values.NameOf(Names.Estimators, row.Estimator)} with {Values.NameOf(Names.StudyBaselines, row.Baseline)}";

    /// <summary>The batch size that the data suggest, if they do.</summary>
    public static string SuggestionOf(VarianceRow row) =>
        row.SuggestedBatchSize is { } size ? Terminal.Count(size) : Figures.Unknown;

    public static void WriteWrapped(TextWriter output, string text, int width)
    {
        string line = "";
        foreach (string word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                output.WriteLine(line);
                line = "";
            }

            line += line.Length == 0 ? word : $" {word}";
        }

        output.WriteLine(line);
    }

    private static void PrintHeading(TextWriter output, PolicyStudy study)
    {
        (StudiedPolicy policy, VarianceReport report) = (study.Policy, study.Report);
        string which = policy.Path is null ? "fresh initialisation" : policy.Path;
        if (policy.Update is { } update)
            which += $", update {Terminal.Count(update)}";
        string interrupted = study.Interrupted ? $"  {Terminal.Bad("interrupted")}" : "";
        output.WriteLine($"{Terminal.Strong(study.Environment)}  {which}  seed {report.Seed}{interrupted}");
        output.WriteLine(
            $"  network      {policy.Shape} {Values.NameOf(Names.Activations, policy.Shape.Activation)},"
            + $" {Terminal.Count(report.ParameterCount)} parameters,"
            + $" γ {Terminal.Number((float)report.Discount, "0.######")}{(report.NormalizeReturns ? ", weights standardised" : "")}");
        output.WriteLine(
            $"  episodes     {Terminal.Count(report.Episodes)}, {Terminal.Count(report.EnvironmentSteps)} env-steps; mean length"
            + $" {Figures.Significant(report.MeanEpisodeLength)}, mean return {Figures.Significant(report.MeanReturn)}");
        string learned = report.Rows.Any(row => row.Source == BaselineSource.Training) ? ", value learned in training" : "";
        output.WriteLine(
            $"  intervals    {Terminal.Number(100 * report.Confidence, "0.####")} % confidence; baselines fitted on"
            + $" {Terminal.Count(report.PilotEpisodes)} episodes more{learned}; {Figures.Time(report.Seconds)} in all");
    }

    private static void PrintBatch(TextWriter output, IReadOnlyList<VarianceRow> rows, int width)
    {
        int size = rows[0].BatchSize;
        output.WriteLine();
        output.WriteLine(
            Terminal.Strong($"Batch size {Terminal.Count(size)}") + $", {Terminal.Count(rows[0].Batches)} independent batches");
        if (rows.All(row => double.IsNaN(row.Trace) && row.Note is not null))
        {
            PrintNotes(output, rows, width);
            return;
        }

        // Amounts first, directions and cost below them.
        TextTable table = new(Headers) { Break = Array.IndexOf(Headers, "SNR") };
        foreach (IGrouping<Estimator, VarianceRow> group in rows.GroupBy(row => row.Estimator))
        {
            table.AddTitle(Values.NameOf(Names.Estimators, group.Key));
            VarianceRow? none = group.FirstOrDefault(row => row.Baseline == Baseline.None);
            foreach (VarianceRow row in group)
                table.Add(CellsOf(row, none));
        }

        table.Print(output, width);
        PrintNotes(output, rows, width);
    }

    private static void PrintNotes(TextWriter output, IReadOnlyList<VarianceRow> rows, int width)
    {
        foreach (IGrouping<string, VarianceRow> note in rows.Where(row => row.Note is not null).GroupBy(row => row.Note!))
        {
            string which = note.Count() == rows.Count ? "all" : string.Join(", ", note.Select(NameOf));
            WriteWrapped(output, $"{Figures.Unknown} {which}: {note.Key}", width);
        }
    }

    private static (string Value, string Interval)[] CellsOf(VarianceRow row, VarianceRow? none) =>
    [
        (Values.NameOf(Names.StudyBaselines, row.Baseline), ""),
        Figures.WithInterval(row.Trace, row.TraceInterval),
        Figures.WithInterval(row.RatioToNone, row.RatioInterval),
        Figures.WithInterval(row.NoiseScale, row.NoiseScaleInterval),
        (SuggestionOf(row), ""),
        (row.NoiseScaleInterval.IsKnown ? Figures.Significant(row.SignalToNoise, 3) : Figures.Unknown, ""),
        Figures.WithInterval(row.CosineBetween, row.CosineBetweenInterval),
        Figures.WithInterval(row.CosineToMean, row.CosineToMeanInterval),
        Figures.WithInterval(row.Bias, row.BiasInterval),
        (Figures.Time(row.Seconds), ""),
        (none is null ? Figures.Unknown : Figures.Significant(row.Efficiency / none.Efficiency, 3), ""),
    ];

    private static void PrintDecompositions(TextWriter output, IReadOnlyList<VarianceDecomposition> splits, int width)
    {
        output.WriteLine();
        output.WriteLine(
            Terminal.Strong("One step's variance by what it comes from") + $", replayed from {Terminal.Count(splits[0].States)} states");
        TextTable table = new("baseline", "state", "action", "trajectory", "total");
        foreach (VarianceDecomposition split in splits)
        {
            table.Add(
                (split.Baseline, ""), Figures.WithInterval(split.State, split.StateInterval),
                Figures.WithInterval(split.Action, split.ActionInterval), Figures.WithInterval(split.Trajectory, split.TrajectoryInterval),
                Figures.WithInterval(split.Total, split.TotalInterval));
        }

        table.Print(output, width);
    }
}
