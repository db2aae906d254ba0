namespace PgFast.Tests.Support;

/// <summary>How far a vector is from another.</summary>
internal static class Closeness
{
    /// <summary>
    /// max |actual − expected| / max |expected|: the largest error relative to the largest component. Infinite where a value is NaN; where
    /// everything expected is zero, the absolute error.
    /// </summary>
    public static double RelativeToLargest(ReadOnlySpan<double> expected, ReadOnlySpan<double> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        double error = 0, largest = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            if (!double.IsFinite(actual[i]) || !double.IsFinite(expected[i]))
                return double.PositiveInfinity;
            error = Math.Max(error, Math.Abs(actual[i] - expected[i]));
            largest = Math.Max(largest, Math.Abs(expected[i]));
        }

        return largest > 0 ? error / largest : error;
    }

    /// <summary>Fails unless <see cref="RelativeToLargest"/> is within the tolerance.</summary>
    /// <param name="expected">What is right.</param>
    /// <param name="actual">What was computed.</param>
    /// <param name="tolerance">Allowed error, relative to the largest component.</param>
    /// <param name="what">Begins the message of a failure.</param>
    /// <param name="rounding">Absolute error of <paramref name="expected"/> itself.</param>
    public static void AssertClose(
        ReadOnlySpan<double> expected, ReadOnlySpan<double> actual, double tolerance, string what, double rounding = 0)
    {
        double error = RelativeToLargest(expected, actual);
        double largest = 0;
        foreach (double value in expected)
            largest = Math.Max(largest, Math.Abs(value));
        if (!(error <= tolerance || error * (largest > 0 ? largest : 1) <= rounding))
            Assert.Fail($"{what}: error {error:E2} relative to the largest component, {tolerance:E2} is allowed.");
    }

    /// <summary>Widens to double.</summary>
    public static double[] ToDouble(ReadOnlySpan<float> values)
    {
        double[] result = new double[values.Length];
        for (int i = 0; i < result.Length; i++)
            result[i] = values[i];
        return result;
    }

    /// <summary>Rounds to single.</summary>
    public static float[] ToSingle(double[] values) => Array.ConvertAll(values, value => (float)value);
}
