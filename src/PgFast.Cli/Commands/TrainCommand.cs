using System.CommandLine;
using System.Globalization;
using PgFast.Cli.Options;
using PgFast.Cli.Output;
using PgFast.Cli.Runs;
using PgFast.Training;

namespace PgFast.Cli.Commands;

/// <summary><c>pgfast train</c>: trains one seed, or several independent ones in parallel.</summary>
internal sealed partial class TrainCommand
{
    private const long DefaultUpdates = 1000;
    private const ulong DefaultSeed = 1;

    private readonly Argument<string?> _environment = CommonOptions.EnvironmentArgument("The environment to train on.");
    private readonly AlgorithmOptions _algorithm = new();
    private readonly TextbookRunOptions _textbook = new();

    private readonly ExplainedOption<long?> _updates =
        Values.Budget("--updates", CommonOptions.Run, "Do so many updates; without any budget, train until solved, at most 1,000.");

    private readonly ExplainedOption<long?> _steps =
        Values.Budget("--env-steps", CommonOptions.Run, "Stop after the update that reaches so many environment steps.");

    private readonly Option<double?> _solve = new("--solve")
    {
        Arity = ArgumentArity.ZeroOrOne,
        HelpName = "RETURN",
        Description = "Stop once a fresh evaluation has this mean return (the environment's own if not given); exit 1 if none does.",
    };

    private readonly ExplainedOption<int> _evaluationEpisodes =
        Values.Integer("--eval-episodes", CommonOptions.Run, 1, 16_777_216, 1000, "Fresh episodes of an evaluation.");

    private readonly ExplainedOption<ulong?> _seed = Values.Seed("--seed", CommonOptions.Run, "Seed of all random numbers.", "1");

    private readonly ExplainedOption<int> _seeds = Values.Integer(
        "--seeds", CommonOptions.Run, 1, 1_000_000, 1, "Independent runs with seeds S, S+1, …, one thread each, side by side.");

    private readonly ExplainedOption<int> _threads = CommonOptions.Threads("Threads; they change the speed and no bit of the result.");

    private readonly ExplainedOption<string?> _out = Values.Path(
        "--out", CommonOptions.Output, "the path of a new directory", "DIR", "Save the run there, so that --resume can go on with it; with --seeds, each seed in a directory of its own.");

    private readonly ExplainedOption<long?> _checkpointEvery = Values.Budget(
        "--checkpoint-every", CommonOptions.Output, "Keep a policy at the start and after every N updates, in checkpoints/ of --out.");

    private readonly Flag _tensorBoard = new("--tensorboard")
    {
        Group = CommonOptions.Output,
        Description = "Write files for TensorBoard too, in tensorboard/ of --out.",
    };

    private readonly ExplainedOption<string?> _resume = Values.Path(
        "--resume", CommonOptions.Output, "the path of a run's directory", "DIR",
        "Go on with the run, or with every seed, that --out made, to the same bits as if it had not stopped; a budget, or --episodes, counts from the beginning. "
        + "A step size that falls (--lr-final) keeps to the budget that the run began with.");

    private readonly Flag _json = CommonOptions.Json();

    private TrainCommand()
    {
        _solve.CustomParser = result =>
        {
            if (result.Tokens.Count == 0)
                return null;
            string text = result.Tokens[0].Value;
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value))
                return value;
            result.AddError($"--solve must be a mean return, a finite number, not '{text}'");
            return null;
        };
    }

    public static Command Create()
    {
        TrainCommand train = new();
        Command command = new("train", "Trains a policy; ends with an evaluation on fresh episodes.") { train._environment };
        train._algorithm.AddTo(command);
        Option[] options =
        [
            train._updates, train._steps, train._solve, train._evaluationEpisodes, train._seed, train._seeds, train._threads, train._out,
            train._checkpointEvery, train._tensorBoard, train._resume, train._json,
        ];
        foreach (Option option in options)
            command.Add(option);
        train._textbook.AddTo(command);
        command.SetAction(train.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        CommandLine.CheckLaneWidth();
        if (parsed.GetValue(_resume) is { } stopped)
            return Resume(parsed, stopped);
        EnvironmentEntry environment = CommonOptions.FindEnvironment(parsed.GetValue(_environment));
        if (_textbook.IsChosen(parsed))
            return TextbookRun.Begin(environment, _textbook.Read(parsed, environment), parsed.GetValue(_out), _textbook.CsvIn(parsed), parsed.GetValue(_json));
        RunPlan plan = Plan(parsed, environment);
        int seeds = parsed.GetValue(_seeds);
        ulong seed = parsed.GetValue(_seed) ?? DefaultSeed;
        if (seed > ulong.MaxValue - (ulong)(seeds - 1))
            throw new UsageException($"--seeds must be a number of seeds from {seed} to at most {ulong.MaxValue}, not {seeds}");
        bool json = parsed.GetValue(_json);
        string? directory = parsed.GetValue(_out);
        if (plan.CheckpointEvery is not null && directory is null)
            throw new UsageException("--checkpoint-every needs --out, the path of a new directory to keep them in");
        if (plan.WritesEvents && directory is null)
            throw new UsageException("--tensorboard needs --out, the path of a new directory to write to");
        TrainerOptions options = _algorithm.Read(parsed, environment, parsed.GetValue(_updates), parsed.GetValue(_steps)) with
        {
            Seed = seed,
            Threads = parsed.GetValue(_threads),
            // Entropy costs a few percent: it is measured where someone sees it.
            MeasureEntropy = directory is not null || (seeds == 1 && !json),
        };
        TrainerFactory.RequireMemory(environment, options, Math.Min(seeds, options.Threads));
        if (directory is not null)
            OutputDirectory.RequireAbsent(directory);

        using Interruption interruption = new();
        return seeds == 1
            ? RunOne(environment, options, plan, directory, json, parsed, interruption)
            : RunSeeds(environment, options, plan, directory, json, seeds, parsed, interruption);
    }

    private int RunOne(
        EnvironmentEntry environment, TrainerOptions options, RunPlan plan, string? directory, bool json, ParseResult parsed,
        Interruption interruption)
    {
        Progress progress = new(json, plan.Target);
        return Report(Train(environment, options, plan, directory, [progress], interruption), progress, plan, json, parsed);
    }

    private int Report(RunOutcome run, Progress progress, RunPlan plan, bool json, ParseResult parsed)
    {
        progress.Clear();
        if (json)
            TrainReport.PrintJson(run);
        else
            TrainReport.Print(run, plan);
        if (run.Error is not null)
            Console.Error.WriteLine($"pgfast: {run.Error.ReplaceLineEndings(" ")}");
        return ExitCodeOf([run], parsed);
    }

    /// <exception cref="UsageException">The directory cannot be made.</exception>
    private static RunOutcome Train(
        EnvironmentEntry environment, TrainerOptions options, RunPlan plan, string? path, IReadOnlyList<IRunObserver> observers,
        Interruption interruption)
    {
        using Trainer trainer = TrainerFactory.Create(environment, options);
        if (path is null)
            return TrainingRun.Execute(environment.Name, trainer, plan, observers, interruption);
        using RunDirectory directory = RunDirectory.Create(path, environment.Name, trainer, plan);
        using DirectoryLock hold = DirectoryLock.Take(path);
        return Train(environment, trainer, plan, directory, observers, interruption, start: null);
    }

    private static RunOutcome Train(
        EnvironmentEntry environment, Trainer trainer, RunPlan plan, RunDirectory directory, IReadOnlyList<IRunObserver> observers,
        Interruption interruption, RunStart? start)
    {
        RunOutcome run = TrainingRun.Execute(environment.Name, trainer, plan, [directory, .. observers], interruption, start);
        string? failure = directory.Finish(trainer, run);
        // A run that failed already has said why; a file that fails again adds nothing.
        return failure is null || run.Error is not null ? run : run with { Error = failure };
    }

    private RunPlan Plan(ParseResult parsed, EnvironmentEntry environment)
    {
        long? updates = parsed.GetValue(_updates), steps = parsed.GetValue(_steps);
        bool asksToSolve = parsed.GetResult(_solve) is not null;
        double? target = parsed.GetValue(_solve) ?? environment.Specification.SolvedReturn;
        if (asksToSolve && target is null)
            throw new UsageException($"--solve must be given a mean return, as {environment.Name} defines none");
        bool hasBudget = updates is not null || steps is not null;
        return new RunPlan(
            target, asksToSolve || (!hasBudget && target is not null), updates ?? (steps is null ? DefaultUpdates : long.MaxValue),
            steps ?? long.MaxValue, parsed.GetValue(_evaluationEpisodes), parsed.GetValue(_checkpointEvery), parsed.GetValue(_tensorBoard));
    }

    private int ExitCodeOf(IReadOnlyList<RunOutcome> runs, ParseResult parsed)
    {
        if (runs.Any(run => run.LacksFiles))
            return ExitCode.Failed;
        if (runs.Any(run => run.Interrupted))
            return ExitCode.Interrupted;
        bool mustSolve = parsed.GetResult(_solve) is not null;
        return runs.Any(run => run.Error is not null || (mustSolve && !run.Solved)) ? ExitCode.Failed : ExitCode.Done;
    }
}
