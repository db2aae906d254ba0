using PgFast.Files;
using PgFast.Training;

namespace PgFast.Cli.Runs;

/// <summary>A run's directory as it was left: what is needed to go on with it.</summary>
/// <param name="Path">The directory.</param>
/// <param name="Environment">The environment.</param>
/// <param name="Options">The options that the run began with.</param>
/// <param name="Plan">Its budget and target.</param>
/// <param name="File">Its newest state.</param>
internal sealed record StoppedRun(string Path, EnvironmentEntry Environment, TrainerOptions Options, RunPlan Plan, CheckpointFile File)
{
    /// <summary>Reads a directory.</summary>
    /// <exception cref="UsageException">It is no run's directory, or a file in it is missing or damaged.</exception>
    public static StoppedRun Load(string path)
    {
        RequireFiles(path, RunConfiguration.Name, RunState.CheckpointName, RunDirectory.MetricsName);
        CheckpointFile file = LoadState(path, CheckpointFile.Load);
        return RunConfiguration.Read(
            System.IO.Path.Combine(path, RunConfiguration.Name),
            json => new StoppedRun(path, RunConfiguration.EnvironmentOf(json), OptionsReader.Read(json), RunConfiguration.PlanOf(json), file));
    }

    /// <summary>A trainer that stands where the run had got to; the caller disposes it.</summary>
    /// <param name="threads">Its threads.</param>
    /// <exception cref="UsageException">The state is not one of the run that the configuration describes.</exception>
    public Trainer CreateTrainer(int threads)
    {
        Trainer trainer = TrainerFactory.Create(Environment, Options with { Threads = threads, MeasureEntropy = true });
        try
        {
            trainer.RestoreCheckpoint(File.Checkpoint);
            return trainer;
        }
        catch (ArgumentException exception)
        {
            trainer.Dispose();
            throw Misfit(Path, exception);
        }
    }

    /// <exception cref="UsageException">The directory, or one of its files, is not there.</exception>
    public static void RequireFiles(string path, params string[] names)
    {
        if (!Directory.Exists(path))
            throw new UsageException($"--resume must name a run's directory; '{path}' is none");
        foreach (string name in names)
        {
            if (!System.IO.File.Exists(System.IO.Path.Combine(path, name)))
                throw new UsageException($"--resume must name a run's directory; '{path}' has no {name}");
        }
    }

    /// <summary>Reads the state in a directory.</summary>
    /// <exception cref="UsageException">It cannot be read, or is none; the message names it.</exception>
    public static T LoadState<T>(string directory, Func<string, T> load)
    {
        string path = System.IO.Path.Combine(directory, RunState.CheckpointName);
        try
        {
            return load(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"'{path}' is no checkpoint that can be read: {exception.Message}");
        }
    }

    /// <summary>What is said of a state that a trainer with the configuration's options does not take.</summary>
    public static UsageException Misfit(string directory, ArgumentException exception) => new(
        $"'{System.IO.Path.Combine(directory, RunState.CheckpointName)}' does not belong to '{RunConfiguration.Name}' beside it: {exception.Message}");
}
