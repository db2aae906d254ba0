using System.Runtime.CompilerServices;

namespace PgFast.Estimators;

/// <summary>What the weights of a batch are made of; the sums are over all its shards.</summary>
internal readonly unsafe struct WeightRequest
{
    public required Estimator Estimator { get; init; }

    public required Baseline Baseline { get; init; }

    public required float Discount { get; init; }

    /// <summary>Whether the sums of weights and of their squares are needed.</summary>
    public required bool SumsWeights { get; init; }

    /// <summary>Episodes of the batch.</summary>
    public required int Episodes { get; init; }

    /// <summary>Sum of G_0 over the batch.</summary>
    public required double ReturnSum { get; init; }

    /// <summary>[step]; sum of the estimator's return over the episodes running at that step. Read for <see cref="Baseline.Time"/>.</summary>
    public required double* TimeSum { get; init; }

    /// <summary>[step]; number of episodes running at that step.</summary>
    public required int* TimeCount { get; init; }

    /// <summary>[cell]; what is subtracted from the return of each step. Read for <see cref="Baseline.Value"/>; null for 0.</summary>
    public float* Value { get; init; }

    /// <summary>Whether the weights are the rewards-to-go themselves.</summary>
    public bool IsIdentity => Estimator == Estimator.RewardToGo && Baseline == Baseline.None;

    /// <summary>The mean of the other episodes' G_0 for an episode whose own is <paramref name="startReturn"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float BaselineOf(float startReturn) =>
        Baseline == Baseline.Mean && Episodes > 1 ? (float)((ReturnSum - startReturn) / (Episodes - 1)) : 0f;

    /// <summary>The mean of the other episodes' returns at a step, for an episode whose own is <paramref name="value"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float TimeBaselineOf(int step, float value)
    {
        int others = TimeCount[step] - 1;
        return others > 0 ? (float)((TimeSum[step] - value) / others) : 0f;
    }
}
