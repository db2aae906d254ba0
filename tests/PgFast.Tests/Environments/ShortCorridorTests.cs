using PgFast.Environments;
using PgFast.Networks;
using PgFast.Tests.Support;
using PgFast.Training;

namespace PgFast.Tests.Environments;

/// <summary>The corridor against its transition table and its closed forms.</summary>
public class ShortCorridorTests
{
    // A correct engine is outside once in 16,000 comparisons, and the seeds are fixed.
    private const double StandardErrors = 4;

    private static readonly NetworkShape Preferences = new(1, [], 2, Activation.Relu, hasBias: false);

    public static TheoryData<int> AllWidths => Widths.Rows;

    [Theory]
    [MemberData(nameof(AllWidths))]
    public void Step_EveryStateAndAction_FollowsTheTable(int width)
    {
        // Left and right in states 0, 1, 2, several times over, so that all lanes of a register meet all of them.
        int[] nextStates = [0, 1, 2, 0, 1, 3];
        const int Repeats = 30;
        float[][] states = [.. Enumerable.Range(0, 6 * Repeats).Select(i => new float[] { i % 6 / 2 })];
        int[] actions = [.. Enumerable.Range(0, 6 * Repeats).Select(i => i % 2)];
        foreach (bool inPlace in new[] { false, true })
        {
            StepOutcome outcome = EnvironmentHarness.Step<ShortCorridor>(width, states, actions, inPlace);
            for (int i = 0; i < states.Length; i++)
            {
                Assert.Equal([nextStates[i % 6]], outcome.NextStates[i]);
                Assert.Equal([1f], outcome.Observations[i]);
                Assert.Equal(-1f, outcome.Rewards[i]);
                Assert.Equal(nextStates[i % 6] == 3, outcome.Terminated[i]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(AllWidths))]
    public void Reset_EveryLane_StartsOnTheLeft(int width)
    {
        (float[][] states, float[][] observations) = EnvironmentHarness.Reset<ShortCorridor>(width, new uint[50][]);
        Assert.All(states, state => Assert.Equal([0f], state));
        Assert.All(observations, observation => Assert.Equal([1f], observation));
    }

    [Fact]
    public void Rollout_EvenPolicy_HasTheExactLawOfLengths()
    {
        const int Episodes = 200_000;
        EpisodeSample sample = EpisodeSample.Collect<ShortCorridor>(Preferences, [0, 0], Episodes, seed: 5);
        Assert.Equal(0, sample.Truncated);
        Assert.Equal(sample.Lengths.Select(length => (double)-length), sample.Returns);
        SampleMoments.Of([.. sample.Lengths.Select(length => (double)length)]).AssertAre(12, 92, StandardErrors);

        double[] law = LawOfLengths(0.5, 40);
        for (int length = 1; length < law.Length; length++)
        {
            double frequency = sample.Lengths.Count(l => l == length) / (double)Episodes;
            double error = StandardErrors * Math.Sqrt(law[length] * (1 - law[length]) / Episodes);
            Assert.InRange(frequency, law[length] - error, law[length] + error);
        }
    }

    [Theory]
    [InlineData(0.5857864376269049, 400_000)] // 2 − √2, the best there is.
    [InlineData(0.3, 200_000)]
    [InlineData(0.9, 100_000)]
    [InlineData(0.05, 100_000)]
    public void Rollout_AnyProbabilityOfRight_HasTheExactMeanReturn(double right, int episodes)
    {
        EpisodeSample sample = EpisodeSample.Collect<ShortCorridor>(Preferences, [0, Logit(right)], episodes, seed: 6);
        SampleMoments moments = SampleMoments.Of(sample.Returns);
        double exact = (2 * right - 4) / (right * (1 - right));
        Assert.InRange(moments.Mean, exact - StandardErrors * moments.MeanError, exact + StandardErrors * moments.MeanError);
        Assert.Equal(0, sample.Truncated);
    }

    [Fact]
    public void Evaluate_BestProbability_HasTheBestReturnThereIs()
    {
        EnvironmentEntry corridor = EnvironmentCatalog.Find("corridor")!;
        using Trainer trainer = corridor.CreateTrainer();
        trainer.SetParameters([0, Logit(2 - Math.Sqrt(2))]);
        EvaluationResult result = trainer.Evaluate(200_000);
        double best = -(6 + 4 * Math.Sqrt(2)), error = StandardErrors * result.StandardError;
        Assert.InRange(result.MeanReturn, best - error, best + error);
    }

    [Fact]
    public void Rollout_PolicyThatNeverTurns_IsTruncatedAtTheLimit()
    {
        EpisodeSample sample = EpisodeSample.Collect<ShortCorridor>(Preferences, [80, 0], episodes: 20, seed: 1);
        Assert.Equal(20, sample.Truncated);
        Assert.All(sample.Lengths, length => Assert.Equal(10_000, length));
        Assert.All(sample.Returns, value => Assert.Equal(-10_000, value));
    }

    [Fact]
    public void Train_WithoutDiscount_FindsTheBestPolicy()
    {
        // Steps of 0.03 in θ go on for ever, at random once the gradient is noise: each is 0.007 in p, and some add up.
        const double Tolerance = 0.05;
        TrainerOptions options = EnvironmentCatalog.Find("corridor")!.DefaultPolicy.ApplyTo(
            new TrainerOptions { Discount = 1, BatchSize = 256, Threads = 1 });
        using Trainer<ShortCorridor> trainer = new(options);
        for (int update = 0; update < 200; update++)
            trainer.Update();
        double right = 1 / (1 + Math.Exp(trainer.Parameters[0] - trainer.Parameters[1]));
        Assert.Equal(2 - Math.Sqrt(2), right, Tolerance);
    }

    [Theory]
    [MemberData(nameof(AllWidths))]
    public void ObservedCorridor_EveryStateAndAction_IsTheCorridorInSight(int width)
    {
        float[][] states = [[0], [0], [1], [1], [2], [2]];
        int[] actions = [0, 1, 0, 1, 0, 1];
        StepOutcome corridor = EnvironmentHarness.Step<ShortCorridor>(width, states, actions);
        StepOutcome observed = EnvironmentHarness.Step<ObservedCorridor>(width, states, actions);
        Bits.AssertEqual(corridor.NextStates, observed.NextStates, "states");
        Bits.AssertEqual(corridor.Rewards, observed.Rewards, "rewards");
        Assert.Equal(corridor.Terminated, observed.Terminated);
        Assert.Equal([[1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, 1], [1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, 0]], observed.Observations);
        Assert.All(EnvironmentHarness.Reset<ObservedCorridor>(width, new uint[3][]).Observations, o => Assert.Equal([1f, 1f, 0f, 0f], o));
    }

    [Fact]
    public void ObservedCorridor_ZeroPreferences_RunsTheSameEpisodes()
    {
        NetworkShape shape = new(4, [], 2, Activation.Relu, hasBias: false);
        EpisodeSample observed = EpisodeSample.Collect<ObservedCorridor>(shape, new float[8], 2000, seed: 5);
        Assert.Equal(EpisodeSample.Collect<ShortCorridor>(Preferences, [0, 0], 2000, seed: 5).Lengths, observed.Lengths);
    }

    private static float Logit(double probability) => (float)Math.Log(probability / (1 - probability));

    /// <summary>[length]; its probability, step by step from the transition table.</summary>
    private static double[] LawOfLengths(double right, int longest)
    {
        double[] law = new double[longest + 1];
        (double first, double second, double third) = (1, 0, 0);
        for (int length = 1; length <= longest; length++)
        {
            law[length] = right * third;
            (first, second, third) = (
                (1 - right) * first + right * second,
                right * first + (1 - right) * third,
                (1 - right) * second);
        }

        return law;
    }
}
