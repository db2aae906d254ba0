namespace PgFast.Statistics;

/// <summary>A statistic of the scores with its percentile bootstrap interval.</summary>
/// <param name="Value">The statistic of the scores themselves.</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end of the interval.</param>
/// <remarks>
/// The ends are quantiles of the statistic over resampled scores (Efron 1979); <paramref name="Value"/> is not their centre, and a skewed
/// statistic of few runs may even lie outside.
/// </remarks>
public readonly record struct BootstrapEstimate(double Value, double Low, double High)
{
    /// <summary>The estimate of a value and its replicates.</summary>
    /// <param name="value">The statistic of the scores themselves.</param>
    /// <param name="replicates">[replicate]; at least one, sorted in place.</param>
    /// <param name="confidence">Share of the replicates between the ends, in (0, 1).</param>
    internal static BootstrapEstimate Percentile(double value, Span<double> replicates, double confidence)
    {
        replicates.Sort();
        return new BootstrapEstimate(value, Quantile(replicates, (1 - confidence) / 2), Quantile(replicates, (1 + confidence) / 2));
    }

    /// <summary>Quantile of sorted values: linear between order statistics, with the smallest at 0 and the largest at 1.</summary>
    /// <remarks>Definition 7 of Hyndman and Fan (1996), the default of NumPy and R.</remarks>
    internal static double Quantile(ReadOnlySpan<double> sorted, double probability)
    {
        double position = probability * (sorted.Length - 1);
        int below = Math.Min((int)position, sorted.Length - 1), above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }
}
