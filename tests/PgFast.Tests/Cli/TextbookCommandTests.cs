using System.Globalization;
using System.Text.Json;
using PgFast.Tests.Support;

namespace PgFast.Tests.Cli;

/// <summary><c>train --algorithm textbook</c> and <c>figure</c>, as a user runs them.</summary>
[Collection(CliTestGroup.Name)]
public class TextbookCommandTests
{
    private const string Corridor = "train corridor --algorithm textbook --runs 70 --episodes 20 --initial 1.47,-1.47";

    /// <summary>Every width, and no AVX-512: the same bits of every run's parameters.</summary>
    [Theory]
    [InlineData(Corridor + " --value-lr 2^-6 --lr 2^-9")]
    [InlineData("train cartpole --algorithm textbook --runs 40 --episodes 5 --gamma 0.99 --lr 0.001 --value-lr 0.01")]
    [InlineData("train bandit --algorithm textbook --runs 40 --episodes 50 --lr 0.1")]
    public void Train_EveryLaneWidth_IsTheSame(string arguments)
    {
        string expected = Hash(arguments);
        foreach (int width in Widths.All)
            Assert.Equal(expected, Hash(arguments, ("PGFAST_LANES", $"{width}")));
        Assert.Equal(expected, Hash(arguments, ("DOTNET_EnableAVX512", "0")));
        Assert.Equal(expected, Hash($"{arguments} --threads 1"));
    }

    [Fact]
    public void Train_Json_SaysWhatWasRun()
    {
        JsonElement json = Pgfast.Run($"{Corridor} --value-lr 2^-6 --lr 2^-9 --final-step-factor 0.5 --seed 9 --json").Json();
        Assert.Equal("textbook", json.GetProperty("algorithm").GetString());
        Assert.Equal("value", json.GetProperty("baseline").GetString());
        Assert.Equal(1.0 / 512, json.GetProperty("lr").GetDouble());
        Assert.Equal(1.0 / 64, json.GetProperty("valueLr").GetDouble());
        // Not the other algorithm's 0.99.
        Assert.Equal(1, json.GetProperty("gamma").GetDouble());
        Assert.Equal(0.5, json.GetProperty("finalStepFactor").GetDouble());
        Assert.Equal(1, json.GetProperty("finalPolicy").GetProperty("mean").EnumerateArray().Sum(p => p.GetDouble()), 1e-9);
        Assert.InRange(json.GetProperty("environmentSteps").GetInt64(), 70 * 20 * 3, long.MaxValue);
        Assert.Equal(64, json.GetProperty("parameterHash").GetString()!.Length);
    }

    [Fact]
    public void Train_Files_HoldTheCurveAndTheRuns()
    {
        using TemporaryDirectory directory = new();
        CliResult result = Pgfast.Run($"{Corridor} --out run --csv curve.csv", directory.Root);
        Assert.True(result.ExitCode == 0, result.Error);
        string[] curve = File.ReadAllLines(directory.At("curve.csv"));
        Assert.Equal("episode,meanReward,standardDeviation,standardError", curve[0]);
        Assert.Equal(21, curve.Length);
        double[] last = [.. curve[^1].Split(',').Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
        Assert.Equal(20, last[0]);
        Assert.InRange(last[1], -200, -3);
        Assert.Equal(last[2] / Math.Sqrt(70), last[3], 1e-9);
        Assert.Equal(curve, File.ReadAllLines(directory.At("run/learning-curve.csv")));
        string[] runs = File.ReadAllLines(directory.At("run/runs.csv"));
        Assert.Equal("run,truncatedEpisodes,theta0,theta1", runs[0]);
        Assert.Equal(71, runs.Length);
        Assert.Equal("textbook", JsonDocument.Parse(File.ReadAllText(directory.At("run/config.json"))).RootElement.GetProperty("algorithm").GetString());
    }

    [Fact]
    public void Train_OneRun_HasNoDeviation()
    {
        CliResult result = Pgfast.Run("train corridor --algorithm textbook --runs 1 --episodes 3");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("1 run,", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("train corridor --runs 5", "--runs must be left out", "--algorithm textbook")]
    [InlineData(Corridor + " --batch 5", "--batch must be left out", "'batch'")]
    [InlineData(Corridor + " --estimator total", "--estimator must be left out", "'batch'")]
    [InlineData(Corridor + " --solve", "--solve must be left out", "'batch'")]
    [InlineData(Corridor + " --baseline mean", "--baseline must be none or value", "mean")]
    [InlineData(Corridor + " --baseline none --value-lr 0.1", "--value-lr must be left out", "--baseline none")]
    [InlineData(Corridor + " --algorithm textbok", "--algorithm", "once is enough")]
    [InlineData("train corridor --algorithm textbok", "--algorithm must be batch or textbook", "did you mean 'textbook'?")]
    [InlineData("train corridor --algorithm textbook --runs 0", "--runs must be", "1 to 16,777,216")]
    [InlineData("train corridor --algorithm textbook --episodes 0", "--episodes must be", "1 to")]
    [InlineData("train corridor --algorithm textbook --lr 2^x", "--lr must be", "above 0")]
    [InlineData("train corridor --algorithm textbook --lr 2^-2000", "--lr must be", "above 0")]
    [InlineData("train corridor --algorithm textbook --value-lr 0", "--value-lr must be", "above 0")]
    [InlineData("train corridor --algorithm textbook --minimum-probability 0.5", "--minimum-probability must be", "below 0.5")]
    [InlineData("train bandit --algorithm textbook --minimum-probability 0.1", "--minimum-probability must be 0", "3 actions")]
    [InlineData("train corridor --algorithm textbook --final-step-factor 2", "--final-step-factor must be", "[0, 1]")]
    [InlineData("train corridor --algorithm textbook --initial 1", "--initial must be 2 numbers", "not 1")]
    [InlineData("train corridor --algorithm textbook --initial 1,x", "--initial must be", "commas")]
    [InlineData("train corridor --algorithm textbook --csv nowhere/curve.csv", "--csv must be", "exists")]
    [InlineData("train corridor --algorithm textbook --runs 16777216 --episodes 1000000000", "--runs and --episodes", "memory")]
    [InlineData("train bandit --algorithm textbook --runs 1 --episodes 100000000 --out run", "--episodes and --runs", "2 GB")]
    [InlineData("figure", "a figure is missing", "13.1 and 13.2")]
    [InlineData("figure 13.3", "unknown figure '13.3'", "13.1 and 13.2")]
    [InlineData("figure 13.1 --out figure.png", "--out must be", ".svg")]
    [InlineData("figure 13.1 --out nowhere/figure.svg", "--out must be", "exists")]
    [InlineData("figure 13.1 --runs 0", "--runs must be", "1 to")]
    public void Run_BadInput_ExitsTwoWithOneLineAndWritesNothing(string arguments, string names, string allows)
    {
        using TemporaryDirectory directory = new();
        CliResult result = Pgfast.Run(arguments, directory.Root);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        string line = Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(names, line, StringComparison.Ordinal);
        Assert.Contains(allows, line, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Root));
    }

    /// <summary>The pictures in the documentation are what the commands beside them draw, byte for byte.</summary>
    [Theory]
    [InlineData("13.1", "figure-13-1.svg")]
    [InlineData("13.2", "figure-13-2.svg")]
    public void Figure_Defaults_AreTheDocumentedPictures(string number, string file)
    {
        using TemporaryDirectory directory = new();
        CliResult result = Pgfast.Run($"figure {number} --out {file}", directory.Root);
        Assert.True(result.ExitCode == 0, result.Error);
        string documented = Path.Combine(Repository(), "docs", "figures", file);
        Assert.Equal(File.ReadAllText(documented).ReplaceLineEndings("\n"), File.ReadAllText(directory.At(file)));
        Assert.Contains($"pgfast figure {number}", File.ReadAllText(Path.Combine(Repository(), "docs", "book-figures.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void Figure_Json_HasTheCurves()
    {
        using TemporaryDirectory directory = new();
        JsonElement json = Pgfast.Run("figure 13.1 --runs 3 --episodes 7 --json", directory.Root).Json();
        JsonElement[] curves = [.. json.GetProperty("curves").EnumerateArray()];
        Assert.Equal(3, curves.Length);
        Assert.All(curves, curve => Assert.Equal(7, curve.GetProperty("meanRewards").GetArrayLength()));
        Assert.StartsWith("<svg", File.ReadAllText(directory.At("figure-13-1.svg")), StringComparison.Ordinal);
    }

    private static string Hash(string arguments, params (string Name, string Value)[] environment)
    {
        CliResult result = Pgfast.Run($"{arguments} --json", environment: environment);
        Assert.True(result.ExitCode == 0, result.Error);
        return result.Json().GetProperty("parameterHash").GetString()!;
    }

    private static string Repository()
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "PgFast.sln")))
            directory = directory.Parent;
        return directory?.FullName ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }
}
