namespace PgFast.Tests.Support;

/// <summary>Comparisons of floats that see every bit: −0 is not 0, and a NaN equals itself.</summary>
internal static class Bits
{
    /// <summary>The bit patterns.</summary>
    public static uint[] Of(ReadOnlySpan<float> values)
    {
        uint[] bits = new uint[values.Length];
        for (int i = 0; i < bits.Length; i++)
            bits[i] = BitConverter.SingleToUInt32Bits(values[i]);
        return bits;
    }

    /// <summary>Fails at the first value whose bits differ.</summary>
    public static void AssertEqual(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            if (BitConverter.SingleToUInt32Bits(expected[i]) != BitConverter.SingleToUInt32Bits(actual[i]))
                Assert.Fail($"{what}: value {i} is {actual[i]:R}, {expected[i]:R} was expected.");
        }
    }

    /// <summary>Fails at the first row whose bits differ.</summary>
    public static void AssertEqual(float[][] expected, float[][] actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int row = 0; row < expected.Length; row++)
            AssertEqual(expected[row], actual[row], $"{what}[{row}]");
    }
}
