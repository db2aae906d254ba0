using PgFast.Numerics;

namespace PgFast.Variance;

/// <summary>Inner products of the expectations of two rows, without the noise that their estimates share.</summary>
internal static unsafe class MeanProducts
{
    /// <summary>The mean of ⟨a, b⟩ over batches a of one row and b of another from different blocks, with each block left out.</summary>
    /// <remarks>
    /// With block sums A_k and B_k of n_k and m_k batches: (⟨ΣA, ΣB⟩ − Σ⟨A_k, B_k⟩)/(Σn·Σm − Σ n_k m_k). Blocks are independent, so it is unbiased.
    /// </remarks>
    /// <param name="series">At least three blocks with batches of both rows.</param>
    /// <param name="first">A row.</param>
    /// <param name="second">A row; may be the same.</param>
    public static JackknifeEstimate Of(BlockSeries series, int first, int second)
    {
        int blocks = series.Count, length = series.Length;
        while (blocks > 0 && (series.CountOf(blocks - 1, first) == 0 || series.CountOf(blocks - 1, second) == 0))
            blocks--;
        using AlignedBuffer<double> memory = new(2L * length);
        double* a = memory.Pointer, b = memory.Pointer + length;
        double n = 0, m = 0;
        for (int k = 0; k < blocks; k++)
        {
            n += series.CountOf(k, first);
            m += series.CountOf(k, second);
            DoubleRows.AddScaled(a, series.CountOf(k, first), series.Mean(k, first), length);
            DoubleRows.AddScaled(b, series.CountOf(k, second), series.Mean(k, second), length);
        }

        double whole = DoubleRows.Dot(a, b, series.Multiplicity, length), same = 0, pairs = 0;
        double[] own = new double[blocks], crossing = new double[blocks], without = new double[blocks], weights = new double[blocks];
        for (int k = 0; k < blocks; k++)
        {
            double nk = series.CountOf(k, first), mk = series.CountOf(k, second);
            own[k] = nk * mk * DoubleRows.Dot(series.Mean(k, first), series.Mean(k, second), series.Multiplicity, length);
            crossing[k] = nk * DoubleRows.Dot(series.Mean(k, first), b, series.Multiplicity, length)
                + mk * DoubleRows.Dot(a, series.Mean(k, second), series.Multiplicity, length);
            same += own[k];
            pairs += nk * mk;
            weights[k] = n / nk;
        }

        for (int k = 0; k < blocks; k++)
        {
            double nk = series.CountOf(k, first), mk = series.CountOf(k, second);
            // ⟨ΣA − A_k, ΣB − B_k⟩ less the other blocks' own products.
            without[k] = (whole - crossing[k] + own[k] - (same - own[k])) / ((n - nk) * (m - mk) - (pairs - nk * mk));
        }

        return new JackknifeEstimate((whole - same) / (n * m - pairs), without, weights);
    }
}
