namespace PgFast.Comparison.Contenders;

/// <summary>Updates, and the time in them alone.</summary>
/// <param name="Updates">How many.</param>
/// <param name="EnvironmentSteps">Steps of their episodes.</param>
/// <param name="Seconds">Wall time.</param>
/// <param name="ProcessorSeconds">Processor time of the process.</param>
/// <param name="AllocatedBytes">Managed memory allocated; null where there is none to count.</param>
internal sealed record Stage(long Updates, long EnvironmentSteps, double Seconds, double ProcessorSeconds, long? AllocatedBytes);

/// <summary>One run: from the first update until CartPole is solved, and some updates more with the trained policy.</summary>
/// <param name="Seed">The run's seed.</param>
/// <param name="Solved">Whether the last evaluation reached the target.</param>
/// <param name="EvaluatedReturn">Mean return of that evaluation; 0 if there was none.</param>
/// <param name="Solving">Until solved.</param>
/// <param name="Trained">After that.</param>
internal sealed record MeasuredRun(ulong Seed, bool Solved, double EvaluatedReturn, Stage Solving, Stage Trained);
