using PgFast.Estimators;

namespace PgFast.Variance;

/// <summary>What the study found for one estimator, baseline and batch size. Where it has too few batches for intervals, numbers are NaN and <see cref="Note"/> says so.</summary>
/// <remarks>
/// The gradient is that of an update of <see cref="BatchSize"/> episodes: a mean over episodes of per-episode sums over steps. G is its
/// expectation, Σ its covariance, both in the parameters' own units.
/// </remarks>
public sealed record VarianceRow
{
    /// <summary>What multiplies the score.</summary>
    public required Estimator Estimator { get; init; }

    /// <summary>What is subtracted from the return.</summary>
    public required Baseline Baseline { get; init; }

    /// <summary>Episodes an update.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Independent batches that were measured.</summary>
    public required long Batches { get; init; }

    /// <summary>Which episodes the baseline comes from.</summary>
    public required BaselineSource Source { get; init; }

    /// <summary>tr Σ, the sum of the variances of the gradient's components.</summary>
    public double Trace { get; init; } = double.NaN;

    /// <summary>Interval of <see cref="Trace"/>.</summary>
    public ConfidenceInterval TraceInterval { get; init; } = ConfidenceInterval.None;

    /// <summary>The trace by tensor, in file order; their sum is <see cref="Trace"/>.</summary>
    public IReadOnlyList<TensorVariance> Tensors { get; init; } = [];

    /// <summary>Unbiased estimate of ‖G‖², which may be negative (McCandlish et al. 2018, appendix A.1, with single episodes or batches as samples).</summary>
    public double GradientNormSquared { get; init; } = double.NaN;

    /// <summary>Interval of <see cref="GradientNormSquared"/>.</summary>
    public ConfidenceInterval GradientNormSquaredInterval { get; init; } = ConfidenceInterval.None;

    /// <summary>‖G‖² / tr Σ: signal power over noise power at this batch size.</summary>
    public double SignalToNoise { get; init; } = double.NaN;

    /// <summary>B·tr Σ / ‖G‖², in episodes: the batch size at which noise and signal are equal (the simple noise scale, McCandlish et al. 2018, eq. 2.9); NaN where the estimate of ‖G‖² is not positive.</summary>
    public double NoiseScale { get; init; } = double.NaN;

    /// <summary>Interval of <see cref="NoiseScale"/> (Fieller 1954); its upper end is +∞ where ‖G‖² cannot be told from 0.</summary>
    public ConfidenceInterval NoiseScaleInterval { get; init; } = ConfidenceInterval.None;

    /// <summary>
    /// <see cref="NoiseScale"/> rounded up to whole episodes, at least 1: updates of fewer are mostly noise, many more buy little. Null
    /// where the data do not bound the noise scale.
    /// </summary>
    public long? SuggestedBatchSize =>
        double.IsFinite(NoiseScaleInterval.High) && NoiseScale is > 0 and < long.MaxValue ? (long)Math.Ceiling(NoiseScale) : null;

    /// <summary>Mean cosine between the gradients of two independent batches (Ilyas et al. 2020).</summary>
    public double CosineBetween { get; init; } = double.NaN;

    /// <summary>Interval of <see cref="CosineBetween"/>.</summary>
    public ConfidenceInterval CosineBetweenInterval { get; init; } = ConfidenceInterval.None;

    /// <summary>Mean cosine between a batch's gradient and the mean of all batches' gradients.</summary>
    public double CosineToMean { get; init; } = double.NaN;

    /// <summary>Interval of <see cref="CosineToMean"/>.</summary>
    public ConfidenceInterval CosineToMeanInterval { get; init; } = ConfidenceInterval.None;

    /// <summary>This trace over the one without a baseline, of the same estimator and batch size, on the same episodes.</summary>
    public double RatioToNone { get; init; } = double.NaN;

    /// <summary>Interval of <see cref="RatioToNone"/>, paired.</summary>
    public ConfidenceInterval RatioInterval { get; init; } = ConfidenceInterval.None;

    /// <summary>The trace that the law 1/B predicts from this estimator and baseline at the smallest batch size of the study.</summary>
    public double LawTrace { get; init; } = double.NaN;

    /// <summary>
    /// Distance of the row's expectation from ∇J, over ‖∇J‖: 0 where the row is unbiased by construction; estimated for reward-to-go with γ &lt; 1;
    /// with standardised weights, whose scale is arbitrary, the distance after the best scaling.
    /// </summary>
    public double Bias { get; init; } = double.NaN;

    /// <summary>Interval of <see cref="Bias"/>; [0, 0] where it is 0 by construction.</summary>
    public ConfidenceInterval BiasInterval { get; init; } = ConfidenceInterval.None;

    /// <summary>Wall time of an update's gradient with this estimator, baseline and batch size alone, on one thread, seconds; NaN if not measured.</summary>
    public double Seconds { get; init; } = double.NaN;

    /// <summary>1 / (<see cref="Trace"/> × <see cref="Seconds"/>): precision bought a second.</summary>
    public double Efficiency => 1 / (Trace * Seconds);

    /// <summary>Interval of <see cref="SignalToNoise"/>: the batch size over the ends of <see cref="NoiseScaleInterval"/>.</summary>
    public ConfidenceInterval SignalToNoiseInterval =>
        NoiseScaleInterval.IsKnown ? new(BatchSize / NoiseScaleInterval.High, BatchSize / NoiseScaleInterval.Low) : ConfidenceInterval.None;

    /// <summary>Why there are no numbers, or null.</summary>
    public string? Note { get; init; }
}

/// <summary>A tensor's share of the trace.</summary>
/// <param name="Name">Its name in policy files, such as <c>policy.0.weight</c>.</param>
/// <param name="Trace">Sum of the variances of its components.</param>
public readonly record struct TensorVariance(string Name, double Trace);
