using PgFast.Randomness;
using PgFast.Reference;

namespace PgFast.Tests.Reference;

public class ReferenceGradientTests
{
    // Central differences with this step err by about its square (1e-10) and by rounding over it (1e-16 / 1e-5 = 1e-11).
    private const double DifferenceStep = 1e-5;
    private const double DifferenceTolerance = 1e-8;

    private const double EntropyCoefficient = 0.3;

    // Sums in another order.
    private const double RoundingTolerance = 1e-14;

    [Theory]
    [InlineData(ReferenceActivation.Tanh, 4, 2)]
    [InlineData(ReferenceActivation.Tanh, 4, 8, 2)]
    [InlineData(ReferenceActivation.Tanh, 3, 7, 6, 5, 5)]
    [InlineData(ReferenceActivation.Relu, 3, 7, 6, 5, 5)]
    [InlineData(ReferenceActivation.Relu, 1, 3, 1, 3)]
    public void Compute_EveryParameter_IsTheDerivativeOfTheObjective(ReferenceActivation activation, params int[] sizes)
    {
        ReferenceNetwork network = new(sizes, activation);
        double[] parameters = RandomVector(network.ParameterCount, stream: 1, scale: 0.8);
        ReferenceEpisode[] episodes = [RandomEpisode(network, 4, 2), RandomEpisode(network, 1, 3), RandomEpisode(network, 6, 4)];
        double[][] weights = [RandomVector(4, 5), RandomVector(1, 6), RandomVector(6, 7)];

        double[] gradient = ReferenceGradient.Compute(network, parameters, episodes, weights, EntropyCoefficient);

        Assert.Equal(sizes.Zip(sizes.Skip(1), (inputs, outputs) => (inputs + 1) * outputs).Sum(), gradient.Length);
        for (int k = 0; k < gradient.Length; k++)
        {
            double centre = parameters[k];
            parameters[k] = centre + DifferenceStep;
            double above = Objective(network, parameters, episodes, weights);
            parameters[k] = centre - DifferenceStep;
            double below = Objective(network, parameters, episodes, weights);
            parameters[k] = centre;
            double difference = (above - below) / (2.0 * DifferenceStep);
            Assert.InRange(gradient[k] - difference, -DifferenceTolerance, DifferenceTolerance);
        }

        // A gradient of zeros would pass wherever the network is dead: every block has to be alive.
        int start = 0;
        for (int layer = 0; layer < network.LayerCount; layer++)
        {
            int weightCount = sizes[layer] * sizes[layer + 1];
            Assert.Contains(gradient.AsSpan(start, weightCount).ToArray(), g => Math.Abs(g) > 1e-3);
            Assert.Contains(gradient.AsSpan(start + weightCount, sizes[layer + 1]).ToArray(), g => Math.Abs(g) > 1e-3);
            start += weightCount + sizes[layer + 1];
        }
    }

    [Fact]
    public void Compute_Batch_IsTheMeanOverEpisodesAndTheEntropyTheMeanOverSteps()
    {
        ReferenceNetwork network = new([2, 3, 3], ReferenceActivation.Tanh);
        double[] parameters = RandomVector(network.ParameterCount, stream: 1);
        ReferenceEpisode one = RandomEpisode(network, 1, 2), three = RandomEpisode(network, 3, 3);
        double[] weightsOfOne = RandomVector(1, 4), weightsOfThree = RandomVector(3, 5);

        double[] scoreOfOne = ReferenceGradient.Compute(network, parameters, [one], [weightsOfOne]);
        double[] scoreOfThree = ReferenceGradient.Compute(network, parameters, [three], [weightsOfThree]);
        double[] entropyOfOne = ReferenceGradient.Compute(network, parameters, [one], [new double[1]], 1.0);
        double[] entropyOfThree = ReferenceGradient.Compute(network, parameters, [three], [new double[3]], 1.0);
        double[] both = ReferenceGradient.Compute(network, parameters, [one, three], [weightsOfOne, weightsOfThree], EntropyCoefficient);

        for (int k = 0; k < both.Length; k++)
        {
            double expected = (scoreOfOne[k] + scoreOfThree[k]) / 2.0
                + EntropyCoefficient * (1.0 * entropyOfOne[k] + 3.0 * entropyOfThree[k]) / 4.0;
            Assert.Equal(expected, both[k], RoundingTolerance);
        }
    }

    [Fact]
    public void Compute_WeightsThatDoNotFit_Throws()
    {
        ReferenceNetwork network = new([2, 2], ReferenceActivation.Tanh);
        ReferenceEpisode episode = RandomEpisode(network, 3, 1);
        double[] parameters = new double[network.ParameterCount];
        Assert.Throws<ArgumentException>(() => ReferenceGradient.Compute(network, parameters, [], []));
        Assert.Throws<ArgumentException>(() => ReferenceGradient.Compute(network, parameters, [episode], []));
        Assert.Throws<ArgumentException>(() => ReferenceGradient.Compute(network, parameters, [episode], [new double[2]]));
    }

    [Fact]
    public void Clip_LongGradient_KeepsDirectionAndGetsTheMaximum()
    {
        Assert.Equal(5.0, ReferenceGradient.Norm([3.0, -4.0]));
        Assert.Equal([1.5, -2.0], ReferenceGradient.Clip([3.0, -4.0], 2.5));
    }

    [Theory]
    [InlineData(5.0)]
    [InlineData(6.0)]
    public void Clip_GradientNotLongerThanTheMaximum_IsUnchanged(double maximumNorm) =>
        Assert.Equal([3.0, -4.0], ReferenceGradient.Clip([3.0, -4.0], maximumNorm));

    private static double Objective(
        ReferenceNetwork network, double[] parameters, ReferenceEpisode[] episodes, double[][] weights)
    {
        double sum = 0.0, entropy = 0.0;
        for (int i = 0; i < episodes.Length; i++)
        {
            for (int t = 0; t < episodes[i].Length; t++)
            {
                double[] logits = network.Forward(parameters, episodes[i].Observations[t])[^1];
                sum += weights[i][t] * ReferenceSoftmax.LogProbabilities(logits)[episodes[i].Actions[t]];
                entropy += ReferenceSoftmax.Entropy(logits);
            }
        }

        return sum / episodes.Length + EntropyCoefficient * entropy / episodes.Sum(episode => episode.Length);
    }

    private static ReferenceEpisode RandomEpisode(ReferenceNetwork network, int length, ulong stream)
    {
        double[][] observations = [.. RandomVector(length * network.Sizes[0], stream, scale: 2.0).Chunk(network.Sizes[0])];
        int[] actions = [.. Enumerable.Range(0, length).Select(t => (t + (int)stream) % network.Sizes[^1])];
        return new ReferenceEpisode(observations, actions, new double[length], Terminated: true, Truncated: false);
    }

    private static double[] RandomVector(int length, ulong stream, double scale = 1.0)
    {
        double[] vector = new double[length];
        for (int k = 0; k < length; k++)
        {
            double uniform = Philox.Uniform(Philox.Generate(2024, RandomStream.Initialization, stream, (uint)k).Word0);
            vector[k] = (2.0 * uniform - 1.0) * scale;
        }

        return vector;
    }
}
