using PgFast.Tests.Support;
using PgFast.Variance;

namespace PgFast.Tests.Variance;

public class CholeskyTests
{
    // Well-conditioned systems of up to 12 unknowns of order 1.
    private const double Tolerance = 1e-11;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(12)]
    public void Solve_RandomPositiveDefiniteSystem_GivesTheSolution(int size)
    {
        Noise noise = new((ulong)size);
        double[,] matrix = new double[size, size], factor = new double[size, size];
        double[][] rows = [.. Enumerable.Range(0, size).Select(_ => Closeness.ToDouble(noise.Array(size, -1, 1)))];
        double[] solution = Closeness.ToDouble(noise.Array(size, -1, 1)), values = new double[size];
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j < size; j++)
            {
                matrix[i, j] = rows.Sum(row => row[i] * row[j]) + (i == j ? 0.5 : 0);
                values[i] += matrix[i, j] * solution[j];
                // Only the lower triangle may be read.
                factor[i, j] = j <= i ? matrix[i, j] : double.NaN;
            }
        }

        Cholesky.Factor(factor);
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j <= i; j++)
                Assert.Equal(matrix[i, j], Enumerable.Range(0, j + 1).Sum(k => factor[i, k] * factor[j, k]), Tolerance);
        }

        Cholesky.Solve(factor, values);
        Closeness.AssertClose(solution, values, Tolerance, $"{size} unknowns");
    }
}
