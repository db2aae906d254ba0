using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Variance;

namespace PgFast.Tests.Variance;

/// <summary>The one-step Gaussian, μ a distance δ = 1 from the best action and σ = ½: every mean and variance of its gradients is known.</summary>
/// <remarks>
/// With R = −(a − ½)²: by μ, E g = −2δ and Var(b) = (δ² + b)²/σ² + 6(δ² + b) + 8δ² + 15σ²; by log σ, E g = −2σ² and, with D = δ² + b,
/// Var(b) = 2D² + 40δ²σ² + 78σ⁴ + 20Dσ² − 4σ⁴.
/// </remarks>
public class GaussianBanditStudyTests
{
    private const double LargestRelativeError = 0.01;

    // E R = −(δ² + σ²).
    private const double MeanReturn = -1.25;

    private static readonly Lazy<VarianceReport> Study = new(Run);

    [Fact]
    public void Trace_WithoutBaseline_IsExact() => AssertTrace(Baseline.None, 1, OfMean(0) + OfLogDeviation(0));

    [Fact]
    public void Trace_MeanBaseline_IsExact() => AssertTrace(Baseline.Mean, 1, OfMean(MeanReturn) + OfLogDeviation(MeanReturn));

    [Fact]
    public void Trace_LeaveOneOutMean_FollowsItsLaw()
    {
        // Kool, van Hoof and Welling (2019): tr = tr((R − E R) z)/K + (Var(R)·E‖z‖² + ‖∇J‖²)/(K (K − 1)).
        const double Variance = 1.125, Scores = 6, Norm = 4.25;
        AssertTrace(Baseline.Mean, 4, (OfMean(MeanReturn) + OfLogDeviation(MeanReturn)) / 4 + (Variance * Scores + Norm) / 12);
    }

    [Fact]
    public void GradientNorm_EveryRow_IsThatOfTheTrueGradient()
    {
        foreach (VarianceRow row in Study.Value.Rows)
            Studies.IsWithinStandardErrors(4.25, row.GradientNormSquared, row.GradientNormSquaredInterval, LargestRelativeError);
    }

    [Fact]
    public void Tensors_WithoutBaseline_SplitIntoMeanAndLogDeviation()
    {
        VarianceRow row = Study.Value.Row(Estimator.Total, Baseline.None);
        Assert.Equal(["policy.0.weight", "policy.log_std"], row.Tensors.Select(tensor => tensor.Name));
        Assert.Equal(OfMean(0), row.Tensors[0].Trace, 0.02 * OfMean(0));
        Assert.Equal(OfLogDeviation(0), row.Tensors[1].Trace, 0.02 * OfLogDeviation(0));
    }

    [Fact]
    public void OptimalPerParameter_IsBelowTheOptimalConstant()
    {
        double constant = Study.Value.Row(Estimator.Total, Baseline.Optimal).Trace;
        double each = Study.Value.Row(Estimator.Total, Baseline.OptimalPerParameter).Trace;
        Assert.True(each < constant, $"{each} is not below {constant}");
    }

    private static double OfMean(double baseline) => Math.Pow(1 + baseline, 2) / 0.25 + 6 * (1 + baseline) + 8 + 15 * 0.25;

    private static double OfLogDeviation(double baseline)
    {
        double d = 1 + baseline;
        return 2 * d * d + 40 * 0.25 + 78 * 0.0625 + 20 * d * 0.25 - 4 * 0.0625;
    }

    private static void AssertTrace(Baseline baseline, int batchSize, double truth)
    {
        VarianceRow row = Study.Value.Row(Estimator.Total, baseline, batchSize);
        Studies.IsWithinStandardErrors(truth, row.Trace, row.TraceInterval, LargestRelativeError);
    }

    private static VarianceReport Run()
    {
        NetworkShape shape = new(1, [], 1, Activation.Relu, hasBias: false, freeOutputSize: 1);
        using VarianceStudy<GaussianBandit> study = new(shape, [1.5f, MathF.Log(0.5f)], new VarianceOptions
        {
            Estimators = [Estimator.Total],
            Baselines = [Baseline.None, Baseline.Mean, Baseline.Optimal, Baseline.OptimalPerParameter],
            BatchSizes = [1, 4],
            Episodes = 1_600_000,
            Confidence = 0.6827,
            MeasureSeconds = false,
            Discount = 1,
        });
        return study.Run();
    }
}
