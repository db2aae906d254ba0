using System.Globalization;

namespace PgFast.Training;

/// <summary>Every option that changes a bit of the result, as text: what two runs must share for one to go on where the other stopped.</summary>
internal static class OptionsText
{
    public static KeyValuePair<string, string>[] Of(string environment, TrainerOptions options) =>
    [
        Pair("Environment", environment),
        Pair(nameof(options.HiddenSizes), string.Join(',', options.HiddenSizes)),
        Pair(nameof(options.Activation), options.Activation),
        Pair(nameof(options.HasBias), options.HasBias),
        Pair(nameof(options.Initialization), options.Initialization),
        Pair(nameof(options.OutputScale), options.OutputScale),
        Pair(nameof(options.BatchSize), options.BatchSize),
        Pair(nameof(options.Estimator), options.Estimator),
        Pair(nameof(options.Baseline), options.Baseline),
        Pair(nameof(options.Discount), options.Discount),
        Pair(nameof(options.NormalizeReturns), options.NormalizeReturns),
        Pair(nameof(options.RewardScale), options.RewardScale),
        Pair(nameof(options.EntropyCoefficient), options.EntropyCoefficient),
        Pair(nameof(options.MaximumGradientNorm), options.MaximumGradientNorm),
        Pair(nameof(options.Optimizer), options.Optimizer),
        Pair(nameof(options.StepSize), options.StepSize),
        Pair(nameof(options.Momentum), options.Momentum),
        Pair(nameof(options.FinalStepSizeFactor), options.FinalStepSizeFactor),
        Pair(nameof(options.ScheduledUpdates), options.ScheduledUpdates),
        Pair(nameof(options.ScheduledEnvironmentSteps), options.ScheduledEnvironmentSteps),
        Pair(nameof(options.NormalizeObservations), options.NormalizeObservations),
        Pair(nameof(options.StandardDeviation), options.StandardDeviation),
        Pair(nameof(options.InitialStandardDeviation), options.InitialStandardDeviation),
        Pair(nameof(options.ActionScale), options.ActionScale),
        Pair(nameof(options.ValueHiddenSizes), string.Join(',', options.ValueHiddenSizes)),
        Pair(nameof(options.ValueActivation), options.ValueActivation),
        Pair(nameof(options.ValueStepSize), options.ValueStepSize),
        Pair(nameof(options.ValueOptimizer), options.ValueOptimizer),
        Pair(nameof(options.ValueMinibatches), options.ValueMinibatches),
        Pair(nameof(options.ValuePasses), options.ValuePasses),
        Pair(nameof(options.Bootstraps), options.Bootstraps),
        Pair(nameof(options.Seed), options.Seed),
    ];

    /// <summary>Compares what a checkpoint says with what a trainer has.</summary>
    /// <exception cref="ArgumentException">They differ, or the checkpoint is silent; the message names the first such option.</exception>
    public static void RequireSame(IReadOnlyList<KeyValuePair<string, string>> checkpoint, IEnumerable<KeyValuePair<string, string>> trainer)
    {
        Dictionary<string, string> theirs = new(checkpoint, StringComparer.Ordinal);
        foreach ((string name, string mine) in trainer)
        {
            if (!theirs.TryGetValue(name, out string? value))
                throw new ArgumentException($"The checkpoint does not say its {name}.", nameof(checkpoint));
            if (value != mine)
                throw new ArgumentException($"The checkpoint was made with {name} '{value}', this trainer has '{mine}'.", nameof(checkpoint));
        }
    }

    public static KeyValuePair<string, string> Pair(string name, object? value) =>
        KeyValuePair.Create(name, Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
}
