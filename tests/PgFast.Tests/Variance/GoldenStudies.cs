using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Tests.Golden;
using PgFast.Tests.Support;
using PgFast.Variance;

namespace PgFast.Tests.Variance;

/// <summary>What several independent studies found for one row: their mean, and how much they differ.</summary>
internal sealed record RepeatedRow
{
    /// <summary>[study].</summary>
    public required VarianceRow[] Rows { get; init; }

    /// <summary>[study][parameter].</summary>
    public required double[][] Means { get; init; }

    /// <summary>[study][parameter].</summary>
    public required double[][] Variances { get; init; }

    /// <summary>Mean over the studies and its standard error.</summary>
    public (double Mean, double Error) Of(Func<VarianceRow, double> statistic)
    {
        double[] values = Array.ConvertAll(Rows, row => statistic(row));
        double mean = values.Average();
        return (mean, Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1) / values.Length));
    }
}

/// <summary>
/// Sixteen studies of the golden policy, 200,704 episodes together, with the file's fixed baselines: enough to tell how much every number
/// varies without asking the engine for its own intervals.
/// </summary>
public sealed class GoldenStudies
{
    /// <summary>Episodes of a study: 49 batches of the largest size.</summary>
    public const int Episodes = 49 * 256;

    /// <summary>Number of studies.</summary>
    public const int Count = 16;

    private readonly Dictionary<(Estimator, Baseline, int), RepeatedRow> _rows = [];

    public GoldenStudies()
    {
        Golden = GoldenGradientVariance.Load();
        NetworkShape shape = new(Golden.Sizes[0], Golden.Sizes.AsSpan(1..^1), Golden.Sizes[^1], Activation.Tanh);
        Baseline[] constants = [Baseline.None, Baseline.Mean, Baseline.Optimal, Baseline.OptimalPerParameter];
        Run(shape, constants, [1, 4, 16, 64, 256]);
        // Only in batches of one is a baseline of time fixed numbers.
        Run(shape, [Baseline.Time], [1]);
    }

    internal GoldenGradientVariance Golden { get; }

    /// <summary>[study].</summary>
    internal List<VarianceReport> Reports { get; } = [];

    internal RepeatedRow Of(Estimator estimator, Baseline baseline, int batchSize) => _rows[(estimator, baseline, batchSize)];

    private void Run(NetworkShape shape, Baseline[] baselines, int[] sizes)
    {
        List<(VarianceReport Report, double[][] Means, double[][] Variances)> studies = [];
        for (int index = 0; index < Count; index++)
        {
            VarianceOptions options = new()
            {
                Baselines = baselines,
                BatchSizes = sizes,
                Episodes = Episodes,
                PilotEpisodes = 64,
                Discount = (float)Golden.Discount,
                MeasureSeconds = false,
                Seed = 1000 + (ulong)index,
            };
            using VarianceStudy<CartPole> study = new(shape, Closeness.ToSingle(Golden.Parameters), options) { Fitted = Give };
            VarianceReport report = study.Run();
            int[] rows = [.. Enumerable.Range(0, report.Rows.Count)];
            studies.Add((report, Array.ConvertAll(rows, study.ParameterMeans), Array.ConvertAll(rows, study.ParameterVariances)));
        }

        Reports.AddRange(studies.Select(study => study.Report));
        for (int row = 0; row < studies[0].Report.Rows.Count; row++)
        {
            VarianceRow first = studies[0].Report.Rows[row];
            _rows[(first.Estimator, first.Baseline, first.BatchSize)] = new RepeatedRow
            {
                Rows = [.. studies.Select(study => study.Report.Rows[row])],
                Means = [.. studies.Select(study => study.Means[row])],
                Variances = [.. studies.Select(study => study.Variances[row])],
            };
        }
    }

    /// <summary>The file's numbers in the place of fitted ones; a constant for every parameter is the second constant of reward-to-go.</summary>
    private unsafe void Give(FittedBaselines fitted)
    {
        fitted.Mean = Golden.MeanReturn;
        Array.Fill(fitted.Optimal, Golden.MeanReturn);
        Closeness.ToSingle(Golden.TimeMean).CopyTo(fitted.TimeToGo, 0);
        NetworkShape shape = new(Golden.Sizes[0], Golden.Sizes.AsSpan(1..^1), Golden.Sizes[^1], Activation.Tanh);
        new Span<double>(fitted.PerParameter(Estimator.RewardToGo), StudyTwin.LayoutOf(shape).Length).Fill(Golden.StepMeanReturn);
    }
}
