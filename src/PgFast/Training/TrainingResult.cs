namespace PgFast.Training;

/// <summary>How a training run ended.</summary>
/// <param name="Solved">Whether the last evaluation's mean return reached the target.</param>
/// <param name="Updates">Updates done.</param>
/// <param name="Episodes">Episodes of those updates.</param>
/// <param name="EnvironmentSteps">Steps of those episodes.</param>
/// <param name="TrainSeconds">Time spent in updates: evaluations are not counted.</param>
/// <param name="Evaluation">The last evaluation, of the final parameters.</param>
public sealed record TrainingResult(
    bool Solved, long Updates, long Episodes, long EnvironmentSteps, double TrainSeconds, EvaluationResult Evaluation);
