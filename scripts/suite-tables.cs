#:property GenerateDocumentationFile=true
// Turns what the BenchmarkDotNet suites wrote into tables: benchmarks/results/<cpu>/collection.md and variance.md, and from these the
// blocks between `<!-- collection:start -->` and `<!-- collection:end -->`, and likewise `variance`, of README.md.
//
//   dotnet run -c Release --project benchmarks/PgFast.Benchmarks -- --filter '*Collection*' '*Variance*' '*Study*'
//   dotnet run scripts/suite-tables.cs [-- [--cpu NAME] [--from FOLDER] [--note TEXT]]
//   dotnet run scripts/suite-tables.cs -- --check
//
// --cpu    what the CPU is called, where the system does not know it better; it also names the folder.
// --from   where the suites' *-columns.json are; by default BenchmarkDotNet.Artifacts/results.
// --note   anything that readers of the figures should know.
// --check  changes nothing: fails if a block of README.md is not what the committed tables make of it.

using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

const string Results = "benchmarks/results";
string? cpu = null, from = null, note = null;
bool checks = false;
for (int i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--cpu": cpu = Value(ref i); break;
        case "--from": from = Path.GetFullPath(Value(ref i)); break;
        case "--note": note = Value(ref i); break;
        case "--check": checks = true; break;
        default: return Fail($"{args[i]} is unknown; there are --cpu, --from, --note and --check.");
    }
}

Directory.SetCurrentDirectory(Output("git", "rev-parse --show-toplevel").Trim());
from ??= Path.GetFullPath("BenchmarkDotNet.Artifacts/results");
if (!checks && !(Write("collection", Collection) | Write("variance", Variance)))
    return Fail($"{from} has no *-columns.json of a suite that has tables.");
string readMe = File.ReadAllText("README.md"), refreshed = readMe;
foreach (string name in (string[])["collection", "variance"])
{
    if (TablesOf(name) is { } file)
        refreshed = Replace(refreshed, name, name == "collection" ? CollectionBlock(file) : VarianceBlock(file));
}

if (checks)
    return refreshed == readMe ? 0 : Fail("README.md is not what the tables make of it: run scripts/suite-tables.cs.");
File.WriteAllText("README.md", refreshed);
return 0;

// From the suites' files to tables.

bool Write(string name, Func<Suite, Suite?, string> report)
{
    Suite? suite = Read(name == "collection" ? "CollectionBenchmarks" : "GradientVarianceBenchmarks");
    if (suite is null)
        return false;
    string path = Path.Combine(Results, FolderName(cpu ?? suite.Machine("cpu")), name + ".md");
    Directory.CreateDirectory(Path.GetDirectoryName(path)!);
    File.WriteAllText(path, report(suite, Read("StudyBenchmarks")));
    Console.WriteLine(path);
    return true;
}

Suite? Read(string name)
{
    string path = Path.Combine(from, $"PgFast.Benchmarks.{name}-columns.json");
    return File.Exists(path) ? new Suite(JsonDocument.Parse(File.ReadAllText(path)).RootElement) : null;
}

string Collection(Suite suite, Suite? _)
{
    StringBuilder text = Head("Collection", suite);
    text.Append("| stage | network | policy | episodes an update | threads | lanes | episodes/s | M env-steps/s | steps an episode | GFLOP/s |\n");
    text.Append("| --- | --- | --- | --: | --: | --: | --: | --: | --: | --: |\n");
    foreach (Case found in suite.Cases)
    {
        string lanes = Significant(found["lanes"]) + (found.Job.EndsWith("no FMA", StringComparison.Ordinal) ? ", no FMA" : "");
        Row(
            text, found.Method.ToLowerInvariant(), found.Parameter("Network"), found.Parameter("Policy"), found.Parameter("Batch"),
            found.Parameter("Threads"), lanes, Significant(found["episodes/s"]), Significant(found["M env-steps/s"]),
            Significant(found["steps/episode"]), Significant(found["GFLOP/s"]));
    }

    return text.Append(
        """

        Every case goes through the same 1,024 episodes. An update is rollout, returns, weights, gradient and sum over shards, without the
        optimizer's step; a rollout ends with the returns. Episodes a second say little without their length: `untrained` is the policy
        that training starts from, `balancing` a fixed one that stands for a trained one. Up to 64 episodes are work for one thread.

        """).ToString();
}

string Variance(Suite suite, Suite? study)
{
    StringBuilder text = Head("Gradient variance", suite);
    text.Append("| policy | estimator | episodes an update | baseline | variance | 95 % | of none | 95 % | batches | µs an update ");
    text.Append("| efficiency | gain |\n");
    text.Append("| --- | --- | --: | --- | --: | --- | --: | --- | --: | --: | --: | --: |\n");
    foreach (Case found in suite.Cases)
    {
        Row(
            text, found.Parameter("Policy"), Spelt(found.Parameter("Estimator")), found.Parameter("Batch"), Spelt(found.Parameter("Baseline")),
            Significant(found["trace"]), Interval(found, "trace"), Significant(found["of none"]),
            found.Parameter("Baseline") == "None" ? "" : Interval(found, "of none"),
            Significant(found["batches"], 9), Significant(found["µs/batch"]), Significant(found["efficiency"]), Significant(found["gain"]));
    }

    text.Append(
        """

        CartPole-v1, 4-32-2 ReLU, γ = 0.99, weights not standardised. Variance is the trace of the covariance of an update's gradient, from
        the engine's own study over batches × episodes an update, the same episodes for all rows of a policy; `of none` is its ratio to the
        row without a baseline. The time is that of the update's gradient on one thread, rollout included. Efficiency is
        1/(variance × seconds), gain its ratio to the row without a baseline. At a batch of one, `mean` and `time` are fitted on a pilot sample
        in the study, as an update has no other episodes; the constants and `linear` are fitted at every batch size, which is not timed.

        """);
    // Beside the facts of one commit stand figures of that commit alone.
    if (study is null || study.Machine("version") != suite.Machine("version"))
        return text.ToString();
    text.Append("\n| rows of a study | µs an episode | steps an episode |\n| --- | --: | --: |\n");
    foreach (Case found in study.Cases)
        Row(text, found.Parameter("Rows").Replace(" x ", " × "), Significant(1e6 / found["episodes/s"]), Significant(found["steps/episode"]));
    return text.Append(
        """

        What a study costs on one thread, at a batch of one, for 3 estimators × 6 baselines from one pass over the episodes, and for a single
        row; construction and pilot sample included.

        """).ToString();
}

StringBuilder Head(string title, Suite suite)
{
    string commit = suite.Machine("version").Split('+') is [_, { Length: > 12 } hash] ? hash[..12] : "unknown";
    if (Output("git", "status --porcelain -- src benchmarks/PgFast.Benchmarks Directory.Packages.props Directory.Build.props").Length > 0)
        commit += " with local changes";
    string name = cpu ?? suite.Machine("cpu");
    StringBuilder text = new($"# {title}: {name}\n\n| | |\n| --- | --- |\n");
    Row(text, "CPU", $"{name}, {suite.Machine("architecture")}, {suite.Machine("cores")} cores");
    Row(text, "runtime", suite.Machine("runtime"));
    Row(text, "OS", suite.Machine("operatingSystem"));
    Row(text, "commit", commit);
    Row(text, "date", suite.Date);
    Row(text, "command", $"`{suite.Command}`");
    string?[] notes = [suite.Command.Contains("--quick", StringComparison.Ordinal) ? "a quick look, three short iterations a case" : null, note];
    if (notes.OfType<string>().Any())
        Row(text, "note", string.Join("; ", notes.OfType<string>()));
    return text.Append('\n');
}

// From tables to the README.

// The file that a block links to, else the only one there is; null if there is none.
string? TablesOf(string name)
{
    string linked = Regex.Match(Block(readMe, name), $@"\]\(({Results}/[^)]*/{name}\.md)\)").Groups[1].Value;
    string[] found = Directory.GetFiles(Results, name + ".md", SearchOption.AllDirectories);
    return checks && File.Exists(linked) ? linked : found.MaxBy(File.GetLastWriteTimeUtc)?.Replace('\\', '/');
}

string CollectionBlock(string file)
{
    List<string[]> table = TableOf(file, "stage");
    int widest = table.Skip(1).Max(Lanes);
    IEnumerable<string[]> chosen = table.Skip(1).Where(cells =>
        cells[0] == "update" && !cells[1].StartsWith("4-256", StringComparison.Ordinal) && Lanes(cells) == widest
        && (cells[1] == "4-32-2 relu" ? cells[3] is "1" or "64" or "1024" : cells[3] == "64"));
    return $"Episodes a second of whole updates {Origin(file)}:\n\n{Markdown(file, table[0], chosen)}\n";
}

// 0 where a width is emulated.
static int Lanes(string[] cells) => int.TryParse(cells[5], CultureInfo.InvariantCulture, out int lanes) ? lanes : 0;

string VarianceBlock(string file)
{
    List<string[]> table = TableOf(file, "policy"), study = TableOf(file, "rows of a study");
    IEnumerable<string[]> chosen = table.Skip(1).Where(cells => cells[0] == "untrained" && cells[1] == "reward-to-go" && cells[2] is "1" or "64");
    string cost = study.Count == 0 ? "" : $"\nAll rows of a study come from one pass over the episodes:\n\n{Markdown(file, study[0], study.Skip(1))}";
    return $"What a baseline buys {Origin(file)}:\n\n{Markdown(file, table[0], chosen)}{cost}\n";
}

// Where figures are from, in the words of the file's first table.
string Origin(string file)
{
    Dictionary<string, string> facts = TableOf(file, "").Skip(1).ToDictionary(cells => cells[0], cells => cells[1]);
    string noted = facts.TryGetValue("note", out string? words) ? $"\n({words})" : "";
    return $"on {facts["CPU"]}, {facts["runtime"]}, commit {facts["commit"]}{noted};\nall of them, and what they mean, are in [{file}]({file})";
}

// The table whose first heading is given: headings, then rows. Empty if there is none.
static List<string[]> TableOf(string file, string heading)
{
    string[] lines = File.ReadAllLines(file);
    int start = Array.FindIndex(lines, line => line.StartsWith('|') && Cells(line)[0] == heading);
    return start < 0 ? [] : [Cells(lines[start]), .. lines.Skip(start + 2).TakeWhile(line => line.StartsWith('|')).Select(Cells)];
}

static string[] Cells(string line) => [.. line.Trim('|').Split('|').Select(cell => cell.Trim())];

// Rows as they stand in the file, below its heading and rule.
static string Markdown(string file, string[] headings, IEnumerable<string[]> rows)
{
    string[] lines = File.ReadAllLines(file);
    int start = Array.FindIndex(lines, line => line.StartsWith('|') && Cells(line).SequenceEqual(headings));
    StringBuilder text = new($"{lines[start]}\n{lines[start + 1]}\n");
    foreach (string[] cells in rows)
        Row(text, cells);
    return text.ToString();
}

string Block(string text, string name)
{
    (int begin, int end) = Marks(text, name);
    return text[begin..end];
}

string Replace(string text, string name, string block)
{
    (int begin, int end) = Marks(text, name);
    return text[..begin] + block + text[end..];
}

static (int Begin, int End) Marks(string text, string name)
{
    string start = $"<!-- {name}:start -->\n";
    int begin = text.IndexOf(start, StringComparison.Ordinal), end = text.IndexOf($"<!-- {name}:end -->", StringComparison.Ordinal);
    return begin >= 0 && end >= begin + start.Length
        ? (begin + start.Length, end)
        : throw new InvalidDataException($"README.md has no block {name}.");
}

// Spelling.

static void Row(StringBuilder text, params string[] cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");

static string Spelt(string name) => JsonNamingPolicy.KebabCaseLower.ConvertName(name);

static string Interval(Case found, string name) =>
    double.IsNaN(found[name + " low"]) ? "" : $"{Significant(found[name + " low"])} – {Significant(found[name + " high"])}";

static string Significant(double value, int digits = 3)
{
    if (double.IsNaN(value))
        return "";
    int decimals = value == 0 || value == Math.Floor(value) ? 0 : Math.Max(0, digits - 1 - (int)Math.Floor(Math.Log10(Math.Abs(value))));
    return value.ToString("N" + decimals, CultureInfo.InvariantCulture);
}

static string FolderName(string name) =>
    string.Join(
        '-',
        string.Concat(name.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : ' ')).Split(' ', StringSplitOptions.RemoveEmptyEntries));

string Value(ref int i)
{
    if (++i < args.Length)
        return args[i];
    Environment.Exit(Fail($"{args[i - 1]} needs a value."));
    return "";
}

static int Fail(string message)
{
    Console.Error.WriteLine(message);
    return 1;
}

static string Output(string program, string arguments)
{
    using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })
        ?? throw new InvalidOperationException($"{program} did not start.");
    string output = process.StandardOutput.ReadToEnd();
    process.WaitForExit();
    return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {arguments} failed with exit code {process.ExitCode}.");
}

/// <summary>A suite's file.</summary>
internal sealed class Suite(JsonElement root)
{
    public string Command => root.GetProperty("command").GetString()!;

    public string Date => root.GetProperty("date").GetString()!;

    /// <summary>Cases that were measured.</summary>
    public IEnumerable<Case> Cases =>
        root.GetProperty("cases").EnumerateArray().Select(element => new Case(element)).Where(found => found.IsMeasured);

    public string Machine(string name) => root.GetProperty("machine").GetProperty(name).ToString();
}

/// <summary>One case of a suite.</summary>
internal sealed class Case(JsonElement element)
{
    public bool IsMeasured => element.GetProperty("meanSeconds").ValueKind == JsonValueKind.Number;

    public string Method => element.GetProperty("method").GetString()!;

    public string Job => element.GetProperty("job").GetString()!;

    /// <summary>A column's number; NaN where it has none.</summary>
    public double this[string column] =>
        element.GetProperty("columns").TryGetProperty(column, out JsonElement value) && value.ValueKind == JsonValueKind.Number
            ? value.GetDouble()
            : double.NaN;

    public string Parameter(string name) => element.GetProperty("parameters").GetProperty(name).GetString()!;
}
