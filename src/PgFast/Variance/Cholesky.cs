namespace PgFast.Variance;

/// <summary>Solves small symmetric positive definite systems.</summary>
internal static class Cholesky
{
    /// <summary>Replaces the lower triangle by L with L·Lᵀ = matrix.</summary>
    /// <param name="matrix">Symmetric, positive definite by more than rounding.</param>
    public static void Factor(double[,] matrix)
    {
        int size = matrix.GetLength(0);
        for (int j = 0; j < size; j++)
        {
            for (int i = j; i < size; i++)
            {
                double sum = matrix[i, j];
                for (int k = 0; k < j; k++)
                    sum -= matrix[i, k] * matrix[j, k];
                matrix[i, j] = i == j ? Math.Sqrt(sum) : sum / matrix[j, j];
            }
        }
    }

    /// <summary>Replaces a right-hand side by the solution.</summary>
    /// <param name="factor">From <see cref="Factor"/>.</param>
    /// <param name="values">[size].</param>
    public static void Solve(double[,] factor, double[] values)
    {
        int size = values.Length;
        for (int i = 0; i < size; i++)
        {
            for (int k = 0; k < i; k++)
                values[i] -= factor[i, k] * values[k];
            values[i] /= factor[i, i];
        }

        for (int i = size - 1; i >= 0; i--)
        {
            for (int k = i + 1; k < size; k++)
                values[i] -= factor[k, i] * values[k];
            values[i] /= factor[i, i];
        }
    }
}
