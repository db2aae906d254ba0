using PgFast.Environments;
using PgFast.Networks;
using PgFast.Policies;
using PgFast.Randomness;
using PgFast.Reference;
using PgFast.Tests.Support;
using PgFast.Training;

namespace PgFast.Tests.Policies;

/// <summary>A Gaussian policy asked for one observation at a time: the bits of training, a density, and errors that say what is wrong.</summary>
public class ContinuousPolicyTests
{
    private static readonly float[] Observation = [0.3f, -0.4f, 0.3f];

    public static TheoryData<StandardDeviationSource, float, string> Policies => new()
    {
        { StandardDeviationSource.Free, 1f, "9" },
        { StandardDeviationSource.Free, 0.7f, "" },
        { StandardDeviationSource.StateDependent, 2.5f, "12,5" },
    };

    [Theory]
    [MemberData(nameof(Policies))]
    public void Sample_EveryStepOfABatch_HasTheBitsOfTraining(StandardDeviationSource source, float actionScale, string hidden)
    {
        const ulong Seed = 8;
        const int Batch = 100;
        using Trainer<Plane> trainer = new(OptionsOf(source, actionScale, hidden) with { Seed = Seed, BatchSize = Batch });
        for (int update = 0; update < 3; update++)
            trainer.Update();
        using Policy policy = trainer.CreatePolicy();
        trainer.ComputeGradient(3);
        ulong id = 3 * Batch;
        float[] action = new float[2], mean = new float[2], deviation = new float[2];
        foreach (RecordedEpisode episode in trainer.Shards.SelectMany(shard => RecordedEpisode.Read(shard.Trajectory)))
        {
            for (uint time = 0; time < episode.Length; time++)
            {
                uint[] words =
                [
                    .. Enumerable.Range(0, 2).Select(d =>
                        Philox.Generate(Seed, RandomStream.Action, id, time / 4 + (uint)d * (1 << 26))[(int)(time % 4)]),
                ];
                policy.Sample(episode.Observations[time], words, action);
                Bits.AssertEqual(Array.ConvertAll(episode.RealActions[time], draw => actionScale * draw), action, $"episode {id}, step {time}");
                policy.Moments(episode.Observations[time], mean, deviation);
                Bits.AssertEqual(Array.ConvertAll(episode.Outputs[time][..2], output => actionScale * output), mean, "mean");
                AssertDensity(policy, episode, (int)time, actionScale);
            }

            id++;
        }

        Assert.Equal(4UL * Batch, id);
    }

    [Theory]
    [InlineData(1f)]
    [InlineData(0.2f)]
    [InlineData(2.5f)]
    public void LogProbability_AllActions_IntegratesToOne(float actionScale)
    {
        NetworkShape shape = ActionDistribution.Gaussian(1).CreateShape(1, [], Activation.Relu);
        using Policy policy = new(shape, [0.5f, 0.2f, -0.4f], ActionDistribution.Gaussian(1), null, actionScale);
        double mass = 0, entropy = 0, step = 0.004 * actionScale;
        for (double action = -8 * actionScale; action < 8 * actionScale; action += step)
        {
            double logarithm = policy.LogProbability([1f], [(float)action]);
            mass += step * Math.Exp(logarithm);
            entropy -= step * Math.Exp(logarithm) * logarithm;
        }

        // Single precision: a few last bits of numbers near 1 to 30.
        Assert.Equal(1, mass, 1e-5);
        Assert.Equal(policy.Entropy([1f]), entropy, 1e-5);
    }

    [Fact]
    public void Sample_ManyWords_HasTheMeanAndVarianceOfMoments()
    {
        const int Draws = 400_000;
        ActionDistribution distribution = ActionDistribution.Gaussian(2, StandardDeviationSource.StateDependent);
        NetworkShape shape = distribution.CreateShape(1, [], Activation.Relu);
        using Policy policy = new(shape, [0.5f, -1, 0, 0, 0.2f, 0, -0.4f, 1.1f], distribution, null, 3);
        float[] mean = new float[2], deviation = new float[2], action = new float[2];
        policy.Moments([1f], mean, deviation);
        Assert.Equal([2.1f, -3f], mean, (expected, actual) => Math.Abs(expected - actual) < 1e-5f);
        double[][] draws = [new double[Draws], new double[Draws]];
        for (uint i = 0; i < Draws; i++)
        {
            PhiloxBlock block = Philox.Generate(6, RandomStream.Action, i, 0);
            policy.Sample([1f], [block[0], block[1]], action);
            (draws[0][i], draws[1][i]) = (action[0], action[1]);
        }

        for (int d = 0; d < 2; d++)
            SampleMoments.Of(draws[d]).AssertAre(mean[d], (double)deviation[d] * deviation[d], standardErrors: 4.5);
        double covariance = draws[0].Zip(draws[1], (x, y) => (x - mean[0]) * (y - mean[1])).Average();
        Assert.Equal(0, covariance, 4.5 * deviation[0] * deviation[1] / Math.Sqrt(Draws));
    }

    [Fact]
    public void Policy_ObservationScaling_IsTheSameAsScaledObservations()
    {
        ActionDistribution distribution = ActionDistribution.Gaussian(2);
        PolicyCase random = PolicyCase.RandomGaussian(distribution, 3, [7], Activation.Tanh, true, 1, seed: 2);
        ObservationScaling scaling = new([0.5f, -2, 1e3f], [0.1f, 3, 7]);
        using Policy scaled = new(random.Shape, random.Parameters, distribution, scaling), plain = new(random.Shape, random.Parameters, distribution);
        float[] seen = new float[3], first = new float[2], second = new float[2];
        scaling.Apply(Observation, seen);
        scaled.Sample(Observation, [123, 456], first);
        plain.Sample(seen, [123, 456], second);
        Bits.AssertEqual(second, first, "action");
        Assert.Equal(plain.LogProbability(seen, first), scaled.LogProbability(Observation, first));
    }

    [Fact]
    public void Policy_BadArgumentsOrOtherHead_SaysSo()
    {
        ActionDistribution two = ActionDistribution.Gaussian(2);
        NetworkShape shape = two.CreateShape(3, [], Activation.Relu);
        float[] parameters = new float[shape.ParameterCount], pair = new float[2];
        Assert.Throws<ArgumentException>("shape", () => new Policy(shape, parameters, ActionDistribution.Gaussian(1)));
        Assert.Throws<ArgumentException>("shape", () => new Policy(shape, parameters));
        Assert.Throws<ArgumentException>("observationScaling", () => new Policy(shape, parameters, two, new ObservationScaling([0], [1])));
        foreach (float bad in new[] { 0, -1, float.NaN, float.PositiveInfinity })
            Assert.Throws<ArgumentOutOfRangeException>("actionScale", () => new Policy(shape, parameters, two, null, bad));
        using Policy policy = new(shape, parameters, two);
        Assert.Throws<ArgumentException>("words", () => policy.Sample(Observation, [1], pair));
        Assert.Throws<ArgumentException>("action", () => policy.Sample(Observation, [1, 2], new float[1]));
        Assert.Throws<ArgumentException>("observation", () => policy.Sample([1], [1, 2], pair));
        Assert.Throws<ArgumentException>("mean", () => policy.Moments(Observation, new float[3], pair));
        Assert.Throws<ArgumentException>("deviation", () => policy.Moments(Observation, pair, new float[3]));
        Assert.Throws<ArgumentException>("action", () => policy.LogProbability(Observation, [1f]));
        Assert.Throws<InvalidOperationException>(() => policy.Sample(Observation, 1));
        Assert.Throws<InvalidOperationException>(() => policy.LogProbability(Observation, 1));
        Assert.Throws<InvalidOperationException>(() => policy.Probabilities(Observation, pair));
        Assert.Throws<InvalidOperationException>(() => policy.MostProbableAction(Observation));
        using Policy softmax = new(new NetworkShape(3, [], 2, Activation.Relu), new float[8]);
        Assert.Throws<InvalidOperationException>(() => softmax.Sample(Observation, [1, 2], pair));
        Assert.Throws<InvalidOperationException>(() => softmax.Moments(Observation, pair, pair));
        Assert.Throws<InvalidOperationException>(() => softmax.LogProbability(Observation, [1f, 2f]));
    }

    [Fact]
    public void Policy_AfterConstruction_AllocatesNothing()
    {
        ActionDistribution distribution = ActionDistribution.Gaussian(2);
        PolicyCase random = PolicyCase.RandomGaussian(distribution, 3, [7], Activation.Tanh, true, 1, seed: 2);
        using Policy policy = new(random.Shape, random.Parameters, distribution, new ObservationScaling([0, 0, 0], [1, 2, 3]), 2);
        float[] action = new float[2], deviation = new float[2];
        uint[] words = [1, 2];
        float sink = 0;
        void Act()
        {
            policy.Sample(Observation, words, action);
            sink += policy.LogProbability(Observation, action) + policy.Entropy(Observation);
            policy.Moments(Observation, action, deviation);
        }

        Act();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            Act();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.True(float.IsFinite(sink));
    }

    [Fact]
    public void ObservationScaling_BadValues_AreNamed()
    {
        Assert.Throws<ArgumentException>("deviation", () => new ObservationScaling([], []));
        Assert.Throws<ArgumentException>("deviation", () => new ObservationScaling([1], [1, 2]));
        Assert.Throws<ArgumentException>("mean", () => new ObservationScaling([float.NaN], [1]));
        foreach (float bad in new[] { 0, -1, float.NaN, float.PositiveInfinity })
            Assert.Throws<ArgumentException>("deviation", () => new ObservationScaling([1], [bad]));
    }

    internal static TrainerOptions OptionsOf(StandardDeviationSource source, float actionScale, string hidden) => new()
    {
        StandardDeviation = source,
        ActionScale = actionScale,
        HiddenSizes = [.. hidden.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)],
        OutputScale = 1,
        Threads = 1,
    };

    private static void AssertDensity(Policy policy, RecordedEpisode episode, int time, float actionScale)
    {
        double[] outputs = Closeness.ToDouble(episode.Outputs[time]);
        double expected = ReferenceGaussian.LogProbability(outputs, Closeness.ToDouble(episode.RealActions[time])) - 2 * Math.Log(actionScale);
        float[] action = Array.ConvertAll(episode.RealActions[time], draw => actionScale * draw);
        Assert.Equal(expected, policy.LogProbability(episode.Observations[time], action), 3e-5);
        Assert.Equal(ReferenceGaussian.Entropy(outputs) + 2 * Math.Log(actionScale), policy.Entropy(episode.Observations[time]), 1e-5);
    }
}
