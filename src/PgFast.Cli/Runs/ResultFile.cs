using System.Text.Json;
using PgFast.Cli.Output;
using PgFast.Files;

namespace PgFast.Cli.Runs;

/// <summary>What a run came to, in its directory: the JSON that <c>--json</c> prints, there only when the run is at its end.</summary>
internal static class ResultFile
{
    public const string Name = "result.json";

    /// <summary>Writes the file.</summary>
    /// <param name="directory">The run's.</param>
    /// <param name="run">One that has ended.</param>
    public static void Save(string directory, RunOutcome run) => AtomicFile.Write(PathIn(directory), JsonText.Write(json => TrainReport.Write(json, run)));

    /// <summary>Removes the file, as the run goes on.</summary>
    public static void Remove(string directory) => File.Delete(PathIn(directory));

    /// <summary>Reads the file.</summary>
    /// <returns>The outcome; null if there is no such file.</returns>
    /// <exception cref="UsageException">It is damaged.</exception>
    public static RunOutcome? Load(string directory)
    {
        string path = PathIn(directory);
        return File.Exists(path) ? RunConfiguration.Read(path, Read) : null;
    }

    private static string PathIn(string directory) => Path.Combine(directory, Name);

    private static RunOutcome Read(JsonElement json)
    {
        JsonElement evaluation = json.GetProperty("evaluation"), standardError = evaluation.GetProperty("standardError");
        return new RunOutcome
        {
            Environment = json.GetProperty("environment").GetString() ?? throw new FormatException("the environment is missing"),
            Seed = json.GetProperty("seed").GetUInt64(),
            Solved = json.GetProperty("solved").GetBoolean(),
            Interrupted = false,
            Diverged = false,
            Error = null,
            Updates = json.GetProperty("updates").GetInt64(),
            Episodes = json.GetProperty("episodes").GetInt64(),
            EnvironmentSteps = json.GetProperty("environmentSteps").GetInt64(),
            TrainSeconds = json.GetProperty("trainSeconds").GetDouble(),
            ParameterHash = json.GetProperty("parameterHash").GetString() ?? throw new FormatException("the hash is missing"),
            Evaluation = new EvaluationSummary(
                evaluation.GetProperty("episodes").GetInt32(), evaluation.GetProperty("meanReturn").GetDouble(),
                standardError.ValueKind == JsonValueKind.Number ? standardError.GetDouble() : double.NaN),
        };
    }
}
