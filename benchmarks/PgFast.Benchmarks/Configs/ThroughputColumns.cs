using PgFast.Benchmarks.Workloads;

namespace PgFast.Benchmarks.Configs;

/// <summary>The work that an invocation does, as announced by the measured process, and its quotients with a case's mean time.</summary>
internal static class ThroughputColumns
{
    public static IReadOnlyList<NumberColumn> All { get; } =
    [
        Count("lanes", "Lanes of a vector register in use", 0, work => work.Lanes),
        Count("env-steps/op", "Environment steps of live lanes in one invocation, exactly", 1, work => work.EnvironmentSteps),
        Quotient("steps/episode", "Mean episode length of those steps", 2, (work, _) => work.EnvironmentSteps / (work.Episodes * 1.0)),
        Quotient("episodes/s", "Whole episodes a second; fewer where they are longer, so look at steps/episode too", 3, (work, seconds) =>
            work.Episodes / seconds),
        Quotient("M env-steps/s", "Million environment steps of live lanes a second", 4, (work, seconds) => 1e-6 * work.EnvironmentSteps / seconds),
        Quotient("GFLOP/s", "Useful floating-point operations a second: 2 for each multiply-add of the passes that the case makes", 5,
            (work, seconds) => 2e-9 * work.MultiplyAddsPerStep * work.EnvironmentSteps / seconds),
        Quotient("µs/batch", "Microseconds a batch: mean time over the batches of an invocation", 6, (work, seconds) =>
            1e6 * seconds / work.Batches),
    ];

    private static NumberColumn Count(string name, string legend, int priority, Func<Work, long> value) =>
        new(name, legend, priority, measured => measured.Work is { } work ? value(work) : double.NaN) { IsCount = true };

    /// <summary>A quotient with no work of its kind in it, 0 or infinite, is no number.</summary>
    private static NumberColumn Quotient(string name, string legend, int priority, Func<Work, double, double> value) =>
        new(name, legend, priority, measured =>
        {
            double number = measured.Work is { } work ? value(work, measured.Seconds) : double.NaN;
            return number > 0 && double.IsFinite(number) ? number : double.NaN;
        });
}
