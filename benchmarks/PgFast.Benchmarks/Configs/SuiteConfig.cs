using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Exporters.Csv;
using BenchmarkDotNet.Exporters.Json;
using BenchmarkDotNet.Filters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using Perfolizer.Horology;
using PgFast.Numerics;

namespace PgFast.Benchmarks.Configs;

/// <summary>How the suites are run and shown.</summary>
/// <remarks>
/// No option: one job, a few seconds a case. <c>--quick</c>: a first look at everything in about two minutes. <c>--widths</c>: a job for
/// each vector width, by switching instruction sets off in the measured process.
/// <para>
/// There is no column of allocated bytes. On .NET 10, BenchmarkDotNet 0.15.8 counts what a case allocates correctly, on other threads
/// too, but now and then adds 336 bytes that are not the case's (a probe that only spins got them): divided by four invocations an
/// iteration, a suite that allocates nothing showed 84 B. That an update allocates exactly nothing is for tests to show, and they do.
/// </para>
/// </remarks>
internal sealed class SuiteConfig : ManualConfig
{
    private const string Quick = "--quick";
    private const string Widths = "--widths";
    private const string Emulated = "4 lanes, no FMA";

    private SuiteConfig(bool isQuick, bool comparesWidths)
    {
        AddLogger(ConsoleLogger.Default);
        AddAnalyser([.. DefaultConfig.Instance.GetAnalysers()]);
        AddValidator([.. DefaultConfig.Instance.GetValidators()]);
        AddColumnProvider(DefaultColumnProviders.Instance);
        AddColumn([.. ThroughputColumn.All]);
        AddExporter(MarkdownExporter.GitHub, CsvExporter.Default, JsonExporter.Full);
        HideColumns(Column.EnvironmentVariables, Column.Median, Column.RatioSD);
        Job job = Job.Default.WithEvaluateOverhead(false).WithLaunchCount(1);
        job = isQuick
            ? job.WithWarmupCount(1).WithIterationCount(3).WithIterationTime(TimeInterval.FromMilliseconds(100)).WithId("quick")
            : job.WithWarmupCount(3).WithMinIterationCount(8).WithMaxIterationCount(16)
                .WithIterationTime(TimeInterval.FromMilliseconds(250)).WithId("default");
        AddJob(comparesWidths ? JobsOfWidths(job) : [job]);
        AddFilter(new SimpleFilter(isQuick ? IsQuickCase : IsWorthItsTime));
    }

    /// <summary>The configuration that the command line asks for.</summary>
    /// <param name="arguments">The command line.</param>
    public static IConfig From(string[] arguments) => new SuiteConfig(arguments.Contains(Quick), arguments.Contains(Widths));

    /// <summary>What is left of the command line for BenchmarkDotNet.</summary>
    /// <param name="arguments">The command line.</param>
    public static string[] WithoutOwnOptions(string[] arguments) => [.. arguments.Where(argument => argument is not (Quick or Widths))];

    /// <summary>Instruction sets are switched off too, not lanes narrowed alone: all of the program is as such a CPU runs it.</summary>
    /// <remarks>A width that this CPU does not have is emulated, correctly and slowly.</remarks>
    private static Job[] JobsOfWidths(Job job) =>
    [
        job.WithEnvironmentVariables(Lanes(16)).WithId("16 lanes"),
        job.WithEnvironmentVariables(Lanes(8), new("DOTNET_EnableAVX512", "0")).WithId("8 lanes"),
        job.WithEnvironmentVariables(Lanes(4), new("DOTNET_EnableAVX512", "0")).WithId("4 lanes"),
        // Without AVX2 the runtime does not use FMA either: fused multiply-adds are emulated, with the same bits and very slowly.
        job.WithEnvironmentVariables(Lanes(4), new("DOTNET_EnableAVX2", "0")).WithId(Emulated),
    ];

    private static EnvironmentVariable Lanes(int count) =>
        new(LaneWidth.EnvironmentVariable, count.ToString(CultureInfo.InvariantCulture));

    /// <summary>Leaves out what takes minutes: 1,024 episodes through 4-256-256-2, and large networks without FMA.</summary>
    private static bool IsWorthItsTime(BenchmarkCase benchmark)
    {
        string network = Parameter(benchmark, "Network");
        bool isEmulated = benchmark.Job.Id == Emulated;
        return network.StartsWith("4-256", StringComparison.Ordinal)
            ? !isEmulated && Parameter(benchmark, "Batch") != "1024"
            : !isEmulated || !network.StartsWith("4-64", StringComparison.Ordinal);
    }

    /// <summary>Leaves whole updates to one small and one middling network.</summary>
    private static bool IsQuickCase(BenchmarkCase benchmark) =>
        IsWorthItsTime(benchmark)
        && (benchmark.Descriptor.Type != typeof(UpdateBenchmarks) || Parameter(benchmark, "Network") is "4-32-2 relu" or "4-64-64-2 relu");

    private static string Parameter(BenchmarkCase benchmark, string name) =>
        benchmark.Parameters.Items.FirstOrDefault(item => item.Name == name)?.Value?.ToString() ?? "";
}
