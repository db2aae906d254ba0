using System.CommandLine;
using System.Globalization;
using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Optimizers;
using PgFast.Policies;
using PgFast.Training;

namespace PgFast.Cli.Options;

// Options that only some runs have: those of a Gaussian policy and those of a learned baseline.
internal sealed partial class AlgorithmOptions
{
    private readonly ExplainedOption<StandardDeviationSource> _sigma = Values.Choice(
        "--sigma", CommonOptions.Algorithm, Names.StandardDeviations, Defaults.StandardDeviation,
        "Continuous actions: log σ is a free vector, or a second head of the network.");

    private readonly ExplainedOption<float> _initialSigma = Values.Number(
        "--sigma-start", CommonOptions.Algorithm, "a number from 1e-8 to 1e8", value => value is >= 1e-8f and <= 1e8f, Defaults.InitialStandardDeviation,
        "Continuous actions: standard deviation at the start, in units of --action-scale.");

    private readonly ExplainedOption<float> _actionScale = Values.Number(
        "--action-scale", CommonOptions.Algorithm, "a number above 0", value => value > 0, Defaults.ActionScale,
        "Continuous actions: unit of mean and standard deviation.", Default(o => Values.Text(o.ActionScale)));

    private readonly ExplainedOption<int[]> _valueHidden = Sizes(
        "--value-hidden", "Units of the value network's hidden layers; none for a linear one.", o => o.ValueHiddenSizes);

    private readonly ExplainedOption<Activation> _valueActivation = Values.Choice(
        "--value-activation", CommonOptions.Algorithm, Names.Activations, Defaults.ValueActivation, "Non-linearity of the value network.");

    private readonly ExplainedOption<float> _valueStepSize = Values.Number(
        "--value-lr", CommonOptions.Algorithm, "a number above 0", value => value > 0, Defaults.ValueStepSize, "Step size of the value network.");

    private readonly ExplainedOption<OptimizerKind> _valueOptimizer = Values.Choice(
        "--value-optimizer", CommonOptions.Algorithm, Names.Optimizers, Defaults.ValueOptimizer, "Optimizer of the value network.");

    private readonly ExplainedOption<int> _valueMinibatches = Values.Integer(
        "--value-minibatches", CommonOptions.Algorithm, 1, 65_536, Defaults.ValueMinibatches,
        "Parts of a batch, after each of which the value network takes a step.", Default(o => o.ValueMinibatches.ToString("N0", CultureInfo.InvariantCulture)));

    private readonly ExplainedOption<int> _valuePasses = Values.Integer(
        "--value-passes", CommonOptions.Algorithm, 1, 65_536, Defaults.ValuePasses, "Passes of the value network over a batch's returns.");

    private readonly ExplainedOption<OnOff> _bootstrap = Values.Choice(
        "--bootstrap", CommonOptions.Algorithm, Names.Switches, OnOff.Off,
        "Complete the return of an episode that the time limit ended with V of its final observation.");

    private Option[] GaussianOptions => [_sigma, _initialSigma, _actionScale];

    private Option[] ValueOptions =>
        [_valueHidden, _valueActivation, _valueStepSize, _valueOptimizer, _valueMinibatches, _valuePasses, _bootstrap];

    private TrainerOptions ReadGaussian(ParseResult parsed, TrainerOptions options, EnvironmentEntry environment)
    {
        if (environment.Specification.Actions.IsDiscrete)
        {
            foreach (Option option in GaussianOptions)
            {
                if (IsGiven(parsed, option))
                    throw new UsageException($"{option.Name} is for continuous actions; those of {environment.Name} are discrete");
            }

            return options;
        }

        options = options with
        {
            StandardDeviation = Given(parsed, _sigma, options.StandardDeviation),
            InitialStandardDeviation = Given(parsed, _initialSigma, options.InitialStandardDeviation),
            ActionScale = Given(parsed, _actionScale, options.ActionScale),
        };
        if (options is { StandardDeviation: StandardDeviationSource.StateDependent, HasBias: false } && options.InitialStandardDeviation != 1)
            throw new UsageException($"{_initialSigma.Name} must be 1 for a head of log σ without biases");
        return options;
    }

    private TrainerOptions ReadValue(ParseResult parsed, TrainerOptions options)
    {
        if (options.Baseline != Baseline.Value)
        {
            foreach (Option option in ValueOptions)
            {
                if (IsGiven(parsed, option))
                    throw new UsageException($"{option.Name} needs {_baseline.Name} value");
            }

            return options with { Bootstraps = false };
        }

        return options with
        {
            ValueHiddenSizes = Given(parsed, _valueHidden, [.. options.ValueHiddenSizes]),
            ValueActivation = Given(parsed, _valueActivation, options.ValueActivation),
            ValueStepSize = Given(parsed, _valueStepSize, options.ValueStepSize),
            ValueOptimizer = Given(parsed, _valueOptimizer, options.ValueOptimizer),
            ValueMinibatches = Given(parsed, _valueMinibatches, options.ValueMinibatches),
            ValuePasses = Given(parsed, _valuePasses, options.ValuePasses),
            Bootstraps = Given(parsed, _bootstrap, options.Bootstraps ? OnOff.On : OnOff.Off) == OnOff.On,
        };
    }
}
