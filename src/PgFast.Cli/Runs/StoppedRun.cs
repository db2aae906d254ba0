using System.Text.Json;
using PgFast.Cli.Options;
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
        if (!Directory.Exists(path))
            throw new UsageException($"--resume must name a run's directory; '{path}' is none");
        string configuration = System.IO.Path.Combine(path, RunDirectory.ConfigurationName);
        string checkpoint = System.IO.Path.Combine(path, RunState.CheckpointName);
        if (!System.IO.File.Exists(configuration) && Directory.EnumerateDirectories(path, "seed-*").Any())
            throw new UsageException($"--resume must name one run's directory; '{path}' holds several, in seed-*");
        foreach (string file in new[] { configuration, checkpoint })
        {
            if (!System.IO.File.Exists(file))
                throw new UsageException($"--resume must name a run's directory; '{path}' has no {System.IO.Path.GetFileName(file)}");
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(System.IO.File.ReadAllBytes(configuration));
            JsonElement json = document.RootElement;
            EnvironmentEntry environment = CommonOptions.FindEnvironment(json.GetProperty("environment").GetString());
            return new StoppedRun(path, environment, OptionsReader.Read(json), PlanOf(json), LoadCheckpoint(checkpoint));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new UsageException($"'{configuration}' is damaged: {exception.Message}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"'{configuration}' cannot be read: {exception.Message}");
        }
    }

    private static RunPlan PlanOf(JsonElement json) => new(
        json.GetProperty("target") is { ValueKind: JsonValueKind.Number } target ? target.GetDouble() : null, json.GetProperty("stopsWhenSolved").GetBoolean(),
        OptionsReader.Whole(json, "updates") ?? long.MaxValue, OptionsReader.Whole(json, "envSteps") ?? long.MaxValue, json.GetProperty("evalEpisodes").GetInt32(),
        OptionsReader.Whole(json, "checkpointEvery"), json.TryGetProperty("tensorboard", out JsonElement events) && events.GetBoolean());

    private static CheckpointFile LoadCheckpoint(string path)
    {
        try
        {
            return CheckpointFile.Load(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"'{path}' is no checkpoint that can be read: {exception.Message}");
        }
    }
}
