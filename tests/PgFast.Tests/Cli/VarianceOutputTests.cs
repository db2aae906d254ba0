using System.Globalization;
using System.Text.Json;
using PgFast.Files;
using PgFast.Networks;
using PgFast.Variance;

namespace PgFast.Tests.Cli;

public class VarianceOutputTests
{
    /// <summary>What help and documentation promise for text that no terminal shows.</summary>
    private const int Width = 100;

    private static readonly string[] Fields =
    [
        "environment", "policy", "parameterHash", "seed", "update", "network", "activation", "episodes", "environmentSteps",
        "meanEpisodeLength", "meanReturn", "parameterCount", "discount", "normalize", "confidence", "pilotEpisodes", "episodesPerShard",
        "blocks", "interrupted", "seconds", "rows",
    ];

    private static readonly string[] RowFields =
    [
        "estimator", "baseline", "baselineFrom", "batchSize", "batches", "trace", "traceInterval", "tensors", "gradientNormSquared",
        "gradientNormSquaredInterval", "signalToNoise", "signalToNoiseInterval", "noiseScale", "noiseScaleInterval", "suggestedBatchSize", "cosineBetween",
        "cosineBetweenInterval", "cosineToMean", "cosineToMeanInterval", "ratioToNone", "ratioInterval", "lawTrace", "bias", "biasInterval", "seconds",
        "efficiency", "note",
    ];

    [Fact]
    public void Json_AnyStudy_HasTheFieldsPromised()
    {
        JsonElement study = MadeUpStudies.Run("variance cartpole --batch-sizes 16 --baselines time --hidden 8,5 --activation tanh --json").Json();
        Assert.Equal(Fields, study.EnumerateObject().Select(property => property.Name));
        Assert.Equal("cartpole", study.GetProperty("environment").GetString());
        Assert.Equal("4-8-5-2", study.GetProperty("network").GetString());
        Assert.Equal("tanh", study.GetProperty("activation").GetString());
        Assert.Equal(JsonValueKind.Null, study.GetProperty("policy").ValueKind);
        Assert.Equal(JsonValueKind.Null, study.GetProperty("update").ValueKind);
        Assert.Equal("0.99", study.GetProperty("discount").GetRawText());
        Assert.Equal(22, study.GetProperty("meanEpisodeLength").GetDouble());
        Assert.False(study.GetProperty("interrupted").GetBoolean());
        JsonElement[] rows = [.. study.GetProperty("rows").EnumerateArray()];
        Assert.Equal(6, rows.Length);
        Assert.All(rows, row => Assert.Equal(RowFields, row.EnumerateObject().Select(property => property.Name)));
        JsonElement time = rows[3];
        Assert.Equal("reward-to-go", time.GetProperty("estimator").GetString());
        Assert.Equal("time", time.GetProperty("baseline").GetString());
        Assert.Equal("batch", time.GetProperty("baselineFrom").GetString());
        Assert.Equal(0.31, time.GetProperty("ratioToNone").GetDouble());
        Assert.Equal(0.31 * 0.99, time.GetProperty("ratioInterval")[0].GetDouble());
        Assert.Equal(39, time.GetProperty("suggestedBatchSize").GetInt32());
        Assert.Equal("policy.1.weight", time.GetProperty("tensors")[1].GetProperty("name").GetString());
        Assert.Equal(
            1 / (time.GetProperty("trace").GetDouble() * time.GetProperty("seconds").GetDouble()), time.GetProperty("efficiency").GetDouble());
    }

    [Fact]
    public void Json_NumbersThatAreNotThere_AreNull()
    {
        JsonElement rows = MadeUpStudies.Run(
            "variance cartpole --batch-sizes 16,1000 --baselines none --estimators discounted --json").Json().GetProperty("rows");
        Assert.Equal(20, rows[0].GetProperty("noiseScaleInterval")[0].GetDouble());
        Assert.Equal(JsonValueKind.Null, rows[0].GetProperty("noiseScaleInterval")[1].ValueKind);
        Assert.Equal(JsonValueKind.Null, rows[0].GetProperty("suggestedBatchSize").ValueKind);
        Assert.Equal(JsonValueKind.Null, rows[0].GetProperty("note").ValueKind);
        foreach (string field in (string[])["trace", "traceInterval", "noiseScaleInterval", "bias", "seconds", "efficiency"])
            Assert.Equal(JsonValueKind.Null, rows[1].GetProperty(field).ValueKind);
        Assert.Equal(3, rows[1].GetProperty("batches").GetInt64());
        Assert.Equal(MadeUpStudies.Note, rows[1].GetProperty("note").GetString());
    }

    [Fact]
    public void Json_Decomposition_IsThereIfAskedFor()
    {
        JsonElement study = MadeUpStudies.Run("variance cartpole --batch-sizes 1 --decompose 64 --json").Json();
        JsonElement split = Assert.Single(study.GetProperty("decompositions").EnumerateArray());
        Assert.Equal(
            [
                "baseline", "states", "state", "stateInterval", "action", "actionInterval", "trajectory", "trajectoryInterval", "total",
                "totalInterval",
            ],
            split.EnumerateObject().Select(property => property.Name));
        Assert.Equal(64, split.GetProperty("states").GetInt32());
        Assert.Equal(JsonValueKind.Null, split.GetProperty("trajectoryInterval").ValueKind);
        Assert.Equal(JsonValueKind.Null, split.GetProperty("totalInterval")[1].ValueKind);
    }

    [Fact]
    public void Csv_AnyStudy_HasALineARowAndEmptyCells()
    {
        string[] lines = MadeUpStudies.Run("variance cartpole --batch-sizes 16,1000 --baselines linear --estimators discounted --csv")
            .Output.Split('\n');
        Assert.Equal(6, lines.Length);
        Assert.Equal("", lines[^1]);
        string[] names = lines[0].Split(',');
        string[] linear = lines[2].Split(',');
        Assert.Equal(names.Length, linear.Length);
        Assert.Equal("linear", Cell("baseline"));
        Assert.Equal("pilot", Cell("baselineFrom"));
        Assert.Equal("16", Cell("batchSize"));
        Assert.Equal(0.29, double.Parse(Cell("ratioToNone"), CultureInfo.InvariantCulture));
        Assert.Equal(0.29 * 1.01, double.Parse(Cell("ratioHigh"), CultureInfo.InvariantCulture));
        Assert.Equal("20", Cell("noiseScaleLow"));
        Assert.Equal("", Cell("noiseScaleHigh"));
        Assert.EndsWith($",,\"{MadeUpStudies.Note}\"", lines[4]);

        string Cell(string name) => linear[Array.IndexOf(names, name)];
    }

    [Fact]
    public void Text_AllRows_FitIntoAHundredColumns()
    {
        CliResult result = MadeUpStudies.Run("variance cartpole");
        string[] lines = result.Output.Split('\n');
        Assert.All(lines, line => Assert.True(line.Length <= Width, line));
        Assert.DoesNotContain("NaN", result.Output);
        Assert.StartsWith("cartpole  fresh initialisation  seed 1", lines[0]);
        Assert.Contains("4-32-2 relu, 226 parameters, γ 0.99", lines[1]);
        Assert.Contains("100,000, 2,200,000 env-steps; mean length 22.00, mean return 22.13", lines[2]);
        Assert.Contains("95 % confidence", lines[3]);
        Assert.Contains("Batch size 64, 1,562 independent batches", lines);
        // A batch size without any number is a line, not an empty table.
        int large = Array.IndexOf(lines, "Batch size 1,024, 3 independent batches");
        Assert.Equal($"– all: {MadeUpStudies.Note}", lines[large + 1]);
        Assert.Equal("", lines[large + 2]);
    }

    [Fact]
    public void Text_OneRow_ShowsEveryNumberWithItsInterval()
    {
        string[] lines = MadeUpStudies.Run("variance cartpole --batch-sizes 64 --estimators reward-to-go --baselines time").Output.Split('\n');
        string[][] time = [.. lines.Where(line => line.StartsWith("  time ", StringComparison.Ordinal)).Select(Words)];
        Assert.Equal(2, time.Length);
        Assert.Equal(["time", "110.7", "±", "2.2", "0.3100", "±", "0.0031", "38.3", "[34.4,", "45.9]", "39"], time[0]);
        Assert.Equal(["time", "1.67", "0.1234", "±", "0.0050", "0.3521", "±", "0.0020", "0.01234", "±", "0.0010", "14.1", "µs", "2.93"], time[1]);
        Assert.Equal(
            ["baseline", "SNR", "cosine", "to", "mean", "bias", "time", "efficiency"],
            Words(lines.Last(line => line.Contains("baseline", StringComparison.Ordinal) && line.Contains("SNR", StringComparison.Ordinal))));
        Assert.Contains(
            lines,
            line => line.StartsWith("Least variance at batch size 64: reward-to-go with time (0.310 of none). Most", StringComparison.Ordinal));

        static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    [Fact]
    public void Text_SeveralEstimators_EndsWithTheBestOfEach()
    {
        string end = MadeUpStudies.Run("variance cartpole --estimators total,discounted").Output.ReplaceLineEndings(" ");
        Assert.Contains("Least variance at batch size 64: total with linear (0.290 of none), discounted with linear (0.290 of none).", end);
        Assert.Contains("Most precision a second: total with time, discounted with time.", end);
        Assert.Contains(
            "signal and noise are equal: 36 [32.2, 42.9] for total with linear, at least 20.0 for discounted with linear (more episodes", end);
    }

    [Fact]
    public void Text_NothingKnown_SaysSo()
    {
        CliResult result = MadeUpStudies.Run("variance cartpole --batch-sizes 1000,2000");
        Assert.Contains("too few episodes for any interval", result.Output);
        Assert.Equal(2, result.Output.Split($"– all: {MadeUpStudies.Note}").Length - 1);
        Assert.DoesNotContain("baseline ", result.Output);
    }

    [Fact]
    public void Text_SomeRowsWithoutNumbers_NamesThemInANote()
    {
        CliResult result = MadeUpStudies.Run(
            "variance cartpole --batch-sizes 16 --estimators total --baselines mean,linear", (e, shape, p, options, progress, cancellation) =>
            {
                VarianceReport report = MadeUpStudies.Report(e, shape, p, options, progress, cancellation);
                VarianceRow linear = new()
                {
                    Estimator = report.Rows[2].Estimator,
                    Baseline = report.Rows[2].Baseline,
                    BatchSize = 16,
                    Batches = 5,
                    Source = BaselineSource.Pilot,
                    // A number without an interval, which must not be shown.
                    Trace = 987.6,
                    Note = "the pilot was too small",
                };
                return report with { Rows = [report.Rows[0], report.Rows[1], linear] };
            });
        Assert.Contains("\n– total with linear: the pilot was too small\n", result.Output);
        Assert.DoesNotContain("987.6", result.Output);
        Assert.Contains("total with mean (0.540 of none)", result.Output);
    }

    [Fact]
    public void Text_Decomposition_IsATableOfItsOwn()
    {
        string output = MadeUpStudies.Run("variance cartpole --batch-sizes 16 --decompose 64").Output;
        Assert.Contains("One step's variance by what it comes from, replayed from 64 states", output);
        Assert.Matches(@"none +1\.250 ± 0\.050 +300\.0 ± 10 +– +362 \[350, ∞\)", output);
    }

    [Fact]
    public void Checkpoints_OfARun_AreStudiedInOrderOfUpdate()
    {
        using TemporaryDirectory directory = new();
        Save(directory, "run/checkpoints/policy-000000100.safetensors", update: 100);
        Save(directory, "run/checkpoints/policy-000000020.safetensors", update: null);
        // The file's own word counts for more than its name.
        Save(directory, "run/checkpoints/policy-000000001.safetensors", update: 50);
        Save(directory, "run/checkpoints/policy-last.safetensors", update: null);
        Save(directory, "run/policy.safetensors", update: 120);
        string run = directory.At("run");
        foreach (string path in (string[])[run, directory.At("run/checkpoints")])
        {
            JsonElement document = MadeUpStudies.Run($"variance --checkpoints {path} --batch-sizes 16 --json").Json();
            Assert.Equal(["environment", "run", "studies"], document.EnumerateObject().Select(property => property.Name));
            Assert.Equal(path, document.GetProperty("run").GetString());
            JsonElement[] studies = [.. document.GetProperty("studies").EnumerateArray()];
            Assert.Equal(["20", "50", "100", "null"], studies.Select(study => study.GetProperty("update").GetRawText()));
            Assert.All(studies, study => Assert.Equal(Fields, study.EnumerateObject().Select(property => property.Name)));
            Assert.EndsWith("policy-000000001.safetensors", studies[1].GetProperty("policy").GetString());
        }

        var asked = MadeUpStudies.Asked($"variance cartpole --checkpoints {run} --time-budget 8 --csv");
        Assert.All(asked, study => Assert.Equal(TimeSpan.FromSeconds(2), study.Options.TimeBudget));
        string text = MadeUpStudies.Run($"variance --checkpoints {run} --estimators total").Output;
        Assert.Matches(@"total, batch size 64\n +update(.|\n)*\n +20 (.|\n)*\n +50 (.|\n)*\n +100 (.|\n)*\n +policy-last ", text);
        Assert.All(text.Split('\n'), line => Assert.True(line.Length <= Width, line));
    }

    [Fact]
    public void Checkpoints_None_ExitsTwo()
    {
        using TemporaryDirectory directory = new();
        CliResult result = MadeUpStudies.Run($"variance --checkpoints {directory.Root}");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("policy-*.safetensors", result.Error);
        Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Out_AfterAStudy_HoldsWhatIsPrinted()
    {
        using TemporaryDirectory directory = new();
        string path = directory.At("studies/one");
        CliResult json = MadeUpStudies.Run($"variance cartpole --batch-sizes 16 --json --out {path}");
        Assert.Equal(0, json.ExitCode);
        Assert.Equal(json.Output, File.ReadAllText(Path.Combine(path, "study.json")));
        Assert.Equal(
            MadeUpStudies.Run("variance cartpole --batch-sizes 16 --csv").Output, File.ReadAllText(Path.Combine(path, "study.csv")));
    }

    [Fact]
    public void Interrupted_BeforeAnything_Exits130AndLeavesNothing()
    {
        using TemporaryDirectory directory = new();
        CliResult result = MadeUpStudies.Run(
            $"variance cartpole --json --out {directory.At("study")}", (_, _, _, _, _, _) => throw new OperationCanceledException(),
            new CancellationToken(canceled: true));
        Assert.Equal(130, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.Empty(result.Error);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Root));
    }

    [Fact]
    public void Interrupted_InTheSecondOfThree_ReportsTwo()
    {
        using TemporaryDirectory directory = new();
        for (int update = 1; update <= 3; update++)
            Save(directory, $"run/checkpoints/policy-{update}.safetensors", update);
        using CancellationTokenSource stop = new();
        int calls = 0;
        CliResult result = MadeUpStudies.Run(
            $"variance --checkpoints {directory.At("run")} --batch-sizes 16 --json --out {directory.At("study")}",
            (environment, shape, parameters, options, progress, cancellation) =>
            {
                if (++calls == 2)
                    stop.Cancel();
                Assert.Equal(calls == 2, cancellation.IsCancellationRequested);
                return MadeUpStudies.Report(environment, shape, parameters, options, progress, cancellation);
            },
            stop.Token);
        Assert.Equal(130, result.ExitCode);
        JsonElement[] studies = [.. result.Json().GetProperty("studies").EnumerateArray()];
        Assert.Equal([false, true], studies.Select(study => study.GetProperty("interrupted").GetBoolean()));
        Assert.Equal(result.Output, File.ReadAllText(directory.At("study/study.json")));
    }

    private static void Save(TemporaryDirectory directory, string name, long? update)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(directory.At(name))!);
        NetworkShape shape = new(4, [3], 2, Activation.Tanh);
        new PolicyFile(shape, new float[shape.ParameterCount]) { Environment = "cartpole", Seed = 1, Update = update }.Save(directory.At(name));
    }
}
