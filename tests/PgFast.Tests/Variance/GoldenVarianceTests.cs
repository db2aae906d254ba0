using PgFast.Estimators;
using PgFast.Tests.Golden;
using PgFast.Variance;

namespace PgFast.Tests.Variance;

/// <summary>The study against variances that were measured elsewhere, with other random numbers, in double precision.</summary>
public class GoldenVarianceTests(GoldenStudies studies) : IClassFixture<GoldenStudies>
{
    // Two independent measurements differ by more than this many standard errors of their difference once in 15,000 cases; that of ours
    // comes from sixteen studies, which makes it once in 900. The seeds are fixed.
    private const double Errors = 4;

    private static readonly int[] Sizes = [1, 4, 16, 64, 256];

    public static TheoryData<string> Names => [.. GoldenGradientVariance.Load().Estimators.Keys];

    [Fact]
    public void Episodes_GoldenPolicy_AreAsLongAsTheFileSays()
    {
        VarianceReport[] reports = [.. studies.Reports.Take(GoldenStudies.Count)];
        Assert.True(reports.Sum(report => report.Episodes) >= 200_000);
        double[] lengths = Array.ConvertAll(reports, report => report.MeanEpisodeLength);
        double mean = lengths.Average(), squares = lengths.Sum(value => (value - mean) * (value - mean));
        double error = Math.Sqrt(squares / (lengths.Length - 1) / lengths.Length);
        AssertNear(studies.Golden.EpisodeLength, (mean, error), "length");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Trace_SingleEpisodes_IsTheGoldenTraceInAllAndByTensor(string name)
    {
        GoldenEstimator golden = studies.Golden.Estimators[name];
        RepeatedRow row = RowOf(name, 1);
        AssertNear((golden.Trace, golden.TraceError), row.Of(found => found.Trace), "trace");
        for (int block = 0; block < golden.Blocks.Length; block++)
        {
            (double mean, double error) = row.Of(found => found.Tensors[block].Trace);
            // The file gives no standard error by block: it is of as many episodes as ours.
            AssertNear((golden.Blocks[block], error), (mean, error), row.Rows[0].Tensors[block].Name);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Trace_Batches_IsTheGoldenTrace(string name)
    {
        GoldenEstimator golden = studies.Golden.Estimators[name];
        foreach (int size in Sizes)
        {
            // A baseline of time is fixed numbers in batches of one alone; larger ones follow by the law 1/B, which holds for fixed numbers.
            bool isMeasured = !name.EndsWith("time_mean", StringComparison.Ordinal);
            (double mean, double error) = RowOf(name, isMeasured ? size : 1).Of(found => isMeasured ? found.Trace : found.Trace / size);
            AssertNear(golden.Batches[size], (mean, error), $"trace of batches of {size}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void MeanGradient_EveryComponent_IsTheGoldenMean(string name)
    {
        GoldenEstimator golden = studies.Golden.Estimators[name];
        RepeatedRow row = RowOf(name, 1);
        double episodes = (double)GoldenStudies.Count * GoldenStudies.Episodes;
        for (int h = 0; h < golden.MeanGradient.Length; h++)
        {
            double error = Math.Sqrt(row.Variances.Average(variances => variances[h]) / episodes);
            AssertNear((golden.MeanGradient[h], golden.MeanGradientError[h]), (row.Means.Average(means => means[h]), error), $"parameter {h}");
        }

        (double norm, double normError) = row.Of(found => found.GradientNormSquared);
        AssertNear((golden.NormSquared, normError), (norm, normError), "‖G‖²");
    }

    [Theory]
    [InlineData(4)]
    [InlineData(16)]
    [InlineData(64)]
    [InlineData(256)]
    public void LeaveOneOut_TotalReturn_IsTheGoldenTraceAndMean(int size)
    {
        (GoldenInBatch own, GoldenInBatch leaveOneOut) = studies.Golden.InBatch[size];
        RepeatedRow row = studies.Of(Estimator.Total, Baseline.Mean, size);
        Assert.All(row.Rows, found => Assert.Equal(BaselineSource.Batch, found.Source));
        AssertNear((leaveOneOut.TraceTimesSize, leaveOneOut.Error), row.Of(found => size * found.Trace), "leave-one-out");
        // With the episode's own return in the mean the gradient is shorter by 1 − 1/B, whatever the episodes.
        double factor = 1 - 1.0 / size;
        AssertNear((own.TraceTimesSize, own.Error), row.Of(found => factor * factor * size * found.Trace), "own return included");
        // The file gives the norms of means, which the means' own variance makes longer.
        double episodes = studies.Golden.Episodes;
        (double norm, double error) = row.Of(found => found.GradientNormSquared);
        AssertNear((leaveOneOut.MeanNorm * leaveOneOut.MeanNorm - leaveOneOut.TraceTimesSize / episodes, error), (norm, error), "‖G‖²");
        double squared = factor * factor;
        double ownNorm = own.MeanNorm * own.MeanNorm - own.TraceTimesSize / episodes;
        AssertNear((ownNorm, squared * error), (squared * norm, squared * error), "‖G‖², own return included");
    }

    [Fact]
    public void Mean_BatchesOfOne_IsTheFixedNumber()
    {
        RepeatedRow mean = studies.Of(Estimator.Total, Baseline.Mean, 1), constant = studies.Of(Estimator.Total, Baseline.Optimal, 1);
        for (int study = 0; study < GoldenStudies.Count; study++)
            Assert.Equal(constant.Rows[study].Trace, mean.Rows[study].Trace);
        Assert.All(mean.Rows, found => Assert.Equal(BaselineSource.Pilot, found.Source));
    }

    private RepeatedRow RowOf(string name, int size)
    {
        string[] parts = name.Split('/');
        Estimator estimator = parts[0] switch { "total" => Estimator.Total, "rtg" => Estimator.RewardToGo, _ => Estimator.Discounted };
        Baseline baseline = parts[1] switch
        {
            "none" => Baseline.None,
            "const_EG0" => Baseline.Optimal,
            "const_step_mean" => Baseline.OptimalPerParameter,
            "time_mean" => Baseline.Time,
            _ => throw new ArgumentException($"Unknown baseline {parts[1]}.", nameof(name)),
        };
        return studies.Of(estimator, baseline, size);
    }

    private static void AssertNear((double Mean, double Error) golden, (double Mean, double Error) own, string what)
    {
        double error = Math.Sqrt(golden.Error * golden.Error + own.Error * own.Error);
        double distance = Math.Abs(golden.Mean - own.Mean) / error;
        Assert.True(
            distance < Errors, $"{what}: {own.Mean} ± {own.Error}, golden {golden.Mean} ± {golden.Error}: {distance:F1} standard errors");
    }
}
