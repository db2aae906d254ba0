using PgFast.Variance;

namespace PgFast.Tests.Variance;

/// <summary>Quantiles against those computed with 40 digits, and against closed forms.</summary>
public class StudentTTests
{
    // Bisection ends at neighbouring numbers; what is left is the rounding of a sum of up to 500 terms, divided by the density.
    private const double Tolerance = 1e-12;

    [Theory]
    [InlineData(3, 0.6, 0.27667066233268985)]
    [InlineData(3, 0.975, 3.1824463052837084)]
    [InlineData(3, 0.999, 10.214531852407383)]
    [InlineData(4, 0.6, 0.27072229470759736)]
    [InlineData(4, 0.975, 2.7764451051977935)]
    [InlineData(4, 0.999, 7.1731822197823068)]
    [InlineData(5, 0.6, 0.26718086570414507)]
    [InlineData(5, 0.975, 2.5705818356363148)]
    [InlineData(5, 0.999, 5.893429531356009)]
    [InlineData(10, 0.6, 0.26018482949208018)]
    [InlineData(10, 0.975, 2.2281388519862742)]
    [InlineData(10, 0.999, 4.1437004940465891)]
    [InlineData(31, 0.6, 0.25553216831752765)]
    [InlineData(31, 0.975, 2.0395134463964081)]
    [InlineData(31, 0.999, 3.3748992804233019)]
    [InlineData(32, 0.6, 0.25546356702037373)]
    [InlineData(32, 0.975, 2.0369333434601015)]
    [InlineData(32, 0.999, 3.3653059258594325)]
    [InlineData(1000, 0.6, 0.25341451583949871)]
    [InlineData(1000, 0.975, 1.9623390808264081)]
    [InlineData(1000, 0.999, 3.0984021639129226)]
    public void Quantile_KnownValue_IsIt(int degreesOfFreedom, double probability, double expected)
    {
        Assert.Equal(1, StudentT.Quantile(probability, degreesOfFreedom) / expected, Tolerance);
        Assert.Equal(1, -StudentT.Quantile(1 - probability, degreesOfFreedom) / expected, 100 * Tolerance);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.7)]
    [InlineData(0.99)]
    [InlineData(0.999999)]
    public void Quantile_OneAndTwoDegrees_IsTheClosedForm(double probability)
    {
        // Beyond the tolerance, 2p − 1 loses the digits that p has beside 1.
        double allowed = Tolerance / (1 - probability);
        Assert.Equal(Math.Tan(Math.PI * (probability - 0.5)), StudentT.Quantile(probability, 1), allowed * (1 + 1 / (1 - probability)));
        double two = (2 * probability - 1) * Math.Sqrt(2 / (4 * probability * (1 - probability)));
        Assert.Equal(two, StudentT.Quantile(probability, 2), allowed * (1 + two));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(30)]
    public void Within_Quantile_IsItsInverse(int degreesOfFreedom)
    {
        double previous = -1;
        for (double within = 0.05; within < 1; within += 0.05)
        {
            double t = StudentT.Quantile(0.5 + within / 2, degreesOfFreedom);
            Assert.True(t > previous);
            Assert.Equal(within, StudentT.Within(t, degreesOfFreedom), Tolerance);
            previous = t;
        }
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(1, 5)]
    [InlineData(double.NaN, 5)]
    [InlineData(0.5, 0)]
    [InlineData(0.5, 1.5)]
    [InlineData(0.5, double.NaN)]
    [InlineData(0.5, double.PositiveInfinity)]
    public void Quantile_OutOfRange_Throws(double probability, double degreesOfFreedom) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => StudentT.Quantile(probability, degreesOfFreedom));
}
