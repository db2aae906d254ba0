using System.Diagnostics;
using PgFast.Training;

namespace PgFast.Cli.Runs;

/// <summary>The loop of one run: update, tell, evaluate when it looks solved.</summary>
internal static class TrainingRun
{
    public static RunOutcome Execute(
        string environment, Trainer trainer, RunPlan plan, IReadOnlyList<IRunObserver> observers, Interruption interruption)
    {
        long ticks = 0;
        bool interrupted = false;
        string? error = null;
        EvaluationResult? evaluation = null;
        try
        {
            while (trainer.UpdateCount < plan.MaximumUpdates && trainer.EnvironmentSteps < plan.MaximumEnvironmentSteps)
            {
                if (interruption.IsRequested)
                {
                    interrupted = true;
                    break;
                }

                long start = Stopwatch.GetTimestamp();
                UpdateResult update = trainer.Update();
                ticks += Stopwatch.GetTimestamp() - start;
                for (int i = 0; i < observers.Count; i++)
                    observers[i].Updated(update, trainer, (double)ticks / Stopwatch.Frequency);
                evaluation = null;
                if (!plan.StopsWhenSolved || update.MeanReturn < plan.Target)
                    continue;
                evaluation = trainer.Evaluate(plan.EvaluationEpisodes);
                if (evaluation.MeanReturn >= plan.Target)
                    break;
            }

            if (!interrupted)
                evaluation ??= trainer.Evaluate(plan.EvaluationEpisodes);
        }
        catch (NonFiniteException exception)
        {
            error = exception.Message;
            evaluation = null;
        }

        return new RunOutcome
        {
            Environment = environment,
            Seed = trainer.Options.Seed,
            Solved = evaluation is not null && evaluation.MeanReturn >= plan.Target,
            Interrupted = interrupted,
            Error = error,
            Updates = trainer.UpdateCount,
            Episodes = trainer.EpisodeCount,
            EnvironmentSteps = trainer.EnvironmentSteps,
            TrainSeconds = (double)ticks / Stopwatch.Frequency,
            ParameterHash = trainer.ParameterHash(),
            Evaluation = evaluation,
        };
    }
}
