using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Optimizers;
using PgFast.Policies;

namespace PgFast.Training;

/// <summary>Everything that shapes a training run. With the environment and <see cref="Seed"/> it determines every bit of the result.</summary>
/// <remarks>The defaults solve CartPole-v1 on every seed tried.</remarks>
public sealed record TrainerOptions
{
    /// <summary>Units of each hidden layer; empty for a linear policy. Default 32.</summary>
    public IReadOnlyList<int> HiddenSizes { get; init; } = [32];

    /// <summary>Non-linearity of the hidden layers. Default ReLU.</summary>
    public Activation Activation { get; init; } = Activation.Relu;

    /// <summary>Whether layers have biases. Default true.</summary>
    public bool HasBias { get; init; } = true;

    /// <summary>How the weights start. Default <see cref="Networks.Initialization.FanIn"/>.</summary>
    public Initialization Initialization { get; init; } = Initialization.FanIn;

    /// <summary>Factor on the initial weights of the last layer, finite, at least 0. Default 0.1: nearly uniform.</summary>
    public float OutputScale { get; init; } = 0.1f;

    /// <summary>Episodes an update, at least 1. Default 64.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>What multiplies the score. Default reward-to-go.</summary>
    public Estimator Estimator { get; init; } = Estimator.RewardToGo;

    /// <summary>What is subtracted from the return. Default none.</summary>
    public Baseline Baseline { get; init; } = Baseline.None;

    /// <summary>γ in [0, 1]. Default 0.99.</summary>
    public float Discount { get; init; } = 0.99f;

    /// <summary>
    /// Standardise the weights over all steps of the batch: subtract their mean, divide by their standard deviation. Changes the
    /// estimator (and biases it). Default true.
    /// </summary>
    public bool NormalizeReturns { get; init; } = true;

    /// <summary>
    /// Factor on the rewards that the gradient is made of; positive and finite. Returns are reported without it, and standardised weights
    /// do not depend on it. Default 1.
    /// </summary>
    public float RewardScale { get; init; } = 1;

    /// <summary>β ≥ 0 of an entropy bonus β · (mean over steps of H). Default 0.</summary>
    public float EntropyCoefficient { get; init; }

    /// <summary>Gradients longer than this are scaled down to it; positive, +∞ for never. Default +∞.</summary>
    public float MaximumGradientNorm { get; init; } = float.PositiveInfinity;

    /// <summary>How the gradient changes the parameters. Default Adam.</summary>
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.Adam;

    /// <summary>α &gt; 0. Default 0.03.</summary>
    public float StepSize { get; init; } = 0.03f;

    /// <summary>μ in [0, 1) of <see cref="OptimizerKind.Sgd"/>; must be 0 with Adam. Default 0.</summary>
    public float Momentum { get; init; }

    /// <summary>
    /// The step size falls linearly with the updates' share of the budget, to this factor at its end, and stays there; in [0, 1]. Default
    /// 1: constant. The budget is <see cref="ScheduledUpdates"/> or <see cref="ScheduledEnvironmentSteps"/>.
    /// </summary>
    public float FinalStepSizeFactor { get; init; } = 1;

    /// <summary>Updates over which the step size falls; null if it follows the environment steps, or nothing. Default null.</summary>
    public long? ScheduledUpdates { get; init; }

    /// <summary>Environment steps over which the step size falls; null if it follows the updates, or nothing. Default null.</summary>
    public long? ScheduledEnvironmentSteps { get; init; }

    /// <summary>
    /// Feed the network observations less their running mean, divided by their running standard deviation: both over all steps of earlier
    /// updates, unchanged within an update. Default false.
    /// </summary>
    public bool NormalizeObservations { get; init; }

    /// <summary>Where a Gaussian policy's standard deviation comes from; read for continuous actions only. Default a free vector.</summary>
    public StandardDeviationSource StandardDeviation { get; init; } = StandardDeviationSource.Free;

    /// <summary>A Gaussian policy's standard deviation at the start, in units of <see cref="ActionScale"/>; positive and finite. Default 1.</summary>
    public float InitialStandardDeviation { get; init; } = 1;

    /// <summary>
    /// What a Gaussian policy's mean and standard deviation are multiplied by to give the environment's action; positive and finite, in the
    /// environment's unit of action. Default 1.
    /// </summary>
    public float ActionScale { get; init; } = 1;

    /// <summary>Units of each hidden layer of the value network of <see cref="Baseline.Value"/>; empty for a linear one. Default 32.</summary>
    public IReadOnlyList<int> ValueHiddenSizes { get; init; } = [32];

    /// <summary>Non-linearity of the value network's hidden layers. Default tanh.</summary>
    public Activation ValueActivation { get; init; } = Activation.Tanh;

    /// <summary>α_w &gt; 0, the value network's own step size. Default 0.003.</summary>
    public float ValueStepSize { get; init; } = 0.003f;

    /// <summary>The value network's own optimizer. Default Adam.</summary>
    public OptimizerKind ValueOptimizer { get; init; } = OptimizerKind.Adam;

    /// <summary>Parts that a batch's steps are divided into for the value network, which takes a step after each; at least 1. Default 4.</summary>
    public int ValueMinibatches { get; init; } = 4;

    /// <summary>Passes that the value network makes over a batch's returns; at least 1. Default 1.</summary>
    public int ValuePasses { get; init; } = 1;

    /// <summary>
    /// Complete the return of an episode that the time limit ended, and no terminal state, with γ·V of its final observation. Needs
    /// <see cref="Baseline.Value"/>. Default false: a time limit is a plain end.
    /// </summary>
    public bool Bootstraps { get; init; }

    /// <summary>Seed of all random numbers. Default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Worker threads, the caller included, 1 to 4,096; changes no bit of the result. Default: all cores.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Measure the policy's entropy at every update (it costs a few percent). Default false.</summary>
    public bool MeasureEntropy { get; init; }

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentException">A value is out of range; the exception names it.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(HiddenSizes);
        foreach (int size in HiddenSizes)
            Require(size is >= 1 and <= 65_536, nameof(HiddenSizes), size, "A hidden layer has 1 to 65,536 units.");
        Require(Enum.IsDefined(Activation), nameof(Activation), Activation, "Unknown activation.");
        Require(Enum.IsDefined(Initialization), nameof(Initialization), Initialization, "Unknown initialization.");
        Require(float.IsFinite(OutputScale) && OutputScale >= 0, nameof(OutputScale), OutputScale, "Must be finite and at least 0.");
        Require(BatchSize is >= 1 and <= 16_777_216, nameof(BatchSize), BatchSize, "A batch has 1 to 16,777,216 episodes.");
        Require(Enum.IsDefined(Estimator), nameof(Estimator), Estimator, "Unknown estimator.");
        Require(Enum.IsDefined(Baseline), nameof(Baseline), Baseline, "Unknown baseline.");
        Require(
            Baseline is <= Baseline.Time or Baseline.Value, nameof(Baseline), Baseline,
            "This baseline is fitted on a pilot sample, which training does not draw.");
        Require(Discount is >= 0 and <= 1, nameof(Discount), Discount, "γ lies in [0, 1].");
        Require(float.IsFinite(RewardScale) && RewardScale > 0, nameof(RewardScale), RewardScale, "Must be positive and finite.");
        Require(float.IsFinite(EntropyCoefficient) && EntropyCoefficient >= 0, nameof(EntropyCoefficient), EntropyCoefficient, "Must be finite and at least 0.");
        Require(MaximumGradientNorm > 0, nameof(MaximumGradientNorm), MaximumGradientNorm, "Must be positive.");
        Require(Enum.IsDefined(Optimizer), nameof(Optimizer), Optimizer, "Unknown optimizer.");
        Require(float.IsFinite(StepSize) && StepSize > 0, nameof(StepSize), StepSize, "Must be positive and finite.");
        Require(Momentum is >= 0 and < 1, nameof(Momentum), Momentum, "Momentum lies in [0, 1).");
        Require(Momentum == 0 || Optimizer == OptimizerKind.Sgd, nameof(Momentum), Momentum, "Momentum belongs to the optimizer 'sgd'.");
        Require(FinalStepSizeFactor is >= 0 and <= 1, nameof(FinalStepSizeFactor), FinalStepSizeFactor, "The factor lies in [0, 1].");
        Require(ScheduledUpdates is null or > 0, nameof(ScheduledUpdates), ScheduledUpdates!, "Must be positive.");
        Require(ScheduledEnvironmentSteps is null or > 0, nameof(ScheduledEnvironmentSteps), ScheduledEnvironmentSteps!, "Must be positive.");
        Require(
            ScheduledUpdates is null || ScheduledEnvironmentSteps is null, nameof(ScheduledUpdates), ScheduledUpdates!,
            "The step size follows updates or environment steps, not both.");
        Require(
            FinalStepSizeFactor == 1 || ScheduledUpdates is not null || ScheduledEnvironmentSteps is not null, nameof(FinalStepSizeFactor),
            FinalStepSizeFactor, "A step size that falls needs a budget to fall over.");
        Require(Enum.IsDefined(StandardDeviation), nameof(StandardDeviation), StandardDeviation, "Unknown source.");
        Require(
            float.IsFinite(InitialStandardDeviation) && InitialStandardDeviation > 0, nameof(InitialStandardDeviation), InitialStandardDeviation,
            "Must be positive and finite.");
        Require(float.IsFinite(ActionScale) && ActionScale > 0, nameof(ActionScale), ActionScale, "Must be positive and finite.");
        ValidateValue();
        Require(Threads is >= 1 and <= 4096, nameof(Threads), Threads, "Threads are 1 to 4,096.");
    }

    private void ValidateValue()
    {
        ArgumentNullException.ThrowIfNull(ValueHiddenSizes);
        foreach (int size in ValueHiddenSizes)
            Require(size is >= 1 and <= 65_536, nameof(ValueHiddenSizes), size, "A hidden layer has 1 to 65,536 units.");
        Require(Enum.IsDefined(ValueActivation), nameof(ValueActivation), ValueActivation, "Unknown activation.");
        Require(float.IsFinite(ValueStepSize) && ValueStepSize > 0, nameof(ValueStepSize), ValueStepSize, "Must be positive and finite.");
        Require(Enum.IsDefined(ValueOptimizer), nameof(ValueOptimizer), ValueOptimizer, "Unknown optimizer.");
        Require(ValueMinibatches is >= 1 and <= 65_536, nameof(ValueMinibatches), ValueMinibatches, "Minibatches are 1 to 65,536.");
        Require(ValuePasses is >= 1 and <= 65_536, nameof(ValuePasses), ValuePasses, "Passes are 1 to 65,536.");
        Require(!Bootstraps || Baseline == Baseline.Value, nameof(Bootstraps), Bootstraps, "Returns are completed with the baseline 'value' only.");
    }

    private static void Require(bool condition, string name, object value, string message)
    {
        if (!condition)
            throw new ArgumentOutOfRangeException(name, value, message);
    }
}
