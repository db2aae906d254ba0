using PgFast.Environments;
using PgFast.Networks;
using PgFast.Randomness;
using PgFast.Tests.Support;
using PgFast.Training;

namespace PgFast.Tests.Environments;

/// <summary>The bandit's noise, its rewards and the mean return of a policy on it.</summary>
public class SoftmaxBanditTests
{
    // A correct generator is outside once in 16,000 comparisons, and the seeds are fixed.
    private const double StandardErrors = 4;

    // Logarithm, root and cosine in single precision, on a number of at most 6.7, and an angle of up to 2π that is rounded itself.
    private const double NoiseTolerance = 4e-6;

    private static readonly NetworkShape Preferences = new(1, [], 3, Activation.Relu, hasBias: false);
    private static readonly double[] Means = [1, 0.7, 0], Deviations = [0.5, 0.1, 0], Policy = [0.2, 0.3, 0.5];

    public static TheoryData<int> AllWidths => Widths.Rows;

    [Fact]
    public void Reset_ManyEpisodes_IsStandardNormal()
    {
        const int Episodes = 400_000;
        double[] noise = [.. EnvironmentHarness.Reset<SoftmaxBandit>(16, Words(Episodes)).States.Select(state => (double)state[0])];
        SampleMoments.Of(noise).AssertAre(0, 1, StandardErrors);
        // The fourth moment of a normal number is 3, its square's variance 96.
        double fourthError = StandardErrors * Math.Sqrt(96.0 / Episodes);
        Assert.InRange(noise.Average(z => z * z * z * z), 3 - fourthError, 3 + fourthError);
        (double Quantile, double Below)[] quantiles =
        [
            (-3.090232, 0.001), (-2.326348, 0.01), (-1.281552, 0.1), (-0.674490, 0.25), (0, 0.5), (0.674490, 0.75), (1.281552, 0.9),
            (2.326348, 0.99), (3.090232, 0.999),
        ];
        foreach ((double quantile, double below) in quantiles)
        {
            double error = StandardErrors * Math.Sqrt(below * (1 - below) / Episodes);
            Assert.InRange(noise.Count(z => z < quantile) / (double)Episodes, below - error, below + error);
        }

        // Successive episodes have nothing to do with each other.
        double product = noise.Zip(noise.Skip(1), (a, b) => a * b).Average();
        Assert.InRange(product, -StandardErrors / Math.Sqrt(Episodes), StandardErrors / Math.Sqrt(Episodes));
    }

    [Fact]
    public void Reset_AnyWords_IsBoxAndMuller()
    {
        uint[][] words = [.. Words(500), [0, 0], [0, uint.MaxValue], [uint.MaxValue, 0], [uint.MaxValue, uint.MaxValue], [1u << 31, 1u << 30]];
        (float[][] states, float[][] observations) = EnvironmentHarness.Reset<SoftmaxBandit>(16, words);
        for (int i = 0; i < words.Length; i++)
        {
            double radius = Math.Sqrt(-2 * Math.Log(Philox.Uniform(words[i][0])));
            Assert.Equal(radius * Math.Cos(2 * Math.PI * Philox.Uniform(words[i][1])), states[i][0], NoiseTolerance);
            Assert.Equal([1f], observations[i]);
        }
    }

    [Fact]
    public void ResetAndStep_AtEveryWidth_HaveTheSameBits()
    {
        uint[][] words = [.. Words(333), [0, 0], [uint.MaxValue, uint.MaxValue]];
        int[] arms = [.. Enumerable.Range(0, words.Length).Select(i => i % 3)];
        float[][] widest = EnvironmentHarness.Reset<SoftmaxBandit>(16, words).States;
        float[] rewards = EnvironmentHarness.Step<SoftmaxBandit>(16, widest, arms).Rewards;
        foreach (int width in Widths.All)
        {
            Bits.AssertEqual(widest, EnvironmentHarness.Reset<SoftmaxBandit>(width, words).States, $"noise at {width} lanes");
            Bits.AssertEqual(rewards, EnvironmentHarness.Step<SoftmaxBandit>(width, widest, arms).Rewards, $"rewards at {width} lanes");
        }
    }

    [Theory]
    [MemberData(nameof(AllWidths))]
    public void Step_AnyArm_PaysMeanAndScaledNoiseAndEnds(int width)
    {
        float[] noise = [-3, -0.5f, 0, 1, 6.7f];
        float[][] states = [.. noise.SelectMany(z => Enumerable.Repeat(z, 3)).Select(z => new[] { z })];
        int[] arms = [.. Enumerable.Range(0, states.Length).Select(i => i % 3)];
        foreach (bool inPlace in new[] { false, true })
        {
            StepOutcome outcome = EnvironmentHarness.Step<SoftmaxBandit>(width, states, arms, inPlace);
            for (int i = 0; i < states.Length; i++)
            {
                float mean = (float)Means[arms[i]], deviation = (float)Deviations[arms[i]];
                Assert.Equal(MathF.FusedMultiplyAdd(deviation, states[i][0], mean), outcome.Rewards[i]);
                Assert.Equal([1f], outcome.Observations[i]);
            }

            Assert.All(outcome.Terminated, Assert.True);
        }
    }

    [Fact]
    public void Rollout_KnownPolicy_HasItsExactMeanAndVariance()
    {
        // E R = Σ π μ = 0.41, Var R = Σ π (μ² + σ²) − 0.41².
        const double Mean = 0.41;
        double variance = Policy.Select((p, arm) => p * (Means[arm] * Means[arm] + Deviations[arm] * Deviations[arm])).Sum() - Mean * Mean;
        float[] preferences = [.. Policy.Select(p => (float)Math.Log(p))];
        EpisodeSample sample = EpisodeSample.Collect<SoftmaxBandit>(Preferences, preferences, 400_000, seed: 3);
        SampleMoments.Of(sample.Returns).AssertAre(Mean, variance, StandardErrors);
        Assert.All(sample.Lengths, length => Assert.Equal(1, length));
        Assert.Equal(0, sample.Truncated);
    }

    [Fact]
    public void Train_FromEvenPreferences_ComesToPullTheBestArm()
    {
        using Trainer trainer = EnvironmentCatalog.Find("bandit")!.CreateTrainer();
        Assert.All(trainer.Parameters.ToArray(), preference => Assert.Equal(0f, preference));
        for (int update = 0; update < 300; update++)
            trainer.Update();
        // Nearly all pulls of arm 0, which pays 1 on average; the noise of 10,000 pulls is 0.005.
        Assert.True(trainer.Evaluate(10_000).MeanReturn > 0.95);
    }

    private static uint[][] Words(int episodes) =>
    [
        .. Enumerable.Range(0, episodes).Select(episode =>
        {
            PhiloxBlock block = Philox.Generate(17, RandomStream.Reset, (ulong)episode, 0);
            return new[] { block.Word0, block.Word1 };
        }),
    ];
}
