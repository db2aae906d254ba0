using System.CommandLine;
using System.Diagnostics;
using System.Text;
using PgFast.Cli.Options;
using PgFast.Cli.Output;
using PgFast.Cli.Studies;
using PgFast.Training;
using PgFast.Variance;

namespace PgFast.Cli.Commands;

/// <summary><c>pgfast variance</c>: how noisy a policy's gradient is, by estimator, baseline and batch size.</summary>
internal sealed class VarianceCommand
{
    private readonly Argument<string?> _environment =
        CommonOptions.EnvironmentArgument("The environment; by default the one that the policy's file names.");

    private readonly PolicyOptions _policy = new();
    private readonly StudyOptions _study = new();

    private readonly ExplainedOption<string?> _out = Values.Path(
        "--out", CommonOptions.Output, "the path of a new directory", "DIR", "Save study.json, study.csv and every figure as SVG there; 'pgfast report DIR' makes a page of them.");

    private readonly Flag _csv = new("--csv")
    {
        Group = CommonOptions.Output,
        Description = "Print a table of comma-separated values to standard output, and nothing else.",
    };

    private readonly Flag _json = CommonOptions.Json();
    private readonly StudyHost _host;

    private VarianceCommand(StudyHost host) => _host = host;

    public static Command Create(StudyHost host)
    {
        VarianceCommand variance = new(host);
        Command command = new(
            "variance", "Measures how noisy a policy's gradient is, by estimator, baseline and batch size.")
        {
            variance._environment,
        };
        variance._policy.AddTo(command);
        variance._study.AddTo(command);
        Option[] options = [variance._out, variance._csv, variance._json];
        foreach (Option option in options)
            command.Add(option);
        command.SetAction(variance.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        CommandLine.CheckLaneWidth();
        bool json = parsed.GetValue(_json), csv = parsed.GetValue(_csv);
        if (json && csv)
            throw new UsageException("--csv must be given without --json: standard output holds one document");
        VarianceOptions options = _study.Read(parsed);
        (EnvironmentEntry environment, IReadOnlyList<StudiedPolicy> policies) =
            _policy.Read(parsed, parsed.GetValue(_environment), options);
        policies = _study.WithValues(parsed, policies, options);
        string? checkpoints = _policy.CheckpointsIn(parsed);
        using StudyFiles? files = parsed.GetValue(_out) is { } directory ? StudyFiles.Create(directory) : null;

        IReadOnlyList<PolicyStudy> studies;
        bool isInterrupted;
        using (Interruption interruption = new())
        using (CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(interruption.Token, _host.Cancellation))
        {
            StudyProgress progress = CreateProgress(isReportText: !json && !csv);
            studies = StudyRuns.Execute(environment, policies, options, _host.Runner, progress, stop.Token);
            progress.Clear();
            isInterrupted = stop.IsCancellationRequested;
        }

        if (studies.Count > 0)
        {
            if (json)
                Print(StudyJson.Write(studies, checkpoints));
            else if (csv)
                Print(StudyCsv.Write(studies));
            else
                StudyText.Print(_host.Output ?? Console.Out, studies, checkpoints, TextWidth());
            files?.Write(studies, checkpoints);
        }

        return isInterrupted ? ExitCode.Interrupted : ExitCode.Done;
    }

    private StudyProgress CreateProgress(bool isReportText)
    {
        bool isLive = isReportText && _host.Output is null && Terminal.IsLive;
        long start = Stopwatch.GetTimestamp();
        return new StudyProgress(isLive ? Console.Out : _host.Error, isLive, () => Stopwatch.GetElapsedTime(start));
    }

    /// <summary>As wide as the terminal; elsewhere as wide as reads well.</summary>
    private int TextWidth() =>
        _host.Output is null && Terminal.IsLive ? Math.Max(Console.WindowWidth - 1, StudyText.LeastWidth) : StudyText.DefaultWidth;

    /// <summary>UTF-8 whatever the terminal's encoding is: documents are for programs.</summary>
    private void Print(byte[] document)
    {
        if (_host.Output is { } writer)
        {
            writer.Write(Encoding.UTF8.GetString(document));
            return;
        }

        using Stream output = Console.OpenStandardOutput();
        output.Write(document);
        output.Flush();
    }
}
