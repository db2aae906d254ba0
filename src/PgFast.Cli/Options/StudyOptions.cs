using System.CommandLine;
using System.Globalization;
using PgFast.Cli.Output;
using PgFast.Cli.Studies;
using PgFast.Estimators;
using PgFast.Variance;

namespace PgFast.Cli.Options;

/// <summary>The options that say what a variance study measures.</summary>
internal sealed class StudyOptions
{
    private const string Study = "Study";
    private const long LeastEpisodes = 2;
    private const long MostEpisodes = long.MaxValue / 2;
    private const long DefaultEpisodes = 100_000;
    private const int LeastStates = 2;
    private const int MostStates = 16_777_216;
    private const int DefaultStates = 1000;

    /// <summary>A default batch size has at least so many batches; with fewer, intervals say little.</summary>
    private const int BatchesOfDefault = 16;

    private static readonly int[] DefaultBatchSizes = [1, 4, 16, 64, 256, 1024];
    private static readonly VarianceOptions Defaults = new();

    private readonly ExplainedOption<Several<Estimator>?> _estimators = Values.Choices(
        "--estimators", Study, Names.Estimators, $"What multiplies the score of a step: {NamesOf(Names.Estimators)}.");

    private readonly ExplainedOption<Several<Baseline>?> _baselines = Values.Choices(
        "--baselines", Study, Names.StudyBaselines,
        $"What is subtracted from the return: {NamesOf(Names.StudyBaselines)}. none is always measured; with --normalize on,"
        + " optimal-per-parameter does not exist and is left out of all. value, a network, makes a study about a third longer.",
        "all but value");

    private readonly ExplainedOption<Several<int>?> _batchSizes = new(
        "--batch-sizes", "whole numbers from 1 to the number of episodes separated by commas, such as 1,16,256", TryParseSizes, null)
    {
        Group = Study,
        Description = "Episodes of an update.",
        HelpName = "SIZES",
        DefaultText = $"those of {string.Join(',', DefaultBatchSizes)} that give {BatchesOfDefault} batches",
    };

    private readonly ExplainedOption<long?> _episodes = new(
        "--episodes", $"a whole number from {LeastEpisodes} to {MostEpisodes}", TryParseEpisodes, null)
    {
        Group = Study,
        Description = "Episodes to measure.",
        HelpName = "N",
        DefaultText = $"{Terminal.Count(DefaultEpisodes)}, or no limit with --time-budget",
    };

    private readonly ExplainedOption<TimeSpan?> _timeBudget = Values.Duration(
        "--time-budget", Study, "End early after so many seconds, or with a unit 90s, 5m, 1h; several policies share it equally.");

    private readonly ExplainedOption<double> _confidence = new("--confidence", "a number in (0, 1)", TryParseConfidence, Defaults.Confidence)
    {
        Group = Study,
        Description = "Level of the intervals.",
        HelpName = "X",
        DefaultText = Terminal.Number(Defaults.Confidence, "0.##"),
    };

    private readonly ExplainedOption<float> _discount = Values.Number(
        "--gamma", Study, "a number in [0, 1]", value => value is >= 0 and <= 1, Defaults.Discount, "Discount factor.");

    private readonly ExplainedOption<OnOff> _normalize = Values.Choice(
        "--normalize", Study, Names.Switches, Defaults.NormalizeReturns ? OnOff.On : OnOff.Off,
        "Standardise the weights over each batch's steps, as train does by default: another, biased estimator.");

    private readonly ExplainedOption<int?> _pilot = new("--pilot", "a whole number from 2 to 16,777,216", TryParsePilot, null)
    {
        Group = Study,
        Description = "Episodes of their own that baselines are fitted on.",
        HelpName = "N",
        DefaultText = "an eighth of the episodes, within 1,024 and 65,536",
    };

    private readonly ExplainedOption<BaselineSource> _valueFrom = Values.Choice(
        "--value-from", Study, Names.ValueSources, BaselineSource.Pilot,
        "Where the network of the baseline value is from: fitted on the pilot's episodes, or what training left in the policy's file, for"
        + " the return that it learned.");

    private readonly ExplainedOption<int?> _decompose = new(
        "--decompose", $"a whole number of states from {LeastStates} to {Terminal.Count(MostStates)}, or nothing", TryParseStates, null)
    {
        Arity = ArgumentArity.ZeroOrOne,
        Group = Study,
        Description = "Split one step's variance into what comes from its state, its action and the rest of the episode, by replaying from"
            + $" N states ({Terminal.Count(DefaultStates)} if not given).",
        HelpName = "N",
    };

    private readonly ExplainedOption<OnOff> _timing = Values.Choice(
        "--timing", Study, Names.Switches, Defaults.MeasureSeconds ? OnOff.On : OnOff.Off,
        "Measure what a gradient costs with each estimator and baseline alone.");

    private readonly ExplainedOption<int> _threads = CommonOptions.Threads("Threads; they change the speed and no bit of the result.");

    public void AddTo(Command command)
    {
        Option[] options =
        [
            _estimators, _baselines, _batchSizes, _episodes, _timeBudget, _confidence, _discount, _normalize, _pilot, _valueFrom,
            _timing, _decompose, _threads,
        ];
        foreach (Option option in options)
            command.Add(option);
    }

    /// <summary>The options as the library takes them; the seed is the policy's.</summary>
    /// <exception cref="UsageException">Two options contradict each other.</exception>
    public VarianceOptions Read(ParseResult parsed)
    {
        TimeSpan? budget = parsed.GetValue(_timeBudget);
        long episodes = parsed.GetValue(_episodes) ?? (budget is null ? DefaultEpisodes : MostEpisodes);
        bool normalizes = parsed.GetValue(_normalize) == OnOff.On;
        return new VarianceOptions
        {
            Estimators = parsed.GetValue(_estimators)?.Items ?? Defaults.Estimators,
            Baselines = BaselinesOf(parsed.GetValue(_baselines), normalizes),
            BatchSizes = BatchSizesOf(parsed.GetValue(_batchSizes)?.Items, episodes),
            Episodes = episodes,
            TimeBudget = budget,
            PilotEpisodes = parsed.GetValue(_pilot),
            Discount = parsed.GetValue(_discount),
            NormalizeReturns = normalizes,
            Confidence = parsed.GetValue(_confidence),
            MeasureSeconds = parsed.GetValue(_timing) == OnOff.On,
            NestedStates = parsed.GetResult(_decompose) is { Implicit: false } ? parsed.GetValue(_decompose) ?? DefaultStates : 0,
            Threads = parsed.GetValue(_threads),
        };
    }

    /// <summary>Gives each policy the value function that is asked for: its file's, or none where one is to be fitted.</summary>
    /// <param name="parsed">The options.</param>
    /// <param name="policies">As their files say.</param>
    /// <param name="study">What will be measured.</param>
    /// <exception cref="UsageException">A policy has none, or no row takes it.</exception>
    public IReadOnlyList<StudiedPolicy> WithValues(ParseResult parsed, IReadOnlyList<StudiedPolicy> policies, VarianceOptions study)
    {
        if (parsed.GetValue(_valueFrom) != BaselineSource.Training)
            return [.. policies.Select(policy => policy with { Value = null })];
        if (!study.Baselines.Contains(Baseline.Value))
            throw new UsageException($"{_valueFrom.Name} must be given with value among {_baselines.Name}: no other row takes a network");
        if (policies.FirstOrDefault(policy => policy.Value is null) is not { } bare)
            return policies;
        string which = bare.Path is null ? "a fresh policy has none" : $"'{bare.Path}' holds none";
        throw new UsageException($"{_valueFrom.Name} must be pilot where training left no value function: {which}");
    }

    /// <summary>What batches are measured where none are named.</summary>
    public static int[] DefaultBatchSizesFor(long episodes) =>
        [.. DefaultBatchSizes.Where(size => size == 1 || size <= episodes / BatchesOfDefault)];

    private static Baseline[] BaselinesOf(Several<Baseline>? given, bool normalizes)
    {
        bool isNamed = given is { IsAll: false };
        if (normalizes && isNamed && given!.Items.Contains(Baseline.OptimalPerParameter))
        {
            throw new UsageException(
                "--baselines must leave out optimal-per-parameter with --normalize on: there is one weight a step to standardise, not one"
                + " for every parameter");
        }

        IEnumerable<Baseline> all = given?.Items ?? Defaults.Baselines;
        return [.. all.Where(baseline => !normalizes || baseline != Baseline.OptimalPerParameter).Prepend(Baseline.None).Distinct()];
    }

    private static int[] BatchSizesOf(int[]? named, long episodes)
    {
        if (named is null)
            return DefaultBatchSizesFor(episodes);
        if (named[^1] > episodes)
        {
            throw new UsageException(
                $"--batch-sizes must be whole numbers from 1 to the number of episodes, {Terminal.Count(episodes)};"
                + $" {Terminal.Count(named[^1])} is more");
        }

        return named;
    }

    /// <summary>In ascending order, each once.</summary>
    private static bool TryParseSizes(string text, out Several<int>? sizes)
    {
        sizes = null;
        string[] parts = text.Split(',');
        int[] parsed = new int[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out parsed[i]) || parsed[i] < 1)
                return false;
        }

        sizes = new Several<int>([.. parsed.Distinct().Order()]);
        return true;
    }

    private static bool TryParseEpisodes(string text, out long? episodes)
    {
        bool parsed = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number);
        episodes = number;
        return parsed && number is >= LeastEpisodes and <= MostEpisodes;
    }

    private static bool TryParsePilot(string text, out int? episodes)
    {
        bool parsed = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
        episodes = number;
        return parsed && number is >= 2 and <= 16_777_216;
    }

    private static bool TryParseConfidence(string text, out double confidence) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out confidence) && confidence is > 0 and < 1;

    private static bool TryParseStates(string text, out int? states)
    {
        bool parsed = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
        states = number;
        return parsed && number is >= LeastStates and <= MostStates;
    }

    private static string NamesOf<T>(IEnumerable<(string Name, T Value)> choices) => string.Join(", ", choices.Select(choice => choice.Name));
}
