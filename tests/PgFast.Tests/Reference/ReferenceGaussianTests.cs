using PgFast.Reference;
using PgFast.Tests.Golden;

namespace PgFast.Tests.Reference;

/// <summary>The double reference of Gaussian policies against PyTorch autograd, and against what a density must be.</summary>
public class ReferenceGaussianTests
{
    // Sums of up to 64 products in another order, both in double precision.
    private const double Tolerance = 1e-12;

    public static TheoryData<string> Names => [.. GoldenGaussianGradient.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void LogProbabilityEntropyAndGradients_GoldenBatches_AreTheGoldenOnes(string name)
    {
        GoldenGaussianGradient golden = GoldenGaussianGradient.Load(name);
        ReferenceGaussianPolicy policy = new(new ReferenceNetwork(golden.Sizes, ReferenceActivation.Tanh), golden.FreeSize);
        Assert.Equal(golden.Parameters.Length, policy.ParameterCount);
        foreach (GoldenGaussianBatch batch in golden.Batches)
        {
            double[][] outputs = [.. batch.Observations.Select(observation => policy.Outputs(golden.Parameters, observation))];
            AssertClose(batch.LogProbabilities, [.. outputs.Select((z, row) => ReferenceGaussian.LogProbability(z, batch.Actions[row]))]);
            AssertClose(batch.Entropies, [.. outputs.Select(ReferenceGaussian.Entropy)]);
            double[] gradient = new double[policy.ParameterCount], entropy = new double[policy.ParameterCount];
            for (int row = 0; row < batch.Count; row++)
            {
                policy.AddGradient(golden.Parameters, batch.Observations[row], batch.Actions[row], batch.Weights[row], 0, gradient);
                policy.AddGradient(golden.Parameters, batch.Observations[row], batch.Actions[row], 0, 1.0 / batch.Count, entropy);
            }

            AssertClose(batch.WeightedLogProbabilityGradient, gradient);
            AssertClose(batch.MeanEntropyGradient, entropy);
        }
    }

    [Fact]
    public void Density_AllActions_IntegratesToOneAndHasTheEntropy()
    {
        double[] outputs = [0.7, Math.Log(0.3)];
        double mass = 0, entropy = 0;
        const double Step = 1e-3;
        for (double action = -3; action < 5; action += Step)
        {
            double logarithm = ReferenceGaussian.LogProbability(outputs, [action]);
            mass += Step * Math.Exp(logarithm);
            entropy -= Step * Math.Exp(logarithm) * logarithm;
        }

        Assert.Equal(1, mass, 1e-10);
        Assert.Equal(ReferenceGaussian.Entropy(outputs), entropy, 1e-10);
    }

    [Fact]
    public void AnyCall_LengthsThatDoNotFit_Throws()
    {
        Assert.Throws<ArgumentException>("outputs", () => ReferenceGaussian.LogProbability([0, 0, 0], [1]));
        Assert.Throws<ArgumentException>("outputs", () => ReferenceGaussian.LogProbabilityGradient([0, 0], [1, 2]));
    }

    private static void AssertClose(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        double allowed = Tolerance * expected.Max(Math.Abs);
        double difference = expected.Zip(actual, (e, a) => Math.Abs(e - a)).Max();
        Assert.True(difference <= allowed, $"differs by {difference:R}, {allowed:R} is allowed");
    }
}
