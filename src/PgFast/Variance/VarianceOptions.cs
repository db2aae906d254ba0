using PgFast.Environments;
using PgFast.Estimators;

namespace PgFast.Variance;

/// <summary>What a variance study measures. With environment, policy and <see cref="Seed"/> it determines every number but the times.</summary>
public sealed record VarianceOptions
{
    /// <summary>Estimators, each at most once. Default all three.</summary>
    public IReadOnlyList<Estimator> Estimators { get; init; } = [Estimator.Total, Estimator.RewardToGo, Estimator.Discounted];

    /// <summary>Baselines, each at most once. Default all but <see cref="Baseline.Value"/>, whose network costs time. <see cref="Baseline.None"/> is always measured, as the ratios refer to it.</summary>
    public IReadOnlyList<Baseline> Baselines { get; init; } =
        [Baseline.None, Baseline.Mean, Baseline.Time, Baseline.Optimal, Baseline.OptimalPerParameter, Baseline.Linear];

    /// <summary>Episodes an update, each at least 1 and at most <see cref="Episodes"/>, each size at most once. Default 1.</summary>
    public IReadOnlyList<int> BatchSizes { get; init; } = [1];

    /// <summary>Episodes of the study, at least 2. Default 100,000.</summary>
    public long Episodes { get; init; } = 100_000;

    /// <summary>Ends the study early, after the shards that are running then; null for never. The result depends on how many episodes were done.</summary>
    public TimeSpan? TimeBudget { get; init; }

    /// <summary>Episodes that baselines are fitted on, at least 2; null for an eighth of <see cref="Episodes"/>, within 1,024 and 65,536, or 4,096 with a time budget.</summary>
    public int? PilotEpisodes { get; init; }

    /// <summary>
    /// V that training learned, for the rows <see cref="Baseline.Value"/> whose return it predicts; null to fit one on the pilot sample.
    /// Default null.
    /// </summary>
    public ValueFunction? ValueFunction { get; init; }

    /// <summary>γ in [0, 1]. Default 0.99.</summary>
    public float Discount { get; init; } = 0.99f;

    /// <summary>Standardise the weights over the steps of each batch, as training does by default. Default false: it is another, biased estimator.</summary>
    public bool NormalizeReturns { get; init; }

    /// <summary>What the policy's observations are scaled by; null for nothing. Default null.</summary>
    public ObservationScaling? ObservationScaling { get; init; }

    /// <summary>What a Gaussian policy's draws are multiplied by to give the environment's action; positive and finite. Default 1.</summary>
    public float ActionScale { get; init; } = 1;

    /// <summary>Level of the intervals, in (0, 1). Default 0.95.</summary>
    public double Confidence { get; init; } = 0.95;

    /// <summary>Measure what a gradient costs with each estimator and baseline by itself. Default true.</summary>
    public bool MeasureSeconds { get; init; } = true;

    /// <summary>Split the variance by nested resets (Tucker et al. 2018) from so many states; 0 for not. Default 0.</summary>
    public int NestedStates { get; init; }

    /// <summary>Seed of all random numbers. Default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Worker threads, the caller included, 1 to 4,096; changes no number but the times. Default: all cores.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentException">A value is out of range; the exception names it.</exception>
    public void Validate()
    {
        RequireSet(Estimators, nameof(Estimators), "estimator");
        RequireSet(Baselines, nameof(Baselines), "baseline");
        RequireSet(BatchSizes, nameof(BatchSizes), "batch size");
        foreach (Estimator estimator in Estimators)
            Require(Enum.IsDefined(estimator), nameof(Estimators), estimator, "Unknown estimator.");
        foreach (Baseline baseline in Baselines)
        {
            Require(Enum.IsDefined(baseline), nameof(Baselines), baseline, "Unknown baseline.");
            Require(
                !NormalizeReturns || baseline != Baseline.OptimalPerParameter, nameof(Baselines), baseline,
                "Weights cannot be standardised where every parameter has its own.");
        }

        Require(Episodes >= 2, nameof(Episodes), Episodes, "A study has at least 2 episodes.");
        foreach (int size in BatchSizes)
            Require(size >= 1 && size <= Episodes, nameof(BatchSizes), size, "A batch has at least 1 episode and at most those of the study.");
        Require(TimeBudget is null || TimeBudget > TimeSpan.Zero, nameof(TimeBudget), TimeBudget!, "Must be positive.");
        Require(PilotEpisodes is null or (>= 2 and <= 16_777_216), nameof(PilotEpisodes), PilotEpisodes!, "A pilot sample has 2 to 16,777,216 episodes.");
        Require(Discount is >= 0 and <= 1, nameof(Discount), Discount, "γ lies in [0, 1].");
        Require(float.IsFinite(ActionScale) && ActionScale > 0, nameof(ActionScale), ActionScale, "Must be positive and finite.");
        Require(Confidence is > 0 and < 1, nameof(Confidence), Confidence, "A level lies strictly between 0 and 1.");
        Require(NestedStates is >= 0 and <= 16_777_216, nameof(NestedStates), NestedStates, "States are 0 to 16,777,216.");
        Require(Threads is >= 1 and <= 4096, nameof(Threads), Threads, "Threads are 1 to 4,096.");
    }

    private static void RequireSet<T>(IReadOnlyList<T> values, string name, string what)
    {
        ArgumentNullException.ThrowIfNull(values, name);
        Require(values.Count > 0, name, values.Count, $"There is at least one {what}.");
        Require(values.Distinct().Count() == values.Count, name, values.Count, $"Each {what} is named once.");
    }

    private static void Require(bool condition, string name, object value, string message)
    {
        if (!condition)
            throw new ArgumentOutOfRangeException(name, value, message);
    }
}
