using System.Diagnostics;
using PgFast.Telemetry;

namespace PgFast.Training;

/// <summary>A span around a run of updates, for who listens to <see cref="TelemetryNames.ActivitySource"/>; nothing at all where nobody does.</summary>
/// <remarks><see cref="Trainer.Train"/> and <see cref="Trainer.TrainUntil"/> have their own; <see cref="Trainer.StartActivity"/> gives one to a loop of yours.</remarks>
public readonly struct TrainingActivity : IDisposable
{
    private readonly Trainer _trainer;
    private readonly Activity? _activity;

    internal TrainingActivity(Trainer trainer, Activity? activity) => (_trainer, _activity) = (trainer, activity);

    /// <summary>Says how the run was judged in the end.</summary>
    /// <param name="meanReturn">Mean return of the last evaluation.</param>
    /// <param name="isSolved">Whether it reached the target.</param>
    public void Evaluated(double meanReturn, bool isSolved)
    {
        _activity?.SetTag("pgfast.mean_return", meanReturn);
        _activity?.SetTag("pgfast.solved", isSolved);
    }

    /// <summary>Says why the run ended early: a cancellation is noted as such, anything else is an error.</summary>
    /// <param name="exception">What ended it.</param>
    public void Fail(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        ActivityOutcome.Fail(_activity, exception);
    }

    /// <summary>Ends the span, with the trainer's totals.</summary>
    public void Dispose()
    {
        if (_activity is null)
            return;
        _activity.SetTag("pgfast.updates", _trainer.UpdateCount);
        _activity.SetTag("pgfast.episodes", _trainer.EpisodeCount);
        _activity.SetTag("pgfast.environment_steps", _trainer.EnvironmentSteps);
        _activity.Dispose();
    }
}
