using PgFast.Variance;

namespace PgFast.Reports.Input;

/// <summary>A variance study as its file tells it. What the file does not say is null, or NaN for a measured number.</summary>
public sealed record Study
{
    /// <summary>The environment, as the command line spells it.</summary>
    public required string Environment { get; init; }

    /// <summary>Path of the policy; null for a fresh initialisation.</summary>
    public string? Policy { get; init; }

    /// <summary>SHA-256 of the parameters.</summary>
    public string? ParameterHash { get; init; }

    /// <summary>Seed of the study.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Updates that the policy had seen.</summary>
    public long? Update { get; init; }

    /// <summary>Layer sizes, such as <c>4-32-2</c>.</summary>
    public string? Network { get; init; }

    /// <summary>Activation of the hidden layers.</summary>
    public string? Activation { get; init; }

    /// <summary>Episodes measured.</summary>
    public long? Episodes { get; init; }

    /// <summary>Steps of those episodes.</summary>
    public long? EnvironmentSteps { get; init; }

    /// <summary>Mean number of steps of an episode.</summary>
    public double MeanEpisodeLength { get; init; } = double.NaN;

    /// <summary>Mean undiscounted return of an episode.</summary>
    public double MeanReturn { get; init; } = double.NaN;

    /// <summary>Length of the parameter vector.</summary>
    public long? ParameterCount { get; init; }

    /// <summary>γ.</summary>
    public double Discount { get; init; } = double.NaN;

    /// <summary>Whether the weights were standardised in each batch.</summary>
    public bool Normalize { get; init; }

    /// <summary>Level of the intervals, in (0, 1).</summary>
    public double Confidence { get; init; } = double.NaN;

    /// <summary>Episodes that baselines were fitted on.</summary>
    public long? PilotEpisodes { get; init; }

    /// <summary>Whether the study was ended before its last episode.</summary>
    public bool Interrupted { get; init; }

    /// <summary>Wall time, seconds.</summary>
    public double Seconds { get; init; } = double.NaN;

    /// <summary>One a batch size, estimator and baseline, in the order of the file.</summary>
    public IReadOnlyList<StudyRow> Rows { get; init; } = [];

    /// <summary>Splits by state, action and trajectory; empty if not asked for.</summary>
    public IReadOnlyList<VarianceDecomposition> Decompositions { get; init; } = [];
}

/// <summary>One estimator with one baseline at one batch size. A number that was not measured is NaN, an interval without numbers unknown.</summary>
/// <remarks>
/// The members mean what those of <see cref="VarianceRow"/> do; names are kept as text, so that a file may name more than this version knows.
/// </remarks>
public sealed record StudyRow
{
    /// <summary>What multiplies the score.</summary>
    public required string Estimator { get; init; }

    /// <summary>What is subtracted from the return.</summary>
    public required string Baseline { get; init; }

    /// <summary>Episodes an update, at least 1.</summary>
    public required int BatchSize { get; init; }

    /// <summary>tr Σ.</summary>
    public double Trace { get; init; } = double.NaN;

    /// <summary>Interval of <see cref="Trace"/>.</summary>
    public ConfidenceInterval TraceInterval { get; init; } = ConfidenceInterval.None;

    /// <summary>‖G‖² / tr Σ.</summary>
    public double SignalToNoise { get; init; } = double.NaN;

    /// <summary>B·tr Σ / ‖G‖², episodes.</summary>
    public double NoiseScale { get; init; } = double.NaN;

    /// <summary>Interval of <see cref="NoiseScale"/>.</summary>
    public ConfidenceInterval NoiseScaleInterval { get; init; } = ConfidenceInterval.None;

    /// <summary>Mean cosine between the gradients of independent batches.</summary>
    public double CosineBetween { get; init; } = double.NaN;

    /// <summary>Interval of <see cref="CosineBetween"/>.</summary>
    public ConfidenceInterval CosineBetweenInterval { get; init; } = ConfidenceInterval.None;

    /// <summary>The trace over that without a baseline.</summary>
    public double RatioToNone { get; init; } = double.NaN;

    /// <summary>Interval of <see cref="RatioToNone"/>, paired.</summary>
    public ConfidenceInterval RatioInterval { get; init; } = ConfidenceInterval.None;

    /// <summary>The trace that the law 1/B predicts from batch size 1.</summary>
    public double LawTrace { get; init; } = double.NaN;

    /// <summary>Relative distance of the expectation from ∇J.</summary>
    public double Bias { get; init; } = double.NaN;

    /// <summary>Interval of <see cref="Bias"/>.</summary>
    public ConfidenceInterval BiasInterval { get; init; } = ConfidenceInterval.None;

    /// <summary>Interval of <see cref="SignalToNoise"/>.</summary>
    public ConfidenceInterval SignalToNoiseInterval { get; init; } = ConfidenceInterval.None;

    /// <summary>Seconds of one gradient.</summary>
    public double Seconds { get; init; } = double.NaN;

    /// <summary>1 / (trace × seconds).</summary>
    public double Efficiency { get; init; } = double.NaN;

    /// <summary>Why there are no numbers, or null.</summary>
    public string? Note { get; init; }

    /// <summary>Whether the row has a trace with its interval; only such rows are plotted or shown as numbers.</summary>
    public bool HasNumbers => Note is null && double.IsFinite(Trace) && TraceInterval.IsKnown;
}

/// <summary>What <c>study.json</c> holds: one study, or those of a run's checkpoints in order of update.</summary>
/// <param name="Environment">The environment.</param>
/// <param name="Run">The run directory that the policies come from, or null.</param>
/// <param name="Studies">At least one.</param>
public sealed record StudySet(string Environment, string? Run, IReadOnlyList<Study> Studies)
{
    /// <summary>A set of one study.</summary>
    /// <param name="study">The study.</param>
    public static StudySet Of(Study study)
    {
        ArgumentNullException.ThrowIfNull(study);
        return new StudySet(study.Environment, null, [study]);
    }
}
