using System.Globalization;
using System.Text;
using PgFast.Cli.Options;
using PgFast.Variance;

namespace PgFast.Cli.Studies;

/// <summary>Studies as comma-separated values: a line a row, intervals in two columns, what is not finite left empty.</summary>
internal static class StudyCsv
{
    private static readonly (string Name, Func<PolicyStudy, VarianceRow, string> Value)[] Columns =
    [
        ("environment", (study, _) => study.Environment),
        ("policy", (study, _) => study.Policy.Path ?? ""),
        ("update", (study, _) => Whole(study.Policy.Update)),
        ("episodes", (study, _) => Whole(study.Report.Episodes)),
        ("meanReturn", (study, _) => Text(study.Report.MeanReturn)),
        ("estimator", (_, row) => Values.NameOf(Names.Estimators, row.Estimator)),
        ("baseline", (_, row) => Values.NameOf(Names.StudyBaselines, row.Baseline)),
        ("baselineFrom", (_, row) => Values.NameOf(Names.BaselineSources, row.Source)),
        ("batchSize", (_, row) => Whole(row.BatchSize)),
        ("batches", (_, row) => Whole(row.Batches)),
        ("trace", (_, row) => Text(row.Trace)),
        ("traceLow", (_, row) => Text(row.TraceInterval.Low)),
        ("traceHigh", (_, row) => Text(row.TraceInterval.High)),
        ("gradientNormSquared", (_, row) => Text(row.GradientNormSquared)),
        ("gradientNormSquaredLow", (_, row) => Text(row.GradientNormSquaredInterval.Low)),
        ("gradientNormSquaredHigh", (_, row) => Text(row.GradientNormSquaredInterval.High)),
        ("signalToNoise", (_, row) => Text(row.SignalToNoise)),
        ("noiseScale", (_, row) => Text(row.NoiseScale)),
        ("noiseScaleLow", (_, row) => Text(row.NoiseScaleInterval.Low)),
        ("noiseScaleHigh", (_, row) => Text(row.NoiseScaleInterval.High)),
        ("suggestedBatchSize", (_, row) => Whole(row.SuggestedBatchSize)),
        ("cosineBetween", (_, row) => Text(row.CosineBetween)),
        ("cosineBetweenLow", (_, row) => Text(row.CosineBetweenInterval.Low)),
        ("cosineBetweenHigh", (_, row) => Text(row.CosineBetweenInterval.High)),
        ("cosineToMean", (_, row) => Text(row.CosineToMean)),
        ("cosineToMeanLow", (_, row) => Text(row.CosineToMeanInterval.Low)),
        ("cosineToMeanHigh", (_, row) => Text(row.CosineToMeanInterval.High)),
        ("ratioToNone", (_, row) => Text(row.RatioToNone)),
        ("ratioLow", (_, row) => Text(row.RatioInterval.Low)),
        ("ratioHigh", (_, row) => Text(row.RatioInterval.High)),
        ("lawTrace", (_, row) => Text(row.LawTrace)),
        ("bias", (_, row) => Text(row.Bias)),
        ("biasLow", (_, row) => Text(row.BiasInterval.Low)),
        ("biasHigh", (_, row) => Text(row.BiasInterval.High)),
        ("seconds", (_, row) => Text(row.Seconds)),
        ("efficiency", (_, row) => Text(row.Efficiency)),
        ("note", (_, row) => row.Note ?? ""),
    ];

    /// <summary>The table, UTF-8, lines ended by a line feed, with a header.</summary>
    public static byte[] Write(IReadOnlyList<PolicyStudy> studies)
    {
        StringBuilder text = new();
        text.AppendJoin(',', Columns.Select(column => column.Name)).Append('\n');
        foreach (PolicyStudy study in studies)
        {
            foreach (VarianceRow row in study.Report.Rows)
                text.AppendJoin(',', Columns.Select(column => Quoted(column.Value(study, row)))).Append('\n');
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>Quoted as RFC 4180 has it, where it must be.</summary>
    private static string Quoted(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string Text(double value) => double.IsFinite(value) ? value.ToString(CultureInfo.InvariantCulture) : "";

    private static string Whole(long? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "";
}
