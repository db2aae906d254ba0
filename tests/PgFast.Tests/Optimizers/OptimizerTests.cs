using PgFast.Optimizers;
using PgFast.Reference;
using PgFast.Tests.Support;

namespace PgFast.Tests.Optimizers;

public class OptimizerTests
{
    // A hundred steps in single precision, each of a few last bits of parameters of order 1.
    private const double Tolerance = 1e-5;

    /// <summary>Lengths around the vector of 16.</summary>
    public static TheoryData<int> Lengths => [1, 15, 16, 17, 31, 32, 67];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Sgd_HundredSteps_IsTheReference(int length)
    {
        foreach (float momentum in new[] { 0f, 0.9f })
            AssertReference(new Sgd(length, 0.01f, momentum), new ReferenceSgd(length, momentum), 0.01f);
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Adam_HundredSteps_IsTheReference(int length) => AssertReference(new Adam(length, 0.01f), new ReferenceAdam(length), 0.01f);

    [Fact]
    public void Adam_TinyAndHugeGradients_StaysFinite()
    {
        Adam adam = new(3, 0.1f);
        float[] parameters = [1, 1, 1];
        for (int step = 0; step < 10; step++)
            adam.Step(parameters, [1e-30f, 1e15f, 0]);
        // Every step is α long whatever the gradient's size, or nothing where ε outweighs it.
        Assert.Equal(1f, parameters[0], 1e-3f);
        Assert.Equal(2f, parameters[1], 1e-3f);
        Assert.Equal(1f, parameters[2]);
    }

    [Fact]
    public void Step_PositiveGradient_Ascends()
    {
        foreach (Optimizer optimizer in new Optimizer[] { new Sgd(1, 0.1f), new Adam(1, 0.1f) })
        {
            float[] parameters = [0];
            optimizer.Step(parameters, [2]);
            Assert.True(parameters[0] > 0);
        }
    }

    [Fact]
    public void StepSize_Changed_ScalesTheStep()
    {
        Sgd sgd = new(1, 0.1f) { StepSize = 0.5f };
        float[] parameters = [0];
        sgd.Step(parameters, [2]);
        Assert.Equal(1f, parameters[0]);
    }

    [Fact]
    public void Arguments_OutOfRange_AreNamed()
    {
        Check("parameterCount", () => _ = new Sgd(0, 0.1f));
        Check("stepSize", () => _ = new Sgd(1, 0));
        Check("stepSize", () => _ = new Adam(1, float.NaN));
        Check("stepSize", () => _ = new Adam(1, float.PositiveInfinity));
        Check("StepSize", () => new Sgd(1, 0.1f).StepSize = 0);
        Check("momentum", () => _ = new Sgd(1, 0.1f, 1));
        Check("momentum", () => _ = new Sgd(1, 0.1f, float.NaN));
        Check("beta1", () => _ = new Adam(1, 0.1f, beta1: 1));
        Check("beta2", () => _ = new Adam(1, 0.1f, beta2: -0.1f));
        Check("epsilon", () => _ = new Adam(1, 0.1f, epsilon: 0));
        Check("parameters", () => new Adam(2, 0.1f).Step(new float[1], new float[2]));
        Check("gradient", () => new Adam(2, 0.1f).Step(new float[2], new float[3]));
        Check("maximumNorm", () => GradientClip.Apply(new float[1], 0));
        Check("maximumNorm", () => GradientClip.Apply(new float[1], float.NaN));

        static void Check(string name, Action call) => Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(call).ParamName);
    }

    [Fact]
    public void GradientClip_LongGradient_KeepsItsDirection()
    {
        float[] gradient = new Noise(3).Array(100, -1, 1);
        double[] expected = ReferenceGradient.Clip(Closeness.ToDouble(gradient), 0.25);
        double norm = ReferenceGradient.Norm(Closeness.ToDouble(gradient));
        Assert.Equal(norm, GradientClip.Apply(gradient, 0.25f), 1e-12);
        Closeness.AssertClose(expected, Closeness.ToDouble(gradient), 3e-7, "clipped gradient");
    }

    [Fact]
    public void GradientClip_ShortGradient_IsUntouched()
    {
        float[] gradient = [3, 4];
        Assert.Equal(5, GradientClip.Apply(gradient, 5));
        Assert.Equal([3f, 4f], gradient);
        Assert.Equal(5, GradientClip.Apply(gradient, float.PositiveInfinity));
        Assert.Equal([3f, 4f], gradient);
    }

    [Fact]
    public void GradientClip_SquaresBeyondSinglePrecision_DoNotOverflow()
    {
        float[] gradient = [3e30f, 4e30f];
        Assert.Equal(5e30, GradientClip.Apply(gradient, 1), 1e24);
        Assert.Equal([0.6f, 0.8f], [.. gradient.Select(value => MathF.Round(value, 5))]);
    }

    private static void AssertReference(Optimizer optimizer, IReferenceOptimizer reference, float stepSize)
    {
        Noise noise = new((ulong)optimizer.ParameterCount);
        float[] parameters = noise.Array(optimizer.ParameterCount, -1, 1);
        double[] expected = Closeness.ToDouble(parameters);
        for (int step = 0; step < 100; step++)
        {
            float[] gradient = noise.Array(optimizer.ParameterCount, -1, 1.5f);
            optimizer.Step(parameters, gradient);
            reference.Step(expected, Closeness.ToDouble(gradient), stepSize);
            Closeness.AssertClose(expected, Closeness.ToDouble(parameters), Tolerance, $"step {step}");
        }
    }
}
