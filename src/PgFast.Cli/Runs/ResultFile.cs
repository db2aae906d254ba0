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

    /// <summary>Takes the file out of sight, as the run is about to go on; what is left of it by a process that is killed then, is removed as any leftover.</summary>
    public static void SetAside(string directory)
    {
        if (File.Exists(PathIn(directory)))
            File.Move(PathIn(directory), AsideIn(directory), overwrite: true);
    }

    /// <summary>The run goes on.</summary>
    public static void RemoveAside(string directory) => File.Delete(AsideIn(directory));

    /// <summary>It could not go on, and stands where it stood.</summary>
    public static void PutBack(string directory)
    {
        if (File.Exists(AsideIn(directory)))
            File.Move(AsideIn(directory), PathIn(directory));
    }

    /// <summary>Reads the file.</summary>
    /// <returns>The outcome; null if there is no such file.</returns>
    /// <exception cref="UsageException">It is damaged.</exception>
    public static RunOutcome? Load(string directory)
    {
        string path = PathIn(directory);
        return File.Exists(path) ? RunConfiguration.Read(path, Read) : null;
    }

    private static string PathIn(string directory) => Path.Combine(directory, Name);

    private static string AsideIn(string directory) => Path.Combine(directory, $".{Name}.tmp");

    private static RunOutcome Read(JsonElement json)
    {
        JsonElement evaluation = json.Member("evaluation"), standardError = evaluation.Member("standardError");
        return new RunOutcome
        {
            Environment = json.Member("environment", value => value.GetString()) ?? throw new FormatException("the environment is missing"),
            Seed = json.Member("seed", value => value.GetUInt64()),
            Solved = json.Member("solved", value => value.GetBoolean()),
            Interrupted = false,
            Diverged = false,
            Error = null,
            Updates = json.Member("updates", value => value.GetInt64()),
            Episodes = json.Member("episodes", value => value.GetInt64()),
            EnvironmentSteps = json.Member("environmentSteps", value => value.GetInt64()),
            TrainSeconds = json.Member("trainSeconds", value => value.GetDouble()),
            ParameterHash = json.Member("parameterHash", value => value.GetString()) ?? throw new FormatException("the hash is missing"),
            Evaluation = new EvaluationSummary(
                evaluation.Member("episodes", value => value.GetInt32()), evaluation.Member("meanReturn", value => value.GetDouble()),
                standardError.ValueKind == JsonValueKind.Number ? standardError.GetDouble() : double.NaN),
        };
    }
}
