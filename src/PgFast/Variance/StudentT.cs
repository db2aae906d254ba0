namespace PgFast.Variance;

/// <summary>Student's t distribution with a whole number of degrees of freedom.</summary>
/// <remarks>
/// With t = √ν·tan θ, P(|T| ≤ t) is a finite sum of powers of cos θ (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4), which needs nothing
/// but exactly rounded operations and an arctangent made of them: the same bits on every machine. Time grows with ν. Thread-safe; does
/// not allocate.
/// </remarks>
internal static class StudentT
{
    /// <summary>Halvings of the angle before the series of the arctangent: what is left is below tan(π/16) ≈ 0.2.</summary>
    private const int Halvings = 3;

    /// <summary>Terms of that series: the next is below 0.2²⁷/27, less than a last bit.</summary>
    private const int Terms = 13;

    /// <summary>The t below which T lies with a given probability.</summary>
    /// <param name="probability">In (0, 1).</param>
    /// <param name="degreesOfFreedom">ν, a whole number from 1 to 2³¹ − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    public static double Quantile(double probability, double degreesOfFreedom)
    {
        if (!(probability > 0 && probability < 1))
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "A quantile's probability lies between 0 and 1.");
        if (!(degreesOfFreedom is >= 1 and <= int.MaxValue) || degreesOfFreedom != Math.Floor(degreesOfFreedom))
        {
            throw new ArgumentOutOfRangeException(
                nameof(degreesOfFreedom), degreesOfFreedom, "Degrees of freedom are a whole number, at least 1.");
        }

        if (probability < 0.5)
            return -Upper(1 - 2 * probability, (int)degreesOfFreedom);
        return Upper(2 * probability - 1, (int)degreesOfFreedom);
    }

    /// <summary>P(|T| ≤ <paramref name="t"/>).</summary>
    /// <param name="t">At least 0.</param>
    /// <param name="degreesOfFreedom">ν, at least 1.</param>
    public static double Within(double t, int degreesOfFreedom)
    {
        double tangent = t / Math.Sqrt(degreesOfFreedom);
        double cosineSquared = 1 / (1 + tangent * tangent);
        double sine = tangent * Math.Sqrt(cosineSquared);
        bool isOdd = degreesOfFreedom % 2 != 0;
        // Even ν: sin θ·(1 + ½cos²θ + (1·3)/(2·4)cos⁴θ + …).
        // Odd ν: (2/π)(θ + sin θ cos θ·(1 + ⅔cos²θ + (2·4)/(3·5)cos⁴θ + …)).
        int count = isOdd ? (degreesOfFreedom - 1) / 2 : degreesOfFreedom / 2;
        double term = 1, sum = 0;
        for (int k = 1; k <= count; k++)
        {
            sum += term;
            term *= cosineSquared * (isOdd ? 2.0 * k / (2.0 * k + 1) : (2.0 * k - 1) / (2.0 * k));
        }

        return isOdd ? 2 / Math.PI * (Arctangent(tangent) + sine * Math.Sqrt(cosineSquared) * sum) : sine * sum;
    }

    /// <summary>The t with P(|T| ≤ t) = <paramref name="within"/>, by bisection until no number lies between the ends.</summary>
    private static double Upper(double within, int degreesOfFreedom)
    {
        if (within <= 0)
            return 0;
        double low = 0, high = 1;
        while (Within(high, degreesOfFreedom) < within && double.IsFinite(high))
            high *= 2;
        while (true)
        {
            double middle = low + (high - low) / 2;
            if (middle <= low || middle >= high)
                return high;
            if (Within(middle, degreesOfFreedom) < within)
                low = middle;
            else
                high = middle;
        }
    }

    /// <summary>arctan x, x ≥ 0, from square roots: Math.Atan differs between operating systems.</summary>
    private static double Arctangent(double x)
    {
        // Beyond 1 the complement, as x² might overflow.
        if (x > 1)
            return Math.PI / 2 - Arctangent(1 / x);
        for (int k = 0; k < Halvings; k++)
            x /= 1 + Math.Sqrt(1 + x * x);
        double square = x * x, sum = 0;
        for (int k = Terms - 1; k >= 0; k--)
            sum = 1.0 / (2 * k + 1) - square * sum;
        return (1 << Halvings) * x * sum;
    }
}
