using System.Text.Json;
using PgFast.Estimators;
using PgFast.Tests.Golden;
using PgFast.Variance;

namespace PgFast.Tests.Variance;

/// <summary>The study against exact means and variances of the short corridor.</summary>
public class CorridorStudyTests
{
    private const double OneStandardError = 0.682689492137086;

    private static readonly VarianceOptions Options = new()
    {
        Baselines = [Baseline.None, Baseline.Mean, Baseline.Optimal],
        Confidence = OneStandardError,
        MeasureSeconds = false,
        PilotEpisodes = 512,
    };

    /// <summary>Preferences, discount, episodes: enough that every standard error is below 1 %.</summary>
    public static TheoryData<double, double, double, long> Cases => new()
    {
        { 0, 0, 1, 3_000_000 },
        { 0, 0, 0.9, 1_500_000 },
        { 0, 0, 0.99, 2_500_000 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Study_EveryEstimatorAndConstantBaseline_MeetsTheExactValues(double right, double left, double discount, long episodes)
    {
        JsonElement exact = Exact(right, left, discount);
        using VarianceStudy study = Studies.Corridor(right, left, Options with { Episodes = episodes, Discount = (float)discount });
        double start = exact.GetProperty("V")[0].GetDouble();
        study.Fitted = fitted =>
        {
            fitted.Mean = start;
            foreach ((Estimator estimator, string name) in Names)
                fitted.Optimal[(int)estimator] = exact.GetProperty("estimators").GetProperty(name + "/const_optimal").GetProperty("b").GetDouble();
        };
        VarianceReport report = study.Run();
        foreach ((Estimator estimator, string name) in Names)
        {
            foreach ((Baseline baseline, string suffix) in Suffixes)
            {
                VarianceRow row = report.Row(estimator, baseline);
                JsonElement truth = exact.GetProperty("estimators").GetProperty($"{name}/{suffix}");
                Studies.IsWithinStandardErrors(truth.GetProperty("trace_cov").GetDouble(), row.Trace, row.TraceInterval, 0.01);
                // Parameters are numbered left, right; the file's first component is right's.
                double[] mean = study.ParameterMeans(report.Rows.ToList().IndexOf(row));
                double error = Math.Sqrt(row.Trace / 2 / row.Batches);
                Assert.Equal(truth.GetProperty("mean")[0].GetDouble(), mean[1], Studies.StandardErrors * error);
                Assert.Equal(-mean[1], mean[0], 1e-12 * Math.Abs(mean[1]));
            }
        }

        Assert.Equal(exact.GetProperty("mean_steps").GetDouble(), report.MeanEpisodeLength, Studies.StandardErrors * Math.Sqrt(92.0 / episodes));
    }

    [Fact]
    public void Bias_RewardToGoBelowOne_IsTheDistanceFromTheGradient()
    {
        // γ = 0.9 at p = ½: with γ^t the gradient is 0.4862286773, without 1.0481736368 (in the difference of the preferences).
        using VarianceStudy study = Studies.Corridor(0, 0, Options with { Episodes = 400_000, Discount = 0.9f, Estimators = [Estimator.RewardToGo] });
        VarianceReport report = study.Run();
        const double Truth = (1.0481736368 - 0.4862286773) / 0.4862286773;
        foreach (VarianceRow row in report.Rows)
        {
            // No baseline moves an expectation: it is one number, known to about a percent from so many episodes.
            Assert.Equal(report.Rows[0].Bias, row.Bias);
            Studies.IsWithinStandardErrors(Truth, row.Bias, row.BiasInterval, 0.02);
        }
    }

    [Fact]
    public void Study_TrueStateValueAsBaseline_IsWorseThanAConstant()
    {
        // The corridor's lesson. Linear features of the observed state hold every function of it, V = (−12, −10, −6) among them. The weights of
        // the constant feature are the book's two preferences.
        VarianceOptions options = Options with
        {
            Episodes = 2_000_000,
            Discount = 1,
            Estimators = [Estimator.RewardToGo],
            Baselines = [Baseline.Mean, Baseline.Linear],
            PilotEpisodes = 200_000,
        };
        using VarianceStudy study = Studies.ObservedCorridor(options);
        VarianceReport report = study.Run();
        double[] constant = study.ParameterVariances(1), value = study.ParameterVariances(2);
        Assert.Equal(Baseline.Linear, report.Rows[2].Baseline);
        // Flat order is [action][feature]: features 0 and 4. Within 1 %, as the standard errors are.
        double withConstant = constant[0] + constant[4], withValue = value[0] + value[4];
        Assert.Equal(554, withConstant, 0.04 * 554);
        Assert.Equal(590, withValue, 0.04 * 590);
        Assert.True(withValue > withConstant * 1.03);
    }

    private static readonly (Estimator Estimator, string Name)[] Names =
    [
        (Estimator.Total, "total_return"), (Estimator.RewardToGo, "rtg_without_gamma_t"), (Estimator.Discounted, "rtg_with_gamma_t"),
    ];

    private static readonly (Baseline Baseline, string Suffix)[] Suffixes =
        [(Baseline.None, "none"), (Baseline.Mean, "const_V_start"), (Baseline.Optimal, "const_optimal")];

    private static JsonElement Exact(double right, double left, double discount)
    {
        using FileStream stream = File.OpenRead(GoldenFiles.PathOf("corridor", "short_corridor_exact.json"));
        using JsonDocument document = JsonDocument.Parse(stream);
        return document.RootElement.GetProperty("exact").EnumerateArray().Single(entry =>
            entry.GetProperty("theta")[0].GetDouble() == right && entry.GetProperty("theta")[1].GetDouble() == left
            && entry.GetProperty("gamma").GetDouble() == discount && entry.GetProperty("reward_convention").GetString() == "book").Clone();
    }
}
