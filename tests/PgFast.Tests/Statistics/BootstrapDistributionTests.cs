using PgFast.Statistics;

namespace PgFast.Tests.Statistics;

/// <summary>Distribution of the replicates against theory, and coverage of the intervals where the truth is known.</summary>
public class BootstrapDistributionTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(16)]
    public void Draw_ManyReplicates_TakesEveryRunAlike(int runs)
    {
        // Counts of a run in both strata: mean 1, variance 1 − 1/n, fourth central moment below 4; the strata are independent.
        const int Replicates = 100_000;
        double standardError = 1 / Math.Sqrt(Replicates);
        StratifiedResample resample = new([runs, runs]);
        double[] sum = new double[2 * runs];
        double squares = 0, product = 0;
        for (int replicate = 0; replicate < Replicates; replicate++)
        {
            resample.Draw(21, replicate);
            Assert.Equal(runs, resample.CountsOf(0).ToArray().Sum());
            Assert.Equal(runs, resample.CountsOf(1).ToArray().Sum());
            for (int run = 0; run < 2 * runs; run++)
                sum[run] += resample.Counts[run];
            squares += (resample.CountsOf(0)[0] - 1) * (resample.CountsOf(0)[0] - 1);
            product += (resample.CountsOf(0)[0] - 1) * (resample.CountsOf(1)[0] - 1);
        }

        Assert.All(sum, total => Assert.Equal(1, total / Replicates, 5 * standardError));
        Assert.Equal(1 - 1.0 / runs, squares / Replicates, 5 * 2 * standardError);
        Assert.Equal(0, product / Replicates, 5 * standardError);
    }

    [Fact]
    public void Mean_TwoTasks_SpreadsAsTheory()
    {
        // The replicates' variance is Σ_t (n_t/N)²·(n_t − 1)/n_t·s_t²/n_t exactly. The tasks lie 100 apart: without strata it would be 300 times that.
        double[] first = Scores.Normal(31, 24), second = [.. Scores.Normal(32, 40).Select(score => 100 + 2 * score)];
        double variance = (SumOfSquares(first) + SumOfSquares(second)) / (64.0 * 64.0);
        // Nearly normal replicates: the quantile at Φ(1) is one standard deviation out. Its standard error is √(p(1 − p)/B)/φ(1) = 1.5/√B deviations.
        const int Replicates = 40_000;
        const double WithinOneDeviation = 0.68268949213708590;
        BootstrapEstimate estimate = StratifiedBootstrap.Mean([first, second], 33, WithinOneDeviation, Replicates);
        double deviation = Math.Sqrt(variance), tolerance = 5 * 1.5 / Math.Sqrt(Replicates);
        Assert.Equal(1, (estimate.High - estimate.Value) / deviation, tolerance);
        Assert.Equal(1, (estimate.Value - estimate.Low) / deviation, tolerance);
        Assert.Equal((first.Sum() + second.Sum()) / 64, estimate.Value, 1e-12);
    }

    [Fact]
    public void InterquartileMean_TwoRuns_HasThreeReplicates()
    {
        // (0, 0), (0, 1) twice, (1, 1): quarters of the probability, so that the ends jump where a tail is a quarter.
        double[][] scores = [[0, 1]];
        Assert.Equal(new BootstrapEstimate(0.5, 0, 1), StratifiedBootstrap.InterquartileMean(scores, 34, 0.6, 10_000));
        Assert.Equal(new BootstrapEstimate(0.5, 0.5, 0.5), StratifiedBootstrap.InterquartileMean(scores, 34, 0.4, 10_000));
    }

    [Theory]
    [InlineData(10, 0.904)]
    [InlineData(20, 0.929)]
    [InlineData(50, 0.942)]
    public void Mean_NormalScores_CoversAsOftenAsTheory(int runs, double expected)
    {
        // The interval is nearly x̄ ± 1.96·√((n − 1)/n)·s/√n, which covers with P(|t| < 1.96·√((n − 1)/n)), t of n − 1 degrees of freedom.
        AssertCoverage(expected, runs, 0, (scores, seed) => StratifiedBootstrap.Mean([scores], seed, replicates: 1000));
    }

    [Theory]
    // The table of docs/statistics.md.
    [InlineData(3, 0.748)]
    [InlineData(5, 0.897)]
    [InlineData(10, 0.933)]
    [InlineData(20, 0.941)]
    [InlineData(50, 0.952)]
    public void InterquartileMean_NormalScores_CoversAsDocumented(int runs, double expected) =>
        AssertCoverage(expected, runs, 0, (scores, seed) => StratifiedBootstrap.InterquartileMean([scores], seed, replicates: 500));

    [Theory]
    [InlineData(5, 0.902)]
    [InlineData(20, 0.949)]
    public void ProbabilityOfImprovement_EqualConfigurations_CoversAsDocumented(int runs, double expected) =>
        AssertCoverage(expected, 2 * runs, 0.5, (scores, seed) =>
            StratifiedBootstrap.ProbabilityOfImprovement([scores[..runs]], [scores[runs..]], seed, replicates: 500));

    /// <summary>Coverage of a nominal 95 % over data sets of normal scores, within four standard errors of a binomial share.</summary>
    private static void AssertCoverage(double expected, int count, double truth, Func<double[], ulong, BootstrapEstimate> estimate)
    {
        // For 0.942, ± 0.03.
        const int DataSets = 1000;
        int covered = 0;
        Parallel.For(0, DataSets, dataSet =>
        {
            BootstrapEstimate interval = estimate(Scores.Normal(40, count, (ulong)dataSet), (ulong)dataSet);
            if (interval.Low <= truth && truth <= interval.High)
                Interlocked.Increment(ref covered);
        });
        Assert.Equal(expected, (double)covered / DataSets, 4 * Math.Sqrt(expected * (1 - expected) / DataSets));
    }

    private static double SumOfSquares(double[] scores)
    {
        double mean = scores.Average();
        return scores.Sum(score => (score - mean) * (score - mean));
    }
}
