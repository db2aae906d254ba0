using System.CommandLine;
using System.Globalization;
using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Optimizers;
using PgFast.Training;

namespace PgFast.Cli.Options;

/// <summary>The options that shape the algorithm: one name each, everywhere. What is not given is the environment's own default.</summary>
internal sealed partial class AlgorithmOptions
{
    private static readonly TrainerOptions Defaults = new();

    private readonly ExplainedOption<string?> _preset = new("--preset", PresetNames("or"), TryFindPreset, null)
    {
        Group = CommonOptions.Algorithm,
        Description = "Start from a named set of options instead of the environment's own; options given beside it still count.",
        HelpName = PresetNames("|").Replace(" ", "", StringComparison.Ordinal),
        Names = [.. AllPresets],
        DefaultText = "none",
    };

    private readonly ExplainedOption<int[]> _hidden = Sizes("--hidden", "Units of the hidden layers; none for a linear policy.", o => o.HiddenSizes);

    private readonly ExplainedOption<OnOff?> _bias = Values.OptionalChoice(
        "--bias", CommonOptions.Algorithm, Names.Switches, "Whether layers have biases.", Default(o => o.HasBias ? "on" : "off"));

    private readonly ExplainedOption<Activation> _activation = Values.Choice(
        "--activation", CommonOptions.Algorithm, Names.Activations, Defaults.Activation, "Non-linearity of the hidden layers.",
        Default(o => Values.NameOf(Names.Activations, o.Activation)));

    private readonly ExplainedOption<Initialization?> _initialization = Values.OptionalChoice(
        "--init", CommonOptions.Algorithm, Names.Initializations, "How the weights start; zero is for linear policies.",
        Default(o => Values.NameOf(Names.Initializations, o.Initialization))
        + $"; {Values.NameOf(Names.Initializations, Defaults.Initialization)} with hidden layers");

    private readonly ExplainedOption<Estimator> _estimator = Values.Choice(
        "--estimator", CommonOptions.Algorithm, Names.Estimators, Defaults.Estimator, "What multiplies the score of a step.");

    private readonly ExplainedOption<Baseline> _baseline = Values.Choice(
        "--baseline", CommonOptions.Algorithm, Names.Baselines, Defaults.Baseline, "What is subtracted from the return.",
        Default(o => Values.NameOf(Names.Baselines, o.Baseline)));

    private readonly ExplainedOption<OnOff> _normalize = Values.Choice(
        "--normalize", CommonOptions.Algorithm, Names.Switches, Defaults.NormalizeReturns ? OnOff.On : OnOff.Off,
        "Standardise the weights over the batch's steps.");

    private readonly ExplainedOption<float> _rewardScale = Values.Number(
        "--reward-scale", CommonOptions.Algorithm, "a number above 0", value => value > 0, Defaults.RewardScale,
        "Factor on the rewards that are learnt from; returns are reported without it.");

    private readonly ExplainedOption<float> _discount = Values.Number(
        "--gamma", CommonOptions.Algorithm, "a number in [0, 1]", value => value is >= 0 and <= 1, Defaults.Discount, "Discount factor.",
        Default(o => Values.Text(o.Discount)));

    private readonly ExplainedOption<int> _batch = Values.Integer(
        "--batch", CommonOptions.Algorithm, 1, 16_777_216, Defaults.BatchSize, "Episodes an update.");

    private readonly ExplainedOption<OptimizerKind> _optimizer = Values.Choice(
        "--optimizer", CommonOptions.Algorithm, Names.Optimizers, Defaults.Optimizer, "How the gradient changes the parameters.");

    private readonly ExplainedOption<float> _stepSize = Values.Number(
        "--lr", CommonOptions.Algorithm, "a number above 0", value => value > 0, Defaults.StepSize, "Step size.",
        Default(o => Values.Text(o.StepSize)));

    private readonly ExplainedOption<float> _finalFactor = Values.Number(
        "--lr-final", CommonOptions.Algorithm, "a factor in [0, 1]", value => value is >= 0 and <= 1, Defaults.FinalStepSizeFactor,
        "The step size falls linearly to this factor at the end of --updates or --env-steps.", Default(FinalFactorText));

    private readonly ExplainedOption<float> _momentum = Values.Number(
        "--momentum", CommonOptions.Algorithm, "a number in [0, 1), and 0 unless --optimizer is sgd", value => value is >= 0 and < 1,
        Defaults.Momentum, "Momentum of sgd.");

    private readonly ExplainedOption<float> _entropy = Values.Number(
        "--entropy", CommonOptions.Algorithm, "a number of at least 0", value => value >= 0, Defaults.EntropyCoefficient,
        "Factor of the entropy bonus.", Default(o => Values.Text(o.EntropyCoefficient)));

    private readonly ExplainedOption<float> _clipNorm = new("--clip-norm", "a number above 0, or off", TryParseNorm, Defaults.MaximumGradientNorm)
    {
        Group = CommonOptions.Algorithm,
        Description = "Scale longer gradients down to this norm.",
        HelpName = "X|off",
        DefaultText = Default(o => Values.Text(o.MaximumGradientNorm)),
    };

    private readonly ExplainedOption<OnOff> _normalizeObservations = Values.Choice(
        "--normalize-observations", CommonOptions.Algorithm, Names.Switches, OnOff.Off,
        "Centre observations and divide them by their running deviation.", Default(o => o.NormalizeObservations ? "on" : "off"));

    public void AddTo(Command command)
    {
        Option[] options =
        [
            _preset, _hidden, _bias, _activation, _initialization, _estimator, _baseline, _normalize, _rewardScale, _discount, _batch, _optimizer, _stepSize,
            _finalFactor, _momentum, _entropy, _clipNorm, _normalizeObservations, .. GaussianOptions, .. ValueOptions,
        ];
        foreach (Option option in options)
            command.Add(option);
    }

    /// <summary>The options as the library takes them; seed, threads and measurements are the command's.</summary>
    /// <param name="parsed">What the user gave.</param>
    /// <param name="environment">Has the defaults, for what the user did not give.</param>
    /// <param name="updates">Budget of updates, or null: what a step size falls over.</param>
    /// <param name="environmentSteps">Budget of environment steps, or null.</param>
    /// <exception cref="UsageException">Two options contradict each other.</exception>
    public TrainerOptions Read(ParseResult parsed, EnvironmentEntry environment, long? updates = null, long? environmentSteps = null)
    {
        TrainerOptions defaults = DefaultsOf(parsed, environment);
        IReadOnlyList<int> hidden = Given(parsed, _hidden, [.. defaults.HiddenSizes]);
        TrainerOptions options = defaults with
        {
            HiddenSizes = hidden,
            HasBias = parsed.GetValue(_bias) is { } bias ? bias == OnOff.On : defaults.HasBias,
            Activation = Given(parsed, _activation, defaults.Activation),
            Initialization = parsed.GetValue(_initialization) ?? environment.DefaultPolicy.InitializationFor(hidden),
            Estimator = Given(parsed, _estimator, defaults.Estimator),
            Baseline = Given(parsed, _baseline, defaults.Baseline),
            NormalizeReturns = Given(parsed, _normalize, defaults.NormalizeReturns ? OnOff.On : OnOff.Off) == OnOff.On,
            RewardScale = Given(parsed, _rewardScale, defaults.RewardScale),
            Discount = Given(parsed, _discount, defaults.Discount),
            BatchSize = Given(parsed, _batch, defaults.BatchSize),
            Optimizer = Given(parsed, _optimizer, defaults.Optimizer),
            StepSize = Given(parsed, _stepSize, defaults.StepSize),
            Momentum = Given(parsed, _momentum, defaults.Momentum),
            EntropyCoefficient = Given(parsed, _entropy, defaults.EntropyCoefficient),
            MaximumGradientNorm = Given(parsed, _clipNorm, defaults.MaximumGradientNorm),
            NormalizeObservations =
                Given(parsed, _normalizeObservations, defaults.NormalizeObservations ? OnOff.On : OnOff.Off) == OnOff.On,
        };
        if (options.Momentum != 0 && options.Optimizer != OptimizerKind.Sgd)
            throw new UsageException($"--momentum must be {_momentum.Allowed}");
        options = ReadSchedule(parsed, options, updates, environmentSteps);
        options = ReadGaussian(parsed, options, environment);
        return ReadValue(parsed, options);
    }

    /// <summary>The environment's own options, or those of the preset that was asked for.</summary>
    private TrainerOptions DefaultsOf(ParseResult parsed, EnvironmentEntry environment)
    {
        if (parsed.GetValue(_preset) is not { } name)
            return environment.DefaultOptions;
        if (environment.FindPreset(name) is { } preset)
            return preset.Options;
        string[] own = [.. environment.Presets.Select(candidate => candidate.Name)];
        throw new UsageException(
            own.Length == 0
                ? $"--preset cannot be given for {environment.Name}, which has none"
                : $"--preset must be {string.Join(" or ", own)} for {environment.Name}, not '{name}'");
    }

    private static IEnumerable<string> AllPresets =>
        EnvironmentCatalog.All.SelectMany(entry => entry.Presets).Select(preset => preset.Name).Distinct(StringComparer.Ordinal);

    private static string PresetNames(string word) => string.Join($" {word} ", AllPresets);

    private static bool TryFindPreset(string text, out string? name)
    {
        name = AllPresets.FirstOrDefault(candidate => string.Equals(candidate, text, StringComparison.OrdinalIgnoreCase));
        return name is not null;
    }

    private static bool TryParseNorm(string text, out float norm)
    {
        if (!string.Equals(text, "off", StringComparison.OrdinalIgnoreCase))
            return Values.TryParseNumber(text, out norm) && norm > 0;
        norm = float.PositiveInfinity;
        return true;
    }

    public static bool TryParseSizes(string text, out int[] sizes)
    {
        sizes = [];
        if (string.Equals(text, "none", StringComparison.OrdinalIgnoreCase))
            return true;
        string[] parts = text.Split(',');
        if (parts.Length > 64)
            return false;
        int[] parsed = new int[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out parsed[i]) || parsed[i] is < 1 or > 65_536)
                return false;
        }

        sizes = parsed;
        return true;
    }

    /// <summary>A step size that falls needs to know over what: the run's budget, or what the environment's default says.</summary>
    private TrainerOptions ReadSchedule(ParseResult parsed, TrainerOptions options, long? updates, long? environmentSteps)
    {
        bool isGiven = IsGiven(parsed, _finalFactor);
        float factor = Given(parsed, _finalFactor, options.FinalStepSizeFactor);
        if (factor == 1)
            return options with { FinalStepSizeFactor = 1, ScheduledUpdates = null, ScheduledEnvironmentSteps = null };
        if (environmentSteps is not null || updates is not null)
        {
            // Of two budgets the environment steps are the one that episodes of unequal length leave comparable.
            return options with
            {
                FinalStepSizeFactor = factor,
                ScheduledEnvironmentSteps = environmentSteps,
                ScheduledUpdates = environmentSteps is null ? updates : null,
            };
        }

        if (isGiven && options.ScheduledUpdates is null && options.ScheduledEnvironmentSteps is null)
            throw new UsageException($"{_finalFactor.Name} needs --updates or --env-steps, at whose end the step size has this factor");
        return options with { FinalStepSizeFactor = factor };
    }

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    private static T Given<T>(ParseResult parsed, Option<T> option, T fallback) => IsGiven(parsed, option) ? parsed.GetValue(option)! : fallback;

    private static string Default(Func<TrainerOptions, string> text) => CommonOptions.DefaultByEnvironment(text);

    private static string FinalFactorText(TrainerOptions options) => options.FinalStepSizeFactor == 1
        ? "1"
        : $"{Values.Text(options.FinalStepSizeFactor)} after {options.ScheduledEnvironmentSteps?.ToString("N0", CultureInfo.InvariantCulture)} env-steps";

    private static string SizesText(IReadOnlyList<int> sizes) => sizes.Count == 0 ? "none" : string.Join(',', sizes);

    private static ExplainedOption<int[]> Sizes(string name, string description, Func<TrainerOptions, IReadOnlyList<int>> sizes) =>
        new(name, "sizes from 1 to 65,536 separated by commas, such as 32 or 64,64, or none", TryParseSizes, [])
        {
            Group = CommonOptions.Algorithm,
            Description = description,
            HelpName = "SIZES",
            DefaultText = Default(o => SizesText(sizes(o))),
        };
}
