using PgFast.Randomness;
using PgFast.Reference;

namespace PgFast.Tests.Reference;

public class ReferenceSoftmaxTests
{
    // A handful of double operations on numbers of order 1.
    private const double RoundingTolerance = 1e-14;

    private static readonly double[] ThreeLogits = [Math.Log(0.2), Math.Log(0.3), Math.Log(0.5)];

    [Fact]
    public void Probabilities_OfLogarithms_AreTheNumbersThemselves()
    {
        double[] probabilities = ReferenceSoftmax.Probabilities(ThreeLogits);
        Assert.Equal(0.2, probabilities[0], RoundingTolerance);
        Assert.Equal(0.3, probabilities[1], RoundingTolerance);
        Assert.Equal(0.5, probabilities[2], RoundingTolerance);
    }

    [Fact]
    public void LogProbabilities_HugeLogits_AreFinite()
    {
        double[] logProbabilities = ReferenceSoftmax.LogProbabilities([1e4, -1e4, 1e4]);
        Assert.Equal(-Math.Log(2.0), logProbabilities[0], RoundingTolerance);
        Assert.Equal(-2e4 - Math.Log(2.0), logProbabilities[1]);
        Assert.Equal(-Math.Log(2.0), logProbabilities[2], RoundingTolerance);
    }

    [Fact]
    public void Entropy_KnownCases_IsTheClosedForm()
    {
        Assert.Equal(Math.Log(5.0), ReferenceSoftmax.Entropy([3.0, 3.0, 3.0, 3.0, 3.0]), RoundingTolerance);
        double expected = -(0.2 * Math.Log(0.2) + 0.3 * Math.Log(0.3) + 0.5 * Math.Log(0.5));
        Assert.Equal(expected, ReferenceSoftmax.Entropy(ThreeLogits), RoundingTolerance);
        Assert.Equal(0.0, ReferenceSoftmax.Entropy([0.0, -2000.0]));
    }

    [Fact]
    public void LogProbabilityGradient_Softmax_IsIndicatorMinusProbability()
    {
        double[] gradient = ReferenceSoftmax.LogProbabilityGradient(ThreeLogits, 1);
        Assert.Equal(-0.2, gradient[0], RoundingTolerance);
        Assert.Equal(0.7, gradient[1], RoundingTolerance);
        Assert.Equal(-0.5, gradient[2], RoundingTolerance);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.7)]
    [InlineData(-3.0)]
    [InlineData(47.4)]
    [InlineData(-700.0)]
    public void EntropyGradient_TwoActions_IsTheClosedFormEvenSaturated(double difference)
    {
        // With d = z1 − z0: H depends on d alone and dH/dd = −p0 p1 d, which has no cancellation.
        double expected = -difference / ((1.0 + Math.Exp(difference)) * (1.0 + Math.Exp(-difference)));
        double[] gradient = ReferenceSoftmax.EntropyGradient([1.0, 1.0 + difference]);
        double allowed = 1e-12 * Math.Abs(expected);
        Assert.InRange(gradient[1] - expected, -allowed, allowed);
        Assert.InRange(gradient[0] + expected, -allowed, allowed);
    }

    [Theory]
    [InlineData(0.25, 1)]
    [InlineData(0.49999997, 1)]
    [InlineData(0.5, 0)]
    [InlineData(0.75, 0)]
    public void Sample_TwoActions_LowUniformsChooseActionOne(double uniform, int expected) =>
        Assert.Equal(expected, ReferenceSoftmax.Sample([2.0, 2.0], uniform));

    [Theory]
    [InlineData(1e-10, 0)]
    [InlineData(0.1999, 0)]
    [InlineData(0.2001, 1)]
    [InlineData(0.4999, 1)]
    [InlineData(0.5001, 2)]
    [InlineData(0.9999, 2)]
    public void Sample_ThreeActions_FollowsTheCumulativeSum(double uniform, int expected) =>
        Assert.Equal(expected, ReferenceSoftmax.Sample(ThreeLogits, uniform));

    [Fact]
    public void Sample_SaturatedLogits_NeverChoosesTheImpossible()
    {
        Assert.Equal(0, ReferenceSoftmax.Sample([1000.0, -1000.0], Philox.Uniform(0)));
        Assert.Equal(1, ReferenceSoftmax.Sample([-1000.0, 1000.0], Philox.Uniform(uint.MaxValue)));
        Assert.Equal(1, ReferenceSoftmax.Sample([-1000.0, 0.0, -1000.0], Philox.Uniform(0)));
        Assert.Equal(1, ReferenceSoftmax.Sample([-1000.0, 0.0, -1000.0], Philox.Uniform(uint.MaxValue)));
    }

    [Fact]
    public void Sample_ManyUniforms_HasTheFrequenciesOfThePolicy()
    {
        const int Draws = 40_000;
        const double StandardErrors = 4.5; // Once in 150,000 for a right sampler; the seed is fixed anyway.
        double[][] policies = [ThreeLogits, [0.3, -0.9], [0.1, 0.5, -0.2, 0.0, -1.0]];
        foreach (double[] logits in policies)
        {
            int[] counts = new int[logits.Length];
            for (int draw = 0; draw < Draws; draw++)
            {
                counts[ReferenceSoftmax.Sample(logits, Philox.Uniform(Philox.Generate(9, RandomStream.Action, (ulong)draw, 0).Word0))]++;
            }

            double[] probabilities = ReferenceSoftmax.Probabilities(logits);
            for (int action = 0; action < logits.Length; action++)
            {
                double p = probabilities[action];
                double error = (counts[action] - Draws * p) / Math.Sqrt(Draws * p * (1.0 - p));
                Assert.InRange(error, -StandardErrors, StandardErrors);
            }
        }
    }
}
