namespace PgFast.Reference;

/// <summary>Gymnasium's MountainCar-v0 in double precision: a car too weak to leave its valley without swinging up.</summary>
/// <remarks>
/// <para>Source: Moore (1990), as in Gymnasium 1.3, <c>classic_control/mountain_car.py</c>.</para>
/// <list type="table">
/// <item><term>Action</term><description>0 pushes left, 1 not at all, 2 right.</description></item>
/// <item><term>State, which is observed</term><description>Position, velocity per step.</description></item>
/// <item>
/// <term>Dynamics</term>
/// <description>v ← clip(v + 0.001·(a − 1) − 0.0025·cos 3x, ±0.07), x ← clip(x + v, −1.2, 0.6); the left wall stops the car.</description>
/// </item>
/// <item><term>Reward</term><description>−1 for every step, the last one included.</description></item>
/// <item><term>Start</term><description>Position uniform in (−0.6, −0.4), at rest.</description></item>
/// <item><term>End</term><description>Terminated at x ≥ 0.5 with v ≥ 0; truncated at step 200.</description></item>
/// </list>
/// </remarks>
public sealed class ReferenceMountainCar : ReferenceEnvironment
{
    /// <summary>Steps after which an episode is truncated.</summary>
    public const int StepLimit = 200;

    private const double Force = 0.001;
    private const double Goal = 0.5;

    /// <summary>An episode that stands at a given state.</summary>
    /// <param name="state">[2]: position, velocity; copied.</param>
    /// <param name="elapsedSteps">Steps of the episode already taken; they count towards the limit.</param>
    /// <exception cref="ArgumentException"><paramref name="state"/> has not two variables.</exception>
    public ReferenceMountainCar(double[] state, int elapsedSteps = 0)
        : base(state, 2, StepLimit, elapsedSteps)
    {
    }

    /// <summary>Starts an episode: the position comes from word 0 of the episode's reset block.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="episode">The episode's id.</param>
    public static ReferenceMountainCar Reset(ulong seed, ulong episode) => new([Uniform(seed, episode, 0, -0.6, -0.4), 0.0]);

    private protected override (double Reward, bool Terminated) Advance(double action)
    {
        Drive(Variables, Direction(action) * Force);
        return (-1.0, Variables[0] >= Goal && Variables[1] >= 0.0);
    }

    /// <summary>One step of the car, for either kind of action.</summary>
    /// <param name="state">Position and velocity, before, then after the step.</param>
    /// <param name="push">Velocity that the motor adds.</param>
    internal static void Drive(double[] state, double push)
    {
        double velocity = Math.Clamp(state[1] + push - 0.0025 * Math.Cos(3.0 * state[0]), -0.07, 0.07);
        double position = Math.Clamp(state[0] + velocity, -1.2, 0.6);
        bool stops = position == -1.2 && velocity < 0.0;
        state[0] = position;
        state[1] = stops ? 0.0 : velocity;
    }
}
