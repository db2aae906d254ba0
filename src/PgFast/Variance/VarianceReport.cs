namespace PgFast.Variance;

/// <summary>The result of a variance study.</summary>
public sealed record VarianceReport
{
    /// <summary>Name of the environment in the literature.</summary>
    public required string Environment { get; init; }

    /// <summary>Episodes measured, whole shards of them.</summary>
    public required long Episodes { get; init; }

    /// <summary>Steps of those episodes.</summary>
    public required long EnvironmentSteps { get; init; }

    /// <summary>Mean number of steps of an episode.</summary>
    public double MeanEpisodeLength => (double)EnvironmentSteps / Episodes;

    /// <summary>Mean undiscounted return of an episode.</summary>
    public required double MeanReturn { get; init; }

    /// <summary>Length of the parameter vector.</summary>
    public required int ParameterCount { get; init; }

    /// <summary>γ.</summary>
    public required double Discount { get; init; }

    /// <summary>Level of the intervals.</summary>
    public required double Confidence { get; init; }

    /// <summary>Whether weights were standardised in each batch.</summary>
    public required bool NormalizeReturns { get; init; }

    /// <summary>Seed of the study's random numbers.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Episodes that baselines were fitted on.</summary>
    public required int PilotEpisodes { get; init; }

    /// <summary>Episodes of a shard.</summary>
    public required int EpisodesPerShard { get; init; }

    /// <summary>Groups of consecutive shards that the jackknife leaves out one at a time.</summary>
    public required int Blocks { get; init; }

    /// <summary>One a batch size, estimator and baseline, in that order of nesting.</summary>
    public required IReadOnlyList<VarianceRow> Rows { get; init; }

    /// <summary>Splits by nested resets, if asked for.</summary>
    public IReadOnlyList<VarianceDecomposition> Decompositions { get; init; } = [];

    /// <summary>Wall time of the whole study, seconds.</summary>
    public double Seconds { get; init; }
}

/// <summary>How far a study is.</summary>
/// <param name="Episodes">Episodes measured so far.</param>
/// <param name="Total">Episodes asked for.</param>
/// <param name="Fraction">Of the work or of the time budget, whichever is nearer its end; in [0, 1].</param>
public readonly record struct VarianceProgress(long Episodes, long Total, double Fraction);
