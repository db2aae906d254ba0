using PgFast.Randomness;

namespace PgFast.Reference;

/// <summary>An episode of an environment in double precision: its state, the steps taken, and how it ends.</summary>
/// <remarks>What an environment adds is its formula. All differ from Gymnasium's in nothing but the source of random numbers.</remarks>
public abstract class ReferenceEnvironment
{
    private readonly int _stepLimit;
    private int _elapsedSteps;
    private bool _ended;

    private protected ReferenceEnvironment(double[] state, int stateSize, int stepLimit, int elapsedSteps)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Length != stateSize)
        {
            throw new ArgumentException($"{stateSize} variables are needed.", nameof(state));
        }

        Variables = [.. state];
        _stepLimit = stepLimit;
        _elapsedSteps = elapsedSteps;
    }

    /// <summary>The state as a new array, in the order and units of the environment's summary.</summary>
    public double[] State => [.. Variables];

    /// <summary>What the policy sees of it, as a new array.</summary>
    public virtual double[] Observation => State;

    /// <summary>The state itself.</summary>
    private protected double[] Variables { get; }

    /// <summary>One step.</summary>
    /// <param name="action">An index, or a real number.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="action"/> is no index of an action.</exception>
    /// <exception cref="InvalidOperationException">The episode has ended.</exception>
    public ReferenceStep Step(double action)
    {
        if (_ended)
        {
            throw new InvalidOperationException("The episode has ended.");
        }

        (double reward, bool terminated) = Advance(action);
        _elapsedSteps++;
        bool truncated = _elapsedSteps >= _stepLimit;
        _ended = terminated || truncated;
        return new ReferenceStep(reward, terminated, truncated);
    }

    /// <summary>Moves the state; returns the reward and whether the state reached is terminal.</summary>
    private protected abstract (double Reward, bool Terminated) Advance(double action);

    /// <summary>−1, 0 or 1 for action 0, 1 or 2.</summary>
    private protected static double Direction(double action) =>
        action is 0.0 or 1.0 or 2.0 ? action - 1.0 : throw new ArgumentOutOfRangeException(nameof(action), action, "Actions are 0, 1 and 2.");

    /// <summary>A number of the interval (low, high) from word <paramref name="index"/> of the episode's reset block.</summary>
    private protected static double Uniform(ulong seed, ulong episode, int index, double low, double high)
    {
        double uniform = Philox.Uniform(Philox.Generate(seed, RandomStream.Reset, episode, 0)[index]);
        return low + (high - low) * uniform;
    }
}
