using PgFast.Numerics;
using PgFast.Randomness;
using PgFast.Tests.Support;

namespace PgFast.Tests.Randomness;

/// <summary>Normal numbers against exact quantiles, in distribution, and at every lane width.</summary>
public class StandardNormalTests
{
    // What the documentation promises: absolute, or relative to a quantile above 1.
    private const double Tolerance = 4e-7;

    // The value that a chi-square of 63 degrees of freedom exceeds with probability 1e-6.
    private const double CriticalChiSquare = 131.4;

    private const int Cells = 64;
    private const int Draws = 10_000_000;

    [Fact]
    public void NormalQuantile_KnownValues_IsThem()
    {
        // The yardstick itself, against tables (Wichura 1988; Abramowitz and Stegun 1964, table 26.5).
        Assert.Equal(0.6744897501960817, -Quantile(0.25), 1e-13);
        Assert.Equal(1.959963984540054, -Quantile(0.025), 1e-13);
        Assert.Equal(3.090232306167813, -Quantile(0.001), 1e-12);
        Assert.Equal(6.361340902404056, -Quantile(1e-10), 1e-11);
    }

    [Fact]
    public void FromWord_GridAndExtremes_IsTheExactQuantile()
    {
        List<uint> words = [0, 1, 2, 3, 10, 1000, 0x7FFFFFFF, 0x7FFFFFFE, 0x7FFFFF00];
        for (uint word = 0; word < 0x80000000; word += 0x80000000 / 16384)
            words.Add(word + 77);
        for (int bit = 0; bit < 31; bit++)
            words.AddRange([1U << bit, (1U << bit) - 1, (1U << bit) + 1]);
        // Both sides of the border between the two approximations, at a tail of 0.075.
        uint border = (uint)(0.075 * 4294967296.0);
        for (uint offset = 0; offset < 4096; offset += 64)
            words.AddRange([border - offset, border + offset]);
        double worst = 0;
        foreach (uint word in words)
        {
            double exact = -Quantile((word + 0.5) / 4294967296.0);
            double error = Math.Abs(StandardNormal.FromWord(word) - exact) / Math.Max(1, exact);
            worst = Math.Max(worst, error);
            Assert.True(error <= Tolerance, $"word {word:X8}: {StandardNormal.FromWord(word):R}, {exact:R} is exact, error {error:E2}");
        }

        // A tolerance far above the truth would promise too little.
        Assert.True(worst > Tolerance / 2, $"the worst error is {worst:E2}");
    }

    [Fact]
    public void FromWord_HighestBit_IsTheSignAlone()
    {
        Noise noise = new(4);
        for (int trial = 0; trial < 10_000; trial++)
        {
            uint word = noise.Word() & 0x7FFFFFFF;
            float positive = StandardNormal.FromWord(word);
            Assert.True(positive >= 0);
            Assert.Equal(BitConverter.SingleToUInt32Bits(positive) | 0x80000000, BitConverter.SingleToUInt32Bits(StandardNormal.FromWord(word | 0x80000000)));
        }
    }

    [Fact]
    public void FromWord_GrowingTail_FallsThroughTheBorder()
    {
        // Within rounding errors the numbers fall from 6.34 to 0.
        float before = float.PositiveInfinity;
        for (long word = 0; word < 0x80000000; word += 4_001)
        {
            float value = StandardNormal.FromWord((uint)word);
            Assert.InRange(value, 0, before + 1e-6f);
            before = value;
        }

        Assert.InRange(StandardNormal.FromWord(0), 6.3f, 6.4f);
        Assert.InRange(before, 0, 1e-5f);
    }

    [Fact]
    public void FromWord_TenMillionDraws_IsStandardNormal()
    {
        // Cells of equal probability under the normal distribution, borders from the exact quantile.
        double[] borders = [.. Enumerable.Range(1, Cells - 1).Select(k => Quantile(k / (double)Cells))];
        long[] count = new long[Cells];
        double first = 0, second = 0, third = 0, fourth = 0;
        for (uint block = 0; block < Draws / 4; block++)
        {
            PhiloxBlock words = Philox.Generate(20_250, RandomStream.Action, 3, block);
            for (int k = 0; k < 4; k++)
            {
                double x = StandardNormal.FromWord(words[k]);
                int cell = Array.BinarySearch(borders, x);
                count[cell < 0 ? ~cell : cell]++;
                first += x;
                second += x * x;
                third += x * x * x;
                fourth += x * x * x * x;
            }
        }

        double expected = (double)Draws / Cells;
        double statistic = count.Sum(observed => (observed - expected) * (observed - expected) / expected);
        Assert.True(statistic < CriticalChiSquare, $"chi-square {statistic:F1}");
        // Five standard errors: the variances of x, x², x³, x⁴ are 1, 2, 15, 96.
        double error = 5 / Math.Sqrt(Draws);
        Assert.Equal(0, first / Draws, error);
        Assert.Equal(1, second / Draws, error * Math.Sqrt(2));
        Assert.Equal(0, third / Draws, error * Math.Sqrt(15));
        Assert.Equal(3, fourth / Draws, error * Math.Sqrt(96));
    }

    [Fact]
    public void FromWords_EveryWidth_HasTheBitsOfFromWord()
    {
        Noise noise = new(9);
        uint[] words = [0, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, .. Enumerable.Range(0, 4092).Select(_ => noise.Word())];
        float[] expected = [.. words.Select(StandardNormal.FromWord)];
        foreach (int width in Widths.All)
            Bits.AssertEqual(expected, Widths.Visit<Drawer, float[]>(width, new Drawer(words)), $"{width} lanes");
    }

    /// <summary>Φ⁻¹(p) for p ≤ ½, by bisection of Φ in double.</summary>
    private static double Quantile(double p)
    {
        if (p > 0.5)
            return -Quantile(1 - p);
        double low = -9, high = 0;
        for (int i = 0; i < 80; i++)
        {
            double middle = (low + high) / 2;
            if (Tail(-middle) < p)
                low = middle;
            else
                high = middle;
        }

        return (low + high) / 2;
    }

    /// <summary>1 − Φ(x) for x ≥ 0: the power series near 0, the continued fraction of Laplace beyond.</summary>
    private static double Tail(double x)
    {
        double density = Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
        if (x < 3)
        {
            double term = x, sum = x;
            for (int k = 3; term > 1e-18 * sum; k += 2)
            {
                term *= x * x / k;
                sum += term;
            }

            return 0.5 - density * sum;
        }

        double fraction = x;
        for (int k = 200; k > 0; k--)
            fraction = x + k / fraction;
        return density / fraction;
    }

    private readonly unsafe struct Drawer(uint[] words) : ILaneVisitor<float[]>
    {
        public float[] Visit<TLanes>() where TLanes : unmanaged, ILanes<TLanes>
        {
            float[] values = new float[words.Length];
            fixed (uint* source = words)
            fixed (float* target = values)
            {
                for (int i = 0; i < values.Length; i += TLanes.Count)
                    TLanes.Store(StandardNormal.FromWords(TLanes.Load((float*)source + i)), target + i);
            }

            return values;
        }
    }
}
