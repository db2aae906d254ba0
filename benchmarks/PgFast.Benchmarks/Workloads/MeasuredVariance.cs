using System.Collections.Concurrent;
using System.Globalization;
using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Variance;

namespace PgFast.Benchmarks.Workloads;

/// <summary>The gradient variances that columns show: one study a policy, run where and when a column first asks for it.</summary>
/// <remarks>The numbers depend on policy and episodes alone, not on the machine, nor on anything that was timed.</remarks>
internal static class MeasuredVariance
{
    /// <summary>The network of the study and of the updates beside it.</summary>
    public const string Network = "4-32-2 relu";

    private static readonly ConcurrentDictionary<(string Policy, long Episodes), Lazy<VarianceReport>> Reports = new();

    /// <summary>The row of a case, or null where the study has none.</summary>
    /// <param name="policy">A name that <see cref="FrozenPolicy"/> knows.</param>
    /// <param name="episodes">Episodes of the study.</param>
    /// <param name="estimator">Estimator of the row.</param>
    /// <param name="baseline">Baseline of the row.</param>
    /// <param name="batchSize">Batch size of the row.</param>
    public static VarianceRow? Row(string policy, long episodes, Estimator estimator, Baseline baseline, int batchSize) =>
        Reports.GetOrAdd((policy, episodes), key => new Lazy<VarianceReport>(() => Study(key.Policy, key.Episodes))).Value
            .Rows.FirstOrDefault(row => row.Estimator == estimator && row.Baseline == baseline && row.BatchSize == batchSize);

    private static VarianceReport Study(string policy, long episodes)
    {
        NetworkShape shape = FrozenPolicy.ShapeOf(Network);
        VarianceOptions options = new() { Episodes = episodes, BatchSizes = [1, 4, 16, 64, 256, 1024], MeasureSeconds = false };
        using VarianceStudy<CartPole> study = new(shape, FrozenPolicy.Parameters(shape, policy), options);
        VarianceReport report = study.Run();
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"// Variance study, {policy} policy: {report.Episodes} episodes of {report.MeanEpisodeLength:0.0} steps in {report.Seconds:0.0} s"));
        return report;
    }
}
