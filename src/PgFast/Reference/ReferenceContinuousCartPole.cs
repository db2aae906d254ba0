namespace PgFast.Reference;

/// <summary><see cref="ReferenceCartPole"/> with a force that is chosen freely within ±10 N.</summary>
/// <remarks>
/// The action is the force in N, clipped to ±10. State, which is observed, dynamics, reward, start and end are those of
/// <see cref="ReferenceCartPole"/>.
/// </remarks>
public sealed class ReferenceContinuousCartPole : ReferenceEnvironment
{
    /// <summary>An episode that stands at a given state.</summary>
    /// <param name="state">[4]: x in m, x′ in m/s, θ in rad, θ′ in rad/s; copied.</param>
    /// <param name="elapsedSteps">Steps of the episode already taken; they count towards the limit.</param>
    /// <exception cref="ArgumentException"><paramref name="state"/> has not four variables.</exception>
    public ReferenceContinuousCartPole(double[] state, int elapsedSteps = 0)
        : base(state, ReferenceCartPole.ObservationSize, ReferenceCartPole.StepLimit, elapsedSteps)
    {
    }

    /// <summary>Starts an episode where <see cref="ReferenceCartPole.Reset"/> does.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="episode">The episode's id.</param>
    public static ReferenceContinuousCartPole Reset(ulong seed, ulong episode) => new(ReferenceCartPole.Reset(seed, episode).Observation);

    private protected override (double Reward, bool Terminated) Advance(double action)
    {
        double force = Math.Clamp(action, -ReferenceCartPole.ForceMagnitude, ReferenceCartPole.ForceMagnitude);
        ReferenceCartPole.Push(force, ref Variables[0], ref Variables[1], ref Variables[2], ref Variables[3]);
        return (1.0, ReferenceCartPole.IsFallen(Variables[0], Variables[2]));
    }
}
