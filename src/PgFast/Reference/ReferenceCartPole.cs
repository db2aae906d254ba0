using PgFast.Randomness;

namespace PgFast.Reference;

/// <summary>What one step of an environment gave.</summary>
/// <param name="Reward">The reward of the transition.</param>
/// <param name="Terminated">Whether the state reached is terminal.</param>
/// <param name="Truncated">Whether the step limit was reached; may be set together with <paramref name="Terminated"/>.</param>
public readonly record struct ReferenceStep(double Reward, bool Terminated, bool Truncated);

/// <summary>Gymnasium's CartPole-v1 in double precision: keep a pole upright on a cart by pushing the cart left or right.</summary>
/// <remarks>
/// <para>Source: Barto, Sutton and Anderson (1983), as in Gymnasium, <c>classic_control/cartpole.py</c>; no differences.</para>
/// <list type="table">
/// <item><term>Action</term><description>0 pushes with −10 N, 1 with +10 N.</description></item>
/// <item>
/// <term>Observation</term>
/// <description>Position x in m, velocity x′ in m/s, angle θ in rad (0 is upright), rate θ′ in rad/s.</description>
/// </item>
/// <item>
/// <term>Dynamics</term>
/// <description>Explicit Euler with steps of 0.02 s: positions move with the old velocities.</description>
/// </item>
/// <item><term>Reward</term><description>1 for every step, the last one included.</description></item>
/// <item><term>Start</term><description>All four uniform in ±0.05.</description></item>
/// <item><term>End</term><description>Terminated when |x| &gt; 2.4 m or |θ| &gt; 12°; truncated at step 500.</description></item>
/// </list>
/// </remarks>
public sealed class ReferenceCartPole
{
    /// <summary>Number of observation features.</summary>
    public const int ObservationSize = 4;

    /// <summary>Number of actions.</summary>
    public const int ActionCount = 2;

    /// <summary>Steps after which an episode is truncated.</summary>
    public const int StepLimit = 500;

    private const double Gravity = 9.8;
    private const double CartMass = 1.0;
    private const double PoleMass = 0.1;
    private const double TotalMass = PoleMass + CartMass;
    private const double HalfPoleLength = 0.5;
    private const double PoleMassLength = PoleMass * HalfPoleLength;
    internal const double ForceMagnitude = 10.0;
    private const double TimeStep = 0.02;
    private const double PositionLimit = 2.4;
    private const double AngleLimit = 12.0 * 2.0 * Math.PI / 360.0;
    private const double ResetLimit = 0.05;

    private double _x, _xRate, _theta, _thetaRate;
    private int _elapsedSteps;
    private bool _ended;

    /// <summary>An episode that stands at a given state.</summary>
    /// <param name="observation">[4]: x in m, x′ in m/s, θ in rad, θ′ in rad/s; copied.</param>
    /// <param name="elapsedSteps">Steps of the episode already taken; they count towards the limit.</param>
    /// <exception cref="ArgumentException"><paramref name="observation"/> has not four features.</exception>
    public ReferenceCartPole(double[] observation, int elapsedSteps = 0)
    {
        ArgumentNullException.ThrowIfNull(observation);
        if (observation.Length != ObservationSize)
        {
            throw new ArgumentException($"{ObservationSize} features are needed.", nameof(observation));
        }

        (_x, _xRate, _theta, _thetaRate) = (observation[0], observation[1], observation[2], observation[3]);
        _elapsedSteps = elapsedSteps;
    }

    /// <summary>The state as a new array [4]: x, x′, θ, θ′.</summary>
    public double[] Observation => [_x, _xRate, _theta, _thetaRate];

    /// <summary>Starts an episode: each feature is (2u − 1)·0.05, with u from the words of the episode's reset block in order.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="episode">The episode's id.</param>
    public static ReferenceCartPole Reset(ulong seed, ulong episode)
    {
        PhiloxBlock words = Philox.Generate(seed, RandomStream.Reset, episode, 0);
        double[] observation = new double[ObservationSize];
        for (int feature = 0; feature < ObservationSize; feature++)
        {
            double uniform = Philox.Uniform(words[feature]);
            observation[feature] = (2.0 * uniform - 1.0) * ResetLimit;
        }

        return new ReferenceCartPole(observation);
    }

    /// <summary>Pushes the cart for one time step.</summary>
    /// <param name="action">0 for left, 1 for right.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="action"/> is neither 0 nor 1.</exception>
    /// <exception cref="InvalidOperationException">The episode has ended.</exception>
    public ReferenceStep Step(int action)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(action);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(action, ActionCount);
        if (_ended)
        {
            throw new InvalidOperationException("The episode has ended.");
        }

        Push(action == 1 ? ForceMagnitude : -ForceMagnitude, ref _x, ref _xRate, ref _theta, ref _thetaRate);
        _elapsedSteps++;

        bool terminated = IsFallen(_x, _theta);
        bool truncated = _elapsedSteps >= StepLimit;
        _ended = terminated || truncated;
        return new ReferenceStep(Reward: 1.0, terminated, truncated);
    }

    /// <summary>One step of the dynamics, for any force.</summary>
    /// <param name="force">On the cart, in N.</param>
    /// <param name="x">Before, then after the step, as are the others.</param>
    /// <param name="xRate">x′.</param>
    /// <param name="theta">θ.</param>
    /// <param name="thetaRate">θ′.</param>
    internal static void Push(double force, ref double x, ref double xRate, ref double theta, ref double thetaRate)
    {
        double cosine = Math.Cos(theta);
        double sine = Math.Sin(theta);
        double temporary = (force + PoleMassLength * (thetaRate * thetaRate) * sine) / TotalMass;
        double thetaAcceleration = (Gravity * sine - cosine * temporary)
            / (HalfPoleLength * (4.0 / 3.0 - PoleMass * (cosine * cosine) / TotalMass));
        double xAcceleration = temporary - PoleMassLength * thetaAcceleration * cosine / TotalMass;

        x += TimeStep * xRate;
        xRate += TimeStep * xAcceleration;
        theta += TimeStep * thetaRate;
        thetaRate += TimeStep * thetaAcceleration;
    }

    /// <summary>Whether the cart left the track or the pole fell.</summary>
    internal static bool IsFallen(double x, double theta) => Math.Abs(x) > PositionLimit || Math.Abs(theta) > AngleLimit;
}
