namespace PgFast.Training;

/// <summary>What one update saw and did.</summary>
/// <param name="Update">Number of this update, from 1.</param>
/// <param name="Episodes">Episodes of its batch.</param>
/// <param name="EnvironmentSteps">Steps of those episodes.</param>
/// <param name="MeanReturn">Mean undiscounted return of the batch, under the policy before the update.</param>
/// <param name="GradientNorm">Euclidean norm of the gradient before clipping.</param>
/// <param name="Entropy">Mean entropy of the policy over the batch's steps, nats; NaN unless it is measured.</param>
public readonly record struct UpdateResult(
    long Update, int Episodes, long EnvironmentSteps, double MeanReturn, double GradientNorm, double Entropy)
{
    /// <summary>Mean number of steps of an episode.</summary>
    public double MeanLength => (double)EnvironmentSteps / Episodes;
}
