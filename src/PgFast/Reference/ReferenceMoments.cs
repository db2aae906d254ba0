namespace PgFast.Reference;

/// <summary>How much independent gradients of one and the same expectation G differ.</summary>
/// <param name="Mean">[parameter].</param>
/// <param name="Variance">[parameter]: Σ (g − mean)² / (n − 1).</param>
/// <param name="NormSquared">Mean of ⟨g_i, g_j⟩ over all pairs i ≠ j: ‖G‖² without bias, perhaps negative.</param>
/// <param name="CosineBetween">Mean cosine over all pairs i ≠ j; the cosine with a gradient of zero counts as 0.</param>
/// <param name="CosineToMean">Mean cosine with the mean.</param>
public sealed record ReferenceMoments(double[] Mean, double[] Variance, double NormSquared, double CosineBetween, double CosineToMean)
{
    /// <summary>Trace of the covariance.</summary>
    public double Trace => Variance.Sum();

    /// <summary>The moments of gradients, by their definitions.</summary>
    /// <param name="gradients">[sample][parameter], at least two.</param>
    public static ReferenceMoments Of(IReadOnlyList<double[]> gradients)
    {
        ArgumentNullException.ThrowIfNull(gradients);
        int count = gradients.Count, length = gradients[0].Length;
        double[] mean = new double[length], variance = new double[length];
        for (int h = 0; h < length; h++)
        {
            mean[h] = gradients.Average(g => g[h]);
            variance[h] = gradients.Sum(g => (g[h] - mean[h]) * (g[h] - mean[h])) / (count - 1);
        }

        double products = 0.0, cosines = 0.0, toMean = 0.0;
        double[] norms = [.. gradients.Select(g => Math.Sqrt(Dot(g, g)))];
        double meanNorm = Math.Sqrt(Dot(mean, mean));
        for (int i = 0; i < count; i++)
        {
            toMean += Cosine(Dot(gradients[i], mean), norms[i], meanNorm);
            for (int j = 0; j < i; j++)
            {
                double product = Dot(gradients[i], gradients[j]);
                products += product;
                cosines += Cosine(product, norms[i], norms[j]);
            }
        }

        double pairs = count * (count - 1.0) / 2.0;
        return new ReferenceMoments(mean, variance, products / pairs, cosines / pairs, toMean / count);
    }

    private static double Cosine(double product, double norm, double otherNorm) =>
        norm > 0.0 && otherNorm > 0.0 ? product / (norm * otherNorm) : 0.0;

    private static double Dot(double[] x, double[] y)
    {
        double sum = 0.0;
        for (int h = 0; h < x.Length; h++)
        {
            sum += x[h] * y[h];
        }

        return sum;
    }
}
