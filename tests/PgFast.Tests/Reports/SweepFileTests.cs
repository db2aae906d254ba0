using System.Text;
using System.Text.Json.Nodes;
using PgFast.Reports.Input;
using PgFast.Tests.Cli;
using PgFast.Variance;

namespace PgFast.Tests.Reports;

public class SweepFileTests
{
    [Fact]
    public void Parse_SweepOfTheCommandLine_KeepsEveryField()
    {
        Sweep sweep = SampleSweeps.Parse(SampleSweeps.Large());
        Assert.Equal(("sample", "A sweep that no one did.", "plain"), (sweep.Name, sweep.Description, sweep.Axes[0].Values[0]));
        Assert.Equal(["cartpole", "lunar lander"], sweep.Environments);
        Assert.Equal((5, 120L, 120L), (sweep.Seeds, sweep.Runs, sweep.FinishedRuns));
        Assert.Equal((null, 200_000L, 1000L), (sweep.Updates, sweep.EnvironmentSteps, sweep.EvaluationEpisodes));
        Assert.Equal(("final", 0.95), (sweep.Score, sweep.Confidence));
        Assert.Equal("mean return of the final policy", sweep.ScoreText);
        Assert.Equal(["variant", "gamma", "batch"], sweep.Axes.Select(axis => axis.Name));
        Assert.Equal(Enumerable.Range(1, 8).Select(point => 25_000.0 * point), sweep.Points);
        Assert.Equal("plain, gamma 0.9, batch 8", sweep.Reference);
        Assert.Equal(12, sweep.Configurations.Count);

        SweepConfiguration configuration = sweep.Configurations[1];
        Assert.Equal("plain, gamma 0.9, batch 64", configuration.Label);
        Assert.Equal(["plain", "0.9", "64"], configuration.Place);
        JsonObject written = SampleSweeps.At(SampleSweeps.Large(), 1);
        Assert.Equal((double)written["probabilityOfImprovement"]!, configuration.Improvement);
        Assert.Equal(Interval(written, "probabilityOfImprovement"), configuration.ImprovementInterval);
        Assert.Equal(0.35, configuration.Scaled, 1e-15);
        Assert.Equal(Interval(written, "scaledInterquartileMean"), configuration.ScaledInterval);

        SweepResult result = configuration.On("lunar lander")!;
        JsonObject source = written["results"]![1]!.AsObject();
        Assert.Equal((475.0, 5L, 2L, 1L), (result.Target, result.Runs, result.Solved, result.Diverged));
        Assert.Equal(((double)source["interquartileMean"]!, (double)source["median"]!), (result.InterquartileMean, result.Median));
        Assert.Equal((Interval(source, "interquartileMean"), Interval(source, "median")), (result.InterquartileMeanInterval, result.MedianInterval));
        Assert.Equal(Numbers(source["scores"]!), result.Scores);
        Assert.Equal(Numbers(source["returns"]!["interquartileMean"]!), result.Returns.InterquartileMean);
        Assert.Equal(Numbers(source["entropies"]!["low"]!), result.Entropies.Intervals.Select(interval => interval.Low));
        Assert.Equal(Numbers(source["entropies"]!["high"]!), result.Entropies.Intervals.Select(interval => interval.High));
        Assert.Null(configuration.On("nowhere"));
    }

    [Fact]
    public void Parse_Nulls_AreNoNumbers()
    {
        JsonObject document = SampleSweeps.Small();
        JsonNode result = SampleSweeps.At(document, 1)["results"]![0]!;
        (result["target"], result["solved"], document["description"]) = (null, null, null);
        (document["updates"], document["environmentSteps"], document["score"]) = (40, null, "curve");
        foreach (string name in (string[])["interquartileMean", "low", "high"])
            result["entropies"]![name] = new JsonArray();
        SampleSweeps.At(document, 2)["results"] = new JsonArray();
        Sweep sweep = SampleSweeps.Parse(document);
        Assert.True(double.IsNaN(sweep.Configurations[0].Improvement));
        Assert.False(sweep.Configurations[0].ImprovementInterval.IsKnown);
        Assert.True(double.IsNaN(sweep.Configurations[1].Scaled));
        SweepResult read = sweep.Configurations[1].On("cartpole")!;
        Assert.True(double.IsNaN(read.Target));
        Assert.Null(read.Solved);
        Assert.Empty(read.Entropies.Intervals);
        Assert.Equal(8, read.Returns.Intervals.Count);
        Assert.Null(sweep.Configurations[2].On("cartpole"));
        Assert.Null(sweep.Description);
        Assert.Equal((40L, null), (sweep.Updates, sweep.EnvironmentSteps));
        Assert.Equal("mean return over the learning curve", sweep.ScoreText);
    }

    [Theory]
    [InlineData("", "damaged")]
    [InlineData("{\"name\":", "damaged")]
    [InlineData("3", "the document must be an object")]
    [InlineData("{}", "confidence must be a number in (0, 1)")]
    [InlineData("{\"name\":\"\\ud800\",\"confidence\":0.5,\"axes\":[],\"points\":[]}", "damaged")]
    public void Parse_NoSweep_SaysWhy(string json, string expected) => AssertDamaged(json, expected);

    [Theory]
    [InlineData("confidence", "1", "confidence must be a number in (0, 1)")]
    [InlineData("confidence", "\"95 %\"", "confidence must be a number")]
    [InlineData("name", "null", "name must be text")]
    [InlineData("name", "3", "name must be text")]
    [InlineData("description", "[]", "description must be text")]
    [InlineData("environments", "\"cartpole\"", "environments must be an array of texts")]
    [InlineData("environments", "[1]", "environments must be an array of texts")]
    [InlineData("seeds", "5", "seeds must be an array of numbers")]
    [InlineData("runs", "null", "runs must be a whole number")]
    [InlineData("runs", "1.5", "runs must be a whole number")]
    [InlineData("finishedRuns", "-1", "finishedRuns must be a whole number")]
    [InlineData("updates", "\"3\"", "updates must be a whole number")]
    [InlineData("environmentSteps", "1e300", "environmentSteps must be a whole number")]
    [InlineData("score", "null", "score must be text")]
    [InlineData("axes", "{}", "axes must be an array")]
    [InlineData("axes", "[1]", "axes[0] must be an object")]
    [InlineData("axes", "[{\"name\":\"a\"}]", "axes[0].values must be an array of texts")]
    [InlineData("axes", "[{\"values\":[]}]", "axes[0].name must be text")]
    [InlineData("axes", "[{\"name\":\"other\",\"values\":[\"1\"]}]", "configurations[0].place.other must be text")]
    [InlineData("points", "null", "points must be an array of numbers")]
    [InlineData("points", "[1, null]", "points must be a number")]
    [InlineData("points", "[1]", "configurations[0].results[0].returns.interquartileMean must be 1 numbers")]
    [InlineData("reference", "null", "reference must be text")]
    [InlineData("configurations", "3", "configurations must be an array")]
    [InlineData("configurations", "[[]]", "configurations[0] must be an object")]
    [InlineData("configurations", "[{}]", "configurations[0].place must be an object")]
    public void Parse_BadField_NamesIt(string field, string value, string expected)
    {
        JsonObject document = SampleSweeps.Small();
        document[field] = JsonNode.Parse(value);
        AssertDamaged(document.ToJsonString(), expected);
    }

    [Theory]
    [InlineData("environment", "null", "results[0].environment must be text")]
    [InlineData("target", "\"475\"", "results[0].target must be a number")]
    [InlineData("runs", "null", "results[0].runs must be a whole number")]
    [InlineData("solved", "true", "results[0].solved must be a whole number")]
    [InlineData("diverged", "0.5", "results[0].diverged must be a whole number")]
    [InlineData("interquartileMean", "1e999", "results[0].interquartileMean must be a number")]
    [InlineData("interquartileMeanInterval", "[2, 1]", "results[0].interquartileMeanInterval must be a pair in ascending order")]
    [InlineData("interquartileMeanInterval", "[1]", "results[0].interquartileMeanInterval must be a pair")]
    [InlineData("medianInterval", "3", "results[0].medianInterval must be a pair")]
    [InlineData("scores", "null", "results[0].scores must be an array of numbers")]
    [InlineData("scores", "[\"1\"]", "results[0].scores must be a number")]
    [InlineData("returns", "null", "results[0].returns must be an object")]
    [InlineData("returns", "{\"interquartileMean\":[],\"low\":[1],\"high\":[]}", "results[0].returns.interquartileMean must be 8 numbers, and low and high as many")]
    [InlineData("entropies", "{\"interquartileMean\":[],\"low\":[]}", "results[0].entropies.high must be an array of numbers")]
    [InlineData("entropies", "{\"interquartileMean\":[1,2,3,4,5,6,7,8],\"low\":[1,2,3,4,5,6,7,9],\"high\":[1,2,3,4,5,6,7,8]}", "results[0].entropies.low must be below high")]
    public void Parse_BadResult_NamesTheField(string field, string value, string expected)
    {
        JsonObject document = SampleSweeps.Small();
        SampleSweeps.At(document, 1)["results"]![0]![field] = JsonValue.Create("here");
        AssertDamaged(document.ToJsonString().Replace($"\"{field}\":\"here\"", $"\"{field}\":{value}", StringComparison.Ordinal), $"configurations[1].{expected}");
    }

    [Fact]
    public void Load_FileThatIsNotThere_NamesIt()
    {
        using TemporaryDirectory directory = new();
        ReportInputException exception = Assert.Throws<ReportInputException>(() => SweepFile.Load(directory.At("sweep.json")));
        Assert.Contains("sweep.json", exception.Message, StringComparison.Ordinal);
    }

    private static void AssertDamaged(string json, string expected)
    {
        ReportInputException exception = Assert.Throws<ReportInputException>(() => SweepFile.Parse(Encoding.UTF8.GetBytes(json), "some.json"));
        Assert.StartsWith("'some.json' is damaged", exception.Message, StringComparison.Ordinal);
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    private static ConfidenceInterval Interval(JsonObject parent, string name) =>
        new((double)parent[$"{name}Interval"]![0]!, (double)parent[$"{name}Interval"]![1]!);

    private static IEnumerable<double> Numbers(JsonNode array) => array.AsArray().Select(number => (double)number!);
}
