using System.CommandLine;
using System.Text.Json;
using PgFast.Checking;
using PgFast.Cli.Checks;
using PgFast.Cli.Options;
using PgFast.Cli.Output;

namespace PgFast.Cli.Commands;

/// <summary><c>pgfast check</c>: whether the environments of an assembly keep the engine's rules.</summary>
internal sealed class CheckCommand
{
    private readonly Argument<string?> _assembly = new("ASSEMBLY")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = "The .dll that holds the environments.",
        DefaultValueFactory = _ => null,
        CustomParser = result => result.Tokens.Count == 0 ? null : result.Tokens[0].Value,
    };

    private readonly ExplainedOption<string?> _type = Values.Path(
        "--type", CommonOptions.Run, "the name of an environment's type", "NAME", "Check this one only; with or without its namespace.");

    private readonly ExplainedOption<int> _steps = Values.Integer(
        "--steps", CommonOptions.Run, 1, 10_000_000, EnvironmentChecker.DefaultSteps, "Steps of each of 64 lanes.");

    private readonly ExplainedOption<ulong?> _seed = Values.Seed("--seed", CommonOptions.Run, "Seed of start states and actions.", "1");

    private readonly Flag _json = CommonOptions.Json();

    public static Command Create()
    {
        CheckCommand check = new();
        Command command = new("check", "Checks the environments of an assembly: shapes, finite numbers, determinism, lanes, threads, allocation.") { check._assembly };
        Option[] options = [check._type, check._steps, check._seed, check._json];
        foreach (Option option in options)
            command.Add(option);
        command.SetAction(check.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        // For a native build's compiler, which leaves out what follows; its command line has no check.
        if (!AssemblyLoading.IsSupported)
            throw new UsageException("check is not in this build");
        string path = parsed.GetValue(_assembly) ?? throw new UsageException("an assembly is missing; ASSEMBLY must name a .dll that holds environments");
        IReadOnlyList<EnvironmentType> types = EnvironmentAssembly.Load(path).Types;
        if (parsed.GetValue(_type) is { } name)
        {
            EnvironmentType[] chosen = [.. types.Where(type => type.IsNamed(name))];
            string[] names = [.. types.Select(type => type.Name)];
            if (chosen.Length == 0)
                throw new UsageException($"--type must name an environment of '{path}', not '{name}'{CommandLine.Suggestion(name, names)}; there are {string.Join(", ", names)}");
            types = chosen;
        }

        int steps = parsed.GetValue(_steps);
        ulong seed = parsed.GetValue(_seed) ?? 1;
        (EnvironmentType Type, EnvironmentCheck Check)[] checks = [.. types.Select(type => (type, type.Check(steps, seed)))];
        if (parsed.GetValue(_json))
            PrintJson(path, checks);
        else
            Print(checks);
        return checks.All(check => check.Check.Passed) ? ExitCode.Done : ExitCode.Failed;
    }

    private static void Print((EnvironmentType Type, EnvironmentCheck Check)[] checks)
    {
        foreach ((EnvironmentType type, EnvironmentCheck check) in checks)
        {
            string verdict = check.Passed ? Terminal.Good("passed") : Terminal.Bad(check.Problems.Count == 1 ? "1 problem" : $"{check.Problems.Count} problems");
            Console.WriteLine($"{Terminal.Strong(type.Name)}  {check.Name}  {verdict}");
            foreach (EnvironmentProblem problem in check.Problems)
                Console.WriteLine($"  {problem.Rule}: {problem.Message}");
            if (check.Steps == 0)
                continue;
            Console.WriteLine(
                $"  {Terminal.Count(check.Steps)} steps of random actions, {Terminal.Count(check.Episodes)} episodes, {Terminal.Count(check.Terminations)} of them"
                + $" to a terminal state; rewards from {Terminal.Number(check.SmallestReward, "0.####")} to {Terminal.Number(check.LargestReward, "0.####")}");
            if (check.Note is { } note)
                Console.WriteLine($"  {note}");
        }
    }

    private static void PrintJson(string path, (EnvironmentType Type, EnvironmentCheck Check)[] checks) => JsonText.Print(json =>
    {
        json.WriteStartObject();
        json.WriteString("assembly", path);
        json.WriteBoolean("passed", checks.All(check => check.Check.Passed));
        json.WriteStartArray("environments");
        foreach ((EnvironmentType type, EnvironmentCheck check) in checks)
            Write(json, type, check);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter json, EnvironmentType type, EnvironmentCheck check)
    {
        json.WriteStartObject();
        json.WriteString("type", type.Name);
        json.WriteString("name", check.Name);
        json.WriteBoolean("passed", check.Passed);
        json.WriteNumber("steps", check.Steps);
        json.WriteNumber("episodes", check.Episodes);
        json.WriteNumber("terminations", check.Terminations);
        json.WriteFinite("smallestReward", check.SmallestReward);
        json.WriteFinite("largestReward", check.LargestReward);
        json.WriteString("note", check.Note);
        json.WriteStartArray("problems");
        foreach (EnvironmentProblem problem in check.Problems)
        {
            json.WriteStartObject();
            json.WriteString("rule", problem.Rule);
            json.WriteString("message", problem.Message);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
