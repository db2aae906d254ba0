using PgFast.Environments;
using PgFast.Tests.Golden;
using PgFast.Textbook;

namespace PgFast.Tests.Textbook;

/// <summary>The box as a whole: its learning curves are those of another implementation, and it finds the best policy.</summary>
public class LearningCurveTests
{
    /// <summary>Standard errors that two means may differ by: 1 in 16,000 would differ by more by chance.</summary>
    private const double Errors = 4;

    private const double BestRight = 0.585786;

    /// <summary>Right with probability 0.05; the engine's first action is left.</summary>
    private static readonly float[] Start = [1.47f, -1.47f];

    private static readonly TextbookOptions Golden = new()
    {
        Runs = GoldenLearningCurve.Runs,
        Episodes = 1000,
        InitialParameters = Start,
        KeepsRewards = true,
        Seed = 31,
    };

    [Fact]
    public void Train_CorridorOfTheBook_HasTheKnownLearningCurve() =>
        AssertCurve<ShortCorridor>("book: reward -1 every step, clip 0.05", 0.05f, mostLeftOut: 0);

    [Fact]
    public void Train_CorridorWithFreeGoal_HasTheKnownLearningCurve() =>
        AssertCurve<CorridorWithFreeGoal>("zhang: terminal reward 0, clip 0.05", 0.05f, mostLeftOut: 0);

    /// <summary>Without the floor; runs that get stuck are left out on both sides (there 8 of 3,000).</summary>
    [Fact]
    public void Train_WithoutLeastProbability_HasTheKnownLearningCurve() =>
        AssertCurve<CorridorOf3000Steps>("book: reward -1 every step, no clip", 0, mostLeftOut: 30);

    [Theory]
    [InlineData(-13, null)]
    [InlineData(-12, -6)]
    public void Train_FallingStepSize_EveryRunFindsTheBestPolicy(int stepSizeExponent, int? valueStepSizeExponent)
    {
        using TextbookTrainer<ShortCorridor> trainer = new(new TextbookOptions
        {
            Runs = 128,
            Episodes = 200_000,
            InitialParameters = Start,
            MinimumProbability = 0.05f,
            StepSize = MathF.ScaleB(1, stepSizeExponent),
            ValueStepSize = valueStepSizeExponent is { } exponent ? MathF.ScaleB(1, exponent) : null,
            FinalStepSizeFactor = 0,
        });
        TextbookResult result = trainer.Train();
        double[] right = [.. Enumerable.Range(0, result.Runs).Select(run => result.Probabilities(run, [1f])[1])];
        Assert.InRange(right.Average(), BestRight - 0.002, BestRight + 0.002);
        Assert.All(right, p => Assert.InRange(p, BestRight - 0.02, BestRight + 0.02));
    }

    private static void AssertCurve<TEnvironment>(string variant, float minimumProbability, int mostLeftOut)
        where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
    {
        GoldenLearningCurve golden = GoldenLearningCurve.Load(variant);
        using TextbookTrainer<TEnvironment> trainer = new(Golden with { MinimumProbability = minimumProbability });
        TextbookResult result = trainer.Train();
        int[] runs = [.. Enumerable.Range(0, result.Runs).Where(run => result.TruncatedEpisodes[run] == 0)];
        Assert.InRange(result.Runs - runs.Length, 0, mostLeftOut);
        foreach ((int first, int last, double mean, double error) in golden.Points)
            AssertClose($"{first}–{last}", Mean(result, runs, first, last), (mean, error));
        Assert.True(golden.Points.Count >= 9, "the points were not found");
        for (int point = 0; point < golden.Curve.Length; point++)
        {
            // The file has no errors here; the runs there have the same distribution, and so the same spread.
            int episode = 25 * (point + 1);
            (double Mean, double Error) own = Mean(result, runs, episode, episode);
            AssertClose($"{episode}", own, (golden.Curve[point], own.Error));
        }

        double[] right = [.. runs.Select(run => result.Probabilities(run, [1f])[1])];
        AssertClose(
            "final probability of right", MeanAndError(right), (golden.FinalRight.Mean, golden.FinalRight.Deviation / Math.Sqrt(GoldenLearningCurve.Runs)));
    }

    private static void AssertClose(string what, (double Mean, double Error) actual, (double Mean, double Error) expected)
    {
        double error = Math.Sqrt(actual.Error * actual.Error + expected.Error * expected.Error);
        double distance = Math.Abs(actual.Mean - expected.Mean) / error;
        Assert.True(distance < Errors, $"{what}: {actual.Mean} instead of {expected.Mean}, {distance:0.0} standard errors apart");
    }

    /// <summary>Mean reward over a range of episodes, counted from 1, and its standard error over the runs.</summary>
    private static (double Mean, double Error) Mean(TextbookResult result, int[] runs, int first, int last)
    {
        double[] means = new double[runs.Length];
        for (int i = 0; i < runs.Length; i++)
        {
            foreach (float reward in result.Rewards(runs[i])[(first - 1)..last])
                means[i] += reward / (last - first + 1.0);
        }

        return MeanAndError(means);
    }

    private static (double Mean, double Error) MeanAndError(double[] values)
    {
        double mean = values.Average();
        double variance = values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1);
        return (mean, Math.Sqrt(variance / values.Length));
    }
}
