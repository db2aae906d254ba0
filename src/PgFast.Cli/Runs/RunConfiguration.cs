using System.Text.Json;
using PgFast.Cli.Options;
using PgFast.Cli.Output;
using PgFast.Measurement;
using PgFast.Training;

namespace PgFast.Cli.Runs;

/// <summary>What a run was asked for, as a JSON file: written, and read to go on with it.</summary>
internal static class RunConfiguration
{
    /// <summary>The file in a run's directory.</summary>
    public const string Name = "config.json";

    /// <summary>The document of a run, or of runs that differ by their seeds alone.</summary>
    /// <param name="environment">Its name.</param>
    /// <param name="options">The options; of several runs those of the first.</param>
    /// <param name="plan">Budget and target.</param>
    /// <param name="seeds">How many runs; null in the directory of a single one.</param>
    public static byte[] Write(string environment, TrainerOptions options, RunPlan plan, int? seeds = null) => JsonText.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("environment", environment);
        OptionsJson.Write(json, options);
        json.WriteNumber("seed", options.Seed);
        if (seeds is { } count)
            json.WriteNumber("seeds", count);
        json.WriteNumber("threads", options.Threads);
        json.WriteFinite("target", plan.Target ?? double.NaN);
        json.WriteBoolean("stopsWhenSolved", plan.StopsWhenSolved);
        json.WriteWhole("updates", plan.MaximumUpdates < long.MaxValue ? plan.MaximumUpdates : null);
        json.WriteWhole("envSteps", plan.MaximumEnvironmentSteps < long.MaxValue ? plan.MaximumEnvironmentSteps : null);
        json.WriteNumber("evalEpisodes", plan.EvaluationEpisodes);
        json.WriteWhole("checkpointEvery", plan.CheckpointEvery);
        json.WriteBoolean("tensorboard", plan.WritesEvents);
        json.WriteString("version", MachineDescription.PgFastVersion());
        json.WriteEndObject();
    });

    /// <summary>Reads a JSON file of a directory that is gone on with.</summary>
    /// <param name="path">The file.</param>
    /// <param name="read">Makes sense of the document's root.</param>
    /// <exception cref="UsageException">It cannot be read, or does not say what it should; the message names it.</exception>
    public static T Read<T>(string path, Func<JsonElement, T> read)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            return read(document.RootElement);
        }
        catch (Exception exception)
            when (exception is JsonException or FormatException or ArgumentException)
        {
            throw new UsageException($"'{path}' is damaged: {exception.Message}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"'{path}' cannot be read: {exception.Message}");
        }
    }

    /// <summary>The environment that a document names.</summary>
    public static EnvironmentEntry EnvironmentOf(JsonElement json) => CommonOptions.FindEnvironment(json.Member("environment", value => value.GetString()));

    /// <summary>The budget and target in a document.</summary>
    public static RunPlan PlanOf(JsonElement json) => new(
        json.Member<double?>("target", value => value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null), json.Member("stopsWhenSolved", value => value.GetBoolean()),
        OptionsReader.Whole(json, "updates") ?? long.MaxValue, OptionsReader.Whole(json, "envSteps") ?? long.MaxValue, json.Member("evalEpisodes", value => value.GetInt32()),
        OptionsReader.Whole(json, "checkpointEvery"), json.TryGetProperty("tensorboard", out _) && json.Member("tensorboard", value => value.GetBoolean()));
}
