using PgFast.Files;

namespace PgFast.Reports.Input;

/// <summary>A training run as its directory tells it.</summary>
public sealed record Run
{
    /// <summary>What the directory is called, such as <c>seed-3</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The environment, as the command line spells it; null if no file says so.</summary>
    public string? Environment { get; init; }

    /// <summary>The options, in the order of <c>config.json</c>, as text.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Options { get; init; } = [];

    /// <summary>The mean return that the run aimed at; NaN if none.</summary>
    public double Target { get; init; } = double.NaN;

    /// <summary>A row an update; empty if there was none.</summary>
    public IReadOnlyList<UpdateRow> Updates { get; init; } = [];

    /// <summary>The policy that the run left, or null.</summary>
    public PolicyFile? Policy { get; init; }
}
