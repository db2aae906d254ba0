using PgFast.Numerics;
using PgFast.Tests.Support;

namespace PgFast.Tests.Numerics;

/// <summary>Logarithm and exponential against the runtime's own, which are within a last bit or so.</summary>
public class PortableMathTests
{
    // What the class promises, relative to the larger of 1 and the result, and the last bit of the runtime's own.
    private const double Tolerance = 4e-15 + 2.3e-16;

    [Fact]
    public void Log_WholeRange_IsTheLogarithm()
    {
        Noise noise = new(1);
        for (int exponent = -1074; exponent <= 1023; exponent++)
        {
            for (int k = 0; k < 8; k++)
                AssertClose(Math.Log, PortableMath.Log, Math.ScaleB(1 + (k == 0 ? 0 : noise.Next(0, 1)), exponent));
        }

        double[] special =
            [double.Epsilon, double.MaxValue, 1, Math.BitDecrement(1), Math.BitIncrement(1), Math.Sqrt(2), Math.Sqrt(0.5), Math.E];
        foreach (double x in special)
            AssertClose(Math.Log, PortableMath.Log, x);
    }

    [Fact]
    public void Log_NearOne_KeepsItsRelativeAccuracy()
    {
        // What intervals of ratios near 1 are made of.
        for (double distance = 1e-3; distance > 1e-12; distance /= 3)
        {
            Assert.Equal(Math.Log(1 + distance), PortableMath.Log(1 + distance), Tolerance * distance);
            Assert.Equal(Math.Log(1 - distance), PortableMath.Log(1 - distance), Tolerance * distance);
        }
    }

    [Fact]
    public void Exp_WholeRange_IsTheExponential()
    {
        for (double x = -750; x < 709.7; x += 0.0371)
            AssertClose(Math.Exp, PortableMath.Exp, x);
        foreach (double x in new[] { 0, -0.0, 1e-300, -1e-9, 0.5, 1, 709.75, 709.782712893384 })
            AssertClose(Math.Exp, PortableMath.Exp, x);
    }

    [Fact]
    public void SpecialValues_BothFunctions_AreThoseOfTheLimits()
    {
        Assert.Equal(double.NegativeInfinity, PortableMath.Log(0));
        Assert.Equal(double.PositiveInfinity, PortableMath.Log(double.PositiveInfinity));
        Assert.Equal(0, PortableMath.Log(1));
        Assert.True(double.IsNaN(PortableMath.Log(-1)) && double.IsNaN(PortableMath.Log(double.NaN)));
        Assert.True(double.IsNaN(PortableMath.Exp(double.NaN)));
        Assert.Equal(1, PortableMath.Exp(0));
        Assert.Equal(0, PortableMath.Exp(double.NegativeInfinity));
        Assert.Equal(double.PositiveInfinity, PortableMath.Exp(double.PositiveInfinity));
        Assert.Equal(double.PositiveInfinity, PortableMath.Exp(710));
    }

    private static void AssertClose(Func<double, double> library, Func<double, double> own, double x)
    {
        double expected = library(x), actual = own(x);
        Assert.True(
            Math.Abs(actual - expected) <= Tolerance * Math.Max(1, Math.Abs(expected)), $"of {x:R}: {actual:R}, {expected:R} was expected");
    }
}
