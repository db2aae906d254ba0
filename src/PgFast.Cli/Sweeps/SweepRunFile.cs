using System.Text.Json;
using PgFast.Cli.Output;

namespace PgFast.Cli.Sweeps;

/// <summary>A finished run as a file, written in one piece.</summary>
internal static class SweepRunFile
{
    public static byte[] Write(SweepRun run) => JsonText.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("environment", run.Environment);
        json.WriteString("configuration", run.Label);
        json.WriteNumber("seed", run.Seed);
        json.WriteFinite("meanReturn", run.MeanReturn);
        json.WriteFinite("standardError", run.StandardError);
        json.WriteBoolean("solved", run.Solved);
        json.WriteString("divergence", run.Divergence);
        json.WriteNumber("updates", run.Updates);
        json.WriteNumber("episodes", run.Episodes);
        json.WriteNumber("environmentSteps", run.EnvironmentSteps);
        json.WriteFinite("trainSeconds", run.TrainSeconds);
        json.WriteString("parameterHash", run.ParameterHash);
        Write(json, "returns", run.Returns);
        Write(json, "entropies", run.Entropies);
        json.WriteEndObject();
    });

    /// <summary>Reads a run back.</summary>
    /// <param name="content">The file.</param>
    /// <param name="points">Points that its curves must have.</param>
    /// <returns>The run, or null where the file is damaged: it is then done again.</returns>
    public static SweepRun? Read(byte[] content, int points)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(content);
            JsonElement run = document.RootElement;
            SweepRun read = new()
            {
                Environment = run.GetProperty("environment").GetString() ?? "",
                Label = run.GetProperty("configuration").GetString() ?? "",
                Seed = run.GetProperty("seed").GetUInt64(),
                MeanReturn = run.GetProperty("meanReturn").GetDouble(),
                StandardError = NumberOf(run.GetProperty("standardError")),
                Solved = run.GetProperty("solved").GetBoolean(),
                Divergence = run.GetProperty("divergence").GetString(),
                Updates = run.GetProperty("updates").GetInt64(),
                Episodes = run.GetProperty("episodes").GetInt64(),
                EnvironmentSteps = run.GetProperty("environmentSteps").GetInt64(),
                TrainSeconds = run.GetProperty("trainSeconds").GetDouble(),
                ParameterHash = run.GetProperty("parameterHash").GetString() ?? "",
                Returns = [.. run.GetProperty("returns").EnumerateArray().Select(NumberOf)],
                Entropies = [.. run.GetProperty("entropies").EnumerateArray().Select(NumberOf)],
            };
            bool isWhole = read.Returns.Length == points && read.Entropies.Length == points;
            return isWhole && read.Returns.Append(read.MeanReturn).Append(read.TrainSeconds).All(double.IsFinite) ? read : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            return null;
        }
    }

    private static void Write(Utf8JsonWriter json, string name, double[] values)
    {
        json.WriteStartArray(name);
        foreach (double value in values)
        {
            if (double.IsFinite(value))
                json.WriteNumberValue(value);
            else
                json.WriteNullValue();
        }

        json.WriteEndArray();
    }

    private static double NumberOf(JsonElement element) => element.ValueKind == JsonValueKind.Null ? double.NaN : element.GetDouble();
}
