using System.Text;
using System.Text.Json;
using PgFast.Comparison.Contenders;

namespace PgFast.Comparison.Reporting;

/// <summary>A comparison as one JSON document: every run, and the medians.</summary>
internal static class Json
{
    public static string Of(Rounds rounds, Row[] rows, Circumstances circumstances)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("cpu", circumstances.Cpu);
            json.WriteString("runtime", circumstances.Machine.Runtime);
            json.WriteNumber("laneWidth", circumstances.Machine.LaneWidth);
            json.WriteString("commit", circumstances.Commit);
            json.WriteString("pyTorch", circumstances.PyTorch);
            json.WriteNumber("rounds", rounds.RoundsOf(rounds.Contenders[0]).Count);
            json.WriteStartArray("implementations");
            foreach (Row row in rows)
                Write(json, row, rounds);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void Write(Utf8JsonWriter json, Row row, Rounds rounds)
    {
        json.WriteStartObject();
        json.WriteString("name", row.Contender.Key);
        Write(json, "environmentStepsPerSecond", row.Rate);
        Write(json, "ratio", row.RateRatio);
        Write(json, "trainedEnvironmentStepsPerSecond", row.TrainedRate);
        Write(json, "trainedRatio", row.TrainedRatio);
        Write(json, "secondsToSolve", row.SecondsToSolve);
        Write(json, "secondsToSolveRatio", row.TimeRatio);
        Write(json, "environmentStepsToSolve", row.StepsToSolve);
        Write(json, "trainedMeanEpisodeLength", row.MeanLength);
        if (row.BytesAStep is { } bytes)
            json.WriteNumber("allocatedBytesPerEnvironmentStep", bytes);
        Write(json, "processorShare", row.ProcessorShare);
        json.WriteNumber("solved", row.Solved);
        json.WriteStartArray("rounds");
        foreach (MeasuredRun[] round in rounds.RoundsOf(row.Contender))
        {
            json.WriteStartArray();
            foreach (MeasuredRun run in round)
                Write(json, run);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, MeasuredRun run)
    {
        json.WriteStartObject();
        json.WriteNumber("seed", run.Seed);
        json.WriteBoolean("solved", run.Solved);
        json.WriteNumber("evaluatedReturn", run.EvaluatedReturn);
        Write(json, "solving", run.Solving);
        Write(json, "trained", run.Trained);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, Stage stage)
    {
        json.WriteStartObject(name);
        json.WriteNumber("updates", stage.Updates);
        json.WriteNumber("environmentSteps", stage.EnvironmentSteps);
        json.WriteNumber("seconds", stage.Seconds);
        json.WriteNumber("processorSeconds", stage.ProcessorSeconds);
        if (stage.AllocatedBytes is { } bytes)
            json.WriteNumber("allocatedBytes", bytes);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, Spread spread)
    {
        json.WriteStartObject(name);
        Write(json, "median", spread.Median);
        Write(json, "minimum", spread.Minimum);
        Write(json, "maximum", spread.Maximum);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
            json.WriteNumber(name, value);
        else
            json.WriteNull(name);
    }
}
