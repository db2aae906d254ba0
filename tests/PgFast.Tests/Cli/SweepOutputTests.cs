using System.Text.Json;
using PgFast.Cli.Sweeps;

namespace PgFast.Tests.Cli;

/// <summary>What <c>pgfast sweep</c> prints, and where it writes.</summary>
[Collection(CliTestGroup.Name)]
public class SweepOutputTests
{
    [Fact]
    public void Sweep_Json_IsTheFileAndNothingElse()
    {
        using TemporaryDirectory directory = new();
        CliResult result = SweepFixture.Sweep(directory, SweepFixture.Tiny, "--json --out runs/new");
        Assert.Equal(JsonValueKind.Object, result.Json().ValueKind);
        Assert.Equal(File.ReadAllText(directory.At("runs/new/sweep.json")), result.Output);
        Assert.False(Directory.Exists(directory.At("sweep")));
    }

    [Fact]
    public void Sweep_DryRun_ShowsTheConfigurationsAndWritesNothing()
    {
        using TemporaryDirectory directory = new();
        CliResult text = SweepFixture.Sweep(directory, SweepFixture.Small, "--dry-run");
        Assert.StartsWith("sweep  24 runs\n", text.Output, StringComparison.Ordinal);
        Assert.Contains("cartpole, corridor", text.Output, StringComparison.Ordinal);
        Assert.Contains("4 updates", text.Output, StringComparison.Ordinal);
        Assert.Contains("    lr 0.01\n    lr 0.03  (reference)\n    lr 0.1\n", text.Output, StringComparison.Ordinal);
        JsonElement json = SweepFixture.Sweep(directory, SweepFixture.Small, "--dry-run --json").Json();
        Assert.Equal((24, 4), (json.GetProperty("runs").GetInt32(), json.GetProperty("seeds").GetInt32()));
        Assert.Equal(["cartpole", "corridor"], Texts(json.GetProperty("environments")));
        Assert.Equal(["lr 0.01", "lr 0.03", "lr 0.1"], Texts(json.GetProperty("configurations")));
        string steps = SweepFixture.Tiny.Replace("updates = 3", "env-steps = 1_500", StringComparison.Ordinal);
        Assert.Contains("1,500 env-steps, together 6,000", SweepFixture.Sweep(directory, steps, "--dry-run").Output, StringComparison.Ordinal);
        Assert.Equal([directory.At("sweep.toml")], Directory.EnumerateFileSystemEntries(directory.Root));
    }

    [Fact]
    public void Sweep_List_ShowsEveryReadyExperimentAndWritesNothing()
    {
        using TemporaryDirectory directory = new();
        CliResult text = Pgfast.Run("sweep --list", directory.Root), json = Pgfast.Run("sweep --list --json", directory.Root);
        Assert.Equal((0, 0, "", ""), (text.ExitCode, json.ExitCode, text.Error, json.Error));
        JsonElement[] experiments = [.. json.Json().GetProperty("experiments").EnumerateArray()];
        Assert.Equal(ReadyExperiments.Names, experiments.Select(experiment => experiment.GetProperty("name").GetString()!));
        foreach (JsonElement experiment in experiments)
        {
            string name = experiment.GetProperty("name").GetString()!;
            SweepDefinition definition = SweepReader.Read($"{name}.toml", ReadyExperiments.Find(name)!);
            Assert.Equal((definition.Runs, definition.Description), (experiment.GetProperty("runs").GetInt32(), experiment.GetProperty("description").GetString()));
            Assert.Contains($"{name}  {definition.Runs} runs\n  {definition.Description}\n", text.Output, StringComparison.Ordinal);
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Root));
    }

    [Fact]
    public void Sweep_NameOfAReadyExperiment_IsThatExperiment()
    {
        using TemporaryDirectory directory = new();
        CliResult result = Pgfast.Run("sweep High-Variance --dry-run --json", directory.Root);
        SweepDefinition expected = SweepReader.Read("high-variance.toml", ReadyExperiments.Find("high-variance")!);
        Assert.Equal(expected.Name, result.Json().GetProperty("name").GetString());
        Assert.Equal(expected.Configurations.Select(configuration => configuration.Label), Texts(result.Json().GetProperty("configurations")));
    }

    [Theory]
    [InlineData("foreign")]
    [InlineData("lookalike")]
    [InlineData("file")]
    [InlineData("file/run")]
    public void Sweep_OutThatIsNoSweepsDirectory_ExitsTwoAndLeavesItAlone(string target)
    {
        using TemporaryDirectory directory = new();
        Directory.CreateDirectory(directory.At("foreign"));
        File.WriteAllText(directory.At("foreign/notes.txt"), "mine");
        // A directory named runs is no sign of a sweep.
        Directory.CreateDirectory(directory.At("lookalike/runs/seed-1"));
        File.WriteAllText(directory.At("lookalike/report.html"), "mine");
        File.WriteAllText(directory.At("file"), "mine");
        File.WriteAllText(directory.At("sweep.toml"), SweepFixture.Tiny);
        string[] before = Entries();
        CliResult result = Pgfast.Run($"sweep sweep.toml --out {target}", directory.Root);
        AssertRefused(result, "--out must name a", $"'{target}'");
        Assert.Equal(before, Entries());
        Assert.Equal("mine", File.ReadAllText(directory.At("lookalike/report.html")));

        string[] Entries() => [.. Directory.EnumerateFileSystemEntries(directory.Root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
    }

    [Theory]
    [InlineData("", "sweep.toml")]
    [InlineData("updates = 3", "'sweep.toml': environment is missing")]
    [InlineData("environment = 'cartpole'\nupdates = 1\n[options]\nhidden = [65536, 65536, 65536]\n[grid]\nlr = [0.1, 0.2]", "--hidden must")]
    public void Sweep_BadFile_ExitsTwoWithOneLineAndWritesNothing(string toml, string expected)
    {
        using TemporaryDirectory directory = new();
        File.WriteAllText(directory.At("sweep.toml"), toml);
        Directory.CreateDirectory(directory.At("directory.toml"));
        AssertRefused(Pgfast.Run("sweep sweep.toml", directory.Root), expected, "must");
        AssertRefused(Pgfast.Run("sweep directory.toml", directory.Root), "FILE must name a file", "'directory.toml'");
        Assert.Equal(2, Directory.EnumerateFileSystemEntries(directory.Root).Count());
    }

    [Fact]
    public void Report_SweepsDirectory_MakesTheSweepsPage()
    {
        using TemporaryDirectory directory = new();
        SweepFixture.Sweep(directory, SweepFixture.Tiny);
        byte[] page = File.ReadAllBytes(directory.At("sweep/report.html"));
        File.Delete(directory.At("sweep/report.html"));
        CliResult result = Pgfast.Run("report sweep --json", directory.Root);
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(["scores", "learning-curves", "entropy", "probability-of-improvement"], Texts(result.Json().GetProperty("figures")));
        Assert.Equal(page, File.ReadAllBytes(directory.At("sweep/report.html")));
        File.WriteAllText(directory.At("sweep/sweep.json"), "{\"name\":");
        AssertRefused(Pgfast.Run("report sweep", directory.Root), "sweep.json", "damaged");
        // The next call writes it anew.
        SweepFixture.Sweep(directory, SweepFixture.Tiny);
        Assert.Equal(page, File.ReadAllBytes(directory.At("sweep/report.html")));
    }

    [Fact]
    public void Sweep_TextWithCommasAndQuotes_StaysOneCell()
    {
        using TemporaryDirectory directory = new();
        SweepFixture.Sweep(directory, """
            environment = "corridor"
            seeds = 1
            updates = 1
            eval-episodes = 5
            [options]
            batch = 8
            [[variants]]
            name = 'plain, "no" baseline'
            [[variants]]
            name = "two\nlines"
            lr = 0.5
            """);
        string[] lines = File.ReadAllText(directory.At("sweep/runs.csv")).Split('\n');
        Assert.StartsWith("\"plain, \"\"no\"\" baseline\",corridor,1,", lines[1], StringComparison.Ordinal);
        Assert.Equal("\"two", lines[2]);
        Assert.StartsWith("lines\",corridor,1,", lines[3], StringComparison.Ordinal);
    }

    private static void AssertRefused(CliResult result, string names, string allows)
    {
        Assert.Equal(2, result.ExitCode);
        Assert.Empty(result.Output);
        string line = Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("pgfast: ", line, StringComparison.Ordinal);
        Assert.Contains(names, line, StringComparison.Ordinal);
        Assert.Contains(allows, line, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Texts(JsonElement array) => array.EnumerateArray().Select(element => element.GetString()!);
}
