using System.Diagnostics;
using PgFast.Telemetry;

namespace PgFast.Training;

// Runs of many updates, and who watches them.
public partial class Trainer
{
    /// <summary>Does a number of updates.</summary>
    /// <param name="updates">How many, at least 1.</param>
    /// <param name="progress">
    /// Told on this thread about the first update, then at most ten times a second, and about the last; null for nobody. A <see cref="Progress{T}"/> passes that on to
    /// another thread.
    /// </param>
    /// <param name="cancellation">Looked at between updates.</param>
    /// <returns>Where training stands after the last of them. Allocates nothing itself.</returns>
    /// <exception cref="NonFiniteException">Training diverged; the parameters are the last finite ones.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled. The update that was running is done and whole: another call goes on from there.</exception>
    public TrainingProgress Train(long updates, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(updates);
        using TrainingActivity activity = StartActivity();
        try
        {
            RunClock clock = default;
            TrainingProgress now = default;
            for (long done = 1; done <= updates; done++)
            {
                cancellation.ThrowIfCancellationRequested();
                now = Timed(ref clock, (double)done / updates);
                if (progress is not null && (clock.Pace.IsDue() || done == updates))
                    progress.Report(now);
            }

            return now;
        }
        catch (Exception exception)
        {
            activity.Fail(exception);
            throw;
        }
    }

    /// <summary>Updates until a fresh evaluation reaches a mean return.</summary>
    /// <param name="meanReturn">The target.</param>
    /// <param name="maximumUpdates">Gives up after so many updates; at least 1.</param>
    /// <param name="evaluationEpisodes">Episodes of an evaluation, which is made whenever a batch's mean return reaches the target.</param>
    /// <param name="progress">
    /// Told on this thread about the first update, then at most ten times a second, and after every evaluation, the last of which ends the run; null for nobody. A
    /// <see cref="Progress{T}"/> passes that on to another thread.
    /// </param>
    /// <param name="cancellation">Looked at between updates, and every few hundred episodes of an evaluation.</param>
    /// <exception cref="NonFiniteException">Training diverged; the parameters are the last finite ones.</exception>
    /// <exception cref="OperationCanceledException">
    /// It was cancelled. The update that was running is done and whole, an evaluation that was running is as if it had never begun: another call goes on from there.
    /// </exception>
    public TrainingResult TrainUntil(
        double meanReturn, long maximumUpdates = 1000, int evaluationEpisodes = 1000, IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maximumUpdates);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(evaluationEpisodes);
        if (double.IsNaN(meanReturn))
            throw new ArgumentOutOfRangeException(nameof(meanReturn), meanReturn, "The target is NaN.");
        using TrainingActivity activity = StartActivity();
        try
        {
            RunClock clock = default;
            EvaluationResult? evaluation = null;
            for (long done = 1; done <= maximumUpdates && !(evaluation?.MeanReturn >= meanReturn); done++)
            {
                cancellation.ThrowIfCancellationRequested();
                TrainingProgress now = Timed(ref clock, (double)done / maximumUpdates);
                bool isEvaluated = now.Update.MeanReturn >= meanReturn || done == maximumUpdates;
                evaluation = isEvaluated ? Evaluate(evaluationEpisodes, cancellation) : null;
                if (progress is not null && (clock.Pace.IsDue() || isEvaluated))
                    progress.Report(now with { Evaluation = evaluation });
            }

            bool isSolved = evaluation!.MeanReturn >= meanReturn;
            activity.Evaluated(evaluation.MeanReturn, isSolved);
            return new TrainingResult(isSolved, UpdateCount, EpisodeCount, EnvironmentSteps, clock.Seconds, evaluation);
        }
        catch (Exception exception)
        {
            activity.Fail(exception);
            throw;
        }
    }

    /// <summary>Begins the span of a run, for a loop of your own around <see cref="Update"/>; disposing it ends the span.</summary>
    public TrainingActivity StartActivity() => new(this, _telemetry.StartRun());

    private TrainingProgress Timed(ref RunClock clock, double fraction)
    {
        long start = Stopwatch.GetTimestamp();
        UpdateResult update = Update();
        clock.Ticks += Stopwatch.GetTimestamp() - start;
        return new TrainingProgress(update, EpisodeCount, EnvironmentSteps, clock.Seconds, fraction, Evaluation: null);
    }

    /// <summary>An update that somebody watches.</summary>
    private UpdateResult WatchedUpdate()
    {
        using Activity? activity = _telemetry.StartUpdate(UpdateCount + 1);
        long start = Stopwatch.GetTimestamp();
        try
        {
            UpdateResult result = NextUpdate();
            _telemetry.Updated(result, Stopwatch.GetElapsedTime(start), activity);
            return result;
        }
        catch (NonFiniteException exception)
        {
            _telemetry.Diverged(exception, activity);
            throw;
        }
    }

    /// <summary>Time in updates, and when the next report is due.</summary>
    private struct RunClock
    {
        public long Ticks;
        public ReportPace Pace;

        public readonly double Seconds => (double)Ticks / Stopwatch.Frequency;
    }
}
