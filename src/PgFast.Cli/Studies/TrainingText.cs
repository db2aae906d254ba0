using PgFast.Cli.Options;
using PgFast.Cli.Output;
using PgFast.Estimators;
using PgFast.Variance;

namespace PgFast.Cli.Studies;

/// <summary>The variance along training, for reading: a line a checkpoint for each estimator, at one batch size.</summary>
internal static class TrainingText
{
    private static readonly string[] Headers =
        ["update", "return", "trace of none", "best baseline", "of none", "noise scale", "suggested", "SNR", "cosine", "bias"];

    public static void Print(TextWriter output, IReadOnlyList<PolicyStudy> studies, string directory, int width)
    {
        VarianceReport first = studies[0].Report;
        string interrupted = studies.Any(study => study.Interrupted) ? $"  {Terminal.Bad("interrupted")}" : "";
        output.WriteLine($"{Terminal.Strong(studies[0].Environment)}  {studies.Count} policies in {directory}{interrupted}");
        output.WriteLine($"  intervals    {Terminal.Number(100 * first.Confidence, "0.####")} % confidence");
        (PolicyStudy Study, VarianceRow[] Rows)[] all =
            [.. studies.Select(study => (study, StudyAdvice.RowsNearUsualBatch(study.Report.Rows)))];
        foreach (Estimator estimator in first.Rows.Select(row => row.Estimator).Distinct())
        {
            int[] sizes = [.. all.SelectMany(study => study.Rows).Select(row => row.BatchSize).Distinct()];
            string at = sizes.Length == 1 ? $", batch size {Terminal.Count(sizes[0])}" : "";
            output.WriteLine();
            output.WriteLine(Terminal.Strong(Values.NameOf(Names.Estimators, estimator)) + at);
            TextTable table = new(Headers);
            foreach ((PolicyStudy study, VarianceRow[] rows) in all)
                table.Add(CellsOf(study, [.. rows.Where(row => row.Estimator == estimator)]));
            table.Print(output, width);
        }

        output.WriteLine();
        StudyText.WriteWrapped(
            output, "The best baseline is the one of least variance; none stands where no other is certainly better. --json, --csv and --out"
            + " hold every baseline and batch size.", width);
    }

    private static (string Value, string Interval)[] CellsOf(PolicyStudy study, VarianceRow[] rows)
    {
        string update = study.Policy.Update is { } number ? Terminal.Count(number) : Path.GetFileNameWithoutExtension(study.Policy.Path) ?? "";
        string meanReturn = Figures.Significant(study.Report.MeanReturn);
        if (rows.Length == 0)
            return [(update, ""), (meanReturn, ""), .. Enumerable.Repeat((Figures.Unknown, ""), Headers.Length - 2)];
        VarianceRow best = StudyAdvice.BestOf(rows);
        VarianceRow? none = rows.FirstOrDefault(row => row.Baseline == Baseline.None);
        return
        [
            (update, ""),
            (meanReturn, ""),
            none is null ? (Figures.Unknown, "") : Figures.WithInterval(none.Trace, none.TraceInterval),
            (Values.NameOf(Names.StudyBaselines, best.Baseline), ""),
            Figures.WithInterval(best.RatioToNone, best.RatioInterval),
            Figures.WithInterval(best.NoiseScale, best.NoiseScaleInterval),
            (StudyText.SuggestionOf(best), ""),
            (best.NoiseScaleInterval.IsKnown ? Figures.Significant(best.SignalToNoise, 3) : Figures.Unknown, ""),
            Figures.WithInterval(best.CosineBetween, best.CosineBetweenInterval),
            Figures.WithInterval(best.Bias, best.BiasInterval),
        ];
    }
}
