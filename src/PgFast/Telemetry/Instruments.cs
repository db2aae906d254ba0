using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace PgFast.Telemetry;

/// <summary>The engine's instruments and activity sources, one of each in a process.</summary>
/// <remarks>
/// Names and units follow OpenTelemetry's conventions. Without a listener an instrument is a field that is null; who records asks for it first, so that
/// nothing is computed for nobody. Recording allocates nothing as long as the tags are an array that is there already.
/// </remarks>
internal static class Instruments
{
    /// <summary>Bounds of histogram buckets in seconds, about three a decade: from an update of one short episode to a study.</summary>
    private static readonly double[] Seconds =
        [1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300];

    private static readonly Meter Meter = new(TelemetryNames.Meter);

    public static readonly ActivitySource Activities = new(TelemetryNames.ActivitySource);

    public static readonly ActivitySource UpdateActivities = new(TelemetryNames.UpdateActivitySource);

    public static readonly Counter<long> Updates = Count("pgfast.training.updates", "{update}", "Updates done.");

    public static readonly Counter<long> Episodes = Count("pgfast.training.episodes", "{episode}", "Episodes of updates.");

    public static readonly Counter<long> Steps = Count("pgfast.training.environment_steps", "{step}", "Environment steps of updates.");

    public static readonly Counter<long> Divergences =
        Count("pgfast.training.divergences", "{divergence}", "Updates that were taken back because a number became non-finite.");

    public static readonly Histogram<double> UpdateDuration = Duration("pgfast.training.update.duration", "Time of an update.");

    public static readonly Gauge<double> Return =
        Level("pgfast.training.mean_return", "{reward}", "Mean undiscounted return of the last update's episodes.");

    public static readonly Gauge<double> Length = Level("pgfast.training.mean_episode_length", "{step}", "Mean length of the last update's episodes.");

    public static readonly Gauge<double> Entropy =
        Level("pgfast.training.entropy", "{nat}", "Mean entropy of the policy over the last update's steps, where it is measured.");

    public static readonly Gauge<double> GradientNorm =
        Level("pgfast.training.gradient_norm", "1", "Euclidean norm of the last update's gradient, before clipping.");

    public static readonly Counter<long> EvaluationEpisodes = Count("pgfast.evaluation.episodes", "{episode}", "Episodes of evaluations.");

    public static readonly Counter<long> EvaluationSteps =
        Count("pgfast.evaluation.environment_steps", "{step}", "Environment steps of evaluations.");

    public static readonly Histogram<double> EvaluationDuration = Duration("pgfast.evaluation.duration", "Time of an evaluation.");

    public static readonly Gauge<double> EvaluationReturn =
        Level("pgfast.evaluation.mean_return", "{reward}", "Mean undiscounted return of the last evaluation.");

    public static readonly Counter<long> StudyEpisodes = Count("pgfast.study.episodes", "{episode}", "Episodes of variance studies.");

    public static readonly Counter<long> StudySteps = Count("pgfast.study.environment_steps", "{step}", "Environment steps of variance studies.");

    public static readonly Histogram<double> StudyDuration = Duration("pgfast.study.duration", "Time of a variance study.");

    public static readonly Counter<long> Decisions = Count("pgfast.agent.decisions", "{decision}", "Actions that agents have drawn for entities.");

    /// <summary>What all measurements of a subject are tagged with: made once, so that recording allocates nothing.</summary>
    public static KeyValuePair<string, object?>[] TagsOf(string environment, string source) =>
        [new(TelemetryNames.Environment, environment), new(TelemetryNames.Source, source)];

    private static Counter<long> Count(string name, string unit, string description) => Meter.CreateCounter<long>(name, unit, description);

    private static Gauge<double> Level(string name, string unit, string description) => Meter.CreateGauge<double>(name, unit, description);

    private static Histogram<double> Duration(string name, string description) =>
        Meter.CreateHistogram(name, "s", description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });
}
