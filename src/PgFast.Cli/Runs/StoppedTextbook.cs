using System.Text.Json;
using PgFast.Files;
using PgFast.Textbook;
using PgFast.Training;

namespace PgFast.Cli.Runs;

/// <summary>A directory of runs of the textbook's box as it was left.</summary>
/// <param name="Path">The directory.</param>
/// <param name="Environment">The environment.</param>
/// <param name="Options">The options that the runs began with.</param>
/// <param name="File">Their newest state.</param>
internal sealed record StoppedTextbook(string Path, EnvironmentEntry Environment, TextbookOptions Options, TextbookCheckpointFile File)
{
    /// <summary>Whether a directory says that it is one of the textbook's box.</summary>
    public static bool IsIn(string path)
    {
        string configuration = System.IO.Path.Combine(path, RunConfiguration.Name);
        return System.IO.File.Exists(configuration) && RunConfiguration.Read(
            configuration, json => json.ValueKind == JsonValueKind.Object && json.TryGetProperty("algorithm", out JsonElement algorithm) && algorithm.ValueKind == JsonValueKind.String && algorithm.ValueEquals("textbook"));
    }

    /// <summary>Reads a directory.</summary>
    /// <exception cref="UsageException">A file in it is missing or damaged.</exception>
    public static StoppedTextbook Load(string path)
    {
        StoppedRun.RequireFiles(path, RunConfiguration.Name, RunState.CheckpointName);
        TextbookCheckpointFile file = StoppedRun.LoadState(path, TextbookCheckpointFile.Load);
        return RunConfiguration.Read(System.IO.Path.Combine(path, RunConfiguration.Name), json =>
        {
            TextbookOptions options = TextbookFiles.ReadOptions(json);
            options.Validate();
            return new StoppedTextbook(path, RunConfiguration.EnvironmentOf(json), options, file);
        });
    }

    /// <summary>A trainer that stands where the runs had got to; the caller disposes it.</summary>
    /// <param name="options">Those that the runs began with, or with other threads or more episodes.</param>
    /// <exception cref="UsageException">The state is not one of the runs that the configuration describes.</exception>
    public TextbookTrainer CreateTrainer(TextbookOptions options)
    {
        TextbookTrainer? trainer = null;
        try
        {
            trainer = TextbookTrainer.Create(Environment, options);
            trainer.RestoreCheckpoint(File.Checkpoint);
            return trainer;
        }
        catch (ArgumentException exception)
        {
            trainer?.Dispose();
            throw StoppedRun.Misfit(Path, exception);
        }
    }
}
