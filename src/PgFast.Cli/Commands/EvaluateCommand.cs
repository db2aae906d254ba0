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

    private readonly ExplainedOption<Activation?> _activation = Values.OptionalChoice(
        "--activation", CommonOptions.Run, Names.Activations, "Non-linearity of the hidden layers, for a file that does not name it.");

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
        path = SavedPolicy.PathIn(path);
        PolicyFile file = SavedPolicy.Load(_policy.Name, path, parsed.GetValue(_activation));
        EnvironmentEntry environment = SavedPolicy.EnvironmentOf(given, path, file);
        SavedPolicy.RequireFit(_policy.Name, path, file, environment);

        ulong seed = parsed.GetValue(_seed) ?? unchecked((file.Seed ?? 0) + 1);
        using Trainer trainer = environment.CreateTrainer(new TrainerOptions
        {
            HiddenSizes = file.Shape.Sizes[1..^1].ToArray(),
            Activation = file.Shape.Activation,
            HasBias = file.Shape.HasBias,
            StandardDeviation = file.Distribution.StandardDeviation,
            ActionScale = file.ActionScale,
            NormalizeObservations = file.ObservationScaling is not null,
            BatchSize = 1,
            Seed = seed,
            Threads = parsed.GetValue(_threads),
        });
        trainer.SetParameters(file.Parameters);
        if (file.ObservationScaling is { } scaling)
            trainer.SetObservationScaling(scaling);
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
