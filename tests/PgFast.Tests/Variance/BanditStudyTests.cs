using PgFast.Estimators;
using PgFast.Variance;

namespace PgFast.Tests.Variance;

/// <summary>The study against the closed forms of a softmax bandit with π = (0.2, 0.3, 0.5).</summary>
/// <remarks>
/// With z = e_a − π, ‖z‖² = 1 − 2π_a + Σπ² = (0.98, 0.78, 0.38), means (1, 0.7, 0) and deviations (0.5, 0.1, 0): J = 0.41,
/// ∇J = π(μ − J) = (0.118, 0.087, −0.205), E‖z‖² = 0.62, and traces that follow from E[(R − b)²‖z‖²] − ‖∇J‖².
/// </remarks>
public class BanditStudyTests
{
    private const double J = 0.41;
    private const double ScoreSquared = 0.62;

    /// <summary>One standard error, so that an interval's half width is one.</summary>
    private const double OneStandardError = 0.682689492137086;

    private static readonly double[] Gradient = [0.118, 0.087, -0.205];

    private static readonly double GradientSquared = Gradient.Sum(component => component * component);

    private static readonly VarianceOptions Options = new()
    {
        Estimators = [Estimator.Total, Estimator.RewardToGo, Estimator.Discounted],
        Baselines = [Baseline.None, Baseline.Mean, Baseline.Time, Baseline.Optimal, Baseline.OptimalPerParameter, Baseline.Linear],
        BatchSizes = [1, 2, 4, 8],
        Episodes = 1_200_000,
        Confidence = OneStandardError,
        MeasureSeconds = false,
        Seed = 11,
    };

    private static readonly Lazy<(VarianceReport Report, double[][] Means)> Study = new(() =>
    {
        using VarianceStudy study = Studies.Bandit(Options);
        // Baselines as exact as the closed forms; what a pilot sample makes of them is tested apart.
        study.Fitted = fitted =>
        {
            fitted.Mean = J;
            fitted.Optimal.AsSpan().Fill(0.580322580645);
        };
        VarianceReport report = study.Run();
        return (report, [.. Enumerable.Range(0, report.Rows.Count).Select(study.ParameterMeans)]);
    });

    public static TheoryData<Estimator> Estimators => [Estimator.Total, Estimator.RewardToGo, Estimator.Discounted];

    [Theory]
    [MemberData(nameof(Estimators))]
    public void Trace_ConstantBaselines_IsExact(Estimator estimator)
    {
        // In a bandit all estimators are one.
        VarianceReport report = Study.Value.Report;
        IsExact(0.298482, report.Row(estimator, Baseline.None));
        IsExact(0.107668, report.Row(estimator, Baseline.Mean));
        IsExact(0.089681935484, report.Row(estimator, Baseline.Optimal));
        static void IsExact(double truth, VarianceRow row) => Studies.IsWithinStandardErrors(truth, row.Trace, row.TraceInterval, 0.01);
    }

    [Fact]
    public void Trace_ThreeConstantBaselines_LieOnTheirParabola()
    {
        // tr(b) = tr(b*) + (b − b*)²·E‖z‖² holds exactly; on the same episodes its parts are paired.
        VarianceReport report = Study.Value.Report;
        double best = report.Row(Estimator.Total, Baseline.Optimal).Trace;
        const double B = 0.580322580645;
        Assert.Equal(best + B * B * ScoreSquared, report.Row(Estimator.Total, Baseline.None).Trace, 1e-3);
        Assert.Equal(best + (B - J) * (B - J) * ScoreSquared, report.Row(Estimator.Total, Baseline.Mean).Trace, 1e-3);
    }

    [Theory]
    [InlineData(2, 0.157482)]
    [InlineData(4, 0.0441916667)]
    [InlineData(8, 0.0171602143)]
    public void Trace_LeaveOneOutMean_FollowsItsLaw(int batchSize, double truth)
    {
        // tr = tr((R − J)z)/K + (Var R·E‖z‖² + ‖G‖²)/(K(K − 1))
        VarianceRow row = Study.Value.Report.Row(Estimator.Total, Baseline.Mean, batchSize);
        Assert.Equal(BaselineSource.Batch, row.Source);
        Studies.IsWithinStandardErrors(truth, row.Trace, row.TraceInterval, 0.01);
    }

    [Fact]
    public void Trace_FixedBaselines_FollowOneOverB()
    {
        VarianceReport report = Study.Value.Report;
        foreach (Baseline baseline in new[] { Baseline.None, Baseline.Optimal, Baseline.OptimalPerParameter, Baseline.Linear })
        {
            foreach (int batchSize in new[] { 2, 4, 8 })
            {
                VarianceRow row = report.Row(Estimator.Total, baseline, batchSize);
                Assert.Equal(report.Row(Estimator.Total, baseline).Trace / batchSize, row.LawTrace, 1e-15);
                Studies.IsWithinStandardErrors(row.LawTrace, row.Trace, row.TraceInterval, 0.01);
            }
        }
    }

    [Fact]
    public void Trace_OptimalPerParameter_IsTheLeast()
    {
        VarianceReport report = Study.Value.Report;
        // b*_h = E[z_h² R]/E[z_h²], and the trace that it leaves, by summing over arms.
        double[] probability = [0.2, 0.3, 0.5], mean = [1, 0.7, 0], deviation = [0.5, 0.1, 0];
        double truth = -GradientSquared;
        for (int h = 0; h < 3; h++)
        {
            double squares = 0, weighted = 0, second = 0;
            for (int arm = 0; arm < 3; arm++)
            {
                double score = (arm == h ? 1 : 0) - probability[h], weight = probability[arm] * score * score;
                squares += weight;
                weighted += weight * mean[arm];
                second += weight * (mean[arm] * mean[arm] + deviation[arm] * deviation[arm]);
            }

            truth += second - weighted * weighted / squares;
        }

        VarianceRow row = report.Row(Estimator.Total, Baseline.OptimalPerParameter);
        Studies.IsWithinStandardErrors(truth, row.Trace, row.TraceInterval, 0.01);
        Assert.True(row.Trace < report.Row(Estimator.Total, Baseline.Optimal).Trace);
    }

    [Fact]
    public void Mean_EveryRow_IsTheGradient()
    {
        (VarianceReport report, double[][] means) = Study.Value;
        for (int index = 0; index < report.Rows.Count; index++)
        {
            VarianceRow row = report.Rows[index];
            // The mean of n gradients is as far off as their spread allows.
            double error = Math.Sqrt(row.Trace / row.Batches);
            for (int h = 0; h < 3; h++)
                Assert.Equal(Gradient[h], means[index][h], Studies.StandardErrors * error);
            Studies.IsWithinStandardErrors(GradientSquared, row.GradientNormSquared, row.GradientNormSquaredInterval);
            // Reward-to-go with γ < 1 is not known to be unbiased beforehand: there the bias is measured.
            Assert.Equal(0, row.Bias, row.Estimator == Estimator.RewardToGo ? 0.01 : 0);
        }
    }

    [Fact]
    public void NoiseScale_EveryRow_IsTraceOverNorm()
    {
        foreach (VarianceRow row in Study.Value.Report.Rows)
        {
            Assert.Equal(row.BatchSize * row.Trace / row.GradientNormSquared, row.NoiseScale, 1e-9 * row.NoiseScale);
            Assert.Equal(row.GradientNormSquared / row.Trace, row.SignalToNoise, 1e-9);
            Assert.True(row.NoiseScaleInterval.Contains(row.NoiseScale));
        }

        VarianceRow none = Study.Value.Report.Row(Estimator.Total, Baseline.None);
        Studies.IsWithinStandardErrors(0.298482 / GradientSquared, none.NoiseScale, none.NoiseScaleInterval, 0.01);
    }

    [Fact]
    public void Ratio_EveryRow_IsPaired()
    {
        VarianceReport report = Study.Value.Report;
        VarianceRow row = report.Row(Estimator.Total, Baseline.Mean), none = report.Row(Estimator.Total, Baseline.None);
        Assert.Equal(new ConfidenceInterval(1, 1), none.RatioInterval);
        Studies.IsWithinStandardErrors(0.107668 / 0.298482, row.RatioToNone, row.RatioInterval, 0.01);
        // On the same episodes the ratio is known better than its two parts.
        double unpaired = Relative(row.Trace, row.TraceInterval) + Relative(none.Trace, none.TraceInterval);
        Assert.True(Relative(row.RatioToNone, row.RatioInterval) < unpaired);
        static double Relative(double value, ConfidenceInterval interval) => (interval.High - interval.Low) / value;
    }

    [Fact]
    public void Cosines_BetweenAndToMean_AreThoseOfUnitVectors()
    {
        // û takes a handful of directions when the baseline is the mean: arm and sign of R − b. For arm 3 the reward is exactly 0.
        VarianceRow row = Study.Value.Report.Row(Estimator.Total, Baseline.None);
        double[] probability = [0.2, 0.3, 0.5], squares = [0.98, 0.78, 0.38];
        // R > 0 with probability Φ(2) for arm 1, Φ(7) for arm 2; arm 3 gives no gradient at all.
        double[] sign = [0.954499736103642, 0.999999999997440, 0];
        double[] mean = new double[3];
        for (int arm = 0; arm < 3; arm++)
        {
            for (int h = 0; h < 3; h++)
                mean[h] += probability[arm] * sign[arm] * ((arm == h ? 1 : 0) - probability[h]) / Math.Sqrt(squares[arm]);
        }

        double between = mean.Sum(component => component * component);
        double toMean = mean.Zip(Gradient, (a, b) => a * b).Sum() / Math.Sqrt(GradientSquared);
        Studies.IsWithinStandardErrors(between, row.CosineBetween, row.CosineBetweenInterval);
        Studies.IsWithinStandardErrors(toMean, row.CosineToMean, row.CosineToMeanInterval);
    }

    [Fact]
    public void Fit_FromPilotEpisodes_FindsTheBaselines()
    {
        using VarianceStudy study = Studies.Bandit(Options with { Episodes = 4096, PilotEpisodes = 400_000, BatchSizes = [1] });
        double mean = 0, optimal = 0;
        study.Fitted = fitted => (mean, optimal) = (fitted.Mean, fitted.Optimal[0]);
        study.Run();
        // Var R = 0.2·0.25 + 0.3·0.01 + E[μ²] − J² = 0.2319; the optimum is a ratio of means of the same order.
        double error = Math.Sqrt(0.2319 / 400_000);
        Assert.Equal(J, mean, Studies.StandardErrors * error);
        Assert.Equal(0.580322580645, optimal, Studies.StandardErrors * error);
    }
}
