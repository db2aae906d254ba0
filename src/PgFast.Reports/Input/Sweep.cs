using PgFast.Variance;

namespace PgFast.Reports.Input;

/// <summary>The results of a sweep, as its file tells them.</summary>
public sealed record Sweep
{
    /// <summary>The sweep's name.</summary>
    public required string Name { get; init; }

    /// <summary>What it is about, or null.</summary>
    public string? Description { get; init; }

    /// <summary>Environments, as the command line spells them.</summary>
    public required IReadOnlyList<string> Environments { get; init; }

    /// <summary>How many seeds every configuration has.</summary>
    public required int Seeds { get; init; }

    /// <summary>Runs asked for.</summary>
    public required long Runs { get; init; }

    /// <summary>Runs that are finished.</summary>
    public required long FinishedRuns { get; init; }

    /// <summary>Budget of a run in updates; null if it is in environment steps.</summary>
    public long? Updates { get; init; }

    /// <summary>Budget of a run in environment steps; null if it is in updates.</summary>
    public long? EnvironmentSteps { get; init; }

    /// <summary>Fresh episodes that a final policy is judged by.</summary>
    public long? EvaluationEpisodes { get; init; }

    /// <summary>What a run is judged by: <c>final</c> or <c>curve</c>.</summary>
    public required string Score { get; init; }

    /// <summary>Level of the intervals, in (0, 1).</summary>
    public required double Confidence { get; init; }

    /// <summary>The axes of the grid.</summary>
    public required IReadOnlyList<SweepAxis> Axes { get; init; }

    /// <summary>[point]; where the points of the learning curves lie, in updates or environment steps.</summary>
    public required IReadOnlyList<double> Points { get; init; }

    /// <summary>Label of the configuration that the others are compared with.</summary>
    public required string Reference { get; init; }

    /// <summary>The configurations, in the grid's order.</summary>
    public required IReadOnlyList<SweepConfiguration> Configurations { get; init; }

    /// <summary>What a score is, for an axis.</summary>
    public string ScoreText => Score == "curve" ? "mean return over the learning curve" : "mean return of the final policy";
}

/// <summary>An axis of a sweep's grid.</summary>
/// <param name="Name">An option's name.</param>
/// <param name="Values">As the sweep file spells them.</param>
public sealed record SweepAxis(string Name, IReadOnlyList<string> Values);

/// <summary>A configuration of a sweep.</summary>
/// <param name="Label">What tells it from the others.</param>
/// <param name="Place">[axis]; its values.</param>
/// <param name="Improvement">Probability that a run of it scores higher than one of the reference, mean over the environments; NaN for the reference itself.</param>
/// <param name="ImprovementInterval">Its interval.</param>
/// <param name="Scaled">Interquartile mean over all environments on a common scale; NaN where there is none.</param>
/// <param name="ScaledInterval">Its interval.</param>
/// <param name="Results">By environment; those without a finished run are left out.</param>
public sealed record SweepConfiguration(
    string Label, IReadOnlyList<string> Place, double Improvement, ConfidenceInterval ImprovementInterval, double Scaled,
    ConfidenceInterval ScaledInterval, IReadOnlyList<SweepResult> Results)
{
    /// <summary>The result on an environment, or null.</summary>
    /// <param name="environment">Its name.</param>
    public SweepResult? On(string environment) => Results.FirstOrDefault(result => result.Environment == environment);
}

/// <summary>What the runs of a configuration on an environment reached.</summary>
public sealed record SweepResult
{
    /// <summary>The environment.</summary>
    public required string Environment { get; init; }

    /// <summary>Mean return from which a policy counts as solved; NaN for none.</summary>
    public required double Target { get; init; }

    /// <summary>Finished runs.</summary>
    public required long Runs { get; init; }

    /// <summary>Runs that solved the environment; null where it has no target.</summary>
    public long? Solved { get; init; }

    /// <summary>Runs that diverged.</summary>
    public required long Diverged { get; init; }

    /// <summary>Interquartile mean of the scores.</summary>
    public required double InterquartileMean { get; init; }

    /// <summary>Its interval.</summary>
    public required ConfidenceInterval InterquartileMeanInterval { get; init; }

    /// <summary>Median of the scores.</summary>
    public required double Median { get; init; }

    /// <summary>Its interval.</summary>
    public required ConfidenceInterval MedianInterval { get; init; }

    /// <summary>Probability that a run scores higher here than one of the reference; NaN for the reference itself.</summary>
    public double Improvement { get; init; } = double.NaN;

    /// <summary>Its interval.</summary>
    public ConfidenceInterval ImprovementInterval { get; init; } = ConfidenceInterval.None;

    /// <summary>[run]; the scores, in the order of the seeds.</summary>
    public required IReadOnlyList<double> Scores { get; init; }

    /// <summary>Learning curves: mean return of the batches.</summary>
    public required SweepBand Returns { get; init; }

    /// <summary>Mean entropy of the policy, nats.</summary>
    public required SweepBand Entropies { get; init; }
}

/// <summary>A curve over runs: interquartile mean and its interval at every point; empty where it was not measured.</summary>
/// <param name="InterquartileMean">[point].</param>
/// <param name="Intervals">[point].</param>
public sealed record SweepBand(IReadOnlyList<double> InterquartileMean, IReadOnlyList<ConfidenceInterval> Intervals);
