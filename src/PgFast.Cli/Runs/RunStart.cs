namespace PgFast.Cli.Runs;

/// <summary>Where a run that is gone on with had got to, beyond what its trainer knows.</summary>
/// <param name="Seconds">Time in updates.</param>
/// <param name="IsEvaluationDue">Whether an evaluation that decides whether the run goes on was interrupted.</param>
internal sealed record RunStart(double Seconds, bool IsEvaluationDue);
