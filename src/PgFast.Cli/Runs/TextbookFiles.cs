using System.Globalization;
using System.Text;
using System.Text.Json;
using PgFast.Cli.Output;
using PgFast.Files;
using PgFast.Measurement;
using PgFast.Textbook;

namespace PgFast.Cli.Runs;

/// <summary>The files on runs of the textbook's box: learning curve, each run's parameters, options.</summary>
internal static class TextbookFiles
{
    /// <summary>A row an episode: mean, standard deviation over the runs and standard error of the mean.</summary>
    public static void WriteCurve(string path, TextbookResult result)
    {
        StringBuilder text = new("episode,meanReward,standardDeviation,standardError\n");
        double root = Math.Sqrt(result.Runs);
        for (int episode = 0; episode < result.Episodes; episode++)
        {
            double deviation = result.RewardStandardDeviation[episode];
            text.Append(CultureInfo.InvariantCulture, $"{episode + 1},{result.MeanReward[episode]},{deviation},{deviation / root}\n");
        }

        AtomicFile.Write(path, Encoding.UTF8.GetBytes(text.ToString()));
    }

    /// <summary>The options, in JSON: those of the file and of the report.</summary>
    public static void WriteOptions(Utf8JsonWriter json, string environment, TextbookOptions options)
    {
        json.WriteString("environment", environment);
        json.WriteString("algorithm", "textbook");
        json.WriteString("baseline", options.ValueStepSize is null ? "none" : "value");
        json.WriteNumber("runs", options.Runs);
        json.WriteNumber("episodes", options.Episodes);
        json.WriteNumber("lr", options.StepSize);
        json.WriteFinite("valueLr", options.ValueStepSize ?? double.NaN);
        json.WriteNumber("finalStepFactor", options.FinalStepSizeFactor);
        json.WriteNumber("gamma", options.Discount);
        json.WriteBoolean("bias", options.HasBias);
        json.WriteNumber("minimumProbability", options.MinimumProbability);
        json.WriteNumber("seed", options.Seed);
    }

    /// <summary>The options as a document.</summary>
    public static byte[] Config(string environment, TextbookOptions options) => JsonText.Write(json =>
    {
        json.WriteStartObject();
        WriteOptions(json, environment, options);
        json.WriteStartArray("initial");
        foreach (float parameter in options.InitialParameters ?? [])
            json.WriteNumberValue(parameter);
        json.WriteEndArray();
        json.WriteNumber("threads", options.Threads);
        json.WriteString("version", MachineDescription.PgFastVersion());
        json.WriteEndObject();
    });

    /// <summary>Reads options back.</summary>
    /// <exception cref="FormatException">A member is missing, or is not what is allowed; the message names it.</exception>
    public static TextbookOptions ReadOptions(JsonElement json) => new()
    {
        Runs = json.Member("runs", value => value.GetInt32()),
        Episodes = json.Member("episodes", value => value.GetInt32()),
        StepSize = json.Member("lr", value => value.GetSingle()),
        ValueStepSize = json.Member<float?>("valueLr", value => value.ValueKind == JsonValueKind.Number ? value.GetSingle() : null),
        FinalStepSizeFactor = json.Member("finalStepFactor", value => value.GetSingle()),
        Discount = json.Member("gamma", value => value.GetSingle()),
        HasBias = json.Member("bias", value => value.GetBoolean()),
        MinimumProbability = json.Member("minimumProbability", value => value.GetSingle()),
        Seed = json.Member("seed", value => value.GetUInt64()),
        InitialParameters = json.Member<float[]?>(
            "initial", value => value.GetArrayLength() == 0 ? null : [.. value.EnumerateArray().Select(parameter => parameter.GetSingle())]),
    };

    /// <summary>A row a run: truncated episodes, θ, w.</summary>
    public static void WriteRuns(string path, TextbookResult result) => AtomicFile.Write(path, Encoding.UTF8.GetBytes(Runs(result)));

    private static string Runs(TextbookResult result)
    {
        int parameters = result.Parameters(0).Length, values = result.ValueParameters(0).Length;
        StringBuilder text = new("run,truncatedEpisodes");
        for (int i = 0; i < parameters; i++)
            text.Append(CultureInfo.InvariantCulture, $",theta{i}");
        for (int i = 0; i < values; i++)
            text.Append(CultureInfo.InvariantCulture, $",w{i}");
        for (int run = 0; run < result.Runs; run++)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{run},{result.TruncatedEpisodes[run]}");
            foreach (float parameter in result.Parameters(run))
                text.Append(CultureInfo.InvariantCulture, $",{parameter}");
            foreach (float value in result.ValueParameters(run))
                text.Append(CultureInfo.InvariantCulture, $",{value}");
        }

        return text.Append('\n').ToString();
    }
}
