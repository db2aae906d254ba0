namespace PgFast.Training;

/// <summary>How far a training run is.</summary>
/// <param name="Update">What the last update saw.</param>
/// <param name="Episodes">Episodes of all updates of the trainer.</param>
/// <param name="EnvironmentSteps">Steps of those episodes.</param>
/// <param name="TrainSeconds">Time that this call has spent in updates: evaluations are not counted.</param>
/// <param name="Fraction">Of the updates that were asked for, in (0, 1].</param>
/// <param name="Evaluation">The evaluation that followed the last update; null if none did.</param>
public readonly record struct TrainingProgress(
    UpdateResult Update, long Episodes, long EnvironmentSteps, double TrainSeconds, double Fraction, EvaluationResult? Evaluation);
