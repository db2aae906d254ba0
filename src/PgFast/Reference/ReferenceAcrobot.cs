namespace PgFast.Reference;

/// <summary>Gymnasium's Acrobot-v1 in double precision: swing two links up with a motor in the joint between them.</summary>
/// <remarks>
/// <para>Source: Sutton (1996), with the equations of Sutton and Barto's book, as in Gymnasium 1.3, <c>classic_control/acrobot.py</c>.</para>
/// <list type="table">
/// <item><term>Action</term><description>0, 1, 2: a torque of −1, 0, 1 N m.</description></item>
/// <item><term>State</term><description>θ₁ in rad (0 hangs), θ₂ relative to it, θ₁′ and θ₂′ in rad/s.</description></item>
/// <item><term>Observation</term><description>cos θ₁, sin θ₁, cos θ₂, sin θ₂, θ₁′, θ₂′.</description></item>
/// <item>
/// <term>Dynamics</term>
/// <description>One Runge–Kutta step of 0.2 s; then angles are wrapped into ±π, and rates clipped to ±4π and ±9π.</description>
/// </item>
/// <item><term>Reward</term><description>−1 for every step, 0 for the one that terminates.</description></item>
/// <item><term>Start</term><description>All four uniform in ±0.1.</description></item>
/// <item><term>End</term><description>Terminated when −cos θ₁ − cos(θ₁ + θ₂) &gt; 1; truncated at step 500.</description></item>
/// </list>
/// </remarks>
public sealed class ReferenceAcrobot : ReferenceEnvironment
{
    /// <summary>Steps after which an episode is truncated.</summary>
    public const int StepLimit = 500;

    private const double Gravity = 9.8;
    private const double Mass1 = 1.0;
    private const double Mass2 = 1.0;
    private const double Length1 = 1.0;
    private const double Centre1 = 0.5;
    private const double Centre2 = 0.5;
    private const double Inertia1 = 1.0;
    private const double Inertia2 = 1.0;
    private const double TimeStep = 0.2;
    private const double LargestRate1 = 4.0 * Math.PI;
    private const double LargestRate2 = 9.0 * Math.PI;
    private const double ResetLimit = 0.1;

    /// <summary>An episode that stands at a given state.</summary>
    /// <param name="state">[4]: θ₁, θ₂, θ₁′, θ₂′; copied.</param>
    /// <param name="elapsedSteps">Steps of the episode already taken; they count towards the limit.</param>
    /// <exception cref="ArgumentException"><paramref name="state"/> has not four variables.</exception>
    public ReferenceAcrobot(double[] state, int elapsedSteps = 0)
        : base(state, 4, StepLimit, elapsedSteps)
    {
    }

    /// <inheritdoc/>
    public override double[] Observation =>
    [
        Math.Cos(Variables[0]), Math.Sin(Variables[0]), Math.Cos(Variables[1]), Math.Sin(Variables[1]), Variables[2], Variables[3],
    ];

    /// <summary>Starts an episode: variable i comes from word i of the episode's reset block.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="episode">The episode's id.</param>
    public static ReferenceAcrobot Reset(ulong seed, ulong episode) =>
        new([.. Enumerable.Range(0, 4).Select(i => Uniform(seed, episode, i, -ResetLimit, ResetLimit))]);

    private protected override (double Reward, bool Terminated) Advance(double action)
    {
        double torque = Direction(action);
        double[] slope1 = Derivative(Variables, torque);
        double[] slope2 = Derivative(Ahead(slope1, TimeStep / 2.0), torque);
        double[] slope3 = Derivative(Ahead(slope2, TimeStep / 2.0), torque);
        double[] slope4 = Derivative(Ahead(slope3, TimeStep), torque);
        for (int i = 0; i < 4; i++)
        {
            Variables[i] += TimeStep / 6.0 * (slope1[i] + 2.0 * slope2[i] + 2.0 * slope3[i] + slope4[i]);
        }

        Variables[0] = Wrap(Variables[0]);
        Variables[1] = Wrap(Variables[1]);
        Variables[2] = Math.Clamp(Variables[2], -LargestRate1, LargestRate1);
        Variables[3] = Math.Clamp(Variables[3], -LargestRate2, LargestRate2);
        bool terminated = -Math.Cos(Variables[0]) - Math.Cos(Variables[0] + Variables[1]) > 1.0;
        return (terminated ? 0.0 : -1.0, terminated);
    }

    /// <summary>The state after <paramref name="time"/> seconds along a slope.</summary>
    private double[] Ahead(double[] slope, double time) => [.. Variables.Select((value, i) => value + time * slope[i])];

    /// <summary>θ₁′, θ₂′, θ₁″, θ₂″.</summary>
    private static double[] Derivative(double[] state, double torque)
    {
        (double theta1, double theta2, double rate1, double rate2) = (state[0], state[1], state[2], state[3]);
        double cosine2 = Math.Cos(theta2);
        double sine2 = Math.Sin(theta2);
        double d1 = Mass1 * Centre1 * Centre1
            + Mass2 * (Length1 * Length1 + Centre2 * Centre2 + 2.0 * Length1 * Centre2 * cosine2) + Inertia1 + Inertia2;
        double d2 = Mass2 * (Centre2 * Centre2 + Length1 * Centre2 * cosine2) + Inertia2;
        double phi2 = Mass2 * Centre2 * Gravity * Math.Cos(theta1 + theta2 - Math.PI / 2.0);
        double phi1 = -Mass2 * Length1 * Centre2 * rate2 * rate2 * sine2
            - 2.0 * Mass2 * Length1 * Centre2 * rate2 * rate1 * sine2
            + (Mass1 * Centre1 + Mass2 * Length1) * Gravity * Math.Cos(theta1 - Math.PI / 2.0) + phi2;
        double acceleration2 = (torque + d2 / d1 * phi1 - Mass2 * Length1 * Centre2 * rate1 * rate1 * sine2 - phi2)
            / (Mass2 * Centre2 * Centre2 + Inertia2 - d2 * d2 / d1);
        double acceleration1 = -(d2 * acceleration2 + phi1) / d1;
        return [rate1, rate2, acceleration1, acceleration2];
    }

    private static double Wrap(double angle)
    {
        while (angle > Math.PI)
        {
            angle -= 2.0 * Math.PI;
        }

        while (angle < -Math.PI)
        {
            angle += 2.0 * Math.PI;
        }

        return angle;
    }
}
