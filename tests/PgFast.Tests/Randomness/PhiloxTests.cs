using CsCheck;
using PgFast.Numerics;
using PgFast.Randomness;

namespace PgFast.Tests.Randomness;

/// <summary>Philox against the vectors its authors publish, its lanes against its scalar form, its uniforms against their law.</summary>
public sealed unsafe class PhiloxTests
{
    private const int DrawCount = 1 << 18;

    // Four standard errors: a right generator fails one of these once in 16,000 seeds, and the seed is fixed.
    private const double StandardErrors = 4;

    [Theory]
    [InlineData(0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8)]
    [InlineData(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd)]
    [InlineData(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1)]
    public void Generate_PublishedVectors_Match(
        uint c0, uint c1, uint c2, uint c3, uint k0, uint k1, uint expected0, uint expected1, uint expected2, uint expected3) =>
        Assert.Equal(new PhiloxBlock(expected0, expected1, expected2, expected3), Philox.Generate(c0, c1, c2, c3, k0, k1));

    [Fact]
    public void Generate_SeedStreamEpisodeBlock_AreKeyAndCounterWords() =>
        Assert.Equal(
            Philox.Generate(7, (uint)RandomStream.Action, 0x55667788, 0x11223344, 0xDDEEFF00, 0x99AABBCC),
            Philox.Generate(0x99AABBCC_DDEEFF00, RandomStream.Action, 0x11223344_55667788, 7));

    [Fact]
    public void Generate_ArbitraryCounters_LanesEqualScalarAtEveryWidth() =>
        Gen.Select(Gen.UInt.Array[64], Gen.ULong).Sample((counters, seed) =>
        {
            CheckLanes<Lanes1>(counters, seed);
            CheckLanes<Lanes4>(counters, seed);
            CheckLanes<Lanes8>(counters, seed);
            CheckLanes<Lanes16>(counters, seed);
        }, iter: 500);

    [Fact]
    public void Uniform_ExtremeWords_StayStrictlyInside()
    {
        foreach (uint word in (uint[])[0, 1, 2, 3, 0x7FFFFFFF, 0x80000000, 0xFFFFFEFF, 0xFFFFFFFE, 0xFFFFFFFF])
        {
            float uniform = Philox.Uniform(word);
            Assert.True(uniform is > 0f and < 1f, $"{word:X} gives {uniform:R}");
        }

        Assert.Equal(0.5f / 2147483648f, Philox.Uniform(0));
        Assert.Equal(1f - 1f / 16777216f, Philox.Uniform(uint.MaxValue));
        Assert.Equal(0.5, Philox.Uniform(0x80000000), 1e-7);
    }

    [Fact]
    public void Uniform_ArbitraryWords_IsInsideMonotoneAndTheSameAtEveryWidth() =>
        Gen.UInt.Array[16].Sample(words =>
        {
            Array.Sort(words);
            float[] scalar = Array.ConvertAll(words, Philox.Uniform);
            Assert.All(scalar, u => Assert.True(u is > 0f and < 1f));
            for (int i = 1; i < 16; i++) Assert.True(scalar[i] >= scalar[i - 1]);
            Assert.Equal(scalar, UniformLanes<Lanes1>(words));
            Assert.Equal(scalar, UniformLanes<Lanes4>(words));
            Assert.Equal(scalar, UniformLanes<Lanes8>(words));
            Assert.Equal(scalar, UniformLanes<Lanes16>(words));
        });

    [Fact]
    public void Uniform_ManyDraws_HaveUniformMoments()
    {
        double[] u = Draws(RandomStream.Reset);
        double mean = u.Average();
        double variance = u.Sum(v => (v - 0.5) * (v - 0.5)) / u.Length;
        double lag = Enumerable.Range(1, u.Length - 1).Sum(i => (u[i] - 0.5) * (u[i - 1] - 0.5)) / (u.Length - 1);
        AssertNear(1.0 / 2, mean, Math.Sqrt(1.0 / 12 / DrawCount));
        AssertNear(1.0 / 12, variance, Math.Sqrt(1.0 / 180 / DrawCount));
        AssertNear(0, lag, 1.0 / 12 / Math.Sqrt(DrawCount));
    }

    [Fact]
    public void Uniform_ManyDraws_FillEveryBinEvenly()
    {
        const int Bins = 256;
        int[] count = new int[Bins];
        foreach (double u in Draws(RandomStream.Action)) count[(int)(u * Bins)]++;
        double expected = (double)DrawCount / Bins;
        double chiSquare = count.Sum(c => (c - expected) * (c - expected) / expected);
        AssertNear(Bins - 1, chiSquare, Math.Sqrt(2.0 * (Bins - 1)));
    }

    [Fact]
    public void Generate_OtherStreamSeedEpisodeOrBlock_IsUncorrelated()
    {
        double[] reference = Draws(RandomStream.Action);
        AssertUncorrelated(reference, Draws(RandomStream.Reset));
        AssertUncorrelated(reference, Draws(RandomStream.Action, seed: 2));
        AssertUncorrelated(reference, Draws(RandomStream.Action, episode: 1));
    }

    [Fact]
    public void Indexer_EveryIndex_TakesItsTwoLowestBits()
    {
        PhiloxBlock block = new(10, 11, 12, 13);
        Assert.Equal([10u, 11u, 12u, 13u, 10u, 13u], [block[0], block[1], block[2], block[3], block[4], block[-1]]);
    }

    private static void CheckLanes<TLanes>(uint[] counters, ulong seed) where TLanes : unmanaged, ILanes<TLanes>
    {
        // counters is [word][lane] with 16 lanes a word.
        float[] words = Array.ConvertAll(counters, BitConverter.UInt32BitsToSingle);
        fixed (float* p = words)
        {
            for (int i = 0; i < 16; i += TLanes.Count)
            {
                TLanes c0 = TLanes.Load(p + i), c1 = TLanes.Load(p + 16 + i), c2 = TLanes.Load(p + 32 + i), c3 = TLanes.Load(p + 48 + i);
                Philox.Generate(ref c0, ref c1, ref c2, ref c3, seed);
                TLanes.Store(c0, p + i);
                TLanes.Store(c1, p + 16 + i);
                TLanes.Store(c2, p + 32 + i);
                TLanes.Store(c3, p + 48 + i);
            }
        }

        for (int i = 0; i < 16; i++)
        {
            PhiloxBlock expected = Philox.Generate(
                counters[i], counters[16 + i], counters[32 + i], counters[48 + i], (uint)seed, (uint)(seed >> 32));
            for (int word = 0; word < 4; word++) Assert.Equal(expected[word], BitConverter.SingleToUInt32Bits(words[word * 16 + i]));
        }
    }

    private static float[] UniformLanes<TLanes>(uint[] words) where TLanes : unmanaged, ILanes<TLanes>
    {
        float[] lanes = Array.ConvertAll(words, BitConverter.UInt32BitsToSingle);
        fixed (float* p = lanes)
            for (int i = 0; i < 16; i += TLanes.Count) TLanes.Store(Philox.Uniform(TLanes.Load(p + i)), p + i);
        return lanes;
    }

    private static double[] Draws(RandomStream stream, ulong seed = 1, ulong episode = 0)
    {
        double[] draws = new double[DrawCount];
        for (int i = 0; i < DrawCount; i += 4)
        {
            PhiloxBlock block = Philox.Generate(seed, stream, episode, (uint)(i / 4));
            for (int word = 0; word < 4; word++) draws[i + word] = Philox.Uniform(block[word]);
        }

        return draws;
    }

    private static void AssertUncorrelated(double[] x, double[] y) =>
        AssertNear(0, x.Zip(y).Sum(p => (p.First - 0.5) * (p.Second - 0.5)) / x.Length, 1.0 / 12 / Math.Sqrt(DrawCount));

    private static void AssertNear(double expected, double actual, double standardError) =>
        Assert.InRange(actual, expected - StandardErrors * standardError, expected + StandardErrors * standardError);
}
