using PgFast.Variance;

namespace PgFast.Coverage;

/// <summary>How often intervals of one kind covered the truth.</summary>
internal sealed class Tally
{
    private int _covered;
    private int _below;
    private int _studies;

    /// <summary>Counts one interval.</summary>
    public void Add(ConfidenceInterval interval, double truth)
    {
        lock (this)
        {
            _studies++;
            if (interval.Contains(truth))
                _covered++;
            else if (interval.High < truth)
                _below++;
        }
    }

    /// <summary>Intervals that covered the truth, over all.</summary>
    public double Coverage => (double)_covered / _studies;

    /// <summary>Intervals that ended below the truth, over all.</summary>
    public double Below => (double)_below / _studies;
}
