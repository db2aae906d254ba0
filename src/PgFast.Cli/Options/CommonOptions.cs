using System.CommandLine;
using PgFast.Training;

namespace PgFast.Cli.Options;

/// <summary>What several commands share.</summary>
internal static class CommonOptions
{
    public const string Algorithm = "Algorithm";
    public const string Run = "Run";
    public const string Output = "Output";

    public static Flag Json() => new("--json")
    {
        Group = Output,
        Description = "Print one JSON document to standard output, and nothing else.",
    };

    public static ExplainedOption<int> Threads(string description) =>
        Values.Integer("--threads", Run, 1, 4096, Environment.ProcessorCount, description, "all cores");

    public static Argument<string?> EnvironmentArgument(string description) => new("ENV")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = description,
        DefaultValueFactory = _ => null,
        CustomParser = result => result.Tokens.Count == 0 ? null : result.Tokens[0].Value,
    };

    /// <summary>A default that differs between environments, as help shows it: "32; none (corridor, bandit)".</summary>
    public static string DefaultByEnvironment(Func<TrainerOptions, string> text)
    {
        string general = text(new TrainerOptions());
        IEnumerable<string> others = EnvironmentCatalog.All
            .GroupBy(entry => text(entry.DefaultOptions))
            .Where(group => group.Key != general)
            .Select(group => $"{group.Key} ({string.Join(", ", group.Select(entry => entry.Name))})");
        return string.Join("; ", others.Prepend(general));
    }

    /// <summary>The environment of that name.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    public static EnvironmentEntry FindEnvironment(string? name)
    {
        string all = string.Join(", ", EnvironmentCatalog.Names);
        if (string.IsNullOrEmpty(name))
            throw new UsageException($"an environment is missing; environments are {all}");
        return EnvironmentCatalog.Find(name) ?? throw new UsageException(
            $"unknown environment '{name}'{CommandLine.Suggestion(name, EnvironmentCatalog.Names)}; environments are {all}");
    }
}
