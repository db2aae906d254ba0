using PgFast.Variance;

namespace PgFast.Reports.Input;

/// <summary>Reads the document that <c>pgfast sweep</c> writes as <c>sweep.json</c>. Fields that it does not know are ignored.</summary>
public static class SweepFile
{
    /// <summary>Name of the file in a directory.</summary>
    public const string Name = "sweep.json";

    /// <summary>Reads a file.</summary>
    /// <param name="path">Where it is.</param>
    /// <exception cref="ReportInputException">It cannot be read, or is not such a document.</exception>
    public static Sweep Load(string path) => ReportDocument.Load(path, Read);

    /// <summary>Reads a document.</summary>
    /// <param name="json">UTF-8 text.</param>
    /// <param name="file">What messages call it.</param>
    /// <exception cref="ReportInputException">It is not such a document.</exception>
    public static Sweep Parse(ReadOnlyMemory<byte> json, string file = Name) => ReportDocument.Parse(json, file, Read);

    private static Sweep Read(JsonFields fields)
    {
        double confidence = fields.Number("confidence");
        if (confidence is not (> 0 and < 1))
            throw fields.Damaged("confidence", "a number in (0, 1)");
        SweepAxis[] axes = [.. fields.Objects("axes").Select(axis => new SweepAxis(axis.RequiredText("name"), axis.Texts("values")))];
        double[] points = fields.Numbers("points");
        return new Sweep
        {
            Name = fields.RequiredText("name"),
            Description = fields.Text("description"),
            Environments = fields.Texts("environments"),
            Seeds = fields.Numbers("seeds").Length,
            Runs = fields.Count("runs") ?? throw fields.Damaged("runs", "a whole number"),
            FinishedRuns = fields.Count("finishedRuns") ?? throw fields.Damaged("finishedRuns", "a whole number"),
            Updates = fields.Count("updates"),
            EnvironmentSteps = fields.Count("environmentSteps"),
            EvaluationEpisodes = fields.Count("evaluationEpisodes"),
            Score = fields.RequiredText("score"),
            Confidence = confidence,
            Axes = axes,
            Points = points,
            Reference = fields.RequiredText("reference"),
            Configurations = [.. fields.Objects("configurations").Select(configuration => ReadConfiguration(configuration, axes, points.Length))],
        };
    }

    private static SweepConfiguration ReadConfiguration(JsonFields fields, SweepAxis[] axes, int points)
    {
        JsonFields place = fields.Object("place");
        return new SweepConfiguration(
            fields.RequiredText("label"), [.. axes.Select(axis => place.RequiredText(axis.Name))], fields.Number("probabilityOfImprovement"),
            fields.Interval("probabilityOfImprovementInterval"), fields.Number("scaledInterquartileMean"),
            fields.Interval("scaledInterquartileMeanInterval"), [.. fields.Objects("results").Select(result => ReadResult(result, points))]);
    }

    private static SweepResult ReadResult(JsonFields fields, int points) => new()
    {
        Environment = fields.RequiredText("environment"),
        Target = fields.Number("target"),
        Runs = fields.Count("runs") ?? throw fields.Damaged("runs", "a whole number"),
        Solved = fields.Count("solved"),
        Diverged = fields.Count("diverged") ?? 0,
        InterquartileMean = fields.Number("interquartileMean"),
        InterquartileMeanInterval = fields.Interval("interquartileMeanInterval"),
        Median = fields.Number("median"),
        MedianInterval = fields.Interval("medianInterval"),
        Improvement = fields.Number("probabilityOfImprovement"),
        ImprovementInterval = fields.Interval("probabilityOfImprovementInterval"),
        Scores = fields.Numbers("scores"),
        Returns = ReadBand(fields.Object("returns"), points),
        Entropies = ReadBand(fields.Object("entropies"), points),
    };

    private static SweepBand ReadBand(JsonFields fields, int points)
    {
        double[] middle = fields.Numbers("interquartileMean"), low = fields.Numbers("low"), high = fields.Numbers("high");
        if ((middle.Length != points && middle.Length != 0) || low.Length != middle.Length || high.Length != middle.Length)
            throw fields.Damaged("interquartileMean", $"{points} numbers, and low and high as many");
        ConfidenceInterval[] intervals = [.. low.Zip(high, (from, to) => from <= to ? new ConfidenceInterval(from, to) : throw fields.Damaged("low", "below high"))];
        return new SweepBand(middle, intervals);
    }
}
