namespace PgFast.Variance;

/// <summary>An interval that covers the true value with the study's confidence.</summary>
/// <param name="Low">Lower end; NaN where there is no interval.</param>
/// <param name="High">Upper end, +∞ where the data do not bound the value; NaN where there is no interval.</param>
public readonly record struct ConfidenceInterval(double Low, double High)
{
    /// <summary>No interval: there were too few episodes for one.</summary>
    public static ConfidenceInterval None { get; } = new(double.NaN, double.NaN);

    /// <summary>Whether there is an interval.</summary>
    public bool IsKnown => !double.IsNaN(Low);

    /// <summary>Whether a value lies in the interval.</summary>
    public bool Contains(double value) => value >= Low && value <= High;
}
