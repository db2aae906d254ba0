using System.CommandLine;
using PgFast.Cli.Options;
using PgFast.Cli.Output;
using PgFast.Files;
using PgFast.Reports.Input;
using PgFast.Reports.Pages;

namespace PgFast.Cli.Commands;

/// <summary><c>pgfast report</c>: a page on what a directory holds, a study, a sweep, a run, or the runs of several seeds.</summary>
internal sealed class ReportCommand
{
    private const string DefaultName = "report.html";

    private static readonly string[] Extensions = [".html", ".htm"];

    private readonly Argument<string?> _directory = new("DIR")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = "The directory that 'variance --out', 'sweep' or 'train --out' made.",
        DefaultValueFactory = _ => null,
        CustomParser = result => result.Tokens.Count == 0 ? null : result.Tokens[0].Value,
    };

    private readonly ExplainedOption<string?> _out = Values.Path(
        "--out", CommonOptions.Output, "a file name that ends in .html, in a directory that exists", "FILE",
        $"Where the page goes; a page that is there is replaced. Default: DIR/{DefaultName}.");

    private readonly Flag _json = CommonOptions.Json();

    public static Command Create()
    {
        ReportCommand report = new();
        Command command = new("report", "Makes a self-contained HTML page on a study, a sweep or a run: figures, tables, the policy at work.")
        {
            report._directory, report._out, report._json,
        };
        command.SetAction(report.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        CommandLine.CheckLaneWidth();
        string directory = parsed.GetValue(_directory)
            ?? throw new UsageException("a directory is missing; DIR must name a study's, a sweep's or a run's directory");
        string path = parsed.GetValue(_out) is { } given ? Checked(given) : Path.Combine(directory, DefaultName);
        ReportPage page;
        try
        {
            page = ReportPage.Create(ReportInput.Load(directory));
        }
        catch (ReportInputException exception)
        {
            throw new UsageException(exception.Message);
        }

        AtomicFile.Write(path, page.Content.Span);
        if (parsed.GetValue(_json))
            PrintJson(path, page);
        else
            Print(path, page);
        return ExitCode.Done;
    }

    /// <summary>A page never replaces a file of another kind, such as the study that it is about.</summary>
    private string Checked(string path)
    {
        bool isPage = Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);
        string? parent = Path.GetDirectoryName(Path.GetFullPath(path));
        if (!isPage || Directory.Exists(path) || !Directory.Exists(parent))
            throw new UsageException($"--out must be {_out.Allowed}, not '{path}'");
        return path;
    }

    private static void Print(string path, ReportPage page)
    {
        Console.WriteLine($"{Terminal.Strong(path)}  {Terminal.Number(page.Content.Length / 1024.0, "0")} KiB");
        Console.WriteLine($"  figures  {(page.Figures.Count == 0 ? "none" : string.Join(", ", page.Figures))}");
    }

    private static void PrintJson(string path, ReportPage page) => JsonText.Print(json =>
    {
        json.WriteStartObject();
        json.WriteString("report", path);
        json.WriteStartArray("figures");
        foreach (string figure in page.Figures)
            json.WriteStringValue(figure);
        json.WriteEndArray();
        json.WriteEndObject();
    });
}
