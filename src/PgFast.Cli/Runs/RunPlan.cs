namespace PgFast.Cli.Runs;

/// <summary>When a run ends, how it is judged, and what it keeps on the way.</summary>
/// <param name="Target">Mean return from which the run counts as solved; null where the environment has none.</param>
/// <param name="StopsWhenSolved">Whether a fresh evaluation that reaches the target ends the run before its budget.</param>
/// <param name="MaximumUpdates">Budget of updates.</param>
/// <param name="MaximumEnvironmentSteps">Budget of environment steps; the update that reaches it is the last.</param>
/// <param name="EvaluationEpisodes">Episodes of an evaluation.</param>
/// <param name="CheckpointEvery">Updates from one checkpoint to the next; null for none.</param>
/// <param name="WritesEvents">Whether its directory gets files for TensorBoard.</param>
internal sealed record RunPlan(
    double? Target, bool StopsWhenSolved, long MaximumUpdates, long MaximumEnvironmentSteps, int EvaluationEpisodes,
    long? CheckpointEvery, bool WritesEvents = false);
