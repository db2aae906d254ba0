using CsCheck;
using PgFast.Networks;
using PgFast.Reference;
using PgFast.Tests.Support;

namespace PgFast.Tests.Networks;

/// <summary>Gradients of single episodes, for several weightings at once, against the double reference.</summary>
public class WeightedGradientsTests
{
    // Single precision: a chain of up to 600 products of either sign, activations of a few last bits. Relative to the largest component, as
    // small ones are sums of large numbers that cancel.
    private const double Tolerance = 2e-5;

    // A hidden unit nearer to its kink than this may be rounded to the other side, where the gradient differs.
    private const double KinkMargin = 4e-6;

    /// <summary>Shorter and longer than a chunk of 256 samples, and just as long.</summary>
    private static readonly int[] Lengths = [1, 2, 3, 17, 100, 255, 256, 257, 600];

    /// <summary>The same of 1,024 samples, which one hidden ReLU layer takes at once.</summary>
    private static readonly int[] LongLengths = [1023, 1024, 5, 1025, 2100, 1000, 24];

    private static readonly int[] ActionCounts = [2, 3, 5];

    public static TheoryData<int[], Activation> Shapes => new()
    {
        { [4, 2], Activation.Relu },
        { [3, 5], Activation.Tanh },
        { [4, 32, 2], Activation.Relu },
        { [4, 16, 2], Activation.Tanh },
        { [5, 7, 3], Activation.Relu },
        { [2, 9, 15, 2], Activation.Relu },
        { [2, 33, 16, 5], Activation.Tanh },
        { [3, 6, 64, 4, 2], Activation.Tanh },
        { [1, 1, 2], Activation.Relu },
        { [6, 50, 2], Activation.Relu },
        { [9, 16, 2], Activation.Relu },
    };

    [Fact]
    public void Accumulate_RandomShapesAndEpisodes_IsTheReference() =>
        Gen.Select(
            Gen.Select(
                Gen.Int[1, 9], Gen.Int[0, 3].SelectMany(depth => Gen.Int[1, 40].Array[depth]),
                Gen.Int[0, 2].Select(index => ActionCounts[index]), Gen.Enum<Activation>()),
            Gen.Select(
                Gen.Int[0, Lengths.Length - 1].Select(index => Lengths[index]).Array[1, 4], Gen.Int[1, 5], Widths.Any, Gen.ULong))
            .Sample(
                (network, steps) =>
                {
                    NetworkShape shape = new(network.Item1, network.Item2, network.Item3, network.Item4);
                    AssertReference(CaseOf(shape, steps.Item1, steps.Item2, steps.Item4), steps.Item3);
                },
                iter: 40);

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Accumulate_EveryEpisodeLength_IsTheReferenceAtEveryWidth(int[] sizes, Activation activation)
    {
        IsReferenceAtEveryWidth(new NetworkShape(sizes[0], sizes.AsSpan(1..^1), sizes[^1], activation), Lengths);
        IsReferenceAtEveryWidth(new NetworkShape(sizes[0], sizes.AsSpan(1..^1), sizes[^1], activation, hasBias: false), Lengths);
    }

    [Theory]
    [InlineData(4, 32)]
    [InlineData(9, 37)]
    [InlineData(4, 100)]
    [InlineData(3, 128)]
    public void Accumulate_LongEpisodesOfOneReluLayer_IsTheReferenceAtEveryWidth(int inputs, int units) =>
        IsReferenceAtEveryWidth(new NetworkShape(inputs, [units], 2, Activation.Relu), LongLengths);

    private static void IsReferenceAtEveryWidth(NetworkShape shape, int[] lengths)
    {
        WeightedCase wanted = CaseOf(shape, lengths, columns: 3, seed: 6);
        AssertReference(wanted, 16);
        float[][][] widest = WeightedGradientHarness.Run(wanted, 16);
        foreach (int width in Widths.All)
        {
            float[][][] gradients = WeightedGradientHarness.Run(wanted, width);
            for (int episode = 0; episode < lengths.Length; episode++)
                Bits.AssertEqual(widest[episode], gradients[episode], $"episode {episode} at {width} lanes");
        }
    }

    [Theory]
    [InlineData(3, Activation.Tanh, 20, 9)]
    [InlineData(2, Activation.Relu, 40)]
    public void Accumulate_EpisodeAmongOthers_HasTheBitsOfTheEpisodeAlone(int actions, Activation activation, params int[] hidden)
    {
        WeightedCase wanted = CaseOf(new NetworkShape(4, hidden, actions, activation), [5, 90, 31, 7, 600, 120, 120, 1], columns: 2, seed: 8);
        float[][][] together = WeightedGradientHarness.Run(wanted, 16);
        for (int episode = 0; episode < together.Length; episode++)
            Bits.AssertEqual(WeightedGradientHarness.Run(wanted.Only(episode), 16)[0], together[episode], $"episode {episode}");
    }

    // A column alone of a single hidden layer with a merged output takes a path of its own; 32 units leave no room for the bias's 1 beside them.
    [Theory]
    [InlineData(4, 10)]
    [InlineData(4, 32)]
    [InlineData(1, 16)]
    [InlineData(5, 47)]
    [InlineData(7, 48)]
    [InlineData(8, 20)]
    public void Accumulate_OneColumnOfMany_HasTheBitsOfTheColumnAlone(int inputs, int units)
    {
        foreach (Activation activation in Enum.GetValues<Activation>())
        {
            foreach (bool hasBias in new[] { true, false })
            {
                WeightedCase wanted = CaseOf(new NetworkShape(inputs, [units], 2, activation, hasBias), [40, 300, 1, 256], columns: 3, seed: 9);
                foreach (int width in Widths.All)
                    AssertColumnsAlone(wanted, width);
            }
        }
    }

    private static void AssertColumnsAlone(WeightedCase wanted, int width)
    {
        float[][][] all = WeightedGradientHarness.Run(wanted, width);
        for (int column = 0; column < wanted.Weights.Length; column++)
        {
            float[][][] alone = WeightedGradientHarness.Run(wanted with { Weights = [wanted.Weights[column]] }, width);
            for (int episode = 0; episode < wanted.Lengths.Length; episode++)
                Bits.AssertEqual(all[episode][column], alone[episode][0], $"{wanted.Shape}, column {column} at {width} lanes");
        }
    }

    [Theory]
    [InlineData(3, 2)]
    [InlineData(1, 3)]
    [InlineData(20, 5)]
    public void Accumulate_LinearWithoutBiases_IsTheReferenceWithoutThem(int inputs, int outputs)
    {
        // With biases of 0 the reference is the same map; its gradient by them is left out.
        NetworkShape with = new(inputs, [], outputs, Activation.Relu), without = new(inputs, [], outputs, Activation.Relu, hasBias: false);
        WeightedCase wanted = CaseOf(with, [30, 400], columns: 2, seed: 10);
        wanted.Parameters.AsSpan(with.BiasOffset(0)).Clear();
        wanted = WithScores(wanted, new Noise(11));
        WeightedCase biasless = wanted with { Shape = without, Parameters = wanted.Parameters[..without.ParameterCount] };
        foreach (int width in Widths.All)
        {
            float[][][] gradients = WeightedGradientHarness.Run(biasless, width);
            for (int episode = 0; episode < 2; episode++)
            {
                for (int column = 0; column < 2; column++)
                {
                    double[] expected = Reference(wanted, episode, column)[..without.ParameterCount];
                    double[] actual = WeightedGradientHarness.Spread(without, gradients[episode][column]);
                    Closeness.AssertClose(expected, actual, Tolerance, $"episode {episode}");
                }
            }
        }
    }

    // A NaN makes every unit look inactive: sums under a mask alone would leave it out, and the gradient would look sound.
    [Theory]
    [InlineData(32)]
    [InlineData(50)]
    public void Accumulate_ObservationIsNaN_ShowsInThatEpisodeAlone(int units)
    {
        WeightedCase wanted = CaseOf(new NetworkShape(4, [units], 2, Activation.Relu), [20, 1500, 40], columns: 2, seed: 12);
        // In the first chunk of an episode of two.
        wanted.Observations[25][1] = float.NaN;
        foreach (int width in Widths.All)
        {
            float[][][] gradients = WeightedGradientHarness.Run(wanted, width);
            for (int column = 0; column < 2; column++)
            {
                Assert.All(gradients[0][column], value => Assert.True(float.IsFinite(value)));
                Assert.Contains(gradients[1][column], float.IsNaN);
                Assert.All(gradients[2][column], value => Assert.True(float.IsFinite(value)));
            }
        }
    }

    private static void AssertReference(WeightedCase wanted, int width)
    {
        float[][][] gradients = WeightedGradientHarness.Run(wanted, width);
        for (int episode = 0; episode < wanted.Lengths.Length; episode++)
        {
            for (int column = 0; column < wanted.Weights.Length; column++)
            {
                Closeness.AssertClose(
                    Reference(wanted, episode, column), WeightedGradientHarness.Spread(wanted.Shape, gradients[episode][column]), Tolerance,
                    $"{wanted.Shape} {wanted.Shape.Activation}, episode of {wanted.Lengths[episode]}, column {column}, {width} lanes");
            }
        }
    }

    private static double[] Reference(WeightedCase wanted, int episode, int column)
    {
        ReferenceNetwork network = NetworkOf(wanted);
        double[] parameters = Closeness.ToDouble(wanted.Parameters), gradient = new double[parameters.Length];
        (int first, int count) = wanted.RangeOf(episode).GetOffsetAndLength(wanted.Observations.Length);
        for (int sample = first; sample < first + count; sample++)
        {
            double weight = wanted.Weights[column][sample];
            if (weight == 0)
                continue;
            double[] score = Closeness.ToDouble(wanted.OutputGradients[sample]);
            // Of two outputs the kernels see z₁ − z₀.
            double[] byOutputs = score.Length == 1 ? [-score[0], score[0]] : score;
            double[][] activations = network.Forward(parameters, Closeness.ToDouble(wanted.Observations[sample]));
            network.Backward(parameters, activations, Array.ConvertAll(byOutputs, value => weight * value), gradient);
        }

        return gradient;
    }

    /// <summary>A random policy, random steps, and the scores that it has there.</summary>
    private static WeightedCase CaseOf(NetworkShape shape, int[] lengths, int columns, ulong seed)
    {
        PolicyCase policy = PolicyCase.Random(shape, lengths.Sum(), seed);
        Noise noise = new(seed + 1);
        WeightedCase wanted = new()
        {
            Shape = shape,
            Parameters = policy.Parameters,
            Lengths = lengths,
            Observations = policy.Observations,
            OutputGradients = [],
            Weights = noise.Rows(columns, lengths.Sum(), -2, 2),
        };
        // Steps near a kink do not count: single and double precision may take different sides.
        for (int sample = 0; sample < policy.Observations.Length; sample++)
        {
            if (!(policy with { Observations = [policy.Observations[sample]] }).IsNearKink(KinkMargin))
                continue;
            foreach (float[] column in wanted.Weights)
                column[sample] = 0;
        }

        return WithScores(wanted, noise);
    }

    private static WeightedCase WithScores(WeightedCase wanted, Noise noise)
    {
        ReferenceNetwork network = NetworkOf(wanted);
        double[] parameters = Closeness.ToDouble(wanted.Parameters);
        return wanted with
        {
            OutputGradients =
            [
                .. wanted.Observations.Select(observation =>
                {
                    double[] logits = network.Forward(parameters, Closeness.ToDouble(observation))[^1];
                    double[] score = ReferenceSoftmax.LogProbabilityGradient(logits, noise.Next(0, logits.Length));
                    return Closeness.ToSingle(score.Length == 2 ? score[1..] : score);
                }),
            ],
        };
    }

    private static ReferenceNetwork NetworkOf(WeightedCase wanted)
    {
        PolicyCase policy = new() { Shape = wanted.Shape, Parameters = wanted.Parameters, Observations = [], Actions = [], Weights = [] };
        return policy.Reference;
    }
}
