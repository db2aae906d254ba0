using PgFast.Statistics;

namespace PgFast.Tests.Statistics;

/// <summary>Statistics of scores against values by hand, published ones and their definitions.</summary>
public class AggregatesTests
{
    // A mean of up to 67 numbers of size 1, in another order of addition.
    private const double Tolerance = 1e-14;

    [Theory]
    // The examples in the documentation of scipy.stats.trim_mean(x, 0.25), by rows and columns.
    [InlineData(new double[] { 1, 2, 3, 5 }, 2.5)]
    [InlineData(new double[] { 10, 20, 30, 50 }, 25)]
    [InlineData(new double[] { 0, 4, 8, 12, 16 }, 8)]
    [InlineData(new double[] { 3, 7, 11, 15, 19 }, 11)]
    [InlineData(new double[] { 16, 17, 18, 19 }, 17.5)]
    // By hand: ⌊n/4⌋ are cut at each end, none below four.
    [InlineData(new double[] { 7 }, 7)]
    [InlineData(new double[] { 9, 0 }, 4.5)]
    [InlineData(new double[] { 100, 1, 1 }, 34)]
    [InlineData(new double[] { 1000, 4, 2, 3, -50 }, 3)]
    [InlineData(new double[] { 8, 1, 1000, 2, 3, 4, -1000 }, 3.6)]
    [InlineData(new double[] { 8, 7, 6, 5, 4, 3, 2, 90 }, 5.5)]
    [InlineData(new double[] { 5, 5, 5, 5, 5 }, 5)]
    public void InterquartileMean_KnownScores_IsTheTrimmedMean(double[] scores, double expected) =>
        Assert.Equal(expected, Aggregates.InterquartileMean(scores), Tolerance);

    [Theory]
    [InlineData(new double[] { 7 }, 7)]
    [InlineData(new double[] { 9, 0 }, 4.5)]
    [InlineData(new double[] { 100, 1, 2 }, 2)]
    [InlineData(new double[] { 4, 1, 1000, 2 }, 3)]
    [InlineData(new double[] { 4, 1, 1000, 2, -7 }, 2)]
    public void Median_KnownScores_IsTheMiddle(double[] scores, double expected) => Assert.Equal(expected, Aggregates.Median(scores));

    [Fact]
    public void Aggregates_EverySize_AreTheirDefinitions()
    {
        for (int count = 1; count <= 67; count++)
        {
            double[] scores = Scores.Normal(1, count, (ulong)count), before = [.. scores];
            // Each quartile's ends by rank: a score stays when at least ⌊n/4⌋ others are smaller and as many are larger.
            double kept = scores.Where(score => scores.Count(other => other < score) >= count / 4 && scores.Count(other => other > score) >= count / 4)
                .Average();
            Assert.Equal(kept, Aggregates.InterquartileMean(scores), Tolerance);
            double[] sorted = [.. scores.Order()];
            Assert.Equal((sorted[(count - 1) / 2] + sorted[count / 2]) / 2, Aggregates.Median(scores), Tolerance);
            Assert.Equal(before, scores);
        }
    }

    [Theory]
    [InlineData(new double[] { 2 }, new double[] { 1 }, 1)]
    [InlineData(new double[] { 1 }, new double[] { 2 }, 0)]
    [InlineData(new double[] { 1 }, new double[] { 1 }, 0.5)]
    [InlineData(new double[] { 0.0 }, new double[] { -0.0 }, 0.5)]
    [InlineData(new double[] { 500, 500, 480 }, new double[] { 500, 200 }, 4.0 / 6)]
    [InlineData(new double[] { 1, 2, 3 }, new double[] { 4, 2, 1, 0 }, 7.0 / 12)]
    public void ProbabilityOfImprovement_KnownScores_IsTheShareOfPairs(double[] x, double[] y, double expected) =>
        Assert.Equal(expected, Aggregates.ProbabilityOfImprovement(x, y));

    [Fact]
    public void ProbabilityOfImprovement_TiesOfEverySize_IsThatOfAllPairs()
    {
        for (int n = 1; n <= 12; n++)
        {
            for (int m = 1; m <= 12; m++)
            {
                double[] x = Scores.Tied((ulong)n, n), y = Scores.Tied((ulong)(100 + m), m);
                double pairs = x.Sum(a => y.Sum(b => a > b ? 1 : a == b ? 0.5 : 0)) / (n * m);
                Assert.Equal(pairs, Aggregates.ProbabilityOfImprovement(x, y));
                Assert.Equal(1 - pairs, Aggregates.ProbabilityOfImprovement(y, x), Tolerance);
            }
        }
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void Aggregates_ScoreNotFinite_NameItAndItsValue(double bad)
    {
        AssertNamed("scores", bad, () => Aggregates.InterquartileMean([1, bad]));
        AssertNamed("scores", bad, () => Aggregates.Median([1, bad]));
        AssertNamed("x", bad, () => Aggregates.ProbabilityOfImprovement([1, bad], [1]));
        AssertNamed("y", bad, () => Aggregates.ProbabilityOfImprovement([1], [1, bad]));
    }

    [Fact]
    public void Aggregates_NoScores_Throw()
    {
        Assert.Throws<ArgumentException>("scores", () => Aggregates.InterquartileMean([]));
        Assert.Throws<ArgumentException>("scores", () => Aggregates.Median([]));
        Assert.Throws<ArgumentException>("x", () => Aggregates.ProbabilityOfImprovement([], [1]));
        Assert.Throws<ArgumentException>("y", () => Aggregates.ProbabilityOfImprovement([1], []));
    }

    private static void AssertNamed(string parameter, double value, Func<object> call) =>
        Assert.Equal(value, Assert.Throws<ArgumentOutOfRangeException>(parameter, call).ActualValue);
}
