using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using PgFast.Cli.Checks;
using PgFast.Cli.Commands;
using PgFast.Cli.Options;
using PgFast.Cli.Output;
using PgFast.Cli.Studies;
using PgFast.Numerics;
using PgFast.Training;

namespace PgFast.Cli;

/// <summary>The commands, and the way from arguments to an exit code.</summary>
internal static class CommandLine
{
    public static int Run(string[] arguments) => Run(arguments, new StudyHost());

    /// <param name="arguments">As the process gets them.</param>
    /// <param name="host">What <c>variance</c> runs on.</param>
    public static int Run(string[] arguments, StudyHost host)
    {
        TextWriter error = host.Error;
        try
        {
            Drawing.Require(arguments);
            AssemblyLoading.Require(arguments);
            RootCommand root = CreateRoot(host);
            ParseResult parsed = root.Parse(
                arguments, new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
            if (parsed.Action is not (HelpAction or HelpText or VersionAction))
                ThrowOnErrors(parsed);
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (UsageException exception)
        {
            error.WriteLine($"pgfast: {exception.Message.ReplaceLineEndings(" ")}");
            return ExitCode.BadInput;
        }
        catch (OutOfMemoryException)
        {
            error.WriteLine("pgfast: there is not enough memory; smaller batches or smaller hidden layers need less.");
            return ExitCode.Failed;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArithmeticException)
        {
            error.WriteLine($"pgfast: {exception.Message.ReplaceLineEndings(" ")}");
            return ExitCode.Failed;
        }
    }

    /// <summary>The lane width that the environment forces is checked before a command does anything.</summary>
    public static void CheckLaneWidth()
    {
        try
        {
            _ = LaneWidth.Count;
        }
        catch (InvalidOperationException exception)
        {
            throw new UsageException(exception.Message);
        }
    }

    private static RootCommand CreateRoot(StudyHost host)
    {
        RootCommand root = new("Policy gradients on a CPU: fast, and reproducible to the last bit.");
        root.Add(TrainCommand.Create());
        root.Add(EvaluateCommand.Create());
        root.Add(ExportCommand.Create());
        root.Add(VarianceCommand.Create(host));
        if (Drawing.IsSupported)
        {
            root.Add(SweepCommand.Create());
            root.Add(ReportCommand.Create());
            root.Add(FigureCommand.Create());
        }

        root.Add(BenchCommand.Create());
        if (AssemblyLoading.IsSupported)
            root.Add(CheckCommand.Create());
        root.Add(DescribeCommand.Create());
        foreach (Option option in root.Options)
        {
            if (option is HelpOption)
                option.Action = new HelpText();
            else if (option is VersionOption)
                option.Action = new VersionAction();
        }

        return root;
    }

    private static void ThrowOnErrors(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        List<string> optionNames = [.. command.Options.Select(option => option.Name), "--help"];
        // An unknown option is taken for an argument by the parser; what follows it then goes wrong in ways that explain nothing.
        foreach (Token token in parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(result => result.Tokens))
            ThrowIfOption(token.Value, optionNames);
        foreach (string token in parsed.UnmatchedTokens)
            ThrowIfOption(token, optionNames);
        if (command is RootCommand)
        {
            string commands = string.Join(", ", command.Subcommands.Select(sub => sub.Name));
            if (parsed.UnmatchedTokens.Count == 0)
                throw new UsageException($"a command is missing: {commands}; 'pgfast --help' explains them");
            string name = parsed.UnmatchedTokens[0];
            throw new UsageException(
                $"unknown command '{name}'{Suggestion(name, command.Subcommands.Select(sub => sub.Name))}; commands are {commands}");
        }

        foreach (ParseError error in parsed.Errors)
        {
            if (error.SymbolResult is OptionResult { Option: IExplainedOption option } result
                && !error.Message.StartsWith(result.Option.Name, StringComparison.Ordinal))
            {
                throw new UsageException(
                    result.IdentifierTokenCount > 1
                        ? $"{result.Option.Name} is given {result.IdentifierTokenCount} times; once is enough"
                        : $"{result.Option.Name} needs a value: {option.Allowed}");
            }
        }

        foreach (ParseError error in parsed.Errors)
        {
            if (error.SymbolResult is OptionResult)
                throw new UsageException(error.Message);
        }

        if (parsed.UnmatchedTokens.Count > 0)
        {
            throw new UsageException(
                $"unexpected argument '{parsed.UnmatchedTokens[0]}'; 'pgfast {command.Name} --help' shows what is allowed");
        }

        if (parsed.Errors.Count > 0)
            throw new UsageException(parsed.Errors[0].Message);
    }

    private static void ThrowIfOption(string token, List<string> optionNames)
    {
        if (token.Length > 1 && token[0] == '-')
            throw new UsageException($"unknown option '{token}'{Suggestion(token, optionNames)}; --help lists the options");
    }

    /// <summary>" (did you mean …?)", or nothing.</summary>
    public static string Suggestion(string name, IEnumerable<string> candidates) =>
        NearestName.Find(name, candidates) is { } nearest ? $" (did you mean '{nearest}'?)" : "";
}
