using PgFast.Training;

namespace PgFast.Cli.Sweeps;

/// <summary>What one number a run is judged by.</summary>
internal enum SweepScore
{
    /// <summary>Mean return of the final policy over fresh episodes.</summary>
    Final = 0,

    /// <summary>Mean of the learning curve: the area under it, over the budget.</summary>
    Curve = 1,
}

/// <summary>An axis of the grid.</summary>
/// <param name="Name">An option's name, or <see cref="SweepReader.VariantAxis"/>.</param>
/// <param name="Values">As they are shown.</param>
internal sealed record SweepAxis(string Name, IReadOnlyList<string> Values);

/// <summary>A point of the grid.</summary>
/// <param name="Label">What tells it from the others.</param>
/// <param name="Place">Its value on each axis, in the order of the axes.</param>
/// <param name="Options">[environment]; what it trains with there.</param>
internal sealed record SweepConfiguration(string Label, IReadOnlyList<string> Place, IReadOnlyList<TrainerOptions> Options);

/// <summary>What a sweep file asks for: every configuration on every environment with every seed.</summary>
internal sealed record SweepDefinition
{
    public required string Name { get; init; }

    public required string? Description { get; init; }

    public required IReadOnlyList<EnvironmentEntry> Environments { get; init; }

    public required IReadOnlyList<SweepAxis> Axes { get; init; }

    public required IReadOnlyList<SweepConfiguration> Configurations { get; init; }

    /// <summary>The configuration that the others are compared with.</summary>
    public required int Reference { get; init; }

    public required IReadOnlyList<ulong> Seeds { get; init; }

    /// <summary>Budget of a run in updates; null if <see cref="EnvironmentSteps"/> is the budget.</summary>
    public required long? Updates { get; init; }

    /// <summary>Budget of a run in environment steps; null if <see cref="Updates"/> is the budget.</summary>
    public required long? EnvironmentSteps { get; init; }

    public required int EvaluationEpisodes { get; init; }

    public required SweepScore Score { get; init; }

    /// <summary>Points of a learning curve, at equal distances up to the budget.</summary>
    public required int Points { get; init; }

    public required double Confidence { get; init; }

    /// <summary>Samples of the bootstrap.</summary>
    public required int Replicates { get; init; }

    /// <summary>[environment]; scores that become 0 and 1 where environments are combined; null if they are not.</summary>
    public required IReadOnlyList<(double Low, double High)>? Scale { get; init; }

    public long Budget => EnvironmentSteps ?? Updates!.Value;

    public int Runs => Configurations.Count * Environments.Count * Seeds.Count;
}
