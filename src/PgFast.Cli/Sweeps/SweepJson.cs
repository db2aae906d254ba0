using System.Text.Json;
using PgFast.Cli.Output;
using PgFast.Measurement;
using PgFast.Statistics;

namespace PgFast.Cli.Sweeps;

/// <summary>A sweep's results as a JSON document: <c>sweep.json</c>, and what <c>--json</c> prints.</summary>
internal static class SweepJson
{
    public static byte[] Write(SweepSummary summary) => JsonText.Write(json =>
    {
        SweepDefinition definition = summary.Definition;
        json.WriteStartObject();
        json.WriteString("name", definition.Name);
        json.WriteString("description", definition.Description);
        json.WriteString("version", MachineDescription.PgFastVersion());
        json.WriteNumber("runs", definition.Runs);
        json.WriteNumber("finishedRuns", summary.Finished);
        json.WriteStartArray("environments");
        foreach (string environment in definition.Environments.Select(entry => entry.Name))
            json.WriteStringValue(environment);
        json.WriteEndArray();
        json.WriteStartArray("seeds");
        foreach (ulong seed in definition.Seeds)
            json.WriteNumberValue(seed);
        json.WriteEndArray();
        json.WriteWhole("updates", definition.Updates);
        json.WriteWhole("environmentSteps", definition.EnvironmentSteps);
        json.WriteNumber("evaluationEpisodes", definition.EvaluationEpisodes);
        json.WriteString("score", SweepReader.NameOf(definition.Score));
        json.WriteNumber("confidence", definition.Confidence);
        json.WriteNumber("replicates", definition.Replicates);
        json.WriteStartArray("axes");
        foreach (SweepAxis axis in definition.Axes)
        {
            json.WriteStartObject();
            json.WriteString("name", axis.Name);
            json.WriteStartArray("values");
            foreach (string value in axis.Values)
                json.WriteStringValue(value);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        Write(json, "points", Enumerable.Range(0, definition.Points).Select(point => SweepCurve.PlaceOf(point, definition.Points, definition.Budget)));
        json.WriteString("reference", definition.Configurations[definition.Reference].Label);
        json.WriteStartArray("configurations");
        foreach (SweepRow row in summary.Rows)
            Write(json, definition, row);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter json, SweepDefinition definition, SweepRow row)
    {
        json.WriteStartObject();
        json.WriteString("label", row.Configuration.Label);
        json.WriteStartObject("place");
        for (int axis = 0; axis < definition.Axes.Count; axis++)
            json.WriteString(definition.Axes[axis].Name, row.Configuration.Place[axis]);
        json.WriteEndObject();
        Write(json, "probabilityOfImprovement", row.Improvement);
        Write(json, "scaledInterquartileMean", row.Aggregate);
        json.WriteStartArray("results");
        for (int environment = 0; environment < row.Cells.Count; environment++)
        {
            if (row.Cells[environment] is { } cell)
                Write(json, definition.Environments[environment].Name, definition.Environments[environment].Specification.SolvedReturn, cell);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string environment, double? target, SweepCell cell)
    {
        json.WriteStartObject();
        json.WriteString("environment", environment);
        json.WriteFinite("target", target ?? double.NaN);
        json.WriteNumber("runs", cell.Runs.Count);
        json.WriteWhole("solved", target is null ? null : cell.Solved);
        json.WriteNumber("diverged", cell.Diverged);
        Write(json, "interquartileMean", cell.InterquartileMean);
        Write(json, "median", cell.Median);
        Write(json, "mean", cell.Mean);
        Write(json, "probabilityOfImprovement", cell.Improvement);
        json.WriteFinite("minimum", cell.Scores.Min());
        json.WriteFinite("maximum", cell.Scores.Max());
        json.WriteFinite("medianTrainSeconds", Aggregates.Median([.. cell.Runs.Select(run => run.TrainSeconds)]));
        Write(json, "scores", cell.Scores);
        Write(json, "returns", cell.Returns);
        Write(json, "entropies", cell.Entropies);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, BootstrapEstimate? estimate)
    {
        json.WriteFinite(name, estimate?.Value ?? double.NaN);
        json.WritePropertyName($"{name}Interval");
        if (estimate is { } known)
        {
            json.WriteStartArray();
            json.WriteNumberValue(known.Low);
            json.WriteNumberValue(known.High);
            json.WriteEndArray();
        }
        else
        {
            json.WriteNullValue();
        }
    }

    private static void Write(Utf8JsonWriter json, string name, BootstrapEstimate[] curve)
    {
        json.WriteStartObject(name);
        Write(json, "interquartileMean", curve.Select(point => point.Value));
        Write(json, "low", curve.Select(point => point.Low));
        Write(json, "high", curve.Select(point => point.High));
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, IEnumerable<double> values)
    {
        json.WriteStartArray(name);
        foreach (double value in values)
            json.WriteNumberValue(value);
        json.WriteEndArray();
    }
}
