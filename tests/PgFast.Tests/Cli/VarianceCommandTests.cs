using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PgFast.Tests.Cli;

/// <summary>The command with the study behind it, as a process of its own.</summary>
[Collection(CliTestGroup.Name)]
public class VarianceCommandTests
{
    private static readonly string[] TimingFields = ["seconds", "efficiency"];

    [Fact]
    public void Variance_FreshPolicyJson_MeasuresEveryRow()
    {
        CliResult result = Pgfast.Run("variance cartpole --episodes 2048 --batch-sizes 1,16 --pilot 256 --json");
        Assert.Equal("", result.Error);
        Assert.Equal(0, result.ExitCode);
        JsonElement study = result.Json();
        Assert.Equal("cartpole", study.GetProperty("environment").GetString());
        Assert.InRange(study.GetProperty("episodes").GetInt64(), 1024, 2048);
        JsonElement[] rows = [.. study.GetProperty("rows").EnumerateArray()];
        Assert.Equal(2 * 3 * 6, rows.Length);
        foreach (JsonElement row in rows)
        {
            double trace = row.GetProperty("trace").GetDouble();
            JsonElement interval = row.GetProperty("traceInterval");
            Assert.InRange(trace, interval[0].GetDouble(), interval[1].GetDouble());
            double parts = row.GetProperty("tensors").EnumerateArray().Sum(tensor => tensor.GetProperty("trace").GetDouble());
            // A sum in another order differs by rounding alone.
            Assert.Equal(trace, parts, trace * 1e-9);
            if (row.GetProperty("baseline").GetString() == "none")
                Assert.Equal(1, row.GetProperty("ratioToNone").GetDouble());
        }
    }

    [Fact]
    public void Variance_AnyThreads_GivesTheSameDocumentButForTimes()
    {
        const string Study = "variance cartpole --episodes 3000 --batch-sizes 1,64 --pilot 256 --json";
        JsonObject one = WithoutTimes(Pgfast.Run($"{Study} --seed 5 --threads 1"));
        Assert.True(JsonNode.DeepEquals(one, WithoutTimes(Pgfast.Run($"{Study} --seed 5 --threads 3"))));
        Assert.True(JsonNode.DeepEquals(one, WithoutTimes(Pgfast.Run($"{Study} --seed 5 --threads 2", null, ("PGFAST_LANES", "4")))));
        Assert.False(JsonNode.DeepEquals(one, WithoutTimes(Pgfast.Run($"{Study} --seed 6"))));
    }

    [Fact]
    public void Variance_RunWithValueBaseline_TakesItsVWhereAsked()
    {
        using TemporaryDirectory directory = new();
        const string Study = "variance --episodes 1024 --batch-sizes 1 --pilot 128 --timing off --json --baselines value";
        Pgfast.Run("train cartpole --baseline value --updates 6 --eval-episodes 10 --seed 4 --checkpoint-every 3 --out run", directory.Root);
        Assert.Equal(["pilot", "pilot", "pilot"], Sources(Pgfast.Run($"{Study} --policy run", directory.Root).Json()));
        JsonElement learned = Pgfast.Run($"{Study} --policy run --value-from training", directory.Root).Json();
        // V was learned for the return from t on; that of the whole return is fitted.
        Assert.Equal(["pilot", "training", "training"], Sources(learned));
        JsonElement along = Pgfast.Run($"{Study} --checkpoints run --value-from training", directory.Root).Json();
        JsonElement[] studies = [.. along.GetProperty("studies").EnumerateArray()];
        Assert.Equal([0, 3, 6], studies.Select(study => study.GetProperty("update").GetInt32()));
        Assert.All(studies, study => Assert.Equal(["pilot", "training", "training"], Sources(study)));
        // V of before the first update is about 0, that of the last is not.
        Assert.Equal(1, RatioOf(studies[0]), 0.05);
        Assert.True(RatioOf(studies[2]) < 0.9);
        Assert.Contains(
            "value learned in training",
            Pgfast.Run($"{Study.Replace(" --json", "", StringComparison.Ordinal)} --policy run --value-from training", directory.Root).Output,
            StringComparison.Ordinal);

        Pgfast.Run("train cartpole --updates 1 --eval-episodes 10 --out bare", directory.Root);
        CliResult refused = Pgfast.Run($"{Study} --policy bare --value-from training", directory.Root);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("--value-from must be pilot where training left no value function", refused.Error, StringComparison.Ordinal);

        static string[] Sources(JsonElement study) => [.. RowsOf(study).Select(row => row.GetProperty("baselineFrom").GetString()!)];
        static double RatioOf(JsonElement study) => RowsOf(study).Last().GetProperty("ratioToNone").GetDouble();
        static IEnumerable<JsonElement> RowsOf(JsonElement study) =>
            study.GetProperty("rows").EnumerateArray().Where(row => row.GetProperty("baseline").GetString() == "value");
    }

    [Fact]
    public void Variance_SavedRun_IsMeasuredAndFiled()
    {
        using TemporaryDirectory directory = new();
        JsonElement run = Pgfast.Run("train cartpole --updates 5 --eval-episodes 10 --seed 4 --out run --json", directory.Root).Json();
        CliResult result = Pgfast.Run("variance --policy run --episodes 1024 --batch-sizes 4 --pilot 128 --out study --csv", directory.Root);
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(result.Output, File.ReadAllText(directory.At("study/study.csv")));
        using JsonDocument study = JsonDocument.Parse(File.ReadAllText(directory.At("study/study.json")));
        Assert.Equal(run.GetProperty("parameterHash").GetString(), study.RootElement.GetProperty("parameterHash").GetString());
        Assert.Equal(5, study.RootElement.GetProperty("update").GetInt64());
        Assert.Equal(5, study.RootElement.GetProperty("seed").GetInt64());
    }

    [Fact]
    public void Variance_TooFewBatches_SaysSoAndShowsNoNumber()
    {
        CliResult result = Pgfast.Run("variance cartpole --episodes 64 --batch-sizes 64 --pilot 64 --json");
        Assert.Equal(0, result.ExitCode);
        foreach (JsonElement row in result.Json().GetProperty("rows").EnumerateArray())
        {
            Assert.Equal(JsonValueKind.Null, row.GetProperty("trace").ValueKind);
            Assert.False(string.IsNullOrEmpty(row.GetProperty("note").GetString()));
        }
    }

    [Fact]
    public void Variance_Decompose_SplitsTheTotal()
    {
        JsonElement study = Pgfast.Run(
            "variance cartpole --episodes 1024 --batch-sizes 1 --pilot 128 --estimators reward-to-go --baselines none --decompose 256 --json").Json();
        JsonElement split = study.GetProperty("decompositions")[0];
        Assert.Equal("none", split.GetProperty("baseline").GetString());
        Assert.True(split.GetProperty("trajectory").GetDouble() > 0);
    }

    [Fact]
    public void Variance_TimeBudget_EndsTheStudyWithAReport()
    {
        JsonElement study = Pgfast.Run("variance cartpole --time-budget 0.5 --batch-sizes 1 --estimators total --timing off --json").Json();
        Assert.True(study.GetProperty("episodes").GetInt64() > 0);
        Assert.False(study.GetProperty("interrupted").GetBoolean());
        Assert.Equal(JsonValueKind.Null, study.GetProperty("rows")[0].GetProperty("efficiency").ValueKind);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public void Variance_Signal_Exits130WithTheReportSoFar(string signal)
    {
        if (OperatingSystem.IsWindows())
            return;
        using TemporaryDirectory directory = new();
        using Process process = Pgfast.Start("variance cartpole --time-budget 1h --batch-sizes 1 --out study --json", directory.Root);
        // Far longer than the start and the pilot take, and far shorter than the budget.
        Thread.Sleep(4000);
        Pgfast.Signal(process, signal);
        CliResult result = Pgfast.Finish(process);
        Assert.Equal(130, result.ExitCode);
        Assert.True(result.Json().GetProperty("interrupted").GetBoolean());
        Assert.Equal(result.Output, File.ReadAllText(directory.At("study/study.json")));
        Assert.Contains("episodes", result.Error);
    }

    [Fact]
    public void Variance_Text_IsPlainWhenRedirected()
    {
        CliResult result = Pgfast.Run("variance cartpole --episodes 1024 --pilot 128", null, ("TERM", "xterm-256color"));
        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("cartpole  fresh initialisation  seed 1", result.Output);
        Assert.DoesNotContain('\e', result.Output);
        Assert.Contains("Suggested batch size", result.Output);
        Assert.All(result.Output.Split('\n'), line => Assert.True(line.Length <= 100, string.Create(CultureInfo.InvariantCulture, $"{line.Length}: {line}")));
    }

    private static JsonObject WithoutTimes(CliResult result)
    {
        Assert.Equal(0, result.ExitCode);
        JsonObject study = JsonNode.Parse(result.Output)!.AsObject();
        study.Remove("seconds");
        foreach (JsonNode? row in study["rows"]!.AsArray())
        {
            foreach (string field in TimingFields)
                row!.AsObject().Remove(field);
        }

        return study;
    }
}
