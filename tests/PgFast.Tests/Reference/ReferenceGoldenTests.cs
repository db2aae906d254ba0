using PgFast.Reference;
using PgFast.Tests.Golden;

namespace PgFast.Tests.Reference;

/// <summary>The reference against PyTorch autograd, both in double precision.</summary>
public class ReferenceGoldenTests
{
    // Sums of up to 64 products in another order; log-probabilities down to −150 turn a last bit into 150 of them.
    private const double RelativeTolerance = 1e-12;

    // The golden numbers of a saturated policy are differences of larger ones: log π near 0 is z minus a log-sum-exp of up to 70, ∂H/∂z is
    // formed from numbers near 1. What is rounded off there is absolute, and weights carry it to the parameters. It matters only where
    // the result itself is tiny; there the closed form of ReferenceSoftmaxTests is the stricter test.
    private const double GoldenRounding = 1e-14;

    public static TheoryData<string> Names => [.. GoldenPolicyGradient.SoftmaxNames];

    [Theory]
    [MemberData(nameof(Names))]
    public void Forward_GoldenObservations_GivesTheGoldenOutputs(string name)
    {
        (GoldenPolicyGradient golden, ReferenceNetwork network) = Load(name);
        foreach (GoldenBatch batch in golden.Batches)
        {
            double[] outputs = [.. batch.Observations.SelectMany(obs => network.Forward(golden.Parameters, obs)[^1])];
            AssertClose([.. batch.Outputs.SelectMany(row => row)], outputs);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Softmax_GoldenObservations_GivesTheGoldenProbabilitiesAndEntropies(string name)
    {
        (GoldenPolicyGradient golden, ReferenceNetwork network) = Load(name);
        foreach (GoldenBatch batch in golden.Batches)
        {
            double[][] logits = [.. batch.Observations.Select(obs => network.Forward(golden.Parameters, obs)[^1])];
            AssertClose(batch.LogProbabilities, [.. logits.Select((z, row) => ReferenceSoftmax.LogProbabilities(z)[batch.Actions[row]])]);
            AssertClose(batch.Entropies, [.. logits.Select(ReferenceSoftmax.Entropy)], GoldenRounding);
            AssertClose([.. batch.Probabilities.SelectMany(row => row)], [.. logits.SelectMany(ReferenceSoftmax.Probabilities)]);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Compute_GoldenWeights_GivesTheGoldenPolicyGradient(string name)
    {
        (GoldenPolicyGradient golden, ReferenceNetwork network) = Load(name);
        foreach (GoldenBatch batch in golden.Batches)
        {
            // As one episode the batch is summed, not averaged.
            double[] gradient = ReferenceGradient.Compute(network, golden.Parameters, [AsEpisode(batch)], [batch.Weights]);
            AssertClose(batch.WeightedLogProbabilityGradient, gradient);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Compute_EntropyAlone_GivesTheGoldenEntropyGradient(string name)
    {
        (GoldenPolicyGradient golden, ReferenceNetwork network) = Load(name);
        foreach (GoldenBatch batch in golden.Batches)
        {
            double[] gradient = ReferenceGradient.Compute(
                network, golden.Parameters, [AsEpisode(batch)], [new double[batch.Count]], entropyCoefficient: 1.0);
            AssertClose(batch.MeanEntropyGradient, gradient, GoldenRounding);
        }
    }

    private static (GoldenPolicyGradient Golden, ReferenceNetwork Network) Load(string name)
    {
        GoldenPolicyGradient golden = GoldenPolicyGradient.Load(name);
        ReferenceActivation activation = golden.Activation == "tanh" ? ReferenceActivation.Tanh : ReferenceActivation.Relu;
        return (golden, new ReferenceNetwork(golden.Sizes, activation));
    }

    private static ReferenceEpisode AsEpisode(GoldenBatch batch) =>
        new(batch.Observations, batch.Actions, new double[batch.Count], Terminated: true, Truncated: false);

    private static void AssertClose(double[] expected, double[] actual, double absolute = 0.0)
    {
        Assert.Equal(expected.Length, actual.Length);
        double allowed = RelativeTolerance * expected.Max(Math.Abs) + absolute;
        double difference = expected.Zip(actual, (e, a) => Math.Abs(e - a)).Max();
        Assert.True(difference <= allowed, $"differs by {difference:R}, {allowed:R} is allowed");
    }
}
