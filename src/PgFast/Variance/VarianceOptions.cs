using PgFast.Estimators;

namespace PgFast.Variance;

/// <summary>What a variance study measures. With environment, policy and <see cref="Seed"/> it determines every number but the times.</summary>
public sealed record VarianceOptions
{
    /// <summary>Estimators, each at most once. Default all three.</summary>
    public IReadOnlyList<Estimator> Estimators { get; init; } = [Estimator.Total, Estimator.RewardToGo, Estimator.Discounted];

    /// <summary>Baselines, each at most once. Default all. <see cref="Baseline.None"/> is always measured, as the ratios refer to it.</summary>
    public IReadOnlyList<Baseline> Baselines { get; init; } =
        [Baseline.None, Baseline.Mean, Baseline.Time, Baseline.Optimal, Baseline.OptimalPerParameter, Baseline.Linear];

    /// <summary>Episodes an update, each at least 1 and at most <see cref="Episodes"/>, each size at most once. Default 1.</summary>
    public IReadOnlyList<int> BatchSizes { get; init; } = [1];

    /// <summary>Episodes of the study, at least 2. Whole shards are run: at most one shard fewer. Default 100,000.</summary>
    public long Episodes { get; init; } = 100_000;

    /// <summary>Ends the study early, after the shard that is running; null for never. The result depends on how many episodes were done.</summary>
    public TimeSpan? TimeBudget { get; init; }

    /// <summary>Episodes that baselines are fitted on, at least 2; null for an eighth of <see cref="Episodes"/>, within 1,024 and 16,384.</summary>
    public int? PilotEpisodes { get; init; }

    /// <summary>γ in [0, 1]. Default 0.99.</summary>
    public float Discount { get; init; } = 0.99f;

    /// <summary>Standardise the weights over the steps of each batch, as training does by default. Default false: it is another, biased estimator.</summary>
    public bool NormalizeReturns { get; init; }

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
}
