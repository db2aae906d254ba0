using System.CommandLine;
using System.Globalization;
using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Optimizers;
using PgFast.Training;

namespace PgFast.Cli.Options;

/// <summary>The options that shape the algorithm: one name each, everywhere.</summary>
internal sealed class AlgorithmOptions
{
    private static readonly TrainerOptions Defaults = new();

    private readonly ExplainedOption<int[]> _hidden = new(
        "--hidden", "sizes from 1 to 65,536 separated by commas, such as 32 or 64,64, or none", TryParseSizes, [])
    {
        Group = CommonOptions.Algorithm,
        Description = "Units of the hidden layers; none for a linear policy.",
        HelpName = "SIZES",
        DefaultText = CommonOptions.DefaultByEnvironment(
            policy => policy.HiddenSizes.Count == 0 ? "none" : string.Join(',', policy.HiddenSizes)),
    };

    private readonly ExplainedOption<OnOff?> _bias = Values.OptionalChoice(
        "--bias", CommonOptions.Algorithm, Names.Switches, "Whether layers have biases.",
        CommonOptions.DefaultByEnvironment(policy => policy.HasBias ? "on" : "off"));

    private readonly ExplainedOption<Activation> _activation = Values.Choice(
        "--activation", CommonOptions.Algorithm, Names.Activations, Defaults.Activation, "Non-linearity of the hidden layers.");

    private readonly ExplainedOption<Initialization?> _initialization = Values.OptionalChoice(
        "--init", CommonOptions.Algorithm, Names.Initializations, "How the weights start; zero is for linear policies.",
        CommonOptions.DefaultByEnvironment(policy => Values.NameOf(Names.Initializations, policy.Initialization))
        + $"; {Values.NameOf(Names.Initializations, Defaults.Initialization)} with hidden layers");

    private readonly ExplainedOption<Estimator> _estimator = Values.Choice(
        "--estimator", CommonOptions.Algorithm, Names.Estimators, Defaults.Estimator, "What multiplies the score of a step.");

    private readonly ExplainedOption<Baseline> _baseline = Values.Choice(
        "--baseline", CommonOptions.Algorithm, Names.Baselines, Defaults.Baseline, "What is subtracted from the return (leave-one-out).");

    private readonly ExplainedOption<OnOff> _normalize = Values.Choice(
        "--normalize", CommonOptions.Algorithm, Names.Switches, Defaults.NormalizeReturns ? OnOff.On : OnOff.Off,
        "Standardise the weights over the batch's steps.");

    private readonly ExplainedOption<float> _discount = Values.Number(
        "--gamma", CommonOptions.Algorithm, "a number in [0, 1]", value => value is >= 0 and <= 1, Defaults.Discount, "Discount factor.");

    private readonly ExplainedOption<int> _batch = Values.Integer(
        "--batch", CommonOptions.Algorithm, 1, 16_777_216, Defaults.BatchSize, "Episodes an update.");

    private readonly ExplainedOption<OptimizerKind> _optimizer = Values.Choice(
        "--optimizer", CommonOptions.Algorithm, Names.Optimizers, Defaults.Optimizer, "How the gradient changes the parameters.");

    private readonly ExplainedOption<float> _stepSize = Values.Number(
        "--lr", CommonOptions.Algorithm, "a number above 0", value => value > 0, Defaults.StepSize, "Step size.");

    private readonly ExplainedOption<float> _momentum = Values.Number(
        "--momentum", CommonOptions.Algorithm, "a number in [0, 1), and 0 unless --optimizer is sgd", value => value is >= 0 and < 1,
        Defaults.Momentum, "Momentum of sgd.");

    private readonly ExplainedOption<float> _entropy = Values.Number(
        "--entropy", CommonOptions.Algorithm, "a number of at least 0", value => value >= 0, Defaults.EntropyCoefficient,
        "Factor of the entropy bonus.");

    private readonly ExplainedOption<float> _clipNorm = Values.Number(
        "--clip-norm", CommonOptions.Algorithm, "a number above 0", value => value > 0, Defaults.MaximumGradientNorm,
        "Scale longer gradients down to this norm.");

    public void AddTo(Command command)
    {
        Option[] options =
        [
            _hidden, _bias, _activation, _initialization, _estimator, _baseline, _normalize, _discount, _batch, _optimizer, _stepSize, _momentum,
            _entropy, _clipNorm,
        ];
        foreach (Option option in options)
            command.Add(option);
    }

    /// <summary>The options as the library takes them; seed, threads and measurements are the command's.</summary>
    /// <param name="parsed">What the user gave.</param>
    /// <param name="policy">The environment's network, for what the user did not give.</param>
    /// <exception cref="UsageException">Two options contradict each other.</exception>
    public TrainerOptions Read(ParseResult parsed, PolicyDefaults policy)
    {
        // An array that is not given is empty to the parser, never null.
        bool givesHidden = parsed.GetResult(_hidden) is { Implicit: false };
        IReadOnlyList<int> hidden = givesHidden ? parsed.GetValue(_hidden)! : policy.HiddenSizes;
        TrainerOptions options = new()
        {
            HiddenSizes = hidden,
            HasBias = parsed.GetValue(_bias) is { } bias ? bias == OnOff.On : policy.HasBias,
            Activation = parsed.GetValue(_activation),
            Initialization = parsed.GetValue(_initialization) ?? policy.InitializationFor(hidden),
            OutputScale = policy.OutputScale,
            Estimator = parsed.GetValue(_estimator),
            Baseline = parsed.GetValue(_baseline),
            NormalizeReturns = parsed.GetValue(_normalize) == OnOff.On,
            Discount = parsed.GetValue(_discount),
            BatchSize = parsed.GetValue(_batch),
            Optimizer = parsed.GetValue(_optimizer),
            StepSize = parsed.GetValue(_stepSize),
            Momentum = parsed.GetValue(_momentum),
            EntropyCoefficient = parsed.GetValue(_entropy),
            MaximumGradientNorm = parsed.GetValue(_clipNorm),
        };
        if (options.Momentum != 0 && options.Optimizer != OptimizerKind.Sgd)
            throw new UsageException($"--momentum must be {_momentum.Allowed}");
        return options;
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
}
