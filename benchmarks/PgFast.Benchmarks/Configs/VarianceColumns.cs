using BenchmarkDotNet.Running;
using PgFast.Benchmarks.Workloads;
using PgFast.Estimators;
using PgFast.Variance;

namespace PgFast.Benchmarks.Configs;

/// <summary>How much the gradient of a case varies, from the engine's study, and what a precise one costs, from that and the measured time.</summary>
internal static class VarianceColumns
{
    private const string Baseline = nameof(GradientVarianceBenchmarks.Baseline);

    /// <summary>The columns.</summary>
    /// <param name="isQuick">Whether a study of fewer episodes, and wider intervals, will do.</param>
    public static IReadOnlyList<NumberColumn> All(bool isQuick)
    {
        VarianceRow? Row(MeasuredCase measured, Baseline baseline)
        {
            string policy = measured.Parameter<string>(nameof(GradientVarianceBenchmarks.Policy));
            // Long episodes: as many steps, roughly.
            long episodes = isQuick || policy != FrozenPolicy.Untrained ? 65_536 : 1_048_576;
            return MeasuredVariance.Row(
                policy, episodes, measured.Parameter<Estimator>(nameof(GradientVarianceBenchmarks.Estimator)), baseline,
                measured.Parameter<int>(nameof(GradientVarianceBenchmarks.Batch)));
        }

        VarianceRow? Own(MeasuredCase measured) => Row(measured, measured.Parameter<Baseline>(Baseline));

        double Efficiency(MeasuredCase measured, VarianceRow? row) => 1 / (Trace(row) * measured.SecondsPerBatch);

        double Gain(MeasuredCase measured)
        {
            MeasuredCase? none = WithoutBaseline(measured);
            return none is null ? double.NaN : Efficiency(measured, Own(measured)) / Efficiency(none, Row(none, Estimators.Baseline.None));
        }

        return
        [
            Column("batches", "Independent batches that the variance is measured on", 10, measured => Own(measured)?.Batches ?? double.NaN, true),
            Column("trace", "Gradient variance: trace of the covariance of the gradient of an update", 11, measured => Trace(Own(measured))),
            Column("trace low", "Lower end of its 95 % interval", 12, measured => Own(measured)?.TraceInterval.Low ?? double.NaN),
            Column("trace high", "Upper end of its 95 % interval", 13, measured => Own(measured)?.TraceInterval.High ?? double.NaN),
            Column("of none", "The trace over that of no baseline, on the same episodes", 14, measured => Own(measured)?.RatioToNone ?? double.NaN),
            Column("of none low", "Lower end of its 95 % interval, paired", 15, measured => Own(measured)?.RatioInterval.Low ?? double.NaN),
            Column("of none high", "Upper end of its 95 % interval, paired", 16, measured => Own(measured)?.RatioInterval.High ?? double.NaN),
            Column("efficiency", "1 / (trace × seconds a batch): precision bought a second", 17, measured => Efficiency(measured, Own(measured))),
            Column("gain", "The efficiency over that without a baseline", 18, Gain),
        ];
    }

    private static double Trace(VarianceRow? row) => row?.Trace ?? double.NaN;

    private static NumberColumn Column(string name, string legend, int priority, Func<MeasuredCase, double> value, bool isCount = false) =>
        new(name, legend, priority, measured => IsAbout(measured) ? value(measured) : double.NaN) { IsCount = isCount };

    private static bool IsAbout(MeasuredCase measured) => measured.Benchmark.Descriptor.Type == typeof(GradientVarianceBenchmarks);

    /// <summary>The case that differs in the baseline alone, if it was measured.</summary>
    private static MeasuredCase? WithoutBaseline(MeasuredCase measured)
    {
        bool Differs(BenchmarkCase other, string name) =>
            !Equals(other.Parameters[name], name == Baseline ? Estimators.Baseline.None : measured.Benchmark.Parameters[name]);

        BenchmarkCase? none = measured.Summary.BenchmarksCases.FirstOrDefault(other =>
            other.Descriptor == measured.Benchmark.Descriptor && other.Job.Id == measured.Benchmark.Job.Id
            && !measured.Benchmark.Parameters.Items.Any(item => Differs(other, item.Name)));
        return none is null ? null : MeasuredCase.Of(measured.Summary, none);
    }
}
