#:property GenerateDocumentationFile=true
// Compares the speed of two commits on this machine: both are built, measured in turns with `pgfast bench`, and compared round by round.
//
//   dotnet run scripts/compare-commits.cs -- BASE [OTHER] [--rounds N] [--tolerance X] [--thorough]
//
// BASE, OTHER   commits; OTHER is the working tree where it is not given.
// --rounds      pairs of measurements, 6 to 100. Default 9. Which of the two comes first alternates.
// --tolerance   how much slower may be, from 0 to 1. Default 0.03.
// --thorough    `bench` at its full length instead of --quick.
//
// A ratio is OTHER's rate over BASE's in the same round; what counts is its median with an interval between two of the sorted ratios that
// holds the true median with at least 95 % (binomial; exact for any distribution). There are some 16 rows, so that one of them strays now and then. The exit
// status is 1 where a whole interval of a training row lies below 1 − tolerance, 2 for bad usage, else 0. Times on a machine that others
// use are worth little: this is for people who look at the intervals, and no part of what a commit must pass.

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

List<string> commits = [];
int rounds = 9;
double tolerance = 0.03;
bool isThorough = false;
for (int i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--rounds":
            if (!int.TryParse(Value(ref i), NumberStyles.None, CultureInfo.InvariantCulture, out rounds) || rounds is < 6 or > 100)
                return Misuse("--rounds must be a whole number from 6 to 100");
            break;
        case "--tolerance":
            if (!double.TryParse(Value(ref i), CultureInfo.InvariantCulture, out tolerance) || tolerance is not (>= 0 and <= 1))
                return Misuse("--tolerance must be a number from 0 to 1");
            break;
        case "--thorough": isThorough = true; break;
        case ['-', ..]: return Misuse($"unknown option '{args[i]}'");
        default: commits.Add(args[i]); break;
    }
}

if (commits.Count is 0 or > 2)
    return Misuse("give a commit to compare with, or two");

string root = Output("git", "rev-parse --show-toplevel").Trim();
Directory.SetCurrentDirectory(root);
string scratch = Directory.CreateTempSubdirectory("pgfast-compare-").FullName;
List<string> trees = [];
try
{
    Build first = Prepare(commits[0]), second = Prepare(commits.Count == 2 ? commits[1] : null);
    string length = isThorough ? "" : " --quick";
    Dictionary<string, List<double>> ratios = [];
    List<string> keys = [];
    for (int round = 0; round < rounds; round++)
    {
        Console.Error.WriteLine($"round {round + 1} of {rounds}");
        Dictionary<string, double> one, other;
        if (round % 2 == 0)
            (one, other) = (Rates(first, length), Rates(second, length));
        else
            (other, one) = (Rates(second, length), Rates(first, length));
        foreach ((string key, double rate) in one)
        {
            if (!other.TryGetValue(key, out double otherRate))
                continue;
            if (!ratios.TryGetValue(key, out List<double>? list))
            {
                ratios[key] = list = [];
                keys.Add(key);
            }

            list.Add(otherRate / rate);
        }
    }

    Console.WriteLine($"{second.Name} over {first.Name}, {rounds} rounds, median ratio of env-steps/s with its interval of at least 95 %");
    bool isSlower = false;
    if (keys.Count == 0)
        throw new InvalidOperationException("the two commits measure nothing under the same name");
    int width = keys.Max(key => key.Length);
    foreach (string key in keys)
    {
        (double median, double low, double high) = Interval(ratios[key]);
        bool falls = high < 1 - tolerance;
        isSlower |= falls && key.Contains("training", StringComparison.Ordinal);
        string verdict = falls ? "slower" : low > 1 + tolerance ? "faster" : "";
        Console.WriteLine($"{key.PadRight(width)}  {Text(median)}  [{Text(low)}, {Text(high)}]  {verdict}".TrimEnd());
    }

    Console.WriteLine(Hash(first) == Hash(second) ? "the same bits: train cartpole --seed 1" : "other bits: train cartpole --seed 1");
    return isSlower ? 1 : 0;
}
catch (InvalidOperationException exception)
{
    return Misuse(exception.Message);
}
finally
{
    foreach (string tree in trees)
        Process.Start("git", ["worktree", "remove", "--force", tree]).WaitForExit();
    Directory.Delete(scratch, recursive: true);
}

string Value(ref int i) => ++i < args.Length ? args[i] : "";

static int Misuse(string message)
{
    Console.Error.WriteLine($"compare-commits: {message}");
    return 2;
}

Build Prepare(string? commit)
{
    string tree = root, name = "the working tree";
    if (commit is not null)
    {
        string hash = Output("git", $"rev-parse --verify \"{commit}^{{commit}}\"").Trim();
        name = hash[..12];
        tree = Path.Combine(scratch, name + "-" + trees.Count);
        Output("git", $"worktree add --quiet --detach \"{tree}\" {hash}");
        trees.Add(tree);
    }

    string output = Path.Combine(scratch, "built-" + name.Replace(' ', '-') + trees.Count);
    Console.Error.WriteLine($"building {name}");
    Output("dotnet", $"publish \"{Path.Combine(tree, "src", "PgFast.Cli")}\" -c Release -p:RunAnalyzers=false -o \"{output}\"");
    return new Build(name, Path.Combine(output, "pgfast.dll"));
}

static Dictionary<string, double> Rates(Build build, string length)
{
    using JsonDocument bench = JsonDocument.Parse(Output("dotnet", $"\"{build.Path}\" bench --json{length}"));
    Dictionary<string, double> rates = [];
    foreach (JsonElement stage in bench.RootElement.GetProperty("stages").EnumerateArray())
    {
        string stageName = stage.GetProperty("stage").GetString()!;
        string key = stageName == "physics"
            ? "physics"
            : $"{stage.GetProperty("network").GetString()} {stage.GetProperty("activation").GetString()} {stageName}";
        rates[key] = stage.GetProperty("environmentStepsPerSecond").GetDouble();
    }

    return rates;
}

static string Hash(Build build)
{
    using JsonDocument run = JsonDocument.Parse(Output("dotnet", $"\"{build.Path}\" train cartpole --seed 1 --json"));
    return run.RootElement.GetProperty("parameterHash").GetString()!;
}

// Sorted values number k and n + 1 − k hold the median between them unless fewer than k of n lie on one side of it.
static (double Median, double Low, double High) Interval(List<double> values)
{
    double[] sorted = [.. values.Order()];
    int n = sorted.Length, k = 1;
    double combinations = 1, below = Math.Pow(0.5, n);
    for (int i = 1; i < n / 2; i++)
    {
        combinations = combinations * (n - i + 1) / i;
        below += combinations * Math.Pow(0.5, n);
        if (2 * below > 0.05)
            break;
        k = i + 1;
    }

    return (Median(sorted), sorted[k - 1], sorted[n - k]);
}

static double Median(double[] values)
{
    double[] sorted = [.. values.Order()];
    int middle = sorted.Length / 2;
    return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

static string Text(double ratio) => ratio.ToString("0.000", CultureInfo.InvariantCulture);

static string Output(string program, string arguments)
{
    using Process process = Process.Start(new ProcessStartInfo(program, arguments)
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;
    Task<string> error = process.StandardError.ReadToEndAsync();
    string output = process.StandardOutput.ReadToEnd();
    process.WaitForExit();
    if (process.ExitCode == 0)
        return output;
    throw new InvalidOperationException($"{program} {arguments} failed:\n{output}{error.Result}".TrimEnd());
}

internal sealed record Build(string Name, string Path);
