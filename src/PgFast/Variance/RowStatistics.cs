using PgFast.Numerics;

namespace PgFast.Variance;

/// <summary>A row's trace, ‖G‖² and cosines, with each block left out.</summary>
/// <remarks>
/// With n batches of gradients g_i, S = Σ g_i and û_i = g_i/‖g_i‖: tr Σ = (Σ‖g_i‖² − ‖S‖²/n)/(n − 1);
/// ‖G‖² = (‖S‖² − Σ‖g_i‖²)/(n(n − 1)), the mean of ⟨g_i, g_j⟩ over pairs i ≠ j; the mean of ⟨û_i, û_j⟩ over pairs likewise; and the mean of
/// ⟨û_i, S⟩/‖S‖. Leaving a block out needs its sums alone.
/// </remarks>
internal sealed unsafe class RowStatistics
{
    /// <summary>Fewer blocks with batches than this say nothing about how much an estimate varies.</summary>
    public const int FewestBlocks = 8;

    /// <summary>Fewer batches than this say nothing about a variance.</summary>
    public const int FewestBatches = 16;

    private RowStatistics(JackknifeEstimate trace, JackknifeEstimate norm, JackknifeEstimate between, JackknifeEstimate toMean)
    {
        Trace = trace;
        GradientNormSquared = norm;
        CosineBetween = between;
        CosineToMean = toMean;
    }

    public JackknifeEstimate Trace { get; }

    public JackknifeEstimate GradientNormSquared { get; }

    public JackknifeEstimate CosineBetween { get; }

    public JackknifeEstimate CosineToMean { get; }

    /// <summary>The statistics of a row, or null where there are too few blocks.</summary>
    public static RowStatistics? Of(BlockSeries series, int row)
    {
        // The last block may be too short for a batch.
        int blocks = series.Count, length = series.Length;
        while (blocks > 0 && series.CountOf(blocks - 1, row) == 0)
            blocks--;
        if (blocks < FewestBlocks || series.TotalCount(row) < FewestBatches)
            return null;
        using AlignedBuffer<double> memory = new(2L * length);
        double* sum = memory.Pointer, unit = memory.Pointer + length, multiplicity = series.Multiplicity;
        double n = 0;
        for (int k = 0; k < blocks; k++)
        {
            n += series.CountOf(k, row);
            DoubleRows.AddScaled(sum, series.CountOf(k, row), series.Mean(k, row), length);
            DoubleRows.Add(unit, series.Unit(k, row), length);
        }

        double Dot(double* x, double* y) => DoubleRows.Dot(x, y, multiplicity, length);
        Moments all = new(n, 0, Dot(sum, sum), Dot(unit, unit), Dot(unit, sum), 0);
        Moments[] parts = new Moments[blocks];
        double[] weights = new double[blocks];
        for (int k = 0; k < blocks; k++)
        {
            double count = series.CountOf(k, row);
            double* mean = series.Mean(k, row), own = series.Unit(k, row);
            double meanSquared = Dot(mean, mean), squares = series.Deviations(k, row) + count * meanSquared, units = series.UnitCountOf(k, row);
            all = all with { Squares = all.Squares + squares, Units = all.Units + units };
            // What is left of ‖S‖² and the like without the block: ‖S − s‖² = ‖S‖² − 2⟨S, s⟩ + ‖s‖².
            parts[k] = new Moments(
                n - count, squares, all.Sum - 2 * count * Dot(sum, mean) + count * count * meanSquared,
                all.Unit - 2 * Dot(unit, own) + Dot(own, own), all.Cross - count * Dot(unit, mean) - Dot(own, sum) + count * Dot(own, mean), units);
            weights[k] = n / count;
        }

        for (int k = 0; k < blocks; k++)
            parts[k] = parts[k] with { Squares = all.Squares - parts[k].Squares, Units = all.Units - parts[k].Units };
        JackknifeEstimate Estimate(Func<Moments, double> statistic) => new(statistic(all), [.. parts.Select(statistic)], weights);
        return new RowStatistics(Estimate(TraceOf), Estimate(NormOf), Estimate(BetweenOf), Estimate(ToMeanOf));
    }

    private static double TraceOf(Moments m) => Math.Max(0, (m.Squares - m.Sum / m.Count) / (m.Count - 1));

    private static double NormOf(Moments m) => (m.Sum - m.Squares) / (m.Count * (m.Count - 1));

    private static double BetweenOf(Moments m) => (m.Unit - m.Units) / (m.Count * (m.Count - 1));

    private static double ToMeanOf(Moments m) => m.Sum > 0 ? m.Cross / (m.Count * Math.Sqrt(m.Sum)) : double.NaN;

    /// <summary>n, Σ‖g‖², ‖S‖², ‖Σû‖², ⟨Σû, S⟩, and how many û are not zero.</summary>
    private readonly record struct Moments(double Count, double Squares, double Sum, double Unit, double Cross, double Units);
}
