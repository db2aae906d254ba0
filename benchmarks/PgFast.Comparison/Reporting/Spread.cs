namespace PgFast.Comparison.Reporting;

/// <summary>A median with the smallest and the largest value.</summary>
internal readonly record struct Spread(double Median, double Minimum, double Maximum)
{
    /// <summary>Of at least one value.</summary>
    public static Spread Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return new Spread(sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2, sorted[0], sorted[^1]);
    }
}
