using System.CommandLine;
using PgFast.Cli.Options;
using PgFast.Training;

namespace PgFast.Cli.Sweeps;

/// <summary>The options that shape the algorithm, by the names and with the checks of the command line.</summary>
internal sealed class SweepOptions
{
    private static readonly ParserConfiguration Configuration = new() { EnablePosixBundling = false, ResponseFileTokenReplacer = null };

    private readonly AlgorithmOptions _algorithm = new();
    private readonly Command _command = new("sweep");

    public SweepOptions()
    {
        _algorithm.AddTo(_command);
        Names = [.. _command.Options.Select(option => option.Name[2..])];
    }

    /// <summary>Without their hyphens.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Checks one value by itself.</summary>
    /// <param name="table">Where it stands.</param>
    /// <param name="name">The option.</param>
    /// <param name="value">As on the command line.</param>
    /// <exception cref="UsageException">It is not allowed.</exception>
    public void Check(SweepTable table, string name, string value)
    {
        Option option = _command.Options.First(candidate => candidate.Name == $"--{name}");
        string allowed = ((IExplainedOption)option).Allowed;
        if (value.Length == 0)
            throw new UsageException($"'{table.File}': {table.PathOf(name)} must be {allowed}, not an empty text");
        ParseResult parsed = Parse([KeyValuePair.Create(name, value)]);
        if (parsed.Errors.Count == 0)
            return;
        string message = parsed.Errors[0].Message;
        throw new UsageException(
            message.StartsWith(option.Name, StringComparison.Ordinal)
                ? $"'{table.File}': {table.PathOf(name)}{message[option.Name.Length..]}"
                : $"'{table.File}': {table.PathOf(name)} must be {allowed}, not '{value}'");
    }

    /// <summary>What a run trains with.</summary>
    /// <exception cref="UsageException">Settings contradict each other or the environment.</exception>
    public TrainerOptions Read(IReadOnlyList<KeyValuePair<string, string>> settings, EnvironmentEntry environment, long? updates, long? steps) =>
        _algorithm.Read(Parse(settings), environment, updates, steps) with { Threads = 1 };

    private ParseResult Parse(IEnumerable<KeyValuePair<string, string>> settings) =>
        _command.Parse([.. settings.Select(setting => $"--{setting.Key}={setting.Value}")], Configuration);
}
