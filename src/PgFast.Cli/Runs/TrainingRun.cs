using System.Diagnostics;
using PgFast.Training;

namespace PgFast.Cli.Runs;

/// <summary>The loop of one run: update, tell, evaluate when it looks solved.</summary>
/// <remarks>However it ends, by a signal, a divergence or a file that cannot be written, there is an outcome to report.</remarks>
internal static class TrainingRun
{
    /// <param name="environment">Its name.</param>
    /// <param name="trainer">Does the updates.</param>
    /// <param name="plan">When to stop.</param>
    /// <param name="observers">Are told.</param>
    /// <param name="interruption">Stops it.</param>
    /// <param name="start">Where an earlier run had got to; null for a new run.</param>
    public static RunOutcome Execute(
        string environment, Trainer trainer, RunPlan plan, IReadOnlyList<IRunObserver> observers, Interruption interruption, RunStart? start = null)
    {
        long ticks = (long)((start?.Seconds ?? 0) * Stopwatch.Frequency);
        bool interrupted = false, diverged = false, isEvaluating = plan.StopsWhenSolved && start is { IsEvaluationDue: true };
        string? error = null;
        EvaluationResult? evaluation = null;
        using TrainingActivity activity = trainer.StartActivity();
        try
        {
            if (isEvaluating)
                evaluation = Evaluate();
            isEvaluating = false;
            while (!(evaluation?.MeanReturn >= plan.Target) && trainer.UpdateCount < plan.MaximumUpdates && trainer.EnvironmentSteps < plan.MaximumEnvironmentSteps)
            {
                interruption.Token.ThrowIfCancellationRequested();
                long begin = Stopwatch.GetTimestamp();
                UpdateResult update = trainer.Update();
                ticks += Stopwatch.GetTimestamp() - begin;
                evaluation = null;
                try
                {
                    isEvaluating = plan.StopsWhenSolved && update.MeanReturn >= plan.Target;
                    if (isEvaluating)
                        evaluation = Evaluate();
                    isEvaluating = false;
                }
                finally
                {
                    // After the evaluation, so that who keeps a state keeps one from which the next thing is an update.
                    for (int i = 0; i < observers.Count; i++)
                        observers[i].Updated(update, trainer, (double)ticks / Stopwatch.Frequency, isEvaluating);
                }
            }

            for (int i = 0; i < observers.Count; i++)
                observers[i].Ended(trainer, evaluation?.MeanReturn >= plan.Target ? evaluation : null);
            evaluation ??= Evaluate();
            activity.Evaluated(evaluation.MeanReturn, evaluation.MeanReturn >= plan.Target);
        }
        catch (OperationCanceledException exception)
        {
            activity.Fail(exception);
            interrupted = true;
            evaluation = null;
        }
        catch (NonFiniteException exception)
        {
            activity.Fail(exception);
            error = exception.Message;
            diverged = true;
            evaluation = null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            activity.Fail(exception);
            error = exception.Message;
            evaluation = null;
        }

        return Outcome(environment, trainer, plan.Target, (double)ticks / Stopwatch.Frequency, evaluation, error, diverged, interrupted) with { IsEvaluationDue = isEvaluating };

        EvaluationResult Evaluate()
        {
            EvaluationResult result = interruption.Evaluate(trainer, plan.EvaluationEpisodes);
            for (int i = 0; i < observers.Count; i++)
                observers[i].Evaluated(result, trainer);
            return result;
        }
    }

    /// <summary>The outcome of a run that could not begin.</summary>
    public static RunOutcome NotBegun(string environment, Trainer trainer, string error) =>
        Outcome(environment, trainer, target: null, trainSeconds: 0, evaluation: null, error, diverged: false, interrupted: false);

    private static RunOutcome Outcome(
        string environment, Trainer trainer, double? target, double trainSeconds, EvaluationResult? evaluation, string? error,
        bool diverged, bool interrupted) => new()
        {
            Environment = environment,
            Seed = trainer.Options.Seed,
            Solved = evaluation is not null && evaluation.MeanReturn >= target,
            Interrupted = interrupted,
            Diverged = diverged,
            Error = error,
            Updates = trainer.UpdateCount,
            Episodes = trainer.EpisodeCount,
            EnvironmentSteps = trainer.EnvironmentSteps,
            TrainSeconds = trainSeconds,
            ParameterHash = trainer.ParameterHash(),
            Evaluation = evaluation is null ? null : EvaluationSummary.Of(evaluation),
        };
}
