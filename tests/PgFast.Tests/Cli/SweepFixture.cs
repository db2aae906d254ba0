using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PgFast.Tests.Cli;

/// <summary>Small sweeps and what they leave.</summary>
internal static class SweepFixture
{
    /// <summary>Two environments, three configurations, four seeds, not in order: 24 runs.</summary>
    public const string Small = """
        environment = ["cartpole", "corridor"]
        seeds = [3, 1, 9, 2]
        updates = 4
        eval-episodes = 20
        points = 4
        replicates = 200
        reference = { lr = 0.03 }
        scale = { cartpole = [9.5, 500], corridor = [-100, -11.5] }
        [options]
        batch = 8
        [grid]
        lr = [0.01, 0.03, 0.1]
        """;

    /// <summary>One environment, two configurations, two seeds: 4 runs.</summary>
    public const string Tiny = """
        environment = "cartpole"
        seeds = 2
        updates = 3
        eval-episodes = 5
        points = 4
        [options]
        batch = 8
        [grid]
        lr = [0.01, 0.03]
        """;

    /// <summary>Writes a sweep file and does it, into the directory <c>sweep</c>.</summary>
    public static CliResult Sweep(TemporaryDirectory directory, string toml, string options = "")
    {
        File.WriteAllText(directory.At("sweep.toml"), toml);
        CliResult result = Pgfast.Run($"sweep sweep.toml {options}", directory.Root);
        // A slow sweep says how far it is.
        Assert.DoesNotContain("pgfast: ", result.Error, StringComparison.Ordinal);
        Assert.Equal(0, result.ExitCode);
        return result;
    }

    public static JsonElement Results(TemporaryDirectory directory, string name = "sweep") =>
        JsonElement.Parse(File.ReadAllText(directory.At($"{name}/sweep.json")));

    /// <summary>Paths of the finished runs.</summary>
    public static string[] Runs(TemporaryDirectory directory) => [.. Directory.GetFiles(directory.At("sweep/runs"), "*.json").Order(StringComparer.Ordinal)];

    /// <summary>Of the finished runs: which file it is, and when it was written.</summary>
    public static Dictionary<string, DateTime> Times(TemporaryDirectory directory) => Runs(directory).ToDictionary(path => path, File.GetLastWriteTimeUtc);

    /// <summary>Changes a run's file.</summary>
    public static void Edit(string path, Action<JsonObject> change)
    {
        JsonObject run = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        change(run);
        File.WriteAllText(path, run.ToJsonString());
    }

    /// <summary>The file of a run.</summary>
    public static string Run(TemporaryDirectory directory, string environment, string label, int seed) => Runs(directory).Single(path =>
    {
        JsonNode run = JsonNode.Parse(File.ReadAllText(path))!;
        return (string)run["environment"]! == environment && (string)run["configuration"]! == label && (int)run["seed"]! == seed;
    });

    /// <summary>Rows of <c>runs.csv</c> by column; no cell of these sweeps has a comma.</summary>
    public static Dictionary<string, string>[] Rows(TemporaryDirectory directory)
    {
        string[] lines = File.ReadAllLines(directory.At("sweep/runs.csv"));
        string[] columns = lines[0].Split(',');
        return [.. lines.Skip(1).Select(line => columns.Zip(line.Split(',')).ToDictionary(cell => cell.First, cell => cell.Second))];
    }

    public static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(number => number.GetDouble())];

    public static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>A document without what a clock measured.</summary>
    public static string WithoutTimes(string json) =>
        string.Join('\n', json.Split('\n').Where(line => !line.Contains("rainSeconds\"", StringComparison.Ordinal)));
}
