using System.Text;
using System.Text.Json.Nodes;
using PgFast.Reports.Input;

namespace PgFast.Tests.Reports;

public class StudyFileTests
{
    private const string Row = "{\"environment\":\"a\",\"rows\":[{\"estimator\":\"t\",\"baseline\":\"x\",\"batchSize\":1,";

    [Fact]
    public void Parse_StudyOfTheCommandLine_KeepsEveryField()
    {
        Study study = Assert.Single(Parse(SampleFiles.Study(update: 120, decomposed: true)).Studies);
        Assert.Equal("cartpole", study.Environment);
        Assert.Equal("runs/a/checkpoints/policy-000000120.safetensors", study.Policy);
        Assert.Equal(ulong.MaxValue, study.Seed);
        Assert.Equal(120, study.Update);
        Assert.Equal(("4-32-2", "relu"), (study.Network, study.Activation));
        Assert.Equal((100096, 2202112), (study.Episodes, study.EnvironmentSteps));
        Assert.Equal((0.99, 0.95), (study.Discount, study.Confidence));
        Assert.Equal(SampleFiles.BatchSizes.Length * SampleFiles.Estimators.Length * SampleFiles.Baselines.Length, study.Rows.Count);
        Assert.Equal(["none", "state-value"], study.Decompositions.Select(split => split.Baseline));
        Assert.Equal(2.2, study.Decompositions[0].Trajectory);
        StudyRow row = study.Rows.Single(r => r is { Estimator: "total", Baseline: "linear", BatchSize: 4 });
        JsonNode written = SampleFiles.Study(update: 120)["rows"]!.AsArray()
            .Single(r => (string?)r!["estimator"] == "total" && (string?)r["baseline"] == "linear" && (int)r["batchSize"]! == 4)!;
        Assert.Equal((double)written["trace"]!, row.Trace);
        Assert.Equal((double)written["traceInterval"]![1]!, row.TraceInterval.High);
        Assert.Equal((double)written["efficiency"]!, row.Efficiency);
        Assert.True(row.HasNumbers);
    }

    [Fact]
    public void Parse_NullsAndNotes_AreNoNumbers()
    {
        Study study = Parse(SampleFiles.Study()).Studies[0];
        StudyRow few = study.Rows.First(row => row.BatchSize == 1024);
        Assert.False(few.HasNumbers);
        Assert.True(double.IsNaN(few.Trace));
        Assert.False(few.TraceInterval.IsKnown);
        Assert.StartsWith("too few batches", few.Note);
        StudyRow open = study.Rows.First(row => row is { Estimator: "total", Baseline: "none", BatchSize: 1 });
        Assert.True(double.IsPositiveInfinity(open.NoiseScaleInterval.High));
        Assert.Null(study.Policy);
        Assert.Null(study.Update);
    }

    [Fact]
    public void Parse_SeveralStudies_KeepsTheirOrder()
    {
        StudySet set = Parse(SampleFiles.Studies(0, 10, 40));
        Assert.Equal("runs/a", set.Run);
        Assert.Equal([0L, 10, 40], set.Studies.Select(study => study.Update!.Value));
    }

    [Fact]
    public void HasNumbers_TraceWithoutInterval_IsFalse()
    {
        JsonObject study = SampleFiles.Study();
        study["rows"]![0]!["traceInterval"] = null;
        Assert.False(Parse(study).Studies[0].Rows[0].HasNumbers);
    }

    [Theory]
    [InlineData("", "damaged")]
    [InlineData("{", "damaged")]
    [InlineData("[]", "the document must be an object")]
    [InlineData("{}", "rows must be an array")]
    [InlineData("{\"studies\":[]}", "studies must be")]
    [InlineData("{\"studies\":[1]}", "studies[0] must be an object")]
    [InlineData("{\"environment\":\"a\",\"rows\":3}", "rows must be an array")]
    [InlineData("{\"rows\":[]}", "environment must be text")]
    [InlineData("{\"environment\":\"a\",\"rows\":[],\"confidence\":95}", "confidence must be a number in (0, 1)")]
    [InlineData("{\"environment\":\"a\",\"rows\":[{\"estimator\":\"total\",\"batchSize\":1}]}", "rows[0].baseline must be text")]
    [InlineData("{\"environment\":\"a\",\"rows\":[{\"estimator\":\"total\",\"baseline\":\"x\",\"batchSize\":0}]}", "rows[0].batchSize must be")]
    [InlineData(Row + "\"trace\":\"1\"}]}", "rows[0].trace must be")]
    [InlineData(Row + "\"traceInterval\":[2,1]}]}", "rows[0].traceInterval must be")]
    [InlineData(Row + "\"traceInterval\":[1]}]}", "rows[0].traceInterval must be")]
    [InlineData("{\"environment\":\"\\ud800\",\"rows\":[]}", "damaged")]
    public void Parse_DamagedDocument_SaysWhere(string json, string expected)
    {
        ReportInputException exception = Assert.Throws<ReportInputException>(() => StudyFile.Parse(Encoding.UTF8.GetBytes(json), "some.json"));
        Assert.Contains("some.json", exception.Message, StringComparison.Ordinal);
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    private static StudySet Parse(JsonNode document) => StudyFile.Parse(Encoding.UTF8.GetBytes(document.ToJsonString()));
}
