namespace PgFast.Variance;

/// <summary>Confidence intervals from estimates that leave out one block of the sample at a time.</summary>
internal static class GroupJackknife
{
    /// <summary>The interval estimate ± t·√v, with Student's t of (blocks − 1) degrees of freedom.</summary>
    /// <param name="estimate">θ of the whole sample.</param>
    /// <param name="leftOut">[block]; θ without the block.</param>
    /// <param name="sizes">[block]; how many of the sample are in the block; all but equal.</param>
    /// <param name="confidence">Level, in (0, 1).</param>
    /// <returns>The interval, or none where a number is not finite.</returns>
    /// <remarks>
    /// With h = n/size, pseudo-values hθ − (h − 1)θ₍ⱼ₎ and their mean weighted by 1/h, v = mean of (pseudo-value − mean)²/(h − 1): Busing,
    /// Meijer and van der Leeden, "Delete-m jackknife for unequal m" (1999), eqs. 3 and 4. Equal sizes give the ordinary jackknife.
    /// </remarks>
    public static ConfidenceInterval Interval(double estimate, ReadOnlySpan<double> leftOut, ReadOnlySpan<int> sizes, double confidence)
    {
        int blocks = leftOut.Length;
        double count = 0;
        foreach (int size in sizes)
            count += size;
        double mean = 0;
        for (int block = 0; block < blocks; block++)
            mean += Pseudo(estimate, leftOut[block], count / sizes[block]) * (sizes[block] / count);
        double variance = 0;
        for (int block = 0; block < blocks; block++)
        {
            double ratio = count / sizes[block];
            double deviation = Pseudo(estimate, leftOut[block], ratio) - mean;
            variance += deviation * deviation / (ratio - 1);
        }

        double half = StudentT.Quantile(0.5 + confidence / 2, blocks - 1) * Math.Sqrt(variance / blocks);
        return double.IsFinite(estimate) && double.IsFinite(half) ? new(estimate - half, estimate + half) : ConfidenceInterval.None;
    }

    private static double Pseudo(double estimate, double leftOut, double ratio) => ratio * estimate - (ratio - 1) * leftOut;
}
