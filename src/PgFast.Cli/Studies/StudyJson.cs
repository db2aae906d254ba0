using System.Text.Json;
using PgFast.Cli.Options;
using PgFast.Cli.Output;
using PgFast.Training;
using PgFast.Variance;

namespace PgFast.Cli.Studies;

/// <summary>Studies as a JSON document. What is not finite is null: an interval as a whole, or its open end.</summary>
internal static class StudyJson
{
    /// <param name="studies">At least one.</param>
    /// <param name="checkpoints">The directory whose policies they are about; null for a single policy, which is a document of its own.</param>
    public static byte[] Write(IReadOnlyList<PolicyStudy> studies, string? checkpoints) => JsonText.Write(json =>
    {
        if (checkpoints is null)
        {
            Write(json, studies[0]);
            return;
        }

        json.WriteStartObject();
        json.WriteString("environment", studies[0].Environment);
        json.WriteString("run", checkpoints);
        json.WriteStartArray("studies");
        foreach (PolicyStudy study in studies)
            Write(json, study);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter json, PolicyStudy study)
    {
        (StudiedPolicy policy, VarianceReport report) = (study.Policy, study.Report);
        json.WriteStartObject();
        json.WriteString("environment", study.Environment);
        json.WriteString("policy", policy.Path);
        json.WriteString("parameterHash", Trainer.ParameterHashOf(policy.Parameters));
        json.WriteNumber("seed", report.Seed);
        json.WriteWhole("update", policy.Update);
        json.WriteString("network", policy.Shape.ToString());
        json.WriteString("activation", Values.NameOf(Names.Activations, policy.Shape.Activation));
        json.WriteNumber("episodes", report.Episodes);
        json.WriteNumber("environmentSteps", report.EnvironmentSteps);
        json.WriteFinite("meanEpisodeLength", report.MeanEpisodeLength);
        json.WriteFinite("meanReturn", report.MeanReturn);
        json.WriteNumber("parameterCount", report.ParameterCount);
        // Given and used in single precision: 0.99, not the double that is nearest to its single.
        json.WriteNumber("discount", (float)report.Discount);
        json.WriteBoolean("normalize", report.NormalizeReturns);
        json.WriteNumber("confidence", report.Confidence);
        json.WriteNumber("pilotEpisodes", report.PilotEpisodes);
        json.WriteNumber("episodesPerShard", report.EpisodesPerShard);
        json.WriteNumber("blocks", report.Blocks);
        json.WriteBoolean("interrupted", study.Interrupted);
        json.WriteFinite("seconds", report.Seconds);
        json.WriteStartArray("rows");
        foreach (VarianceRow row in report.Rows)
            Write(json, row);
        json.WriteEndArray();
        if (report.Decompositions.Count > 0)
        {
            json.WriteStartArray("decompositions");
            foreach (VarianceDecomposition split in report.Decompositions)
                Write(json, split);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, VarianceRow row)
    {
        json.WriteStartObject();
        json.WriteString("estimator", Values.NameOf(Names.Estimators, row.Estimator));
        json.WriteString("baseline", Values.NameOf(Names.StudyBaselines, row.Baseline));
        json.WriteString("baselineFrom", Values.NameOf(Names.BaselineSources, row.Source));
        json.WriteNumber("batchSize", row.BatchSize);
        json.WriteNumber("batches", row.Batches);
        json.WriteFinite("trace", row.Trace);
        Write(json, "traceInterval", row.TraceInterval);
        json.WriteStartArray("tensors");
        foreach (TensorVariance tensor in row.Tensors)
        {
            json.WriteStartObject();
            json.WriteString("name", tensor.Name);
            json.WriteFinite("trace", tensor.Trace);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteFinite("gradientNormSquared", row.GradientNormSquared);
        Write(json, "gradientNormSquaredInterval", row.GradientNormSquaredInterval);
        json.WriteFinite("signalToNoise", row.SignalToNoise);
        Write(json, "signalToNoiseInterval", row.SignalToNoiseInterval);
        json.WriteFinite("noiseScale", row.NoiseScale);
        Write(json, "noiseScaleInterval", row.NoiseScaleInterval);
        json.WriteWhole("suggestedBatchSize", row.SuggestedBatchSize);
        json.WriteFinite("cosineBetween", row.CosineBetween);
        Write(json, "cosineBetweenInterval", row.CosineBetweenInterval);
        json.WriteFinite("cosineToMean", row.CosineToMean);
        Write(json, "cosineToMeanInterval", row.CosineToMeanInterval);
        json.WriteFinite("ratioToNone", row.RatioToNone);
        Write(json, "ratioInterval", row.RatioInterval);
        json.WriteFinite("lawTrace", row.LawTrace);
        json.WriteFinite("bias", row.Bias);
        Write(json, "biasInterval", row.BiasInterval);
        json.WriteFinite("seconds", row.Seconds);
        json.WriteFinite("efficiency", row.Efficiency);
        json.WriteString("note", row.Note);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, VarianceDecomposition split)
    {
        json.WriteStartObject();
        json.WriteString("baseline", split.Baseline);
        json.WriteNumber("states", split.States);
        json.WriteFinite("state", split.State);
        Write(json, "stateInterval", split.StateInterval);
        json.WriteFinite("action", split.Action);
        Write(json, "actionInterval", split.ActionInterval);
        json.WriteFinite("trajectory", split.Trajectory);
        Write(json, "trajectoryInterval", split.TrajectoryInterval);
        json.WriteFinite("total", split.Total);
        Write(json, "totalInterval", split.TotalInterval);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, ConfidenceInterval interval)
    {
        if (!double.IsFinite(interval.Low) && !double.IsFinite(interval.High))
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartArray(name);
        WriteEnd(json, interval.Low);
        WriteEnd(json, interval.High);
        json.WriteEndArray();
    }

    private static void WriteEnd(Utf8JsonWriter json, double value)
    {
        if (double.IsFinite(value))
            json.WriteNumberValue(value);
        else
            json.WriteNullValue();
    }
}
