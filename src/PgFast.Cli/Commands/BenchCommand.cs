using System.CommandLine;
using PgFast.Cli.Options;
using PgFast.Cli.Output;
using PgFast.Measurement;

namespace PgFast.Cli.Commands;

/// <summary><c>pgfast bench</c>: throughput by stage, beside the machine's own multiply-add peak.</summary>
internal sealed class BenchCommand
{
    private static readonly ThroughputOptions Defaults = new();

    private readonly ExplainedOption<int> _threads = Values.Integer(
        "--threads", CommonOptions.Run, 1, 4096, 1, "Measure whole training with so many threads too.");

    private readonly ExplainedOption<int> _batch = Values.Integer(
        "--batch", CommonOptions.Run, 1, 16_777_216, Defaults.BatchSize, "Episodes an update.");

    private readonly Flag _quick = new("--quick")
    {
        Group = CommonOptions.Run,
        Description = "Fewer and shorter rounds, for a first look.",
    };

    private readonly Flag _kernels = new("--kernels")
    {
        Group = CommonOptions.Run,
        Description = "Measure the kernels of an update one by one instead, in cycles an environment step.",
    };

    private readonly Flag _json = CommonOptions.Json();

    public static Command Create()
    {
        BenchCommand bench = new();
        Command command = new("bench", "Measures throughput by stage on CartPole, in this process.");
        Option[] options = [bench._threads, bench._batch, bench._quick, bench._kernels, bench._json];
        foreach (Option option in options)
            command.Add(option);
        command.SetAction(bench.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        CommandLine.CheckLaneWidth();
        ThroughputOptions options = new() { Threads = parsed.GetValue(_threads), BatchSize = parsed.GetValue(_batch) };
        if (parsed.GetValue(_quick))
            options = options with { Rounds = 3, MillisecondsPerStage = 20 };
        bool showsProgress = !Console.IsErrorRedirected;
        using Interruption interruption = new();
        bool isJson = parsed.GetValue(_json);
        Action print;
        try
        {
            if (parsed.GetValue(_kernels))
            {
                IReadOnlyList<KernelCost> kernels = KernelCycles.Measure(options, showsProgress ? ShowProgress : null, interruption.Token);
                print = () => KernelTable.Print(kernels, isJson);
            }
            else
            {
                ThroughputReport report = Throughput.Measure(options, showsProgress ? ShowProgress : null, interruption.Token);
                print = () => Print(report, isJson);
            }
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
        finally
        {
            if (showsProgress)
                Console.Error.Write("\r\e[2K");
        }

        print();
        return ExitCode.Done;
    }

    private static void ShowProgress(string text) => Console.Error.Write($"\r\e[2K{text}");

    private static string[] Cells(StageThroughput row) =>
    [
        row.Network,
        Values.NameOf(Names.Activations, row.Activation),
        NameOf(row.Stage),
        Terminal.Count(row.Threads),
        Terminal.Rate(row.EnvironmentStepsPerSecond),
        row.Stage == ThroughputStage.Physics ? "" : Terminal.Number(row.Gflops, "0.0"),
        row.Stage == ThroughputStage.Physics ? "" : Terminal.Number(row.PercentOfPeak, "0.0") + " %",
        Terminal.Number(row.MeanEpisodeLength, "0"),
    ];

    private static readonly string[] Headings =
        ["network", "activation", "stage", "threads", "env-steps/s", "GFLOP/s", "of peak", "steps/episode"];

    private static string Headline(ThroughputReport report) =>
        $"fused-multiply-add peak of one thread: {Terminal.Number(report.PeakGflops, "0.0")} GFLOP/s at {report.LaneWidth} lanes;"
        + $" {Terminal.Count(report.BatchSize)} episodes an update; medians";

    private static void Print(ThroughputReport report, bool isJson)
    {
        if (isJson)
        {
            PrintJson(report);
            return;
        }

        BenchTable.Print(Headings, [.. report.Stages.Select(row => (Cells(row), row.Stage == ThroughputStage.Training))]);
        Console.WriteLine(Headline(report));
    }

    private static void PrintJson(ThroughputReport report) => JsonText.Print(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("peakGflops", report.PeakGflops);
        json.WriteNumber("laneWidth", report.LaneWidth);
        json.WriteNumber("batch", report.BatchSize);
        json.WriteStartArray("stages");
        foreach (StageThroughput row in report.Stages)
        {
            json.WriteStartObject();
            json.WriteString("network", row.Network);
            json.WriteString("activation", Values.NameOf(Names.Activations, row.Activation));
            json.WriteString("stage", NameOf(row.Stage));
            json.WriteNumber("threads", row.Threads);
            json.WriteNumber("environmentStepsPerSecond", row.EnvironmentStepsPerSecond);
            json.WriteNumber("gflops", row.Gflops);
            json.WriteNumber("percentOfPeak", row.PercentOfPeak);
            json.WriteNumber("meanEpisodeLength", row.MeanEpisodeLength);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static string NameOf(ThroughputStage stage) => stage switch
    {
        ThroughputStage.Physics => "physics",
        ThroughputStage.Rollout => "rollout",
        ThroughputStage.Gradient => "gradient",
        _ => "training",
    };
}
