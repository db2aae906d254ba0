using PgFast.Files;
using PgFast.Training;

namespace PgFast.Cli.Runs;

/// <summary>The scalars of a run for TensorBoard: what <c>metrics.csv</c> has, and evaluations.</summary>
internal static class RunEvents
{
    /// <summary>Where they are in a run's directory.</summary>
    public const string DirectoryName = "tensorboard";

    /// <summary>Adds what an update saw.</summary>
    public static void Add(EventFile events, in UpdateResult update, Trainer trainer, double trainSeconds)
    {
        events.Add(
            update.Update, ("train/mean_return", update.MeanReturn), ("train/mean_length", update.MeanLength), ("train/entropy", update.Entropy),
            ("train/gradient_norm", update.GradientNorm), ("progress/episodes", trainer.EpisodeCount),
            ("progress/environment_steps", trainer.EnvironmentSteps), ("progress/train_seconds", trainSeconds));
    }

    /// <summary>Adds an evaluation.</summary>
    public static void Add(EventFile events, EvaluationResult evaluation, long update)
    {
        if (double.IsNaN(evaluation.StandardError))
            events.Add(update, ("evaluation/mean_return", evaluation.MeanReturn));
        else
            events.Add(update, ("evaluation/mean_return", evaluation.MeanReturn), ("evaluation/standard_error", evaluation.StandardError));
    }
}
