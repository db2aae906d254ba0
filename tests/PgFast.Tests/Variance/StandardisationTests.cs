using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Variance;

namespace PgFast.Tests.Variance;

/// <summary>Rows with standardised weights at the edge of what can be standardised.</summary>
public class StandardisationTests
{
    [Theory]
    [InlineData(0.99f)]
    [InlineData(1f)]
    public void Run_WholeReturnOfOneEpisode_LeavesExactlyNothing(float discount)
    {
        // All weights of a batch are G_0 − b: without their mean they are zero, not rounding errors with a direction and a ratio.
        VarianceOptions options = new()
        {
            Estimators = [Estimator.Total],
            Baselines = [Baseline.Mean, Baseline.Optimal],
            Episodes = 200,
            Discount = discount,
            NormalizeReturns = true,
            MeasureSeconds = false,
            Threads = 1,
        };
        using VarianceStudy<CartPole> study = new(new NetworkShape(4, [5], 2, Activation.Tanh), Parameters(37), options);
        VarianceReport report = study.Run();
        Assert.Equal(3, report.Rows.Count);
        Assert.All(report.Rows, row =>
        {
            Assert.Equal(0, row.Trace);
            Assert.Equal(new ConfidenceInterval(0, 0), row.TraceInterval);
            Assert.Equal(0, row.GradientNormSquared);
            Assert.Equal(0, row.CosineBetween);
            Assert.Equal(1, row.RatioToNone);
        });
    }

    private static float[] Parameters(int count) => [.. Enumerable.Range(0, count).Select(i => 0.3f * MathF.Sin(i))];
}
