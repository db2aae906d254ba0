using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using PgFast.Benchmarks.Workloads;

namespace PgFast.Benchmarks.Configs;

/// <summary>A column of numbers that are worked out in the reporting process.</summary>
/// <param name="name">Heading.</param>
/// <param name="legend">What it is.</param>
/// <param name="priority">Place among such columns.</param>
/// <param name="value">The number; NaN where a case has none. A column without numbers is left out.</param>
internal sealed class NumberColumn(string name, string legend, int priority, Func<MeasuredCase, double> value) : IColumn
{
    /// <summary>Whether it is a whole number, shown in full.</summary>
    public bool IsCount { get; init; }

    public string Id => $"{nameof(NumberColumn)}.{ColumnName}";

    public string ColumnName => name;

    public string Legend => legend;

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => priority;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public bool IsAvailable(Summary summary) => summary.BenchmarksCases.Any(benchmark => !double.IsNaN(Number(summary, benchmark)));

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    /// <summary>The number in full; NaN where there is none, or where the case failed.</summary>
    public double Number(Summary summary, BenchmarkCase benchmarkCase) =>
        MeasuredCase.Of(summary, benchmarkCase) is { } measured ? value(measured) : double.NaN;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) => GetValue(summary, benchmarkCase, summary.Style);

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style)
    {
        if (MeasuredCase.Of(summary, benchmarkCase) is null)
            return "NA";
        double number = Number(summary, benchmarkCase);
        // Three digits at least, and no more than a noisy machine deserves.
        string format = IsCount ? "0" : Math.Abs(number) switch
        {
            >= 100 => "0",
            >= 10 => "0.0",
            >= 1 or 0 => "0.00",
            >= 0.001 => "G3",
            _ => "0.00E+0",
        };
        return double.IsNaN(number) ? "-" : number.ToString(format, CultureInfo.InvariantCulture);
    }

    public override string ToString() => ColumnName;
}

/// <summary>A case that has been measured.</summary>
/// <param name="Summary">All of its suite.</param>
/// <param name="Benchmark">The case.</param>
/// <param name="Work">What an invocation does; null if it did not say so.</param>
/// <param name="Seconds">Mean time of an invocation.</param>
internal sealed record MeasuredCase(Summary Summary, BenchmarkCase Benchmark, Work? Work, double Seconds)
{
    /// <summary>Seconds of a batch; NaN where an invocation is not made of batches.</summary>
    public double SecondsPerBatch => Work is { Batches: > 0 } ? Seconds / Work.Batches : double.NaN;

    /// <summary>The case, or null if it failed.</summary>
    public static MeasuredCase? Of(Summary summary, BenchmarkCase benchmark)
    {
        BenchmarkReport? report = summary[benchmark];
        if (report?.ResultStatistics is not { } statistics)
            return null;
        Work? work = report.ExecuteResults.SelectMany(result => result.StandardOutput.Concat(result.PrefixedLines))
            .Select(Work.Parse).FirstOrDefault(found => found is not null);
        return new MeasuredCase(summary, benchmark, work, 1e-9 * statistics.Mean);
    }

    /// <summary>A parameter's value.</summary>
    /// <param name="name">Its property.</param>
    public T Parameter<T>(string name) => (T)Benchmark.Parameters.Items.Single(item => item.Name == name).Value;
}
