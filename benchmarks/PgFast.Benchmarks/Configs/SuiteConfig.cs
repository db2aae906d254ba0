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
using PgFast.Benchmarks.Workloads;
using PgFast.Estimators;

namespace PgFast.Benchmarks.Configs;

/// <summary>How the suites are run and shown.</summary>
/// <remarks>
/// No option: one job, a few seconds a case. <c>--quick</c>: a first look at every suite in less than two minutes. <c>--widths</c>: a job for
/// each vector width that the machine has (<see cref="WidthJobs"/>).
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
    /// <summary>The default batch size of training.</summary>
    private const string SingleShard = "64";

    /// <summary>How the name of the largest network begins.</summary>
    private const string Largest = "4-256";

    private const string Command = "dotnet run -c Release --project benchmarks/PgFast.Benchmarks --";

    private SuiteConfig(bool isQuick, bool comparesWidths, string command)
    {
        NumberColumn[] columns = [.. ThroughputColumns.All, .. VarianceColumns.All(isQuick)];
        // Two minutes, the default, are too few where others build too.
        BuildTimeout = TimeSpan.FromMinutes(10);
        AddLogger(ConsoleLogger.Default);
        AddAnalyser([.. DefaultConfig.Instance.GetAnalysers()]);
        AddValidator([.. DefaultConfig.Instance.GetValidators()]);
        AddColumnProvider(DefaultColumnProviders.Instance);
        AddColumn(columns);
        AddExporter(MarkdownExporter.GitHub, CsvExporter.Default, JsonExporter.Full, new ColumnsExporter(command, columns));
        HideColumns(Column.EnvironmentVariables, Column.Median, Column.RatioSD);
        Job job = Job.Default.WithEvaluateOverhead(false).WithLaunchCount(1);
        job = isQuick
            ? job.WithWarmupCount(1).WithIterationCount(3).WithIterationTime(TimeInterval.FromMilliseconds(50)).WithId("quick")
            : job.WithWarmupCount(3).WithMinIterationCount(8).WithMaxIterationCount(16)
                .WithIterationTime(TimeInterval.FromMilliseconds(250)).WithId("default");
        AddJob(comparesWidths ? WidthJobs.From(job) : [job]);
        AddFilter(new SimpleFilter(isQuick ? IsQuickCase : IsWorthItsTime));
    }

    /// <summary>The configuration that the command line asks for.</summary>
    /// <param name="arguments">The command line.</param>
    public static IConfig From(string[] arguments) => new SuiteConfig(
        arguments.Contains(Quick), arguments.Contains(Widths), Command + string.Concat(arguments.Select(argument => " " + Quoted(argument))));

    /// <summary>What is left of the command line for BenchmarkDotNet.</summary>
    /// <param name="arguments">The command line.</param>
    public static string[] WithoutOwnOptions(string[] arguments) => [.. arguments.Where(argument => argument is not (Quick or Widths))];

    private static string Quoted(string argument) => argument.Contains('*', StringComparison.Ordinal) ? $"'{argument}'" : argument;

    /// <summary>Leaves out what takes minutes or says nothing new.</summary>
    private static bool IsWorthItsTime(BenchmarkCase benchmark)
    {
        string network = Parameter(benchmark, "Network"), batch = Parameter(benchmark, "Batch");
        bool isCollection = benchmark.Descriptor.Type == typeof(CollectionBenchmarks);
        if (benchmark.Job.Id == WidthJobs.Emulated)
        {
            bool isSmall = !network.StartsWith("4-64", StringComparison.Ordinal) && !network.StartsWith(Largest, StringComparison.Ordinal);
            if (!isSmall || benchmark.Descriptor.Type == typeof(StudyBenchmarks) || (isCollection && batch != SingleShard))
                return false;
        }

        if (!isCollection)
            return true;
        bool isOneThread = Parameter(benchmark, "Threads") == "1";
        return network.StartsWith(Largest, StringComparison.Ordinal)
            ? isOneThread && batch == SingleShard && Parameter(benchmark, "Policy") == FrozenPolicy.Balancing
            : isOneThread || int.Parse(batch, CultureInfo.InvariantCulture) > CollectionBenchmarks.LargestSingleShard;
    }

    /// <summary>Leaves every batch size to the smallest network, and every estimator to the default batch size.</summary>
    private static bool IsQuickCase(BenchmarkCase benchmark)
    {
        if (!IsWorthItsTime(benchmark))
            return false;
        Type suite = benchmark.Descriptor.Type;
        string batch = Parameter(benchmark, "Batch"), network = Parameter(benchmark, "Network");
        if (suite == typeof(CollectionBenchmarks))
            return network == MeasuredVariance.Network || (batch == SingleShard && !network.StartsWith(Largest, StringComparison.Ordinal));
        if (suite == typeof(StudyBenchmarks))
            return Parameter(benchmark, "Rows") != StudyBenchmarks.RowByRow;
        return suite != typeof(GradientVarianceBenchmarks)
            || (Parameter(benchmark, "Policy") == FrozenPolicy.Untrained
                && (batch == SingleShard || (batch is "1" or "1024" && Parameter(benchmark, "Estimator") == nameof(Estimator.RewardToGo))));
    }

    private static string Parameter(BenchmarkCase benchmark, string name) =>
        Convert.ToString(benchmark.Parameters.Items.FirstOrDefault(item => item.Name == name)?.Value, CultureInfo.InvariantCulture) ?? "";
}
