using CsCheck;
using PgFast.Numerics;

namespace PgFast.Tests.Numerics;

/// <summary>Elementary functions: documented error bounds, special values, and the same bits at every width.</summary>
public sealed class ElementaryTests
{
    // Documented bounds, in units in the last place of the exact result.
    private const double ExpBound = 0.90;
    private const double ExpNonPositiveBound = 2.0;
    private const double LogBound = 0.96;
    private const double TanhBound = 4.7;
    private const double TanhBoundAboveOne = 2.0;
    private const double TanhAbsoluteBound = 1.4e-7;
    private const int TanhStepBack = 4;
    private const double SineBound = 2.1;
    private const double CosineBound = 2.1;
    private const double SmallSineBound = 1.04;
    private const double SmallCosineBound = 0.76;

    // A prime stride through bit patterns visits every binade and no pattern of low bits in particular.
    private const int Stride = 2003;

    [Fact]
    public void Exp_NormalResults_IsWithinBound()
    {
        float[] x = [.. Grid(1e-10f, 88.72283f), .. Negated(Grid(1e-10f, 86.989f)), .. Grid(0.3f, 0.4f, 31)];
        Assert.InRange(MaxUlp<ExpOperation>(x, Math.Exp), 0.5, ExpBound);
    }

    [Fact]
    public void ExpNonPositive_NormalResults_IsWithinBound() =>
        Assert.InRange(MaxUlp<ExpNonPositiveOperation>(Negated(Grid(1e-10f, 86.989f)), Math.Exp), 0.5, ExpNonPositiveBound);

    [Fact]
    public void Exp_SpecialValues_AreExact()
    {
        foreach (float one in (float[])[0f, -0f, float.Epsilon, -float.Epsilon, 1e-20f]) Assert.Equal(1f, Elementary.Exp(one));
        Assert.Equal(float.PositiveInfinity, Elementary.Exp(float.PositiveInfinity));
        Assert.Equal(float.PositiveInfinity, Elementary.Exp(float.MaxValue));
        Assert.Equal(float.PositiveInfinity, Elementary.Exp(88.72284f));
        Assert.True(float.IsFinite(Elementary.Exp(88.72283f)));
        foreach (float large in (float[])[86.991f, 87.3f, 88f, 90f, 104f, 1e10f, float.MaxValue, float.PositiveInfinity])
        {
            AssertBits(0f, Elementary.Exp(-large));
            AssertBits(0f, Elementary.ExpNonPositive(-large));
        }

        foreach (float nan in NaNs)
        {
            Assert.True(float.IsNaN(Elementary.Exp(nan)));
            Assert.True(float.IsNaN(Elementary.ExpNonPositive(nan)));
        }

        AssertBits(1f, Elementary.ExpNonPositive(0f));
        AssertBits(1f, Elementary.ExpNonPositive(-0f));
    }

    [Fact]
    public void Exp_BeyondItsRange_NeverGivesGarbage()
    {
        foreach (float x in Grid(86f, 1e6f, 503))
        {
            Assert.True(Elementary.Exp(x) > 1e37f);
            Assert.InRange(Elementary.Exp(-x), 0f, 1e-37f);
            Assert.InRange(Elementary.ExpNonPositive(-x), 0f, 1e-37f);
        }
    }

    [Fact]
    public void Log_PositiveNumbers_IsWithinBound()
    {
        float[] x = [.. Grid(float.Epsilon, float.MaxValue), .. Grid(0.6f, 1.5f, 29)];
        Assert.InRange(MaxUlp<LogOperation>(x, Math.Log), 0.5, LogBound);
    }

    [Fact]
    public void LogPositive_NormalNumbers_HasTheBitsOfLog()
    {
        foreach (float x in Grid(1.17549435e-38f, float.MaxValue, 20_011)) AssertBits(Elementary.Log(x), Elementary.LogPositive(x));
    }

    [Fact]
    public void Log_SpecialValues_AreExact()
    {
        AssertBits(0f, Elementary.Log(1f));
        Assert.Equal(float.NegativeInfinity, Elementary.Log(0f));
        Assert.Equal(float.NegativeInfinity, Elementary.Log(-0f));
        Assert.Equal(float.PositiveInfinity, Elementary.Log(float.PositiveInfinity));
        Assert.Equal((float)Math.Log(float.Epsilon), Elementary.Log(float.Epsilon));
        foreach (float bad in (float[])[-float.Epsilon, -1e-38f, -1f, float.MinValue, float.NegativeInfinity, .. NaNs])
            Assert.True(float.IsNaN(Elementary.Log(bad)), $"{bad:R}");
    }

    [Fact]
    public void Tanh_AnyMagnitude_IsWithinBound()
    {
        float[] below = Grid(float.Epsilon, 1f, 1009), above = Grid(1f, 12f, 37);
        Assert.InRange(MaxUlp<TanhOperation>(below, Math.Tanh), 0.5, TanhBound);
        Assert.InRange(MaxUlp<TanhOperation>(above, Math.Tanh), 0.5, TanhBoundAboveOne);
        float[] all = Pad([.. below, .. above]);
        float[] result = LaneHarness.Run<TanhOperation>(16, all);
        double worst = 0;
        for (int i = 0; i < all.Length; i++) worst = Math.Max(worst, Math.Abs(result[i] - Math.Tanh(all[i])));
        Assert.InRange(worst, 1e-8, TanhAbsoluteBound);
    }

    [Fact]
    public void Tanh_AnyMagnitude_IsOddBoundedAndAlmostMonotone()
    {
        // Neighbouring floats where steps back are longest, a grid elsewhere.
        float[] x = Pad([.. Grid(1e-3f, 0.12f, 53), .. Grid(0.12f, 0.125f, 1), .. Grid(0.13f, 10f, 53)]);
        float[] positive = LaneHarness.Run<TanhOperation>(16, x), negative = LaneHarness.Run<TanhOperation>(16, Negated(x));
        for (int i = 0; i < x.Length; i++)
        {
            if (!LaneHarness.Same(-positive[i], negative[i])) Assert.Fail($"Not odd at {x[i]:R}.");
            if (positive[i] > 1f) Assert.Fail($"Beyond 1 at {x[i]:R}.");
            if (i == 0) continue;
            int stepBack = BitConverter.SingleToInt32Bits(positive[i - 1]) - BitConverter.SingleToInt32Bits(positive[i]);
            if (stepBack > TanhStepBack) Assert.Fail($"Falls at {x[i]:R}.");
        }
    }

    [Fact]
    public void Tanh_SpecialValues_AreExact()
    {
        AssertBits(0f, Elementary.Tanh(0f));
        AssertBits(-0f, Elementary.Tanh(-0f));
        foreach (float tiny in (float[])[float.Epsilon, 1e-40f, 1e-30f, 1e-10f]) AssertBits(tiny, Elementary.Tanh(tiny));
        foreach (float large in (float[])[9f, 9.1f, 100f, float.MaxValue, float.PositiveInfinity])
        {
            AssertBits(1f, Elementary.Tanh(large));
            AssertBits(-1f, Elementary.Tanh(-large));
        }

        foreach (float nan in NaNs) Assert.True(float.IsNaN(Elementary.Tanh(nan)));
    }

    [Fact]
    public void SinCos_UpToBound_IsWithinBound()
    {
        float[] x = [.. Grid(1e-4f, 131072f, 307), .. Negated(Grid(1e-4f, 131072f, 2003)), .. NearMultiplesOfHalfPi(80_000)];
        Assert.InRange(MaxUlp<SineOperation>(x, Math.Sin), 0.5, SineBound);
        Assert.InRange(MaxUlp<CosineOperation>(x, Math.Cos), 0.5, CosineBound);
    }

    [Fact]
    public void SinCos_HugeAngles_IsWithinBound()
    {
        float[] x = [.. Grid(131072f, float.MaxValue, 15_013), .. Negated(Grid(131072f, float.MaxValue, 60_013)), float.MaxValue];
        Assert.InRange(MaxUlp<SineOperation>(x, Math.Sin), 0.5, SineBound);
        Assert.InRange(MaxUlp<CosineOperation>(x, Math.Cos), 0.5, CosineBound);
    }

    [Fact]
    public void SinCosBounded_UpToBound_HasTheBitsOfSinCos()
    {
        foreach (float x in (float[])[.. Grid(1e-4f, 131072f, 50_021), 131072f, -131072f, 0f, -0f])
        {
            Elementary.SinCos(x, out float sine, out float cosine);
            Elementary.SinCosBounded(x, out float boundedSine, out float boundedCosine);
            AssertBits(sine, boundedSine);
            AssertBits(cosine, boundedCosine);
        }
    }

    [Fact]
    public void SinCosSmall_UpToAQuarter_IsWithinBound()
    {
        float[] x = [.. Grid(1e-8f, 0.25f, 211), .. Negated(Grid(1e-8f, 0.25f, 2003)), 0.25f];
        Assert.InRange(MaxUlp<SmallSineOperation>(x, Math.Sin), 0.5, SmallSineBound);
        Assert.InRange(MaxUlp<SmallCosineOperation>(x, Math.Cos), 0.5, SmallCosineBound);
    }

    [Fact]
    public void SinCos_SpecialValues_AreExact()
    {
        foreach (float zero in (float[])[0f, -0f])
        {
            Elementary.SinCos(zero, out float sine, out float cosine);
            AssertBits(zero, sine);
            AssertBits(1f, cosine);
            Elementary.SinCosSmall(zero, out sine, out cosine);
            AssertBits(zero, sine);
            AssertBits(1f, cosine);
        }

        foreach (float bad in (float[])[float.PositiveInfinity, float.NegativeInfinity, .. NaNs])
        {
            Elementary.SinCos(bad, out float sine, out float cosine);
            Assert.True(float.IsNaN(sine) && float.IsNaN(cosine));
        }
    }

    [Fact]
    public void EveryFunction_SpecialAndRandomInputs_HasTheSameBitsAtEveryWidth()
    {
        (float[] x, _, _) = LaneHarness.Inputs(65_536);
        AssertSameAtEveryWidth<ExpOperation>(x);
        AssertSameAtEveryWidth<ExpNonPositiveOperation>(Array.ConvertAll(x, v => v > 0 ? -v : v));
        AssertSameAtEveryWidth<LogOperation>(x);
        AssertSameAtEveryWidth<LogPositiveOperation>(Array.ConvertAll(x, v => float.IsNormal(v) ? MathF.Abs(v) : 2f));
        AssertSameAtEveryWidth<TanhOperation>(x);
        AssertSameAtEveryWidth<SineOperation>(x);
        AssertSameAtEveryWidth<CosineOperation>(x);
        AssertSameAtEveryWidth<SmallSineOperation>(x);
        AssertSameAtEveryWidth<SmallCosineOperation>(x);
    }

    [Fact]
    public void EveryFunction_ArbitraryLanes_HasTheSameBitsAtEveryWidth() =>
        Gen.Select(Gen.Int.Array[16], Gen.Single[-20, 20].Array[16], Gen.Bool).Sample((bits, moderate, takeBits) =>
        {
            float[] x = takeBits ? Array.ConvertAll(bits, BitConverter.Int32BitsToSingle) : moderate;
            AssertSameAtEveryWidth<ExpOperation>(x);
            AssertSameAtEveryWidth<LogOperation>(x);
            AssertSameAtEveryWidth<TanhOperation>(x);
            AssertSameAtEveryWidth<SineOperation>(x);
            AssertSameAtEveryWidth<CosineOperation>(x);
        }, iter: 2_000);

    [Fact]
    public void ScalarOverloads_AnyInput_HaveTheBitsOfTheLanes()
    {
        (float[] x, _, _) = LaneHarness.Inputs();
        float[] exp = LaneHarness.Run<ExpOperation>(16, x), log = LaneHarness.Run<LogOperation>(16, x);
        float[] tanh = LaneHarness.Run<TanhOperation>(16, x), sin = LaneHarness.Run<SineOperation>(16, x);
        float[] cos = LaneHarness.Run<CosineOperation>(16, x);
        for (int i = 0; i < x.Length; i++)
        {
            AssertBits(exp[i], Elementary.Exp(x[i]));
            AssertBits(log[i], Elementary.Log(x[i]));
            AssertBits(tanh[i], Elementary.Tanh(x[i]));
            Elementary.SinCos(x[i], out float sine, out float cosine);
            AssertBits(sin[i], sine);
            AssertBits(cos[i], cosine);
        }
    }

    [Fact]
    public void EveryFunction_FixedGrid_HasTheBitsOfRecord()
    {
        // A fingerprint: changing a coefficient or an operation changes trained parameters, so it has to be on purpose.
        float[] x = Pad([.. Grid(1e-3f, 80f, 4001), .. Negated(Grid(1e-3f, 80f, 4001)), .. Grid(131072f, 1e30f, 400_009)]);
        ulong hash = 14695981039346656037;
        float[] magnitude = Array.ConvertAll(x, MathF.Abs);
        float[] small = Pad(Grid(1e-3f, 0.25f, 4001));
        float[][] results =
        [
            Run<ExpOperation>(x), Run<ExpNonPositiveOperation>(Negated(magnitude)), Run<LogOperation>(magnitude), Run<TanhOperation>(x),
            Run<SineOperation>(x), Run<CosineOperation>(x), Run<SmallSineOperation>(small), Run<SmallCosineOperation>(small),
        ];
        foreach (float[] result in results)
        {
            foreach (float value in result) hash = (hash ^ BitConverter.SingleToUInt32Bits(value)) * 1099511628211;
        }

        Assert.Equal("9615FB258C638638", $"{hash:X16}");
    }

    private static readonly float[] NaNs =
    [
        float.NaN, -float.NaN, BitConverter.Int32BitsToSingle(0x7FC00001), BitConverter.Int32BitsToSingle(0x7FFFFFFF),
        BitConverter.Int32BitsToSingle(-1),
    ];

    private static float[] Run<TOperation>(float[] x) where TOperation : ILaneOperation => LaneHarness.Run<TOperation>(16, x);

    private static void AssertSameAtEveryWidth<TOperation>(float[] x) where TOperation : ILaneOperation
    {
        float[] expected = LaneHarness.Run<TOperation>(1, x);
        foreach (int width in LaneHarness.Widths)
        {
            float[] actual = LaneHarness.Run<TOperation>(width, x);
            for (int i = 0; i < x.Length; i++)
            {
                if (!LaneHarness.Same(expected[i], actual[i]))
                {
                    Assert.Fail($"{typeof(TOperation).Name} of {LaneHarness.Show(x[i])} at {width} lanes: "
                        + $"{LaneHarness.Show(actual[i])}, not {LaneHarness.Show(expected[i])}.");
                }
            }
        }
    }

    private static double MaxUlp<TOperation>(float[] x, Func<double, double> exact) where TOperation : ILaneOperation
    {
        x = Pad(x);
        float[] actual = LaneHarness.Run<TOperation>(16, x);
        double worst = 0;
        for (int i = 0; i < x.Length; i++)
        {
            double expected = exact(x[i]);
            if (expected == actual[i]) continue;
            double error = Math.Abs(actual[i] - expected) / Ulp(expected);
            // Written so that a NaN counts as an infinite error.
            if (!(error <= worst)) worst = double.IsNaN(error) ? double.PositiveInfinity : error;
        }

        return worst;
    }

    /// <summary>Distance of neighbouring floats around a value given in double precision.</summary>
    private static double Ulp(double value) => Math.ScaleB(1, Math.Max(Math.ILogB(value) - 23, -149));

    /// <summary>Floats from <paramref name="low"/> to <paramref name="high"/>, evenly spread over their bit patterns.</summary>
    private static float[] Grid(float low, float high, int stride = Stride)
    {
        List<float> values = [];
        for (int bits = BitConverter.SingleToInt32Bits(low); bits <= BitConverter.SingleToInt32Bits(high); bits += stride)
            values.Add(BitConverter.Int32BitsToSingle(bits));
        return [.. values];
    }

    private static float[] NearMultiplesOfHalfPi(int count) => [.. Enumerable.Range(1, count).Select(k => (float)(k * (Math.PI / 2)))];

    private static float[] Negated(float[] values) => Array.ConvertAll(values, v => -v);

    private static float[] Pad(float[] values) => [.. values, .. Enumerable.Repeat(values[^1], (16 - values.Length % 16) % 16)];

    private static void AssertBits(float expected, float actual)
    {
        if (!LaneHarness.Same(expected, actual)) Assert.Fail($"{LaneHarness.Show(actual)} instead of {LaneHarness.Show(expected)}.");
    }

    private readonly struct ExpOperation : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z) where TLanes : unmanaged, ILanes<TLanes> => Elementary.Exp(x);
    }

    private readonly struct ExpNonPositiveOperation : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z)
            where TLanes : unmanaged, ILanes<TLanes> => Elementary.ExpNonPositive(x);
    }

    private readonly struct LogOperation : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z) where TLanes : unmanaged, ILanes<TLanes> => Elementary.Log(x);
    }

    private readonly struct LogPositiveOperation : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z)
            where TLanes : unmanaged, ILanes<TLanes> => Elementary.LogPositive(x);
    }

    private readonly struct TanhOperation : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z) where TLanes : unmanaged, ILanes<TLanes> => Elementary.Tanh(x);
    }

    private readonly struct SineOperation : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z) where TLanes : unmanaged, ILanes<TLanes>
        {
            Elementary.SinCos(x, out TLanes sine, out _);
            return sine;
        }
    }

    private readonly struct CosineOperation : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z) where TLanes : unmanaged, ILanes<TLanes>
        {
            Elementary.SinCos(x, out _, out TLanes cosine);
            return cosine;
        }
    }

    private readonly struct SmallSineOperation : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z) where TLanes : unmanaged, ILanes<TLanes>
        {
            Elementary.SinCosSmall(x, out TLanes sine, out _);
            return sine;
        }
    }

    private readonly struct SmallCosineOperation : ILaneOperation
    {
        public static TLanes Apply<TLanes>(TLanes x, TLanes y, TLanes z) where TLanes : unmanaged, ILanes<TLanes>
        {
            Elementary.SinCosSmall(x, out _, out TLanes cosine);
            return cosine;
        }
    }
}
