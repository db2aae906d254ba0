using PgFast.Statistics;

namespace PgFast.Tests.Statistics;

/// <summary>What a resample may and may not do, degenerate samples, bits and bad input.</summary>
public class StratifiedBootstrapTests
{
    private static readonly Dictionary<string, Func<IReadOnlyList<double[]>, ulong, double, int, BootstrapEstimate>> Statistics = new()
    {
        ["interquartile mean"] = StratifiedBootstrap.InterquartileMean,
        ["median"] = StratifiedBootstrap.Median,
        ["mean"] = StratifiedBootstrap.Mean,
        ["curve"] = (scores, seed, confidence, replicates) =>
            StratifiedBootstrap.InterquartileMeanCurve([.. scores[0].Select(score => new[] { score })], seed, confidence, replicates)[0],
        ["improvement"] = (scores, seed, confidence, replicates) =>
            StratifiedBootstrap.ProbabilityOfImprovement(scores, [.. scores.Select(task => new[] { task[0], task[^1] })], seed, confidence, replicates),
        ["profile"] = (scores, seed, confidence, replicates) =>
            StratifiedBootstrap.PerformanceProfile(scores, [scores[0][0]], seed, confidence, replicates)[0],
    };

    public static TheoryData<string> Names => [.. Statistics.Keys];

    [Fact]
    public void Estimate_ConstantTasks_HasNoWidth()
    {
        // Were runs to cross from task to task, 0.1 and 0.7 would mix in other proportions.
        double[][] scores = [[0.1, 0.1, 0.1, 0.1, 0.1], [0.7, 0.7, 0.7]];
        AssertPoint(5.0 / 8 * 0.1 + 3.0 / 8 * 0.7, StratifiedBootstrap.Mean(scores, 1));
        AssertPoint(0.1, StratifiedBootstrap.Median(scores, 1));
        AssertPoint((3 * 0.1 + 0.7) / 4, StratifiedBootstrap.InterquartileMean(scores, 1));
        AssertPoint(0.5, StratifiedBootstrap.InterquartileMean([[0, 0, 0, 0], [1, 1, 1, 1]], 1));
        AssertPoint(0.75, StratifiedBootstrap.ProbabilityOfImprovement([[1, 1], [2, 2, 2]], [[0, 0, 0], [2, 2]], 1));
        AssertPoint(0.5, StratifiedBootstrap.PerformanceProfile(scores, [0.1], 1)[0]);
        AssertPoint(0.1, StratifiedBootstrap.InterquartileMeanCurve([[7, 0.1], [8, 0.1], [9, 0.1]], 1)[1]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Estimate_OneRun_IsItsOwnInterval(string name)
    {
        BootstrapEstimate estimate = Statistics[name]([[-110.3]], 5, 0.9, 200);
        AssertPoint(name switch { "improvement" => 0.5, "profile" => 0, _ => -110.3 }, estimate);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Estimate_MoreConfidence_Contains(string name)
    {
        double[][] scores = [Scores.Normal(2, 21), Scores.Normal(3, 9)];
        BootstrapEstimate before = Statistics[name](scores, 11, 0.2, 2000);
        // Medians and fractions of few runs take few values, and their narrowest intervals may be one of them.
        bool isDiscrete = name is "median" or "profile";
        Assert.True(before.Low < before.High || isDiscrete);
        foreach (double confidence in new[] { 0.5, 0.8, 0.95, 0.999 })
        {
            BootstrapEstimate estimate = Statistics[name](scores, 11, confidence, 2000);
            Assert.Equal(before.Value, estimate.Value);
            Assert.InRange(before.Low, estimate.Low, before.High);
            Assert.InRange(before.High, before.Low, estimate.High);
            Assert.True(estimate.High - estimate.Low > before.High - before.Low || isDiscrete);
            before = estimate;
        }

        Assert.True(before.Low < before.Value && before.Value < before.High);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Estimate_OtherSeedOrThread_ChangesWithTheSeedAlone(string name)
    {
        double[][] scores = [Scores.Normal(4, 20), Scores.Normal(5, 13)];
        BootstrapEstimate[] estimates = new BootstrapEstimate[16];
        Parallel.For(0, estimates.Length, i => estimates[i] = Statistics[name](scores, (ulong)(i % 4), 0.95, 101));
        for (int i = 4; i < estimates.Length; i++)
            Assert.Equal(estimates[i % 4], estimates[i]);
        Assert.True(estimates.Distinct().Count() > 1, "the seed has no effect");
        Assert.Single(estimates.Select(estimate => estimate.Value).Distinct());
        // The upper half of a seed counts.
        Assert.Contains(Enumerable.Range(0, 4), i => Statistics[name](scores, (1UL << 32) + (ulong)i, 0.95, 101) != estimates[i]);
    }

    [Fact]
    public void Curve_PointsOfOneRun_StayTogether()
    {
        // The second point is the first times 2, the third its negative: so are the intervals if both see the same resamples.
        double[] first = Scores.Normal(6, 17);
        BootstrapEstimate[] curve = StratifiedBootstrap.InterquartileMeanCurve([.. first.Select(score => new[] { score, 2 * score, -score })], 3, 0.9, 301);
        Assert.Equal(3, curve.Length);
        Assert.Equal(new BootstrapEstimate(2 * curve[0].Value, 2 * curve[0].Low, 2 * curve[0].High), curve[1]);
        Assert.Equal(-curve[0].High, curve[2].Low, 1e-12);
        Assert.Equal(StratifiedBootstrap.InterquartileMean([first], 3, 0.9, 301), curve[0]);
    }

    [Fact]
    public void Profile_Thresholds_FallFromOneToZero()
    {
        double[][] scores = [[1, 2, 3, 4], [2, 2]];
        BootstrapEstimate[] profile = StratifiedBootstrap.PerformanceProfile(scores, [double.NegativeInfinity, 1, 2, 4, double.PositiveInfinity], 8);
        Assert.Equal([1, 0.875, 0.25, 0, 0], profile.Select(estimate => estimate.Value));
        AssertPoint(1, profile[0]);
        AssertPoint(0, profile[3]);
        Assert.True(profile[1].Low < 0.875 && profile[1].High == 1);
        Assert.Empty(StratifiedBootstrap.PerformanceProfile(scores, [], 8));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Estimate_BadConfidenceOrReplicates_NamesItAndItsValue(string name)
    {
        foreach (double confidence in new[] { 0, 1, -0.1, 1.5, double.NaN })
        {
            ArgumentOutOfRangeException thrown =
                Assert.Throws<ArgumentOutOfRangeException>("confidence", () => Statistics[name]([[1, 2]], 1, confidence, 100));
            Assert.Equal(confidence, thrown.ActualValue);
        }

        foreach (int replicates in new[] { 0, -1, int.MinValue })
        {
            ArgumentOutOfRangeException thrown =
                Assert.Throws<ArgumentOutOfRangeException>("replicates", () => Statistics[name]([[1, 2]], 1, 0.95, replicates));
            Assert.Equal(replicates, thrown.ActualValue);
        }

        Assert.True(double.IsFinite(Statistics[name]([[1, 2]], 1, 0.95, 1).Low));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Estimate_ScoreNotFinite_NamesItsPlaceAndValue(string name)
    {
        ArgumentOutOfRangeException thrown = Assert.ThrowsAny<ArgumentOutOfRangeException>(() => Statistics[name]([[1, double.NaN]], 1, 0.95, 100));
        Assert.Equal(double.NaN, thrown.ActualValue);
        Assert.Contains(name == "curve" ? "Score 0 of run 1" : "Score 1 of task 0", thrown.Message, StringComparison.Ordinal);
        Assert.Equal(name switch { "curve" => "curves", "improvement" => "xByTask", _ => "scoresByTask" }, thrown.ParamName);
    }

    [Fact]
    public void Estimate_MissingOrUnequal_NamesTheParameter()
    {
        Assert.Throws<ArgumentException>("scoresByTask", () => StratifiedBootstrap.Mean([], 1));
        Assert.Throws<ArgumentException>("scoresByTask", () => StratifiedBootstrap.Median([[1], []], 1));
        Assert.Throws<ArgumentException>("scoresByTask", () => StratifiedBootstrap.InterquartileMean([[1], null!], 1));
        Assert.Throws<ArgumentNullException>("scoresByTask", () => StratifiedBootstrap.InterquartileMean(null!, 1));
        Assert.Throws<ArgumentException>("scoresByTask", () => StratifiedBootstrap.PerformanceProfile([[]], [1], 1));
        Assert.Throws<ArgumentOutOfRangeException>("thresholds", () => StratifiedBootstrap.PerformanceProfile([[1]], [0, double.NaN], 1));
        Assert.Throws<ArgumentException>("xByTask", () => StratifiedBootstrap.ProbabilityOfImprovement([], [], 1));
        Assert.Throws<ArgumentException>("yByTask", () => StratifiedBootstrap.ProbabilityOfImprovement([[1]], [[]], 1));
        ArgumentException thrown =
            Assert.Throws<ArgumentException>("yByTask", () => StratifiedBootstrap.ProbabilityOfImprovement([[1], [2]], [[1], [2], [3]], 1));
        Assert.Contains("3 tasks of Y, but 2 of X", thrown.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>("curves", () => StratifiedBootstrap.InterquartileMeanCurve([], 1));
        Assert.Throws<ArgumentException>("curves", () => StratifiedBootstrap.InterquartileMeanCurve([[], []], 1));
        thrown = Assert.Throws<ArgumentException>("curves", () => StratifiedBootstrap.InterquartileMeanCurve([[1, 2], [1, 2], [1]], 1));
        Assert.Contains("Run 2 has 1 points, run 0 has 2", thrown.Message, StringComparison.Ordinal);
    }

    private static void AssertPoint(double expected, BootstrapEstimate estimate)
    {
        Assert.Equal(expected, estimate.Value, 1e-15);
        Assert.Equal(estimate.Value, estimate.Low);
        Assert.Equal(estimate.Value, estimate.High);
    }
}
