namespace PgFast.Cli.Sweeps;

/// <summary>A finished run of a sweep.</summary>
internal sealed record SweepRun
{
    public required string Environment { get; init; }

    /// <summary>The configuration's label when the run was done; for a person who reads the file.</summary>
    public required string Label { get; init; }

    public required ulong Seed { get; init; }

    /// <summary>Mean return of the final policy; after a divergence, of the last policy that was finite.</summary>
    public required double MeanReturn { get; init; }

    /// <summary>Standard error of <see cref="MeanReturn"/>; NaN for one episode.</summary>
    public required double StandardError { get; init; }

    public required bool Solved { get; init; }

    /// <summary>What became non-finite and when, or null.</summary>
    public required string? Divergence { get; init; }

    public required long Updates { get; init; }

    public required long Episodes { get; init; }

    public required long EnvironmentSteps { get; init; }

    public required double TrainSeconds { get; init; }

    public required string ParameterHash { get; init; }

    /// <summary>[point]; mean return of the batches, at equal distances up to the budget.</summary>
    public required double[] Returns { get; init; }

    /// <summary>[point]; mean entropy of the policy over the batches' steps, nats.</summary>
    public required double[] Entropies { get; init; }
}
