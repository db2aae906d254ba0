using PgFast.Comparison.Contenders;

namespace PgFast.Comparison.Reporting;

/// <summary>What a contender came to, and how PgFast compares.</summary>
/// <param name="Contender">The contender.</param>
/// <param name="Runs">All runs.</param>
/// <param name="Rate">Env-steps a second of training from the first update until solved: all of a round's steps over all of its time.</param>
/// <param name="RateRatio">PgFast's rate over this one's, round by round.</param>
/// <param name="TrainedRate">The same with the trained policy.</param>
/// <param name="TrainedRatio">The same.</param>
/// <param name="SecondsToSolve">Training time of the runs that were solved; evaluations are not counted. NaN where none was.</param>
/// <param name="TimeRatio">This one's median time over PgFast's.</param>
/// <param name="StepsToSolve">Env-steps of those runs, median.</param>
/// <param name="MeanLength">Steps an episode of the trained policy.</param>
/// <param name="BytesAStep">Managed memory allocated an env-step with the trained policy; null where there is none to count.</param>
/// <param name="ProcessorShare">Processor time over wall time of all updates: below 1, other programs were in the way.</param>
internal sealed record Row(
    Contender Contender, IReadOnlyList<MeasuredRun> Runs, Spread Rate, Spread RateRatio, Spread TrainedRate, Spread TrainedRatio,
    Spread SecondsToSolve, double TimeRatio, double StepsToSolve, double MeanLength, double? BytesAStep, double ProcessorShare)
{
    /// <summary>Runs that were solved.</summary>
    public int Solved => Runs.Count(run => run.Solved);
}
