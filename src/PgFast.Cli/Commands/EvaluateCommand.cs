using System.CommandLine;
using PgFast.Cli.Options;
using PgFast.Cli.Output;
using PgFast.Cli.Runs;
using PgFast.Files;
using PgFast.Networks;
using PgFast.Training;

namespace PgFast.Cli.Commands;

/// <summary><c>pgfast evaluate</c>: returns of a saved policy on fresh episodes.</summary>
internal sealed class EvaluateCommand
{
    private static readonly double[] Quantiles = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1];

    private readonly Argument<string?> _environment =
        CommonOptions.EnvironmentArgument("The environment; by default the one that the file names.");

    private readonly ExplainedOption<string?> _policy = Values.Path(
        "--policy", CommonOptions.Run, "the path of a policy.safetensors or of a run directory", "PATH",
        "The policy's file, or its run's directory.");

    private readonly ExplainedOption<int> _episodes = Values.Integer(
        "--episodes", CommonOptions.Run, 1, 16_777_216, 1000, "How many episodes.");

    private readonly ExplainedOption<ulong?> _seed = Values.Seed(
        "--seed", CommonOptions.Run, "Seed of start states and actions.",
        "the file's seed + 1, so that training has seen none of the episodes");

    private readonly ExplainedOption<int> _threads = CommonOptions.Threads("Threads; they change the speed and no bit of the result.");

    private readonly ExplainedOption<Activation?> _activation = new("--activation", "relu or tanh", TryParseActivation, null)
    {
        Group = CommonOptions.Run,
        Description = "Non-linearity of the hidden layers, for a file that does not name it.",
        HelpName = "relu|tanh",
        Names = ["relu", "tanh"],
    };

    private readonly Flag _json = CommonOptions.Json();

    public static Command Create()
    {
        EvaluateCommand evaluate = new();
        Command command = new("evaluate", "Measures the returns of a saved policy on fresh episodes.") { evaluate._environment };
        Option[] options = [evaluate._policy, evaluate._episodes, evaluate._seed, evaluate._activation, evaluate._threads, evaluate._json];
        foreach (Option option in options)
            command.Add(option);
        command.SetAction(evaluate.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        CommandLine.CheckLaneWidth();
        string? given = parsed.GetValue(_environment);
        if (given is not null)
            CommonOptions.FindEnvironment(given);
        string path = parsed.GetValue(_policy) ?? throw new UsageException($"--policy is missing; it must be {_policy.Allowed}");
        if (Directory.Exists(path))
            path = Path.Combine(path, RunDirectory.PolicyName);
        PolicyFile file = Load(path, parsed.GetValue(_activation));
        if (given is null && file.Environment is null)
            throw new UsageException($"'{path}' names no environment: name one of {string.Join(", ", EnvironmentCatalog.Names)}");
        EnvironmentEntry environment = CommonOptions.FindEnvironment(given ?? file.Environment);
        RequireFit(path, file.Shape, environment);

        ulong seed = parsed.GetValue(_seed) ?? unchecked((file.Seed ?? 0) + 1);
        using Trainer trainer = environment.CreateTrainer(new TrainerOptions
        {
            HiddenSizes = file.Shape.Sizes[1..^1].ToArray(),
            Activation = file.Shape.Activation,
            HasBias = file.Shape.HasBias,
            BatchSize = 1,
            Seed = seed,
            Threads = parsed.GetValue(_threads),
        });
        trainer.SetParameters(file.Parameters);
        using Interruption interruption = new();
        EvaluationResult result;
        try
        {
            result = interruption.Evaluate(trainer, parsed.GetValue(_episodes));
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }

        if (parsed.GetValue(_json))
            PrintJson(environment, path, seed, trainer, result);
        else
            Print(environment, path, seed, result);
        return ExitCode.Done;
    }

    private static bool TryParseActivation(string text, out Activation? activation)
    {
        int index = Array.FindIndex(Names.Activations, choice => string.Equals(choice.Name, text, StringComparison.OrdinalIgnoreCase));
        activation = index < 0 ? null : Names.Activations[index].Value;
        return index >= 0;
    }

    private static PolicyFile Load(string path, Activation? activation)
    {
        try
        {
            return PolicyFile.Load(path, activation);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UsageException($"--policy must name a file that exists; '{path}' does not");
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UsageException($"--policy must name a policy that can be read; '{path}' is none: {exception.Message}");
        }
    }

    /// <summary>Compares the tensors that touch the environment with what it needs.</summary>
    private static void RequireFit(string path, NetworkShape shape, EnvironmentEntry environment)
    {
        List<string> misfits = [];
        int first = 0, last = shape.LayerCount - 1;
        int observations = environment.Specification.ObservationSize, actions = environment.Specification.Actions.Size;
        for (int layer = first; layer <= last; layer++)
        {
            int inputs = layer == first ? observations : shape.InputSizeOf(layer);
            int outputs = layer == last ? actions : shape.OutputSizeOf(layer);
            if (inputs != shape.InputSizeOf(layer) || outputs != shape.OutputSizeOf(layer))
            {
                string found = $"[{shape.OutputSizeOf(layer)}, {shape.InputSizeOf(layer)}]";
                misfits.Add($"policy.{layer}.weight expected [{outputs}, {inputs}], found {found}");
            }

            if (shape.HasBias && outputs != shape.OutputSizeOf(layer))
                misfits.Add($"policy.{layer}.bias expected [{outputs}], found [{shape.OutputSizeOf(layer)}]");
        }

        if (misfits.Count > 0)
            throw new UsageException($"--policy must fit {environment.Name}; '{path}' does not: {string.Join("; ", misfits)}");
    }

    private static void Print(EnvironmentEntry environment, string path, ulong seed, EvaluationResult result)
    {
        Console.WriteLine($"{Terminal.Strong(environment.Name)}  {path}  seed {seed}");
        Console.WriteLine(
            $"  mean return  {Terminal.Number(result.MeanReturn, "0.00")} ± {Terminal.Number(result.StandardError, "0.00")}"
            + $" over {Terminal.Count(result.Episodes)} episodes, {Terminal.Count(result.EnvironmentSteps)} env-steps");
        Console.WriteLine(
            "  quantiles    "
            + string.Join("  ", Quantiles.Select(q => $"{Terminal.Number(100 * q, "0")} %: {Terminal.Number(result.Quantile(q), "0.#")}")));
    }

    private static void PrintJson(EnvironmentEntry environment, string path, ulong seed, Trainer trainer, EvaluationResult result) =>
        JsonText.Print(json =>
        {
            json.WriteStartObject();
            json.WriteString("environment", environment.Name);
            json.WriteString("policy", path);
            json.WriteString("parameterHash", trainer.ParameterHash());
            json.WriteNumber("seed", seed);
            json.WriteNumber("episodes", result.Episodes);
            json.WriteNumber("environmentSteps", result.EnvironmentSteps);
            json.WriteNumber("meanReturn", result.MeanReturn);
            json.WriteFinite("standardError", result.StandardError);
            json.WriteStartArray("quantiles");
            foreach (double fraction in Quantiles)
            {
                json.WriteStartObject();
                json.WriteNumber("fraction", fraction);
                json.WriteNumber("return", result.Quantile(fraction));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
}
