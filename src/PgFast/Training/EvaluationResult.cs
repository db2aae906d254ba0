using System.Numerics.Tensors;

namespace PgFast.Training;

/// <summary>Returns of a policy on fresh episodes.</summary>
public sealed class EvaluationResult
{
    private readonly double[] _sortedReturns;

    /// <summary>Summarises undiscounted returns.</summary>
    /// <param name="returns">One an episode; at least one.</param>
    /// <param name="environmentSteps">Steps of all episodes.</param>
    /// <exception cref="ArgumentException">There are no returns.</exception>
    public EvaluationResult(ReadOnlySpan<double> returns, long environmentSteps)
    {
        if (returns.IsEmpty)
            throw new ArgumentException("An evaluation has at least one episode.", nameof(returns));
        EnvironmentSteps = environmentSteps;
        _sortedReturns = returns.ToArray();
        double mean = 0;
        foreach (double value in returns)
            mean += value;
        mean /= returns.Length;
        double squares = 0;
        foreach (double value in returns)
            squares += (value - mean) * (value - mean);
        MeanReturn = mean;
        StandardError = returns.Length > 1 ? Math.Sqrt(squares / (returns.Length - 1) / returns.Length) : double.NaN;
        Minimum = TensorPrimitives.Min(returns);
        Maximum = TensorPrimitives.Max(returns);
        Array.Sort(_sortedReturns);
    }

    /// <summary>Number of episodes.</summary>
    public int Episodes => _sortedReturns.Length;

    /// <summary>Steps of all episodes.</summary>
    public long EnvironmentSteps { get; }

    /// <summary>Mean undiscounted return.</summary>
    public double MeanReturn { get; }

    /// <summary>Standard error of the mean; NaN for one episode.</summary>
    public double StandardError { get; }

    /// <summary>Smallest return.</summary>
    public double Minimum { get; }

    /// <summary>Largest return.</summary>
    public double Maximum { get; }

    /// <summary>The return below which a fraction of the episodes lies, interpolated between order statistics.</summary>
    /// <param name="fraction">In [0, 1].</param>
    /// <exception cref="ArgumentOutOfRangeException">The fraction is outside [0, 1].</exception>
    public double Quantile(double fraction)
    {
        if (!(fraction is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "A fraction lies in [0, 1].");
        double position = fraction * (Episodes - 1);
        int below = (int)position;
        int above = Math.Min(below + 1, Episodes - 1);
        return _sortedReturns[below] + (position - below) * (_sortedReturns[above] - _sortedReturns[below]);
    }
}
