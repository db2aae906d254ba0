using PgFast.Numerics;

namespace PgFast.Variance;

/// <summary>A value and the same value with each block left out: its standard error and intervals.</summary>
/// <remarks>
/// The delete-one-block jackknife for blocks of unequal size (Busing, Meijer and van der Leeden 1999): with h_j = n/n_j, pseudo-values
/// τ_j = h_j θ − (h_j − 1) θ_(j) have variance (h_j − 1)·Var θ.
/// </remarks>
internal readonly struct JackknifeEstimate
{
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

    /// <summary>θ ± t·standard error, with Student's t of blocks − 1 degrees of freedom.</summary>
    public ConfidenceInterval Interval(double confidence)
    {
        double half = Quantile(confidence) * Math.Sqrt(Covariance(this));
        return double.IsFinite(half) && double.IsFinite(Value) ? new ConfidenceInterval(Value - half, Value + half) : ConfidenceInterval.None;
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

    private double Quantile(double confidence) => StudentT.Quantile(0.5 + confidence / 2, _without.Length - 1);
}
