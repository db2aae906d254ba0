using PgFast.Environments;
using PgFast.Tests.Support;
using PgFast.Textbook;
using PgFast.Training;

namespace PgFast.Tests.Textbook;

/// <summary>What the trainer promises around the box: independent runs, no allocation, statistics, and refusals.</summary>
public class TextbookTrainerTests
{
    private static readonly TextbookOptions Some = new() { Runs = 200, Episodes = 30, ValueStepSize = 0.01f, Threads = 1, KeepsRewards = true };

    /// <summary>Threads, the number of other runs, and where a run's lane is in its group change nothing of it.</summary>
    [Theory]
    [InlineData(200, 2)]
    [InlineData(200, 7)]
    [InlineData(71, 1)]
    [InlineData(129, 3)]
    public void Train_OtherRunsAndThreads_ChangeNoRun(int runs, int threads)
    {
        TextbookResult expected = Train<CartPole>(Some), result = Train<CartPole>(Some with { Runs = runs, Threads = threads });
        for (int run = 0; run < runs; run++)
        {
            Assert.Equal(expected.Parameters(run), result.Parameters(run));
            Assert.Equal(expected.ValueParameters(run), result.ValueParameters(run));
            Assert.Equal(expected.Rewards(run), result.Rewards(run));
        }

        Assert.Equal(runs == expected.Runs, expected.ParameterHash() == result.ParameterHash());
        if (runs == expected.Runs)
            Assert.Equal(expected.MeanReward, result.MeanReward);
    }

    [Fact]
    public void Train_CancelledInside_StopsAllRunsAtOneEpisodeAndGoesOnWithTheSameBits()
    {
        string expected = Train<ShortCorridor>(Some).ParameterHash();
        using TextbookTrainer<ShortCorridor> trainer = new(Some);
        using CancellationTokenSource source = new();
        Reports<TextbookProgress> reports = new(_ => source.Cancel());
        Assert.Throws<OperationCanceledException>(() => trainer.Train(reports, source.Token));
        Assert.Equal(1, trainer.EpisodeCount);
        reports = new Reports<TextbookProgress>();
        TextbookResult result = trainer.Train(reports);
        Assert.Equal(expected, result.ParameterHash());
        Assert.Equal(Some.Episodes, result.MeanReward.Count);
        Assert.Equal((Some.Episodes, Some.Episodes, 1.0), (reports.All[^1].Episodes, reports.All[^1].Total, reports.All[^1].Fraction));
    }

    [Fact]
    public void Train_Runs_AreDifferentAndDependOnTheSeed()
    {
        TextbookResult result = Train<ShortCorridor>(Some), other = Train<ShortCorridor>(Some with { Seed = 2 });
        Assert.Equal(Some.Runs, Enumerable.Range(0, Some.Runs).Select(run => string.Join(' ', result.Rewards(run).ToArray())).Distinct().Count());
        Assert.NotEqual(result.ParameterHash(), other.ParameterHash());
    }

    [Fact]
    public void Advance_InParts_IsTheSameAsAtOnce()
    {
        using TextbookTrainer<ShortCorridor> trainer = new(Some);
        trainer.Advance(1);
        trainer.Advance(12);
        Assert.Equal(13, trainer.EpisodeCount);
        TextbookResult result = trainer.Train();
        Assert.Equal(Train<ShortCorridor>(Some).ParameterHash(), result.ParameterHash());
        trainer.Advance(5);
        Assert.Equal(Some.Episodes, trainer.EpisodeCount);
    }

    [Fact]
    public void Result_MeanAndDeviation_AreThoseOfTheRuns()
    {
        TextbookResult result = Train<CartPole>(Some);
        for (int episode = 0; episode < Some.Episodes; episode++)
        {
            double[] rewards = [.. Enumerable.Range(0, Some.Runs).Select(run => (double)result.Rewards(run)[episode])];
            double mean = rewards.Average(), variance = rewards.Sum(reward => (reward - mean) * (reward - mean)) / (Some.Runs - 1);
            Assert.Equal(mean, result.MeanReward[episode], 1e-9);
            Assert.Equal(Math.Sqrt(variance), result.RewardStandardDeviation[episode], 1e-7);
        }

        // Of CartPole a step is a reward.
        Assert.Equal(result.EnvironmentSteps, result.MeanReward.Sum() * Some.Runs, 1e-3);
        Assert.InRange(result.EnvironmentSteps, 1, result.LaneSteps);
        Assert.Equal(result.MeanReward, Train<CartPole>(Some with { KeepsRewards = false }).MeanReward);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Advance_ManyTimes_AllocatesNothing(int threads)
    {
        AssertNoAllocation<ShortCorridor>(threads, null);
        AssertNoAllocation<CartPole>(threads, 0.01f);
        AssertNoAllocation<SoftmaxBandit>(threads, 0.01f);
    }

    [Fact]
    public void Train_Cancelled_Throws()
    {
        using TextbookTrainer<ShortCorridor> trainer = new(Some);
        Assert.Throws<OperationCanceledException>(() => trainer.Train(cancellation: new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Create_NamedEnvironment_IsTheSameAsItsType()
    {
        using TextbookTrainer trainer = TextbookTrainer.Create(EnvironmentCatalog.Find("corridor")!, Some);
        Assert.Equal(Train<ShortCorridor>(Some).ParameterHash(), trainer.Train().ParameterHash());
    }

    /// <summary>A run that diverges is told from one that does not, and does not hang or disturb the others.</summary>
    [Fact]
    public void Train_HugeStepSize_IsNotFinite()
    {
        TextbookResult result = Train<CartPole>(Some with { StepSize = 3e38f, Episodes = 5 });
        Assert.Contains(Enumerable.Range(0, Some.Runs), run => !result.IsFinite(run));
        Assert.True(Train<CartPole>(Some).IsFinite(0));
    }

    [Fact]
    public void StepSizeFactor_Linear_EndsAtTheFactor()
    {
        TextbookOptions options = new() { Episodes = 5, FinalStepSizeFactor = 0.2f };
        Assert.Equal([1, 0.8, 0.6, 0.4, 0.2], Enumerable.Range(0, 5).Select(options.StepSizeFactor), (a, b) => Math.Abs(a - b) < 1e-7);
        Assert.Equal(1, (options with { Episodes = 1 }).StepSizeFactor(0));
        Assert.Equal(1, new TextbookOptions().StepSizeFactor(999));
    }

    public static TheoryData<string> BadNames => [.. Bad.Keys];

    private static Dictionary<string, TextbookOptions> Bad { get; } = new()
    {
        ["Runs"] = Some with { Runs = 0 },
        ["Runs (too many)"] = Some with { Runs = TextbookOptions.MaximumRuns + 1 },
        ["Episodes"] = Some with { Episodes = 0 },
        ["StepSize"] = Some with { StepSize = 0 },
        ["StepSize (NaN)"] = Some with { StepSize = float.NaN },
        ["ValueStepSize"] = Some with { ValueStepSize = -1 },
        ["ValueStepSize (infinite)"] = Some with { ValueStepSize = float.PositiveInfinity },
        ["FinalStepSizeFactor"] = Some with { FinalStepSizeFactor = 1.1f },
        ["Discount"] = Some with { Discount = 1.01f },
        ["InitialParameters"] = Some with { InitialParameters = [float.NaN, 0] },
        ["MinimumProbability"] = Some with { MinimumProbability = 0.5f },
        ["Threads"] = Some with { Threads = 0 },
    };

    [Theory]
    [MemberData(nameof(BadNames))]
    public void Constructor_BadOption_IsRefusedByName(string name)
    {
        ArgumentException exception = Assert.ThrowsAny<ArgumentException>(() => new TextbookTrainer<ShortCorridor>(Bad[name]));
        Assert.Equal(name.Split(' ')[0], exception.ParamName);
    }

    [Fact]
    public void Constructor_OptionsThatDoNotFitTheEnvironment_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => new TextbookTrainer<ShortCorridor>(Some with { InitialParameters = [1, 2, 3] }));
        Assert.Throws<ArgumentException>(() => new TextbookTrainer<SoftmaxBandit>(Some with { MinimumProbability = 0.1f }));
    }

    private static TextbookResult Train<TEnvironment>(TextbookOptions options)
        where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
    {
        using TextbookTrainer<TEnvironment> trainer = new(options);
        return trainer.Train();
    }

    private static void AssertNoAllocation<TEnvironment>(int threads, float? valueStepSize)
        where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
    {
        using TextbookTrainer<TEnvironment> trainer = new(Some with { Episodes = 400, Threads = threads, ValueStepSize = valueStepSize });
        for (int i = 0; i < 100; i++)
            trainer.Advance(1);
        // The least of three windows: what an episode allocates shows in each, what the runtime allocates once, when a thread first waits for a lock, in one.
        (long Caller, long Workers) least = (long.MaxValue, long.MaxValue);
        for (int window = 0; window < 3; window++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread(), workers = trainer.WorkerAllocatedBytes;
            for (int i = 0; i < 40; i++)
                trainer.Advance(2);
            least = (
                Math.Min(least.Caller, GC.GetAllocatedBytesForCurrentThread() - before),
                Math.Min(least.Workers, trainer.WorkerAllocatedBytes - workers));
        }

        Assert.Equal((0, 0), least);
    }
}
