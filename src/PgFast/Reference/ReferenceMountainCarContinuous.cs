namespace PgFast.Reference;

/// <summary>Gymnasium's MountainCarContinuous-v0 in double precision: the car of the valley, with a force that costs.</summary>
/// <remarks>
/// <para>Source: Moore (1990), as in Gymnasium 1.3, <c>classic_control/continuous_mountain_car.py</c>.</para>
/// <list type="table">
/// <item><term>Action</term><description>A real number a, clipped to ±1 where it pushes and not where it costs.</description></item>
/// <item><term>State, which is observed</term><description>Position, velocity per step.</description></item>
/// <item><term>Dynamics</term><description>Those of <see cref="ReferenceMountainCar"/> with a push of 0.0015·clip(a).</description></item>
/// <item><term>Reward</term><description>−0.1·a², and 100 for the step that terminates.</description></item>
/// <item><term>Start</term><description>Position uniform in (−0.6, −0.4), at rest.</description></item>
/// <item><term>End</term><description>Terminated at x ≥ 0.45 with v ≥ 0; truncated at step 999.</description></item>
/// </list>
/// <para>Difference from the source: Gymnasium rounds the state to single precision after every step.</para>
/// </remarks>
public sealed class ReferenceMountainCarContinuous : ReferenceEnvironment
{
    /// <summary>Steps after which an episode is truncated.</summary>
    public const int StepLimit = 999;

    private const double Force = 0.0015;
    private const double Goal = 0.45;

    /// <summary>An episode that stands at a given state.</summary>
    /// <param name="state">[2]: position, velocity; copied.</param>
    /// <param name="elapsedSteps">Steps of the episode already taken; they count towards the limit.</param>
    /// <exception cref="ArgumentException"><paramref name="state"/> has not two variables.</exception>
    public ReferenceMountainCarContinuous(double[] state, int elapsedSteps = 0)
        : base(state, 2, StepLimit, elapsedSteps)
    {
    }

    /// <summary>Starts an episode: the position comes from word 0 of the episode's reset block.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="episode">The episode's id.</param>
    public static ReferenceMountainCarContinuous Reset(ulong seed, ulong episode) => new([Uniform(seed, episode, 0, -0.6, -0.4), 0.0]);

    private protected override (double Reward, bool Terminated) Advance(double action)
    {
        ReferenceMountainCar.Drive(Variables, Math.Clamp(action, -1.0, 1.0) * Force);
        bool terminated = Variables[0] >= Goal && Variables[1] >= 0.0;
        return ((terminated ? 100.0 : 0.0) - 0.1 * action * action, terminated);
    }
}
