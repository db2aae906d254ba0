using System.Globalization;
using System.Text.Json;
using PgFast.Environments;
using PgFast.Optimizers;
using PgFast.Statistics;
using PgFast.Training;

namespace PgFast.Tests.Cli;

[Collection(CliTestGroup.Name)]
public class SweepCommandTests
{
    private static readonly string[] Environments = ["cartpole", "corridor"];

    [Fact]
    public void Sweep_File_WritesRunsAndResults()
    {
        using TemporaryDirectory directory = new();
        CliResult result = SweepFixture.Sweep(directory, SweepFixture.Small);
        Assert.Contains("sweep  24 of 24 runs\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("lr 0.03", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', result.Output);
        Assert.Equal(
            ["plots", "report.html", "runs", "runs.csv", "sweep.json", "sweep.toml.txt"],
            Directory.GetFileSystemEntries(directory.At("sweep")).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal));
        Assert.Equal(SweepFixture.Small, File.ReadAllText(directory.At("sweep/sweep.toml.txt")));
        Assert.Equal(24, SweepFixture.Runs(directory).Length);
        Assert.Equal(
            [
                "entropy-cartpole.svg", "entropy-corridor.svg", "learning-curves-cartpole.svg", "learning-curves-corridor.svg", "probability-of-improvement.svg",
                "scores-cartpole.svg", "scores-corridor.svg", "sensitivity-lr-cartpole.svg", "sensitivity-lr-corridor.svg",
            ],
            Directory.GetFiles(directory.At("sweep/plots")).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("final")]
    [InlineData("curve")]
    public void Sweep_Results_AreThoseOfTheRuns(string score)
    {
        using TemporaryDirectory directory = new();
        SweepFixture.Sweep(directory, $"score = '{score}'\n{SweepFixture.Small}");
        JsonElement sweep = SweepFixture.Results(directory);
        Dictionary<string, string>[] rows = SweepFixture.Rows(directory);
        Assert.Equal((24, 24, score), (sweep.GetProperty("runs").GetInt32(), sweep.GetProperty("finishedRuns").GetInt32(), sweep.GetProperty("score").GetString()));
        Assert.Equal("lr 0.03", sweep.GetProperty("reference").GetString());
        Assert.Equal([1.0, 2, 3, 4], SweepFixture.Numbers(sweep.GetProperty("points")));
        JsonElement[] configurations = [.. sweep.GetProperty("configurations").EnumerateArray()];
        Assert.Equal(["lr 0.01", "lr 0.03", "lr 0.1"], configurations.Select(configuration => configuration.GetProperty("label").GetString()));
        foreach (JsonElement configuration in configurations)
        {
            string lr = configuration.GetProperty("place").GetProperty("lr").GetString()!;
            foreach ((string environment, JsonElement result) in Environments.Zip(configuration.GetProperty("results").EnumerateArray()))
            {
                Dictionary<string, string>[] own = [.. rows.Where(row => row["lr"] == lr && row["environment"] == environment)];
                Assert.Equal(["3", "1", "9", "2"], own.Select(row => row["seed"]));
                double[] scores = [.. own.Select(row => ScoreOf(directory, environment, lr, row, score))];
                Assert.Equal(scores, SweepFixture.Numbers(result.GetProperty("scores")));
                Assert.Equal(environment, result.GetProperty("environment").GetString());
                AssertEstimate(result, "interquartileMean", Aggregates.InterquartileMean(scores));
                AssertEstimate(result, "median", Aggregates.Median(scores));
                AssertEstimate(result, "mean", scores.Average());
                Assert.Equal((scores.Min(), scores.Max()), (result.GetProperty("minimum").GetDouble(), result.GetProperty("maximum").GetDouble()));
                Assert.Equal(environment == "cartpole" ? 475.0 : null, NumberOrNull(result.GetProperty("target")));
            }
        }
    }

    [Fact]
    public void Sweep_SeveralEnvironments_CombinesThemOnTheScale()
    {
        using TemporaryDirectory directory = new();
        SweepFixture.Sweep(directory, SweepFixture.Small);
        JsonElement[] configurations = [.. SweepFixture.Results(directory).GetProperty("configurations").EnumerateArray()];
        double[][][] scores = [.. configurations.Select(configuration => (double[][])
            [.. configuration.GetProperty("results").EnumerateArray().Select(result => SweepFixture.Numbers(result.GetProperty("scores")))])];
        for (int index = 0; index < configurations.Length; index++)
        {
            double[] scaled = [.. scores[index][0].Select(score => (score - 9.5) / 490.5), .. scores[index][1].Select(score => (score + 100) / 88.5)];
            AssertEstimate(configurations[index], "scaledInterquartileMean", Aggregates.InterquartileMean(scaled));
            if (index == 1)
                Assert.Equal(JsonValueKind.Null, configurations[index].GetProperty("probabilityOfImprovement").ValueKind);
            else
                AssertEstimate(
                    configurations[index], "probabilityOfImprovement",
                    scores[index].Zip(scores[1], (mine, reference) => Aggregates.ProbabilityOfImprovement(mine, reference)).Average());
            for (int environment = 0; environment < 2 && index != 1; environment++)
            {
                JsonElement result = configurations[index].GetProperty("results")[environment];
                AssertEstimate(result, "probabilityOfImprovement", Aggregates.ProbabilityOfImprovement(scores[index][environment], scores[1][environment]));
            }
        }
    }

    [Theory]
    [InlineData("cartpole", "updates")]
    [InlineData("corridor", "updates")]
    [InlineData("pendulum", "env-steps")]
    public void Sweep_Run_IsWhatTrainGives(string environment, string budget)
    {
        using TemporaryDirectory directory = new();
        int amount = budget == "updates" ? 4 : 5000;
        SweepFixture.Sweep(
            directory, $"environment = '{environment}'\nseeds = [5]\n{budget} = {amount}\neval-episodes = 10\npoints = 4\n[options]\nbatch = 8\nlr-final = 0.5\n[grid]\nlr = [0.01, 0.02]\n");
        CliResult train = Pgfast.Run(
            $"train {environment} --seed 5 --{budget} {amount} --eval-episodes 10 --batch 8 --lr-final 0.5 --lr 0.02 --out run --json", directory.Root);
        JsonElement expected = train.Json();
        JsonElement run = JsonElement.Parse(File.ReadAllText(SweepFixture.Run(directory, environment, "lr 0.02", 5)));
        foreach (string name in (string[])["parameterHash", "updates", "episodes", "environmentSteps", "seed", "environment"])
            Assert.Equal(expected.GetProperty(name).GetRawText(), run.GetProperty(name).GetRawText());
        Assert.Equal(expected.GetProperty("evaluation").GetProperty("meanReturn").GetDouble(), run.GetProperty("meanReturn").GetDouble());
        Assert.Equal(expected.GetProperty("evaluation").GetProperty("standardError").GetDouble(), run.GetProperty("standardError").GetDouble());
        if (budget != "updates")
            return;
        // A point an update: the curve is the run's own.
        string[][] metrics = [.. File.ReadAllLines(directory.At("run/metrics.csv")).Select(line => line.Split(','))];
        int returns = Array.IndexOf(metrics[0], "meanReturn"), entropies = Array.IndexOf(metrics[0], "entropy");
        Assert.Equal(metrics.Skip(1).Select(row => SweepFixture.Number(row[returns])), SweepFixture.Numbers(run.GetProperty("returns")));
        Assert.Equal(metrics.Skip(1).Select(row => SweepFixture.Number(row[entropies])), SweepFixture.Numbers(run.GetProperty("entropies")));
    }

    [Fact]
    public void Sweep_Threads_ChangeNoBit()
    {
        using TemporaryDirectory directory = new();
        SweepFixture.Sweep(directory, SweepFixture.Small, "--threads 1 --out one");
        SweepFixture.Sweep(directory, SweepFixture.Small, "--threads 3 --out three");
        string[] names = [.. Names("one")];
        Assert.Equal(names, Names("three"));
        Assert.Equal(24 + 3 + 9, names.Length);
        foreach (string name in names)
            Assert.Equal(Text("one", name), Text("three", name));

        IEnumerable<string> Names(string root) => Directory.GetFiles(directory.At(root), "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(directory.At(root), path)).Where(name => name is not ("report.html" or "runs.csv")).Order(StringComparer.Ordinal)
            .Append("runs.csv");

        string Text(string root, string name)
        {
            string text = File.ReadAllText(directory.At($"{root}/{name}"));
            int seconds = "lr,environment,seed,score,meanReturn,standardError,solved,diverged,updates,episodes,environmentSteps,trainSeconds".Split(',').Length - 1;
            return name == "runs.csv"
                ? string.Join('\n', text.Split('\n').Select(line => string.Join(',', line.Split(',').Where((_, column) => column != seconds))))
                : SweepFixture.WithoutTimes(text);
        }
    }

    [Fact]
    public void Sweep_Diverging_IsJudgedByTheLastFinitePolicy()
    {
        using TemporaryDirectory directory = new();
        const string Options = "optimizer = 'sgd'\nnormalize = 'off'\nbatch = 8\n";
        // The first diverges in its second update, the second in its first: there the initial policy is the last.
        CliResult result = SweepFixture.Sweep(
            directory, $"environment = 'cartpole'\nseeds = [4]\nupdates = 5\neval-episodes = 10\npoints = 5\n[options]\n{Options}[grid]\nlr = [1e37, 1e38, 1e-3]\n");
        Assert.Contains("diverged", result.Output, StringComparison.Ordinal);
        Dictionary<string, string>[] rows = SweepFixture.Rows(directory);
        Assert.Equal(["true", "true", "false"], rows.Select(row => row["diverged"]));
        Assert.Equal(["1", "0", "5"], rows.Select(row => row["updates"]));
        JsonElement train = Pgfast.Run(
            "train cartpole --seed 4 --updates 1 --eval-episodes 10 --optimizer sgd --normalize off --batch 8 --lr 1e37 --json").Json();
        Assert.Equal(train.GetProperty("parameterHash").GetString(), rows[0]["parameterHash"]);
        Assert.Equal(train.GetProperty("evaluation").GetProperty("meanReturn").GetDouble(), SweepFixture.Number(rows[0]["meanReturn"]));
        using Trainer<CartPole> initial = new(new TrainerOptions { Seed = 4, BatchSize = 8, Optimizer = OptimizerKind.Sgd, NormalizeReturns = false, Threads = 1 });
        Assert.Equal(initial.ParameterHash(), rows[1]["parameterHash"]);
        Assert.Equal(initial.Evaluate(10).MeanReturn, SweepFixture.Number(rows[1]["meanReturn"]));
        JsonElement[] results = [.. SweepFixture.Results(directory).GetProperty("configurations").EnumerateArray().Select(c => c.GetProperty("results")[0])];
        Assert.Equal([1, 1, 0], results.Select(r => r.GetProperty("diverged").GetInt32()));
        double[] curve = SweepFixture.Numbers(results[0].GetProperty("returns").GetProperty("interquartileMean"));
        Assert.All(curve, value => Assert.Equal(curve[0], value));
        Assert.All(
            SweepFixture.Numbers(results[1].GetProperty("returns").GetProperty("interquartileMean")),
            value => Assert.Equal(SweepFixture.Number(rows[1]["meanReturn"]), value));
        Assert.Empty(SweepFixture.Numbers(results[1].GetProperty("entropies").GetProperty("interquartileMean")));
        string file = File.ReadAllText(SweepFixture.Run(directory, "cartpole", "lr 1e37", 4));
        Assert.Contains("finite", JsonElement.Parse(file).GetProperty("divergence").GetString(), StringComparison.Ordinal);
        // By the area under the curve too there is a score for each.
        SweepFixture.Sweep(directory, File.ReadAllText(directory.At("sweep.toml")).Replace("points = 5", "points = 5\nscore = 'curve'", StringComparison.Ordinal));
        Assert.Equal(rows[1]["meanReturn"], SweepFixture.Rows(directory)[1]["score"]);
    }

    private static double ScoreOf(TemporaryDirectory directory, string environment, string lr, Dictionary<string, string> row, string score)
    {
        string path = SweepFixture.Run(directory, environment, $"lr {lr}", int.Parse(row["seed"], CultureInfo.InvariantCulture));
        JsonElement run = JsonElement.Parse(File.ReadAllText(path));
        double value = score == "final" ? run.GetProperty("meanReturn").GetDouble() : SweepFixture.Numbers(run.GetProperty("returns")).Average();
        Assert.Equal(value, SweepFixture.Number(row["score"]));
        Assert.Equal(run.GetProperty("meanReturn").GetDouble(), SweepFixture.Number(row["meanReturn"]));
        Assert.Equal(run.GetProperty("parameterHash").GetString(), row["parameterHash"]);
        return value;
    }

    /// <summary>The value, and an interval around it that is not empty.</summary>
    private static void AssertEstimate(JsonElement parent, string name, double expected)
    {
        const double Rounding = 1e-12;
        double value = parent.GetProperty(name).GetDouble();
        Assert.InRange(value, expected - Rounding * Math.Abs(expected), expected + Rounding * Math.Abs(expected));
        double[] interval = SweepFixture.Numbers(parent.GetProperty($"{name}Interval"));
        Assert.Equal(2, interval.Length);
        Assert.InRange(value, interval[0], interval[1]);
    }

    private static double? NumberOrNull(JsonElement element) => element.ValueKind == JsonValueKind.Null ? null : element.GetDouble();
}
