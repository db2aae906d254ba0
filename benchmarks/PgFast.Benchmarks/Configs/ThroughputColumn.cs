using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using PgFast.Benchmarks.Workloads;

namespace PgFast.Benchmarks.Configs;

/// <summary>A number derived from a case's mean time and the work that an invocation does, as announced by the measured process.</summary>
internal sealed class ThroughputColumn : IColumn
{
    private readonly Func<Work, double, double> _value;
    private readonly int _priority;

    private ThroughputColumn(string name, string legend, int priority, Func<Work, double, double> value)
    {
        ColumnName = name;
        Legend = legend;
        _priority = priority;
        _value = value;
    }

    public static IReadOnlyList<ThroughputColumn> All { get; } =
    [
        new("env-steps/op", "Environment steps of live lanes in one invocation, exactly", 0, (work, _) => work.EnvironmentSteps),
        new("steps/episode", "Mean episode length of those steps; - where episodes are not whole", 1, (work, _) =>
            work.Episodes == 0 ? double.NaN : (double)work.EnvironmentSteps / work.Episodes),
        new("M env-steps/s", "Million environment steps of live lanes a second", 2, (work, nanoseconds) =>
            1e3 * work.EnvironmentSteps / nanoseconds),
        new("GFLOP/s", "Useful floating-point operations a second: 2 for each multiply-add of the passes that the case makes", 3,
            (work, nanoseconds) => work.MultiplyAddsPerStep == 0
                ? double.NaN
                : 2.0 * work.MultiplyAddsPerStep * work.EnvironmentSteps / nanoseconds),
    ];

    public string Id => $"{nameof(ThroughputColumn)}.{ColumnName}";

    public string ColumnName { get; }

    public string Legend { get; }

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => _priority;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public bool IsAvailable(Summary summary) => true;

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) => GetValue(summary, benchmarkCase, summary.Style);

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style)
    {
        BenchmarkReport? report = summary[benchmarkCase];
        if (report?.ResultStatistics is not { } statistics)
            return "NA";
        Work? work = report.ExecuteResults.SelectMany(result => result.StandardOutput.Concat(result.PrefixedLines))
            .Select(Work.Parse).FirstOrDefault(found => found is not null);
        double value = work is null ? double.NaN : _value(work, statistics.Mean);
        // Three digits at least, and no more than a noisy machine deserves.
        string format = value >= 100 ? "0" : value >= 10 ? "0.0" : "0.00";
        return double.IsNaN(value) ? "-" : value.ToString(format, CultureInfo.InvariantCulture);
    }

    public override string ToString() => ColumnName;
}
