using System.Diagnostics;
using PgFast.Telemetry;

namespace PgFast.Training;

/// <summary>What a trainer tells listeners of its updates and evaluations.</summary>
/// <param name="environment">The environment's name.</param>
/// <param name="source">Who does the updates: <see cref="Trainer"/> or <see cref="Agent"/>.</param>
/// <param name="seed">The run's seed: on activities alone, as a series of numbers for every seed would be too many.</param>
internal sealed class TrainingTelemetry(string environment, string source, ulong seed)
{
    public const string Trainer = "trainer";
    public const string Agent = "agent";

    private readonly KeyValuePair<string, object?>[] _tags = Instruments.TagsOf(environment, source);

    /// <summary>Whether anyone wants to know of an update; one look at each instrument, so that nothing is timed for nobody.</summary>
    public static bool IsWatched =>
        Instruments.Updates.Enabled || Instruments.UpdateDuration.Enabled || Instruments.Return.Enabled || Instruments.Episodes.Enabled
        || Instruments.Steps.Enabled || Instruments.Length.Enabled || Instruments.Entropy.Enabled || Instruments.GradientNorm.Enabled
        || Instruments.Divergences.Enabled || Instruments.UpdateActivities.HasListeners();

    /// <summary>An activity of a run, or null if nobody listens.</summary>
    public Activity? StartRun() => Start(Instruments.Activities, "pgfast.train");

    /// <summary>An activity of an update, or null if nobody listens.</summary>
    public Activity? StartUpdate(long update)
    {
        Activity? activity = Instruments.UpdateActivities.HasListeners() ? Start(Instruments.UpdateActivities, "pgfast.update") : null;
        activity?.SetTag("pgfast.update", update);
        return activity;
    }

    /// <summary>An activity of an evaluation, or null if nobody listens.</summary>
    public Activity? StartEvaluation() => Start(Instruments.Activities, "pgfast.evaluate");

    /// <summary>An update is done. Allocates nothing unless an activity is recorded.</summary>
    public void Updated(in UpdateResult update, TimeSpan duration, Activity? activity)
    {
        Instruments.Updates.Add(1, _tags);
        Instruments.Episodes.Add(update.Episodes, _tags);
        Instruments.Steps.Add(update.EnvironmentSteps, _tags);
        Instruments.UpdateDuration.Record(duration.TotalSeconds, _tags);
        Instruments.Return.Record(update.MeanReturn, _tags);
        Instruments.Length.Record(update.MeanLength, _tags);
        Instruments.GradientNorm.Record(update.GradientNorm, _tags);
        if (!double.IsNaN(update.Entropy))
            Instruments.Entropy.Record(update.Entropy, _tags);
        activity?.SetTag("pgfast.environment_steps", update.EnvironmentSteps);
        activity?.SetTag("pgfast.mean_return", update.MeanReturn);
        activity?.SetTag("pgfast.gradient_norm", update.GradientNorm);
    }

    /// <summary>An update was taken back.</summary>
    public void Diverged(NonFiniteException exception, Activity? activity)
    {
        Instruments.Divergences.Add(1, _tags);
        ActivityOutcome.Fail(activity, exception);
    }

    /// <summary>An evaluation is done.</summary>
    public void Evaluated(EvaluationResult result, TimeSpan duration, Activity? activity)
    {
        Instruments.EvaluationEpisodes.Add(result.Episodes, _tags);
        Instruments.EvaluationSteps.Add(result.EnvironmentSteps, _tags);
        Instruments.EvaluationDuration.Record(duration.TotalSeconds, _tags);
        Instruments.EvaluationReturn.Record(result.MeanReturn, _tags);
        activity?.SetTag("pgfast.episodes", result.Episodes);
        activity?.SetTag("pgfast.mean_return", result.MeanReturn);
    }

    private Activity? Start(ActivitySource activities, string name)
    {
        Activity? activity = activities.StartActivity(name, ActivityKind.Internal, parentContext: default, _tags);
        // Attributes know no unsigned numbers.
        activity?.SetTag("pgfast.seed", unchecked((long)seed));
        return activity;
    }
}
