using PgFast.Numerics;

namespace PgFast.Variance;

/// <summary>A value and the same value with each block left out: its standard error and intervals.</summary>
/// <remarks>
/// The delete-one-block jackknife for blocks of unequal size (Busing, Meijer and van der Leeden 1999): with h_j = n/n_j, pseudo-values
/// τ_j = h_j θ − (h_j − 1) θ_(j) have variance (h_j − 1)·Var θ.
/// </remarks>
internal readonly struct JackknifeEstimate
{
    /// <summary>Below this the transformation differs from the identity by rounding alone.</summary>
    private const double SmallestSkewness = 1e-9;

    /// <summary>More skewness than this over √blocks is one block in a hundred, from which no correction can be told.</summary>
    private const double LargestSkewness = 0.35;

    private readonly double[] _without;
    private readonly double[] _weights;

    /// <param name="value">θ of all blocks.</param>
    /// <param name="without">[block]; θ without it.</param>
    /// <param name="weights">[block]; h_j.</param>
    public JackknifeEstimate(double value, double[] without, double[] weights)
    {
        Value = value;
        _without = without;
        _weights = weights;
    }

    /// <summary>θ.</summary>
    public double Value { get; }

    /// <summary>The same of a function of θ.</summary>
    public JackknifeEstimate Map(Func<double, double> function) => new(function(Value), [.. _without.Select(function)], _weights);

    /// <summary>The same of a function of two values from the same blocks.</summary>
    public JackknifeEstimate With(JackknifeEstimate other, Func<double, double, double> function) =>
        new(function(Value, other.Value), [.. _without.Zip(other._without, function)], _weights);

    /// <summary>Covariance of two estimates from the same blocks; variance with itself.</summary>
    public double Covariance(JackknifeEstimate other)
    {
        int blocks = _without.Length;
        double meanA = blocks * Value, meanB = blocks * other.Value;
        for (int j = 0; j < blocks; j++)
        {
            double kept = 1 - 1 / _weights[j];
            meanA -= kept * _without[j];
            meanB -= kept * other._without[j];
        }

        double sum = 0;
        for (int j = 0; j < blocks; j++)
        {
            double h = _weights[j];
            double a = h * Value - (h - 1) * _without[j] - meanA, b = h * other.Value - (h - 1) * other._without[j] - meanB;
            sum += a * b / (h - 1);
        }

        return sum / blocks;
    }

    /// <summary>
    /// θ ± t·standard error, with Student's t of blocks − 1 degrees of freedom, corrected for the skewness of the pseudo-values.
    /// </summary>
    /// <remarks>
    /// Return × score is heavy-tailed: where an estimate is low, so is its standard error, and a symmetric interval ends too low far more often
    /// than it begins too high. Hall's (1992) monotone transformation of the studentised value removes that to the next order:
    /// T + γT²/3 + γ²T³/27 + γ/6 is nearly symmetric, with γ the skewness over √blocks.
    /// </remarks>
    public ConfidenceInterval Interval(double confidence)
    {
        double error = Math.Sqrt(Covariance(this)), quantile = Quantile(confidence), skewness = Skewness() / Math.Sqrt(_without.Length);
        skewness = Math.Clamp(skewness, -LargestSkewness, LargestSkewness);
        double low = Value - error * Untransformed(quantile, skewness), high = Value - error * Untransformed(-quantile, skewness);
        return double.IsFinite(low) && double.IsFinite(high) ? new ConfidenceInterval(low, high) : ConfidenceInterval.None;
    }

    /// <summary>The interval of a positive value, symmetric on a logarithmic scale; a value that is exactly 0 in all blocks is [0, 0].</summary>
    public ConfidenceInterval LogInterval(double confidence)
    {
        if (Value == 0 && Array.TrueForAll(_without, value => value == 0))
            return new ConfidenceInterval(0, 0);
        ConfidenceInterval interval = Map(PortableMath.Log).Interval(confidence);
        return interval.IsKnown ? new ConfidenceInterval(PortableMath.Exp(interval.Low), PortableMath.Exp(interval.High)) : ConfidenceInterval.None;
    }

    /// <summary>The interval of θ over another estimate whose sign may be uncertain (Fieller 1954), for θ ≥ 0; [low, ∞) where it is unbounded.</summary>
    public ConfidenceInterval RatioInterval(JackknifeEstimate denominator, double confidence)
    {
        double quantile = Quantile(confidence), square = quantile * quantile;
        double a = denominator.Value * denominator.Value - square * denominator.Covariance(denominator);
        double b = Value * denominator.Value - square * Covariance(denominator);
        double c = Value * Value - square * Covariance(this);
        double root = Math.Sqrt(Math.Max(0, b * b - a * c));
        if (!double.IsFinite(a + b + c))
            return ConfidenceInterval.None;
        if (a > 0 && denominator.Value > 0)
            return new ConfidenceInterval(Math.Max(0, (b - root) / a), (b + root) / a);
        // The denominator may be 0: what is left is a lower end, where there is one.
        return new ConfidenceInterval(c > 0 && a < 0 ? Math.Max(0, (b - root) / a) : 0, double.PositiveInfinity);
    }

    /// <summary>The T that Hall's transformation takes to <paramref name="t"/>.</summary>
    private static double Untransformed(double t, double skewness)
    {
        if (Math.Abs(skewness) < SmallestSkewness)
            return t;
        double cube = 1 + skewness * (t - skewness / 6);
        return 3 / skewness * (Math.Sign(cube) * PortableMath.Exp(PortableMath.Log(Math.Abs(cube)) / 3) - 1);
    }

    /// <summary>Third central moment of the pseudo-values over the 3/2 power of their second.</summary>
    private double Skewness()
    {
        int blocks = _without.Length;
        double mean = 0;
        for (int j = 0; j < blocks; j++)
            mean += PseudoValue(j) / blocks;
        double second = 0, third = 0;
        for (int j = 0; j < blocks; j++)
        {
            // Over √(h − 1), all have the variance of one block among many.
            double deviation = (PseudoValue(j) - mean) / Math.Sqrt(_weights[j] - 1);
            second += deviation * deviation / blocks;
            third += deviation * deviation * deviation / blocks;
        }

        return second > 0 ? third / (second * Math.Sqrt(second)) : 0;
    }

    private double PseudoValue(int block) => _weights[block] * Value - (_weights[block] - 1) * _without[block];

    private double Quantile(double confidence) => StudentT.Quantile(0.5 + confidence / 2, _without.Length - 1);
}
