using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using PgFast.Cli.Sweeps;

namespace PgFast.Tests.Cli;

/// <summary>A sweep goes on where it stopped, however it stopped.</summary>
[Collection(CliTestGroup.Name)]
public class SweepResumeTests
{
    /// <summary>Enough runs that a signal comes in between.</summary>
    private const string Long = "environment = 'cartpole'\nseeds = 2000\nupdates = 30\neval-episodes = 50\npoints = 4\n[grid]\nlr = [0.01, 0.03]\n";

    private const int Interrupted = 130;

    [Fact]
    public void Sweep_DoneBefore_RunsNothingAgain()
    {
        using TemporaryDirectory directory = new();
        SweepFixture.Sweep(directory, SweepFixture.Tiny);
        string json = File.ReadAllText(directory.At("sweep/sweep.json")), page = File.ReadAllText(directory.At("sweep/report.html"));
        Dictionary<string, DateTime> times = SweepFixture.Times(directory);
        CliResult again = SweepFixture.Sweep(directory, SweepFixture.Tiny);
        Assert.Contains("4 of 4 runs, 4 of them from before", again.Output, StringComparison.Ordinal);
        Assert.Equal(times, SweepFixture.Times(directory));
        Assert.Equal(json, File.ReadAllText(directory.At("sweep/sweep.json")));
        Assert.Equal(page, File.ReadAllText(directory.At("sweep/report.html")));

        // What the files say counts, so that they are what is read.
        SweepFixture.Edit(SweepFixture.Run(directory, "cartpole", "lr 0.03", 2), run => run["meanReturn"] = 432.125);
        SweepFixture.Sweep(directory, SweepFixture.Tiny);
        JsonElement result = SweepFixture.Results(directory).GetProperty("configurations")[1].GetProperty("results")[0];
        Assert.Equal(432.125, SweepFixture.Numbers(result.GetProperty("scores"))[1]);
        Assert.Equal("432.125", SweepFixture.Rows(directory)[3]["score"]);
    }

    [Theory]
    [InlineData("name = 'other'\ndescription = 'Other.'\nscore = 'curve'\nconfidence = 0.5\nreplicates = 10\nreference = { lr = 0.03 }\n", "")]
    [InlineData("", "optimizer = ['adam']\n")]
    [InlineData("", "baseline = ['None']\ngamma = ['0.99']\n")]
    public void Sweep_OtherFileOfTheSameRuns_RunsNothingAgain(string first, string last)
    {
        using TemporaryDirectory directory = new();
        SweepFixture.Sweep(directory, SweepFixture.Tiny);
        Dictionary<string, DateTime> times = SweepFixture.Times(directory);
        CliResult again = SweepFixture.Sweep(directory, $"{first}{SweepFixture.Tiny}\n{last}");
        Assert.Contains("4 of 4 runs, 4 of them from before", again.Output, StringComparison.Ordinal);
        Assert.Equal(times, SweepFixture.Times(directory));
    }

    [Theory]
    [InlineData("seeds = 2", "seeds = [2, 8, 1]", 4, 6)]
    [InlineData("lr = [0.01, 0.03]", "lr = [0.1, 0.03, 0.2, 0.01]", 4, 8)]
    [InlineData("lr = [0.01, 0.03]", "baseline = ['none', 'mean']\nlr = [0.01, 0.03]", 4, 8)]
    [InlineData("'cartpole'", "['corridor', 'cartpole']", 4, 8)]
    [InlineData("updates = 3", "updates = 2", 0, 4)]
    [InlineData("updates = 3", "env-steps = 300", 0, 4)]
    [InlineData("eval-episodes = 5", "eval-episodes = 6", 0, 4)]
    [InlineData("points = 4", "points = 5", 0, 4)]
    [InlineData("batch = 8", "batch = 9", 0, 4)]
    [InlineData("batch = 8", "batch = 8\nlr-final = 0.9", 0, 4)]
    public void Sweep_Changed_RunsOnlyWhatIsNew(string before, string after, int found, int runs)
    {
        using TemporaryDirectory directory = new();
        string file = SweepFixture.Tiny.Replace('"', '\'');
        SweepFixture.Sweep(directory, file);
        Dictionary<string, DateTime> times = SweepFixture.Times(directory);
        string changed = file.Replace(before, after, StringComparison.Ordinal);
        Assert.NotEqual(file, changed);
        CliResult again = SweepFixture.Sweep(directory, changed);
        Assert.Contains($"{runs} of {runs} runs{(found > 0 ? $", {found} of them from before" : "")}\n", again.Output, StringComparison.Ordinal);
        Dictionary<string, DateTime> now = SweepFixture.Times(directory);
        Assert.Equal(4 + runs - found, now.Count);
        Assert.All(times, run => Assert.Equal(run.Value, now[run.Key]));
    }

    [Theory]
    [InlineData("truncated")]
    [InlineData("empty")]
    [InlineData("no object")]
    [InlineData("another seed's")]
    [InlineData("another environment's")]
    [InlineData("a point less")]
    [InlineData("a null")]
    [InlineData("a text")]
    [InlineData("infinite")]
    [InlineData("infinite curve")]
    [InlineData("negative count")]
    public void Sweep_RunFileThatIsNone_IsDoneAgain(string damage)
    {
        using TemporaryDirectory directory = new();
        SweepFixture.Sweep(directory, SweepFixture.Tiny);
        string path = SweepFixture.Run(directory, "cartpole", "lr 0.01", 2), whole = File.ReadAllText(path);
        string results = File.ReadAllText(directory.At("sweep/sweep.json"));
        string other = File.ReadAllText(SweepFixture.Run(directory, "cartpole", "lr 0.01", 1));
        string mean = JsonNode.Parse(whole)!["meanReturn"]!.ToJsonString();
        string damaged = damage switch
        {
            "truncated" => whole[..(whole.Length / 2)],
            "empty" => "",
            "no object" => "[1]",
            "another seed's" => other,
            "another environment's" => whole.Replace("cartpole", "corridor", StringComparison.Ordinal),
            "a point less" => Changed(run => run["returns"]!.AsArray().RemoveAt(0)),
            "a null" => Changed(run => run["meanReturn"] = null),
            "a text" => Changed(run => run["solved"] = "yes"),
            "infinite" => whole.Replace($"\"meanReturn\": {mean}", "\"meanReturn\": 1e999", StringComparison.Ordinal),
            "infinite curve" => Changed(run => run["returns"]![2] = null),
            _ => Changed(run => run["seed"] = -2),
        };
        Assert.NotEqual(whole, damaged);
        File.WriteAllText(path, damaged);
        Dictionary<string, DateTime> times = SweepFixture.Times(directory);
        CliResult again = SweepFixture.Sweep(directory, SweepFixture.Tiny);
        Assert.Contains("4 of 4 runs, 3 of them from before", again.Output, StringComparison.Ordinal);
        Assert.Equal(SweepFixture.WithoutTimes(whole), SweepFixture.WithoutTimes(File.ReadAllText(path)));
        Assert.Equal(SweepFixture.WithoutTimes(results), SweepFixture.WithoutTimes(File.ReadAllText(directory.At("sweep/sweep.json"))));
        Assert.Equal([path], SweepFixture.Times(directory).Where(run => run.Value != times[run.Key]).Select(run => run.Key));

        string Changed(Action<JsonObject> change)
        {
            JsonObject run = JsonNode.Parse(whole)!.AsObject();
            change(run);
            return run.ToJsonString();
        }
    }

    [Fact]
    public void Sweep_Killed_LosesNoFinishedRun()
    {
        using TemporaryDirectory directory = new();
        using Process process = Begin(directory);
        process.Kill();
        process.WaitForExit();
        string[] finished = SweepFixture.Runs(directory);
        Assert.All(finished, path => Assert.NotNull(SweepRunFile.Read(File.ReadAllBytes(path), points: 4)));
        AssertGoesOn(directory);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public void Sweep_Interrupted_Exits130WithWhatIsFinished(string signal)
    {
        if (OperatingSystem.IsWindows())
            return;
        using TemporaryDirectory directory = new();
        using Process process = Begin(directory, "--json");
        Pgfast.Signal(process, signal);
        CliResult result = Pgfast.Finish(process);
        Assert.Equal(Interrupted, result.ExitCode);
        int finished = SweepFixture.Runs(directory).Length;
        Assert.EndsWith(
            $"pgfast: {finished} of 4000 runs are finished and kept in 'sweep'; the same command does the rest\n", result.Error, StringComparison.Ordinal);
        Assert.Equal(finished, result.Json().GetProperty("finishedRuns").GetInt32());
        Assert.Equal(result.Output, File.ReadAllText(directory.At("sweep/sweep.json")));
        Assert.Contains("of 4,000 runs are finished", File.ReadAllText(directory.At("sweep/report.html")), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(directory.Root, "*.tmp", SearchOption.AllDirectories));
        AssertGoesOn(directory);
    }

    [Fact]
    public void Sweep_InterruptedBeforeAnyRunIsFinished_PrintsNoResult()
    {
        if (OperatingSystem.IsWindows())
            return;
        using TemporaryDirectory directory = new();
        File.WriteAllText(directory.At("sweep.toml"), SweepFixture.Tiny.Replace("updates = 3", "updates = 1_000_000_000", StringComparison.Ordinal));
        using Process process = Pgfast.Start("sweep sweep.toml --json", directory.Root);
        Wait(process, () => Directory.Exists(directory.At("sweep/runs")));
        Thread.Sleep(1000);
        Pgfast.Signal(process, "INT");
        CliResult result = Pgfast.Finish(process);
        Assert.Equal(Interrupted, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.Contains("pgfast: 0 of 4 runs are finished", result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(directory.At("sweep/sweep.json")));
        Assert.Contains("4 of 4 runs\n", SweepFixture.Sweep(directory, SweepFixture.Tiny).Output, StringComparison.Ordinal);
    }

    /// <summary>Starts the long sweep and waits for its first runs.</summary>
    private static Process Begin(TemporaryDirectory directory, string options = "")
    {
        File.WriteAllText(directory.At("sweep.toml"), Long);
        Process process = Pgfast.Start($"sweep sweep.toml --threads 2 {options}", directory.Root);
        Wait(process, () => Directory.Exists(directory.At("sweep/runs")) && SweepFixture.Runs(directory).Length >= 3);
        return process;
    }

    /// <summary>Finished runs are taken as they are, beside what a kill may leave; the first seeds come first.</summary>
    private static void AssertGoesOn(TemporaryDirectory directory)
    {
        Dictionary<string, DateTime> times = SweepFixture.Times(directory);
        Assert.InRange(times.Count, 3, 3999);
        File.WriteAllText(directory.At($"sweep/runs/.{Path.GetFileName(times.First().Key)}.0123.tmp"), "{\"environment\": \"cart");
        int seeds = times.Count / 2 + 2;
        CliResult again = SweepFixture.Sweep(directory, Long.Replace("2000", $"{seeds}", StringComparison.Ordinal), "--json");
        Assert.Equal(2 * seeds, again.Json().GetProperty("finishedRuns").GetInt32());
        Dictionary<string, DateTime> now = SweepFixture.Times(directory);
        Assert.All(times, run => Assert.Equal(run.Value, now[run.Key]));
        Assert.Equal(2 * seeds, now.Count);
    }

    private static void Wait(Process process, Func<bool> condition)
    {
        while (!process.HasExited && !condition())
            Thread.Sleep(5);
        Assert.False(process.HasExited, "The sweep ended by itself.");
    }
}
