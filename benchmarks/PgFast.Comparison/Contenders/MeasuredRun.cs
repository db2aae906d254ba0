namespace PgFast.Comparison.Contenders;

/// <summary>One run: from the first update until CartPole is solved, and some updates more with the trained policy.</summary>
/// <param name="Seed">The run's seed.</param>
/// <param name="Solved">Whether the last evaluation reached the target.</param>
/// <param name="EvaluatedReturn">Mean return of that evaluation; 0 if there was none.</param>
/// <param name="Solving">Until solved.</param>
/// <param name="Trained">After that.</param>
internal sealed record MeasuredRun(ulong Seed, bool Solved, double EvaluatedReturn, Stage Solving, Stage Trained);
