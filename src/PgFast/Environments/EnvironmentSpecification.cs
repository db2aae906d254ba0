namespace PgFast.Environments;

/// <summary>The sizes and limits of an environment.</summary>
/// <param name="Name">The name in the literature, such as <c>CartPole-v1</c>.</param>
/// <param name="StateSize">Floats of state a lane; at least 1.</param>
/// <param name="ObservationSize">Floats of observation a lane; at least 1.</param>
/// <param name="ObservationIsState">The observation is the state itself: <c>Step</c> and <c>Reset</c> write the state alone.</param>
/// <param name="Actions">The action space.</param>
/// <param name="MaximumEpisodeSteps">The time limit: an episode that reaches it is truncated; at least 1.</param>
/// <param name="ResetWords">Random 32-bit words that <c>Reset</c> reads a lane; at least 0.</param>
/// <param name="SolvedReturn">Mean return from which the task counts as solved, or null.</param>
public sealed record EnvironmentSpecification(
    string Name,
    int StateSize,
    int ObservationSize,
    bool ObservationIsState,
    ActionSpace Actions,
    int MaximumEpisodeSteps,
    int ResetWords,
    double? SolvedReturn)
{
    /// <summary>Rows of action a lane: 1 for a discrete space, its dimension for a continuous one.</summary>
    public int ActionRows => Actions.IsDiscrete ? 1 : Actions.Size;

    /// <summary>Checks the sizes.</summary>
    /// <exception cref="ArgumentException">A size is out of range, or the observation cannot be the state.</exception>
    public void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Name);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(StateSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ObservationSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaximumEpisodeSteps);
        ArgumentOutOfRangeException.ThrowIfNegative(ResetWords);
        if (Actions.Size == 0)
            throw new ArgumentException("An action space has a size: make it with ActionSpace.Discrete or ActionSpace.Continuous.", nameof(Actions));
        if (ObservationIsState && StateSize != ObservationSize)
            throw new ArgumentException("An observation that is the state has its size.", nameof(ObservationSize));
    }
}
