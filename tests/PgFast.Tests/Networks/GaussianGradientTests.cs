using CsCheck;
using PgFast.Networks;
using PgFast.Policies;
using PgFast.Reference;
using PgFast.Tests.Golden;
using PgFast.Tests.Support;

namespace PgFast.Tests.Networks;

/// <summary>Gaussian policies in the engine, σ free and as a head, against PyTorch, the double reference and finite differences.</summary>
public class GaussianGradientTests
{
    // Single precision: sums of some hundred products. Relative to the largest component of the vector.
    private const double GradientTolerance = 2e-5;
    private const double LogProbabilityTolerance = 5e-6;

    // Step and error of central differences in double.
    private const double DifferenceStep = 1e-6;
    private const double DifferenceTolerance = 1e-7;

    // A hidden unit nearer to its kink than this may be rounded to the other side.
    private const double KinkMargin = 4e-6;

    public static TheoryData<string, int> GoldenNames
    {
        get
        {
            TheoryData<string, int> rows = [];
            foreach (string name in GoldenGaussianGradient.Names)
            {
                foreach (int width in Widths.All)
                    rows.Add(name, width);
            }

            return rows;
        }
    }

    /// <summary>Dimension, source of σ, inputs, hidden sizes, activation, whether there are biases.</summary>
    public static TheoryData<int, StandardDeviationSource, int, int[], Activation, bool> Shapes => new()
    {
        { 1, StandardDeviationSource.Free, 3, [], Activation.Tanh, true },
        { 1, StandardDeviationSource.Free, 3, [32], Activation.Relu, true },
        { 2, StandardDeviationSource.Free, 4, [7], Activation.Tanh, false },
        { 3, StandardDeviationSource.Free, 2, [9, 11], Activation.Relu, true },
        { 17, StandardDeviationSource.Free, 2, [5], Activation.Tanh, true },
        { 2, StandardDeviationSource.Free, 1, [], Activation.Tanh, false },
        { 1, StandardDeviationSource.StateDependent, 3, [], Activation.Tanh, true },
        { 1, StandardDeviationSource.StateDependent, 3, [32], Activation.Relu, true },
        { 2, StandardDeviationSource.StateDependent, 4, [7], Activation.Tanh, false },
        { 3, StandardDeviationSource.StateDependent, 2, [9, 11], Activation.Tanh, true },
    };

    [Theory]
    [MemberData(nameof(GoldenNames))]
    public void LogProbabilityEntropyAndGradients_GoldenBatches_AreTheGoldenOnes(string name, int width)
    {
        GoldenGaussianGradient golden = GoldenGaussianGradient.Load(name);
        foreach (GoldenGaussianBatch batch in golden.Batches)
        {
            PolicyCase policy = CaseOf(golden, batch);
            foreach (KernelKind kind in Enum.GetValues<KernelKind>())
            {
                PolicyPass pass = PolicyHarness.Run(policy, width, kind);
                Closeness.AssertClose(batch.LogProbabilities, Closeness.ToDouble(pass.LogProbabilities), LogProbabilityTolerance, "log π");
                Closeness.AssertClose(batch.Entropies, Closeness.ToDouble(pass.Entropies), LogProbabilityTolerance, "entropy");
                Closeness.AssertClose(batch.WeightedLogProbabilityGradient, pass.Gradient, GradientTolerance, $"{kind} kernels");
            }

            PolicyCase alone = policy with { Weights = new float[batch.Count], EntropyCoefficient = 1 };
            double[] entropy = Array.ConvertAll(PolicyHarness.Run(alone, width).Gradient, value => value / batch.Count);
            Closeness.AssertClose(batch.MeanEntropyGradient, entropy, GradientTolerance, "entropy gradient");
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Gradient_EveryParameter_IsTheCentralDifferenceOfTheObjective(
        int dimension, StandardDeviationSource source, int inputs, int[] hidden, Activation activation, bool hasBias)
    {
        PolicyCase policy = PolicyCase.RandomGaussian(
            ActionDistribution.Gaussian(dimension, source), inputs, hidden, activation, hasBias, 40, seed: 77) with
        { EntropyCoefficient = 0.3f };
        Assert.False(policy.IsNearKink(KinkMargin), "choose another seed: a unit is near its kink");
        double[] gradient = PolicyHarness.Run(policy).Gradient, differences = new double[gradient.Length];
        double[] parameters = Closeness.ToDouble(policy.Parameters);
        for (int i = 0; i < differences.Length; i++)
        {
            double kept = parameters[i];
            parameters[i] = kept + DifferenceStep;
            double above = policy.Objective(parameters);
            parameters[i] = kept - DifferenceStep;
            differences[i] = (above - policy.Objective(parameters)) / (2 * DifferenceStep);
            parameters[i] = kept;
        }

        // Tensor by tensor, so that a small one cannot hide behind a large one.
        for (int start = 0, end; start < gradient.Length; start = end)
        {
            string name = policy.Shape.TensorAt(start);
            end = start + 1;
            while (end < gradient.Length && policy.Shape.TensorAt(end) == name)
                end++;
            Closeness.AssertClose(differences.AsSpan(start..end), gradient.AsSpan(start..end), GradientTolerance + DifferenceTolerance, name);
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void AllResults_AtEveryWidth_HaveTheSameBits(
        int dimension, StandardDeviationSource source, int inputs, int[] hidden, Activation activation, bool hasBias)
    {
        PolicyCase policy = PolicyCase.RandomGaussian(
            ActionDistribution.Gaussian(dimension, source), inputs, hidden, activation, hasBias, 500, seed: 5) with
        { EntropyCoefficient = 0.01f, Lanes = 48 };
        foreach (KernelKind kind in Enum.GetValues<KernelKind>())
        {
            PolicyPass widest = PolicyHarness.Run(policy, 16, kind);
            foreach (int width in Widths.All)
            {
                PolicyPass pass = PolicyHarness.Run(policy, width, kind);
                Bits.AssertEqual(widest.Outputs, pass.Outputs, $"outputs at {width} lanes");
                Bits.AssertEqual(widest.LogProbabilities, pass.LogProbabilities, $"log π at {width} lanes");
                Bits.AssertEqual(widest.Entropies, pass.Entropies, $"entropies at {width} lanes");
                Assert.Equal(widest.Gradient, pass.Gradient);
            }
        }
    }

    [Fact]
    public void Gradient_RandomShapesAndBatches_IsTheReference() =>
        Gen.Select(
            Gen.Select(Gen.Int[1, 5], Gen.Enum<StandardDeviationSource>(), Gen.Int[1, 8], Gen.Int[0, 2].SelectMany(n => Gen.Int[1, 40].Array[n])),
            Gen.Select(Gen.Bool, Gen.Int[1, 200], Widths.Any, Gen.ULong[0, 1_000_000])).Sample(
            (network, batch) =>
            {
                PolicyCase policy = PolicyCase.RandomGaussian(
                    ActionDistribution.Gaussian(network.Item1, network.Item2), network.Item3, network.Item4, Activation.Tanh, batch.Item1, batch.Item2, batch.Item4);
                double[] gradient = PolicyHarness.Run(policy, batch.Item3).Gradient;
                Closeness.AssertClose(policy.ReferenceGradient(), gradient, GradientTolerance, $"{policy.Shape} at {batch.Item3} lanes");
            },
            iter: 100);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(19)]
    public void WeightedGradients_FreeOutputs_AreTheReferenceEpisodeByEpisode(int dimension)
    {
        foreach (int[] hidden in new int[][] { [], [9], [12, 7] })
        {
            int[] lengths = [3, 1, 200, 300];
            PolicyCase policy = PolicyCase.RandomGaussian(
                ActionDistribution.Gaussian(dimension), 3, hidden, Activation.Tanh, true, lengths.Sum(), seed: (ulong)dimension);
            double[] parameters = Closeness.ToDouble(policy.Parameters);
            WeightedCase wanted = new()
            {
                Shape = policy.Shape,
                Parameters = policy.Parameters,
                Lengths = lengths,
                Observations = policy.Observations,
                OutputGradients =
                [
                    .. policy.Observations.Select((x, step) => Closeness.ToSingle(ReferenceGaussian.LogProbabilityGradient(
                        policy.ReferenceGaussian.Outputs(parameters, Closeness.ToDouble(x)), Closeness.ToDouble(policy.RealActions[step])))),
                ],
                Weights = new Noise(8).Rows(2, lengths.Sum(), -2, 2),
            };
            float[][][] widest = WeightedGradientHarness.Run(wanted, 16);
            foreach (int width in Widths.All)
            {
                float[][][] gradients = WeightedGradientHarness.Run(wanted, width);
                for (int episode = 0; episode < lengths.Length; episode++)
                {
                    Bits.AssertEqual(widest[episode], gradients[episode], $"episode {episode} at {width} lanes");
                    for (int column = 0; column < 2; column++)
                    {
                        double[] expected = new double[parameters.Length];
                        (int first, int count) = wanted.RangeOf(episode).GetOffsetAndLength(wanted.Observations.Length);
                        for (int step = first; step < first + count; step++)
                        {
                            policy.ReferenceGaussian.AddGradient(
                                parameters, Closeness.ToDouble(policy.Observations[step]), Closeness.ToDouble(policy.RealActions[step]),
                                wanted.Weights[column][step], 0, expected);
                        }

                        double[] actual = WeightedGradientHarness.Spread(wanted.Shape, gradients[episode][column]);
                        Closeness.AssertClose(expected, actual, GradientTolerance, $"{wanted.Shape}, episode {episode}, column {column}");
                        int free = wanted.Shape.FreeOutputOffset;
                        Closeness.AssertClose(expected.AsSpan(free), actual.AsSpan(free), GradientTolerance, "log σ");
                    }
                }
            }
        }
    }

    private static PolicyCase CaseOf(GoldenGaussianGradient golden, GoldenGaussianBatch batch)
    {
        ActionDistribution distribution = ActionDistribution.Gaussian(
            golden.Dimension, golden.FreeSize > 0 ? StandardDeviationSource.Free : StandardDeviationSource.StateDependent);
        return new PolicyCase
        {
            Shape = distribution.CreateShape(golden.Sizes[0], golden.Sizes.AsSpan(1..^1), Activation.Tanh),
            Parameters = Closeness.ToSingle(golden.Parameters),
            Observations = [.. batch.Observations.Select(Closeness.ToSingle)],
            Actions = new int[batch.Count],
            Distribution = distribution,
            RealActions = [.. batch.Actions.Select(Closeness.ToSingle)],
            Weights = Closeness.ToSingle(batch.Weights),
            Lanes = batch.Count <= 16 ? 16 : 64,
        };
    }
}
