using PgFast.Networks;
using PgFast.Tests.Support;

namespace PgFast.Tests.Networks;

public class NetworkInitializerTests
{
    // Five standard errors of a mean of squares: the seed is fixed, and one in two million would fail.
    private const double StandardErrors = 5;

    private static readonly NetworkShape Shape = new(40, [100, 80], 30, Activation.Relu);

    public static TheoryData<Initialization, Activation, float> Schemes => new()
    {
        { Initialization.FanIn, Activation.Relu, 1f },
        { Initialization.FanIn, Activation.Tanh, 0.1f },
        { Initialization.Glorot, Activation.Relu, 0.5f },
        { Initialization.Glorot, Activation.Tanh, 1f },
    };

    [Theory]
    [MemberData(nameof(Schemes))]
    public void Initialize_AnyScheme_IsUniformWithinItsBound(Initialization scheme, Activation activation, float outputScale)
    {
        NetworkShape shape = new(40, [100, 80], 30, activation);
        float[] parameters = Draw(shape, scheme, outputScale, seed: 1);
        for (int layer = 0; layer < shape.LayerCount; layer++)
        {
            bool isOutput = layer == shape.LayerCount - 1;
            int inputs = shape.InputSizeOf(layer), outputs = shape.OutputSizeOf(layer);
            double variance = scheme == Initialization.Glorot
                ? 6.0 / (inputs + outputs)
                : (activation == Activation.Relu && !isOutput ? 6.0 : 3.0) / inputs;
            double bound = Math.Sqrt(variance) * (isOutput ? outputScale : 1);
            double[] weights = Closeness.ToDouble(parameters.AsSpan(shape.WeightOffset(layer), inputs * outputs));
            Assert.All(weights, weight => Assert.InRange(weight, -bound * (1 + 1e-6), bound * (1 + 1e-6)));
            double n = weights.Length;
            Assert.InRange(weights.Average(), -StandardErrors * bound / Math.Sqrt(3 * n), StandardErrors * bound / Math.Sqrt(3 * n));
            double error = StandardErrors * bound * bound * Math.Sqrt(4 / 45.0 / n);
            Assert.InRange(weights.Average(w => w * w), bound * bound / 3 - error, bound * bound / 3 + error);
            Assert.All(parameters[shape.BiasOffset(layer)..(shape.BiasOffset(layer) + outputs)], bias => Assert.Equal(0f, bias));
        }
    }

    [Fact]
    public void Initialize_SameSeed_GivesTheSameBits() =>
        Bits.AssertEqual(Draw(Shape, Initialization.FanIn, 1, 7), Draw(Shape, Initialization.FanIn, 1, 7), "parameters");

    [Fact]
    public void Initialize_OtherSeed_ChangesEveryWeight()
    {
        float[] first = Draw(Shape, Initialization.FanIn, 1, 7), second = Draw(Shape, Initialization.FanIn, 1, 7UL << 32);
        int equal = first.Zip(second).Count(pair => pair.First != 0 && pair.First == pair.Second);
        // Two of some 14,000 draws from 2³¹ numbers may agree by chance.
        Assert.InRange(equal, 0, 2);
    }

    [Fact]
    public void Initialize_AnyNetwork_RepeatsNoWeight()
    {
        float[] weights = [.. Draw(Shape, Initialization.FanIn, 1, 7).Where(weight => weight != 0)];
        // Single precision has some 2²⁴ numbers here, so a few of 14,400 draws coincide; a repeated word would double hundreds.
        Assert.InRange(weights.Distinct().Count(), weights.Length - 40, weights.Length);
    }

    [Fact]
    public void Initialize_Zero_IsAllZero() => Assert.All(Draw(Shape, Initialization.Zero, 1, 7), value => Assert.Equal(0f, value));

    [Fact]
    public void Initialize_WithoutBiases_DrawsEveryParameter()
    {
        NetworkShape shape = new(4, [6], 3, Activation.Tanh, hasBias: false);
        float[] parameters = Draw(shape, Initialization.FanIn, 1, 7);
        Assert.Equal(4 * 6 + 6 * 3, parameters.Length);
        Assert.All(parameters, value => Assert.NotEqual(0f, value));
    }

    [Fact]
    public void Initialize_OutputScaleZero_ClearsTheLastLayerAlone()
    {
        float[] parameters = Draw(Shape, Initialization.FanIn, 0, 7);
        Assert.All(parameters[Shape.WeightOffset(2)..], value => Assert.Equal(0f, value));
        Assert.All(parameters[..Shape.BiasOffset(0)], value => Assert.NotEqual(0f, value));
    }

    [Fact]
    public void Initialize_BadArguments_NamesThemAndChangesNothing()
    {
        float[] parameters = [.. Enumerable.Repeat(3f, Shape.ParameterCount)];
        Check("shape", () => NetworkInitializer.Initialize(parameters, null!, Initialization.FanIn, 1, 1));
        Check("parameters", () => NetworkInitializer.Initialize(parameters.AsSpan(1), Shape, Initialization.FanIn, 1, 1));
        Check("scheme", () => NetworkInitializer.Initialize(parameters, Shape, (Initialization)77, 1, 1));
        Check("outputScale", () => NetworkInitializer.Initialize(parameters, Shape, Initialization.FanIn, -1, 1));
        Check("outputScale", () => NetworkInitializer.Initialize(parameters, Shape, Initialization.FanIn, float.NaN, 1));
        Assert.All(parameters, value => Assert.Equal(3f, value));

        static void Check(string name, Action call) => Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(call).ParamName);
    }

    private static float[] Draw(NetworkShape shape, Initialization scheme, float outputScale, ulong seed)
    {
        float[] parameters = new float[shape.ParameterCount];
        NetworkInitializer.Initialize(parameters, shape, scheme, outputScale, seed);
        return parameters;
    }
}
