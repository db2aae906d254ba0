using System.CommandLine;
using PgFast.Cli.Output;
using PgFast.Cli.Runs;
using PgFast.Textbook;
using PgFast.Training;

namespace PgFast.Cli.Options;

/// <summary>The options of <c>train --algorithm textbook</c>, beside those that it shares with the other algorithm.</summary>
internal sealed class TextbookRunOptions
{
    private const string Group = "Textbook (--algorithm textbook)";

    private static readonly TextbookOptions Defaults = new();

    /// <summary>Options of the command that the textbook's box takes as well.</summary>
    private static readonly string[] Shared =
        ["--algorithm", "--bias", "--baseline", "--gamma", "--lr", "--value-lr", "--seed", "--threads", "--out", "--json", "--help"];

    private readonly ExplainedOption<Algorithm> _algorithm = Values.Choice(
        "--algorithm", Group, [("batch", Algorithm.Batch), ("textbook", Algorithm.Textbook)], Algorithm.Batch,
        "Updates from batches of episodes, or Sutton and Barto's box: one episode at a time, θ moved at every step of it.");

    private readonly ExplainedOption<int> _runs = Values.Integer(
        "--runs", Group, 1, TextbookOptions.MaximumRuns, Defaults.Runs, "Independent runs, side by side.");

    private readonly ExplainedOption<int> _episodes = Values.Integer(
        "--episodes", Group, 1, 1_000_000_000, Defaults.Episodes, "Episodes of every run.");

    private readonly ExplainedOption<float> _valueStepSize = Values.Number(
        "--value-lr", Group, "a number above 0, such as 0.01 or 2^-6", value => value > 0, float.PositiveInfinity,
        "Step size of the baseline, a linear value function of the observation; without it there is no baseline.");

    private readonly ExplainedOption<float> _finalFactor = Values.Number(
        "--final-step-factor", Group, "a number in [0, 1]", value => value is >= 0 and <= 1, Defaults.FinalStepSizeFactor,
        "Let the step sizes fall linearly to this part of them in the last episode.");

    private readonly ExplainedOption<float> _minimumProbability = Values.Number(
        "--minimum-probability", Group, "a number of at least 0 and below 0.5, and 0 unless there are two actions",
        value => value is >= 0 and < 0.5f, Defaults.MinimumProbability, "Keep the probability of each of two actions from falling below this.");

    private readonly ExplainedOption<Several<float>?> _initial = new("--initial", "numbers separated by commas, one a parameter", TryParseNumbers, null)
    {
        Group = Group,
        Description = "Initial parameters of every run: the weights of the first action, of the second, …, then biases.",
        HelpName = "NUMBERS",
        DefaultText = "all 0",
    };

    private readonly ExplainedOption<string?> _csv = Values.Path(
        "--csv", Group, "a file name in a directory that exists", "FILE", "Write the learning curve there: a row an episode.");

    private Command? _command;

    /// <summary><c>--episodes</c>, which may be given anew with <c>--resume</c>.</summary>
    public Option Episodes => _episodes;

    /// <summary><c>--csv</c>, too.</summary>
    public Option Csv => _csv;

    public void AddTo(Command command)
    {
        _command = command;
        Option[] options = [_algorithm, _runs, _episodes, _valueStepSize, _finalFactor, _minimumProbability, _initial, _csv];
        foreach (Option option in options)
        {
            // An option of that name may be the other algorithm's too, and then serves both.
            if (command.Options.All(other => other.Name != option.Name))
                command.Add(option);
        }
    }

    /// <summary>Whether the textbook's box is asked for.</summary>
    /// <exception cref="UsageException">An option belongs to the algorithm that is not asked for.</exception>
    public bool IsChosen(ParseResult parsed)
    {
        bool isChosen = parsed.GetValue(_algorithm) == Algorithm.Textbook;
        Option[] own = [_runs, _episodes, _valueStepSize, _finalFactor, _minimumProbability, _initial, _csv];
        foreach (Option option in _command!.Options)
        {
            if (!IsGiven(parsed, option))
                continue;
            bool isOwn = own.Contains(option);
            if (isChosen && !isOwn && !Shared.Contains(option.Name))
                throw new UsageException($"{option.Name} must be left out with --algorithm textbook: it shapes the algorithm 'batch'");
            if (!isChosen && isOwn)
                throw new UsageException($"{option.Name} must be left out without --algorithm textbook, which it shapes");
        }

        return isChosen;
    }

    /// <summary>The file of <c>--csv</c>, or null.</summary>
    public string? CsvIn(ParseResult parsed)
    {
        if (parsed.GetValue(_csv) is not { } path)
            return null;
        if (Directory.Exists(path) || !Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))))
            throw new UsageException($"--csv must be {_csv.Allowed}, not '{path}'");
        return path;
    }

    /// <summary>The options as the library takes them.</summary>
    /// <exception cref="UsageException">Options contradict each other or the environment.</exception>
    public TextbookOptions Read(ParseResult parsed, EnvironmentEntry environment)
    {
        float? valueStepSize = Given<float>(parsed, "--value-lr");
        string? baseline = Find("--baseline") is { } option && parsed.GetResult(option) is { Implicit: false } given ? given.Tokens[^1].Value : null;
        if (baseline?.ToLowerInvariant() is not (null or "none" or "value"))
            throw new UsageException($"--baseline must be none or value with --algorithm textbook, not '{baseline}'");
        bool wantsValue = string.Equals(baseline, "value", StringComparison.OrdinalIgnoreCase);
        if (wantsValue && valueStepSize is null)
            throw new UsageException("--baseline value needs --value-lr with --algorithm textbook, a number above 0");
        if (baseline is not null && !wantsValue && valueStepSize is not null)
            throw new UsageException("--value-lr must be left out with --baseline none");
        bool hasBias = Given<OnOff>(parsed, "--bias") is { } bias ? bias == OnOff.On : environment.DefaultPolicy.HasBias;
        TextbookOptions options = new()
        {
            Runs = parsed.GetValue(_runs),
            Episodes = parsed.GetValue(_episodes),
            StepSize = Given<float>(parsed, "--lr") ?? Defaults.StepSize,
            ValueStepSize = valueStepSize,
            FinalStepSizeFactor = parsed.GetValue(_finalFactor),
            Discount = Given<float>(parsed, "--gamma") ?? Defaults.Discount,
            HasBias = hasBias,
            InitialParameters = parsed.GetValue(_initial)?.Items,
            MinimumProbability = parsed.GetValue(_minimumProbability),
            Seed = Given<ulong>(parsed, "--seed") ?? Defaults.Seed,
            Threads = parsed.GetValue((Option<int>)Find("--threads")!),
        };
        RequireFit(options, environment);
        return options;
    }

    /// <summary>A stopped run's options, with threads and episodes as they are given now.</summary>
    /// <exception cref="UsageException">So many episodes cannot be: they are done already, or the step sizes depend on how many there are.</exception>
    public TextbookOptions ReadAnew(ParseResult parsed, StoppedTextbook stopped)
    {
        TextbookOptions options = stopped.Options with { Threads = parsed.GetValue((Option<int>)Find("--threads")!) };
        if (!IsGiven(parsed, _episodes))
            return options;
        int episodes = parsed.GetValue(_episodes), done = stopped.File.Checkpoint.EpisodeCount;
        if (episodes < done)
            throw new UsageException($"--episodes must be at least {done}, which every run in '{stopped.Path}' has done, not {episodes}");
        if (episodes != options.Episodes && options.FinalStepSizeFactor != 1)
            throw new UsageException($"--episodes must stay {options.Episodes} with --resume: the step sizes in '{stopped.Path}' fall to the last episode");
        options = options with { Episodes = episodes };
        RequireFit(options, stopped.Environment);
        return options;
    }

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    private static bool TryParseNumbers(string text, out Several<float>? numbers)
    {
        string[] parts = text.Split(',');
        float[] values = new float[parts.Length];
        numbers = new Several<float>(values);
        for (int i = 0; i < parts.Length; i++)
        {
            if (!Values.TryParseNumber(parts[i], out values[i]))
                return false;
        }

        return true;
    }

    private static void RequireFit(TextbookOptions options, EnvironmentEntry environment)
    {
        if (!environment.Specification.Actions.IsDiscrete)
            throw new UsageException($"--algorithm must be batch on {environment.Name}, whose actions are continuous");
        int actions = environment.Specification.Actions.Size, inputs = environment.Specification.ObservationSize + (options.HasBias ? 1 : 0);
        if (options.InitialParameters is { } initial && initial.Count != actions * inputs)
            throw new UsageException($"--initial must be {actions * inputs} numbers separated by commas on {environment.Name}, not {initial.Count}");
        if (options.MinimumProbability > 0 && actions != 2)
            throw new UsageException($"--minimum-probability must be 0 on {environment.Name}, which has {actions} actions, not two");
        double bytes = Math.Ceiling(options.Runs / 64.0) * (16.0 * options.Episodes + 4.0 * 64 * (actions + 1) * inputs);
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (bytes > available)
        {
            throw new UsageException(
                $"--runs and --episodes must leave room for their results in memory: these take about {Gigabytes(bytes)} of {Gigabytes(available)} GB");
        }
    }

    private static string Gigabytes(double bytes) => Terminal.Number(bytes / (1 << 30), "0.#");

    /// <summary>The value of an option if it is given, whether or not its type has a null of its own.</summary>
    private T? Given<T>(ParseResult parsed, string name) where T : struct => Find(name) switch
    {
        Option<T> option when IsGiven(parsed, option) => parsed.GetValue(option),
        Option<T?> option when IsGiven(parsed, option) => parsed.GetValue(option),
        _ => null,
    };

    private Option? Find(string name) => _command!.Options.FirstOrDefault(option => option.Name == name);

    private enum Algorithm
    {
        Batch = 0,
        Textbook = 1,
    }
}
