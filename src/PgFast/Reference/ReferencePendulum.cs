namespace PgFast.Reference;

/// <summary>Gymnasium's Pendulum-v1 in double precision: swing a pendulum up with a weak motor, and hold it there.</summary>
/// <remarks>
/// <para>Source: Gymnasium 1.3, <c>classic_control/pendulum.py</c>.</para>
/// <list type="table">
/// <item><term>Action</term><description>A real number u, the torque in N m, clipped to ±2.</description></item>
/// <item><term>State</term><description>θ in rad (0 is upright), never wrapped; θ′ in rad/s.</description></item>
/// <item><term>Observation</term><description>cos θ, sin θ, θ′.</description></item>
/// <item>
/// <term>Dynamics</term>
/// <description>θ′ ← clip(θ′ + (3g/(2l)·sin θ + 3u/(m·l²))·0.05, ±8), then θ ← θ + 0.05·θ′ with the new rate.</description>
/// </item>
/// <item>
/// <term>Reward</term>
/// <description>−(θ² + 0.1·θ′² + 0.001·u²) of the state before the step, θ taken into ±π.</description>
/// </item>
/// <item><term>Start</term><description>θ uniform in ±π, θ′ in ±1.</description></item>
/// <item><term>End</term><description>Never terminated; truncated at step 200.</description></item>
/// </list>
/// </remarks>
public sealed class ReferencePendulum : ReferenceEnvironment
{
    /// <summary>Steps after which an episode is truncated.</summary>
    public const int StepLimit = 200;

    private const double Gravity = 10.0;
    private const double Mass = 1.0;
    private const double Length = 1.0;
    private const double TimeStep = 0.05;
    private const double LargestTorque = 2.0;
    private const double LargestRate = 8.0;

    /// <summary>An episode that stands at a given state.</summary>
    /// <param name="state">[2]: θ, θ′; copied.</param>
    /// <param name="elapsedSteps">Steps of the episode already taken; they count towards the limit.</param>
    /// <exception cref="ArgumentException"><paramref name="state"/> has not two variables.</exception>
    public ReferencePendulum(double[] state, int elapsedSteps = 0)
        : base(state, 2, StepLimit, elapsedSteps)
    {
    }

    /// <inheritdoc/>
    public override double[] Observation => [Math.Cos(Variables[0]), Math.Sin(Variables[0]), Variables[1]];

    /// <summary>Starts an episode: θ comes from word 0 of the episode's reset block, θ′ from word 1.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="episode">The episode's id.</param>
    public static ReferencePendulum Reset(ulong seed, ulong episode) =>
        new([Uniform(seed, episode, 0, -Math.PI, Math.PI), Uniform(seed, episode, 1, -1.0, 1.0)]);

    private protected override (double Reward, bool Terminated) Advance(double action)
    {
        (double theta, double rate) = (Variables[0], Variables[1]);
        double torque = Math.Clamp(action, -LargestTorque, LargestTorque);
        double angle = theta - 2.0 * Math.PI * Math.Floor((theta + Math.PI) / (2.0 * Math.PI));
        double cost = angle * angle + 0.1 * rate * rate + 0.001 * torque * torque;

        double acceleration = 3.0 * Gravity / (2.0 * Length) * Math.Sin(theta) + 3.0 / (Mass * Length * Length) * torque;
        rate = Math.Clamp(rate + acceleration * TimeStep, -LargestRate, LargestRate);
        Variables[0] = theta + rate * TimeStep;
        Variables[1] = rate;
        return (-cost, false);
    }
}
