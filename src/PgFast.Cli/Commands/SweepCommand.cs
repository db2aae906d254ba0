using System.CommandLine;
using PgFast.Cli.Options;
using PgFast.Cli.Output;
using PgFast.Cli.Sweeps;
using PgFast.Files;
using PgFast.Reports.Figures;
using PgFast.Reports.Input;
using PgFast.Reports.Pages;

namespace PgFast.Cli.Commands;

/// <summary><c>pgfast sweep</c>: a grid of options with many seeds, from a file; goes on where it stopped.</summary>
internal sealed class SweepCommand
{
    private readonly Argument<string?> _file = new("FILE")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = "What to run: a file that ends in .toml or .json, or the name of a ready experiment.",
        DefaultValueFactory = _ => null,
        CustomParser = result => result.Tokens.Count == 0 ? null : result.Tokens[0].Value,
    };

    private readonly ExplainedOption<string?> _out = Values.Path(
        "--out", CommonOptions.Output, "the path of a new directory, or of one that a sweep made", "DIR",
        "Where runs and results go; runs that are there are not done again. Default: FILE without its ending.");

    private readonly ExplainedOption<int> _threads = CommonOptions.Threads("Runs side by side, one thread each; they change no bit of the result.");

    private readonly Flag _dryRun = new("--dry-run") { Group = CommonOptions.Run, Description = "Show the configurations and how many runs they are; run none." };

    private readonly Flag _list = new("--list") { Group = CommonOptions.Run, Description = "List the ready experiments." };

    private readonly Flag _json = CommonOptions.Json();

    public static Command Create()
    {
        SweepCommand sweep = new();
        Command command = new("sweep", "Compares options: a grid of them with many seeds, from a TOML or JSON file.") { sweep._file };
        Option[] options = [sweep._out, sweep._threads, sweep._dryRun, sweep._list, sweep._json];
        foreach (Option option in options)
            command.Add(option);
        command.SetAction(sweep.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        CommandLine.CheckLaneWidth();
        if (parsed.GetValue(_list))
        {
            ReadyExperiments.Print(parsed.GetValue(_json));
            return ExitCode.Done;
        }

        (string file, string text) = Read(parsed.GetValue(_file));
        SweepDefinition definition = SweepReader.Read(file, text);
        if (parsed.GetValue(_dryRun))
        {
            SweepPreview.Print(definition, parsed.GetValue(_json));
            return ExitCode.Done;
        }

        int threads = parsed.GetValue(_threads);
        SweepExecution.RequireMemory(definition, threads);
        SweepDirectory directory = SweepDirectory.Open(parsed.GetValue(_out) ?? DefaultDirectory(file), file, text);
        using Interruption interruption = new();
        Progress progress = new(parsed.GetValue(_json), target: null);
        SweepExecution execution = SweepExecution.Execute(definition, directory, threads, progress, interruption);
        progress.Clear();
        return Finish(SweepSummary.Of(definition, execution), execution, directory, parsed.GetValue(_json), interruption);
    }

    private static int Finish(
        SweepSummary summary, SweepExecution execution, SweepDirectory directory, bool json, Interruption interruption)
    {
        if (summary.Finished > 0)
            WriteResults(summary, directory, json ? null : execution.Found);
        if (summary.IsComplete)
            return ExitCode.Done;
        Console.Error.WriteLine(
            $"pgfast: {summary.Finished} of {summary.Definition.Runs} runs are finished and kept in '{directory.Path}'; the same command does the rest");
        return interruption.IsRequested ? ExitCode.Interrupted : ExitCode.Failed;
    }

    /// <summary>Writes the results in every form, then prints them.</summary>
    private static void WriteResults(SweepSummary summary, SweepDirectory directory, int? found)
    {
        byte[] document = SweepJson.Write(summary);
        AtomicFile.Write(directory.PathOf(SweepFile.Name), document);
        AtomicFile.Write(directory.PathOf("runs.csv"), SweepCsv.Write(summary));
        Sweep results = SweepFile.Parse(document);
        SweepPlots.WriteTo(directory.Path, results);
        ReportInput input = new(directory.Name, Studies: null, Run: null, Seeds: [], results);
        AtomicFile.Write(directory.PathOf("report.html"), ReportPage.Create(input).Content.Span);
        if (found is { } before)
        {
            SweepText.Print(summary, directory.Path, before);
            return;
        }

        using Stream output = Console.OpenStandardOutput();
        output.Write(document);
        output.Flush();
    }

    /// <summary>The file's text; a name that is no file may be that of a ready experiment.</summary>
    private static (string File, string Text) Read(string? given)
    {
        if (string.IsNullOrWhiteSpace(given))
            throw new UsageException($"a file is missing; FILE must end in .toml or .json, or be a ready experiment: {string.Join(", ", ReadyExperiments.Names)}");
        if (ReadyExperiments.Find(given) is { } ready && !File.Exists(given))
            return ($"{given}.toml", ready);
        if (!SweepTree.Extensions.Contains(Path.GetExtension(given), StringComparer.OrdinalIgnoreCase))
        {
            throw new UsageException(
                $"FILE must end in .toml or .json, or be a ready experiment, not '{given}'{CommandLine.Suggestion(given, ReadyExperiments.Names)}; ready are {string.Join(", ", ReadyExperiments.Names)}");
        }

        try
        {
            return (given, File.ReadAllText(given));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UsageException($"FILE must name a file that exists; '{given}' does not");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"FILE must name a file that can be read; '{given}' cannot: {exception.Message}");
        }
    }

    /// <summary>The file's name without its ending, in the current directory.</summary>
    private static string DefaultDirectory(string file) => Path.GetFileNameWithoutExtension(file);
}
