#:property GenerateDocumentationFile=true
// Measures this machine with `pgfast bench` and writes the result as a Markdown file, benchmarks/results/<cpu>/throughput.md.
//
//   dotnet run scripts/results-table.cs [-- [--cpu NAME] [--from BENCH.json --machine DESCRIBE.json] [BENCH OPTIONS...]]
//
// --cpu      what the CPU is called, where the system does not know it better; it also names the folder.
// --from     takes a saved document of `pgfast bench --json` instead of measuring; --machine one of `pgfast describe --json`.
// Everything else goes to `pgfast bench`, such as `--threads 2`. Run it from anywhere inside the repository, on an idle machine.

using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

const string Cli = "run -c Release --project src/PgFast.Cli --";
string? cpu = null, benchFile = null, machineFile = null;
List<string> benchOptions = [];
for (int i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--cpu": cpu = Value(ref i); break;
        case "--from": benchFile = Value(ref i); break;
        case "--machine": machineFile = Value(ref i); break;
        default: benchOptions.Add(args[i]); break;
    }
}

benchFile = benchFile is null ? null : Path.GetFullPath(benchFile);
machineFile = machineFile is null ? null : Path.GetFullPath(machineFile);
Directory.SetCurrentDirectory(Output("git", "rev-parse --show-toplevel").Trim());
string options = string.Concat(benchOptions.Select(option => " " + option));
using JsonDocument machine = Document(machineFile, "describe --json");
using JsonDocument bench = Document(benchFile, $"bench --json{options}");
cpu ??= Text(machine.RootElement, "cpu");
// The version that was measured names its commit; it is a result of that commit only if the sources are unchanged.
string commit = Text(machine.RootElement, "version").Split('+') is [_, { Length: > 12 } hash] ? hash[..12] : "unknown";
if (machineFile is null && Output("git", "status --porcelain -- src Directory.Packages.props Directory.Build.props").Length > 0)
    commit += " with local changes";
string path = Path.Combine("benchmarks", "results", FolderName(cpu), "throughput.md");
Directory.CreateDirectory(Path.GetDirectoryName(path)!);
File.WriteAllText(path, Report(machine.RootElement, bench.RootElement));
Console.WriteLine(path);
return 0;

string Value(ref int i)
{
    if (++i < args.Length)
        return args[i];
    Console.Error.WriteLine($"{args[i - 1]} needs a value.");
    Environment.Exit(2);
    return "";
}

static JsonDocument Document(string? file, string command) =>
    JsonDocument.Parse(file is null ? Output("dotnet", $"{Cli} {command}") : File.ReadAllText(file));

string Report(JsonElement machineFacts, JsonElement result)
{
    StringBuilder text = new();
    double peak = result.GetProperty("peakGflops").GetDouble();
    text.Append(CultureInfo.InvariantCulture, $"# Throughput: {cpu}\n\n| | |\n| --- | --- |\n");
    Fact("CPU", $"{cpu}, {Text(machineFacts, "architecture")}, {Text(machineFacts, "cores")} cores");
    Fact("runtime", Text(machineFacts, "runtime"));
    Fact("OS", Text(machineFacts, "operatingSystem"));
    Fact("lanes a register", Text(result, "laneWidth"));
    Fact("fused-multiply-add peak, one thread", $"{Number(peak, "0")} GFLOP/s, measured in the same process");
    if (result.TryGetProperty("batch", out JsonElement batch))
        Fact("episodes an update", batch.ToString());
    Fact("commit", commit);
    Fact("date", DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
    Fact("command", $"`dotnet {Cli} bench --json{options}`");
    text.Append("\n| network | activation | stage | threads | M env-steps/s | GFLOP/s | of peak | steps an episode |\n");
    text.Append("| --- | --- | --- | --: | --: | --: | --: | --: |\n");
    foreach (JsonElement stage in result.GetProperty("stages").EnumerateArray())
    {
        bool isPhysics = Text(stage, "stage") == "physics";
        double rate = stage.GetProperty("environmentStepsPerSecond").GetDouble() / 1e6;
        string gflops = isPhysics ? "" : Number(stage.GetProperty("gflops").GetDouble(), "0.0");
        string share = isPhysics ? "" : Number(stage.GetProperty("percentOfPeak").GetDouble(), "0") + " %";
        string length = stage.TryGetProperty("meanEpisodeLength", out JsonElement mean) ? Number(mean.GetDouble(), "0") : "";
        string[] cells =
        [
            Text(stage, "network"), Text(stage, "activation"), Text(stage, "stage"), Text(stage, "threads"),
            Number(rate, rate >= 100 ? "0" : rate >= 10 ? "0.0" : "0.00"), gflops, share, length,
        ];
        text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
    }

    text.Append(
        """

        Env-steps are those of live lanes. GFLOP/s count useful arithmetic: 2 for each multiply-add of one forward, one weight-gradient
        and, above the first layer, one input-gradient pass a step, for the network as written. A kernel that needs fewer (two actions
        are computed as one difference; a ReLU layer's gradient by additions) can therefore come close to the peak, or pass it, without
        being there. With several threads the peak is that of all of them.

        """);
    return text.ToString();

    void Fact(string name, string value) => text.Append(CultureInfo.InvariantCulture, $"| {name} | {value} |\n");
}

static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

static string Text(JsonElement element, string name) => element.TryGetProperty(name, out JsonElement value) ? value.ToString() : "unknown";

static string FolderName(string name) =>
    string.Join(
        '-',
        string.Concat(name.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : ' '))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries));

static string Output(string program, string arguments)
{
    using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })
        ?? throw new InvalidOperationException($"{program} did not start.");
    string output = process.StandardOutput.ReadToEnd();
    process.WaitForExit();
    return process.ExitCode == 0
        ? output
        : throw new InvalidOperationException($"{program} {arguments} failed with exit code {process.ExitCode}.");
}
