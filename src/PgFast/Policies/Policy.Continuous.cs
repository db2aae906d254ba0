using PgFast.Numerics;
using PgFast.Randomness;

namespace PgFast.Policies;

// Continuous actions. A policy is a softmax or a Gaussian; each member says which, and throws if it is the other.
public sealed unsafe partial class Policy
{
    /// <summary>log of the unit of an action's volume: what separates densities of draws from those of actions.</summary>
    private float LogUnit => Distribution.IsDiscrete ? 0 : Distribution.Size * Elementary.Log(ActionScale);

    /// <summary>Draws an action from a Gaussian.</summary>
    /// <param name="observation">[InputSize], finite.</param>
    /// <param name="words">
    /// A random word a dimension. In step t of an episode, dimension d of training takes word t mod 4 of the block
    /// <see cref="Philox.Generate(ulong, RandomStream, ulong, uint)"/>(seed, <see cref="RandomStream.Action"/>, episode, t / 4 + d·2²⁶).
    /// </param>
    /// <param name="action">[dimension], in the environment's unit; overwritten. Not clipped to any limits.</param>
    /// <exception cref="ArgumentException">A length is wrong or an observation is not finite.</exception>
    /// <exception cref="InvalidOperationException">The policy is a softmax.</exception>
    public void Sample(ReadOnlySpan<float> observation, ReadOnlySpan<uint> words, Span<float> action)
    {
        RequireDiscrete(false);
        if (words.Length != Distribution.Size)
            throw new ArgumentException($"An action takes {Distribution.Size} words.", nameof(words));
        RequireDimension(action.Length, nameof(action));
        Forward(observation);
        for (int d = 0; d < words.Length; d++)
            ((uint*)Words)[d * Lanes] = words[d];
        _head.Sample(_output.Pointer, Words, Action, Lanes);
        for (int d = 0; d < action.Length; d++)
            action[d] = ActionScale * Action[d * Lanes];
    }

    /// <summary>Mean and standard deviation of a Gaussian's action.</summary>
    /// <param name="observation">[InputSize], finite.</param>
    /// <param name="mean">[dimension], in the environment's unit; overwritten. The action to take where nothing is left to chance.</param>
    /// <param name="deviation">[dimension], in the environment's unit; overwritten.</param>
    /// <exception cref="ArgumentException">A length is wrong or an observation is not finite.</exception>
    /// <exception cref="InvalidOperationException">The policy is a softmax.</exception>
    public void Moments(ReadOnlySpan<float> observation, Span<float> mean, Span<float> deviation)
    {
        RequireDiscrete(false);
        RequireDimension(mean.Length, nameof(mean));
        RequireDimension(deviation.Length, nameof(deviation));
        Forward(observation);
        for (int d = 0; d < mean.Length; d++)
        {
            mean[d] = ActionScale * _output.Pointer[d * Lanes];
            deviation[d] = ActionScale * Elementary.Exp(_output.Pointer[(mean.Length + d) * Lanes]);
        }
    }

    /// <summary>Log-density of a Gaussian at an action, in nats, in the environment's unit of action.</summary>
    /// <param name="observation">[InputSize], finite.</param>
    /// <param name="action">[dimension], in the environment's unit.</param>
    /// <exception cref="ArgumentException">A length is wrong or an observation is not finite.</exception>
    /// <exception cref="InvalidOperationException">The policy is a softmax.</exception>
    public float LogProbability(ReadOnlySpan<float> observation, ReadOnlySpan<float> action)
    {
        RequireDiscrete(false);
        RequireDimension(action.Length, nameof(action));
        Forward(observation);
        for (int d = 0; d < action.Length; d++)
            Action[d * Lanes] = action[d] / ActionScale;
        _head.Evaluate(_output.Pointer, Action, LogProbabilities, Entropies, Lanes);
        return LogProbabilities[0] - LogUnit;
    }

    private void RequireDiscrete(bool isDiscrete)
    {
        if (Distribution.IsDiscrete != isDiscrete)
            throw new InvalidOperationException(isDiscrete ? "The policy is a Gaussian: its actions are real numbers." : "The policy is a softmax: its actions are indices.");
    }

    private void RequireDimension(int length, string name)
    {
        if (length != Distribution.Size)
            throw new ArgumentException($"Actions have {Distribution.Size} dimensions.", name);
    }
}
