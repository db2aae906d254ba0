namespace PgFast.Numerics;

/// <summary>Logarithm and exponential in double precision from exactly rounded operations: the library's own differ between operating systems.</summary>
/// <remarks>For reports, not for kernels. Within 4·10⁻¹⁵ of the true value, relative to the larger of 1 and the result.</remarks>
internal static class PortableMath
{
    private const double Ln2 = 0.69314718055994530942;

    // ln 2 in two parts (Cody and Waite 1980): the last 21 bits of the first are zero, so that its product with an exponent is exact.
    private const double Ln2High = 0.693147180369123816490;
    private const double Ln2Low = 1.90821492927058770002e-10;

    /// <summary>ln of the largest number.</summary>
    private const double LargestExponent = 709.782712893384;

    /// <summary>ln x; −∞ for 0, NaN below.</summary>
    public static double Log(double x)
    {
        if (double.IsNaN(x) || x < 0)
            return double.NaN;
        if (x == 0 || double.IsPositiveInfinity(x))
            return x == 0 ? double.NegativeInfinity : x;
        // x = m·2^e with m in [√½, √2); ln m = 2 artanh((m − 1)/(m + 1)), whose argument is below 0.172.
        int exponent = Math.ILogB(x);
        double mantissa = Math.ScaleB(x, -exponent);
        if (mantissa > 1.4142135623730951)
        {
            mantissa /= 2;
            exponent++;
        }

        double z = (mantissa - 1) / (mantissa + 1), square = z * z, sum = 0;
        for (int k = 10; k >= 0; k--)
            sum = 1.0 / (2 * k + 1) + square * sum;
        return exponent * Ln2 + 2 * z * sum;
    }

    /// <summary>eˣ.</summary>
    public static double Exp(double x)
    {
        if (double.IsNaN(x))
            return x;
        if (x > LargestExponent)
            return double.PositiveInfinity;
        if (x < -745.1)
            return 0;
        // x = k·ln 2 + r with |r| ≤ ½ ln 2, and the Taylor series of r.
        double k = Math.Round(x / Ln2), r = x - k * Ln2High - k * Ln2Low, sum = 1;
        for (int n = 16; n >= 1; n--)
            sum = 1 + r / n * sum;
        return Math.ScaleB(sum, (int)k);
    }
}
