using PgFast.Estimators;
using PgFast.Networks;

namespace PgFast.Training;

/// <summary>Options that train well on the environments of classic control. Each is one fixed set, the same for every seed.</summary>
/// <remarks>
/// All of them: 64 episodes an update, reward-to-go, standardised, Adam, gradients clipped to a norm of 1, one tanh layer of 32 whose last
/// layer starts near zero. What differs is why each task is hard: docs/recipes.md says so, with what they reach.
/// </remarks>
internal static class Recipes
{
    private static TrainerOptions Common { get; } = new()
    {
        Activation = Activation.Tanh,
        OutputScale = 0.01f,
        MaximumGradientNorm = 1,
    };

    /// <summary>Every episode ends near the limit at first: what the others at the same step reach tells more than a fit could.</summary>
    public static TrainerOptions Acrobot { get; } = Common with
    {
        Baseline = Baseline.Time,
        StepSize = 0.01f,
        FinalStepSizeFactor = 0.1f,
        ScheduledEnvironmentSteps = 3_000_000,
    };

    /// <summary>
    /// No early episode reaches the goal: without an imperfect V there would be no signal at all, and entropy keeps the policy open. Its
    /// coefficient looks large because the bonus is a mean over steps, the rest of the gradient a sum over an episode's 200.
    /// </summary>
    public static TrainerOptions MountainCar { get; } = Common with
    {
        Baseline = Baseline.Value,
        StepSize = 0.05f,
        NormalizeObservations = true,
        EntropyCoefficient = 2,
    };

    /// <summary>Doing nothing costs nothing: a little entropy and a falling step size keep the policy from settling there.</summary>
    public static TrainerOptions MountainCarContinuous { get; } = Common with
    {
        Baseline = Baseline.Value,
        StepSize = 0.01f,
        FinalStepSizeFactor = 0.05f,
        ScheduledEnvironmentSteps = 5_000_000,
        NormalizeObservations = true,
        EntropyCoefficient = 0.01f,
    };

    /// <summary>Costs differ far more by where an episode starts than by what the policy does: only V removes that.</summary>
    public static TrainerOptions Pendulum { get; } = Common with
    {
        Baseline = Baseline.Value,
        Discount = 0.97f,
        StepSize = 0.01f,
        FinalStepSizeFactor = 0.05f,
        ScheduledEnvironmentSteps = 10_000_000,
        ActionScale = 2,
        ValueMinibatches = 16,
    };

    /// <summary>As CartPole, with a force of 10 N as the unit of action.</summary>
    public static TrainerOptions ContinuousCartPole { get; } = Common with
    {
        Baseline = Baseline.Time,
        StepSize = 0.03f,
        NormalizeObservations = true,
        ActionScale = 10,
    };

    /// <summary>
    /// Solved in the least time: few episodes an update and a large step, as far as all of 1,000 seeds still get there. Fewer or larger ones are
    /// faster on most seeds and lost on some; docs/performance.md has the table.
    /// </summary>
    public static TrainingPreset FastestCartPole { get; } = new(
        "fastest", "solves in the least time", new TrainerOptions { BatchSize = 24, StepSize = 0.1f });
}
