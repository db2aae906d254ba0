using PgFast.Variance;

namespace PgFast.Reports.Input;

/// <summary>Reads the document that <c>pgfast variance</c> writes as <c>study.json</c>. Fields that it does not know are ignored.</summary>
public static class StudyFile
{
    /// <summary>Name of the file in a directory.</summary>
    public const string Name = "study.json";

    /// <summary>Reads a file.</summary>
    /// <param name="path">Where it is.</param>
    /// <exception cref="ReportInputException">It cannot be read, or is not such a document.</exception>
    public static StudySet Load(string path) => ReportDocument.Load(path, Read);

    /// <summary>Reads a document.</summary>
    /// <param name="json">UTF-8 text.</param>
    /// <param name="file">What messages call it.</param>
    /// <exception cref="ReportInputException">It is not such a document.</exception>
    public static StudySet Parse(ReadOnlyMemory<byte> json, string file = Name) => ReportDocument.Parse(json, file, Read);

    private static StudySet Read(JsonFields root)
    {
        if (!root.Has("studies"))
            return StudySet.Of(ReadStudy(root));
        Study[] studies = [.. root.Objects("studies").Select(ReadStudy)];
        if (studies.Length == 0)
            throw root.Damaged("studies", "an array of at least one study");
        return new StudySet(root.Text("environment") ?? studies[0].Environment, root.Text("run"), studies);
    }

    private static Study ReadStudy(JsonFields fields)
    {
        if (!fields.Has("rows"))
            throw fields.Damaged("rows", "an array");
        double confidence = fields.Number("confidence");
        if (confidence is <= 0 or >= 1)
            throw fields.Damaged("confidence", "a number in (0, 1)");
        return new Study
        {
            Environment = fields.RequiredText("environment"),
            Policy = fields.Text("policy"),
            ParameterHash = fields.Text("parameterHash"),
            Seed = fields.Seed("seed"),
            Update = fields.Count("update"),
            Network = fields.Text("network"),
            Activation = fields.Text("activation"),
            Episodes = fields.Count("episodes"),
            EnvironmentSteps = fields.Count("environmentSteps"),
            MeanEpisodeLength = fields.Number("meanEpisodeLength"),
            MeanReturn = fields.Number("meanReturn"),
            ParameterCount = fields.Count("parameterCount"),
            Discount = fields.Number("discount"),
            Normalize = fields.Flag("normalize"),
            Confidence = confidence,
            PilotEpisodes = fields.Count("pilotEpisodes"),
            Interrupted = fields.Flag("interrupted"),
            Seconds = fields.Number("seconds"),
            Rows = [.. fields.Objects("rows").Select(ReadRow)],
            Decompositions = [.. fields.Objects("decompositions").Select(ReadDecomposition)],
        };
    }

    private static StudyRow ReadRow(JsonFields fields)
    {
        long? batchSize = fields.Count("batchSize");
        if (batchSize is null or < 1 or > int.MaxValue)
            throw fields.Damaged("batchSize", "a whole number of at least 1");
        return new StudyRow
        {
            Estimator = fields.RequiredText("estimator"),
            Baseline = fields.RequiredText("baseline"),
            BatchSize = (int)batchSize,
            Trace = fields.Number("trace"),
            TraceInterval = fields.Interval("traceInterval"),
            SignalToNoise = fields.Number("signalToNoise"),
            NoiseScale = fields.Number("noiseScale"),
            NoiseScaleInterval = fields.Interval("noiseScaleInterval"),
            CosineBetween = fields.Number("cosineBetween"),
            CosineBetweenInterval = fields.Interval("cosineBetweenInterval"),
            RatioToNone = fields.Number("ratioToNone"),
            RatioInterval = fields.Interval("ratioInterval"),
            LawTrace = fields.Number("lawTrace"),
            Bias = fields.Number("bias"),
            BiasInterval = fields.Interval("biasInterval"),
            SignalToNoiseInterval = fields.Interval("signalToNoiseInterval"),
            Seconds = fields.Number("seconds"),
            Efficiency = fields.Number("efficiency"),
            Note = fields.Text("note"),
        };
    }

    private static VarianceDecomposition ReadDecomposition(JsonFields fields) => new()
    {
        Baseline = fields.RequiredText("baseline"),
        States = (int)Math.Min(fields.Count("states") ?? 0, int.MaxValue),
        State = fields.Number("state"),
        StateInterval = fields.Interval("stateInterval"),
        Action = fields.Number("action"),
        ActionInterval = fields.Interval("actionInterval"),
        Trajectory = fields.Number("trajectory"),
        TrajectoryInterval = fields.Interval("trajectoryInterval"),
        Total = fields.Number("total"),
        TotalInterval = fields.Interval("totalInterval"),
    };
}
