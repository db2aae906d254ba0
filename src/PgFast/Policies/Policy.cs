using PgFast.Environments;
using PgFast.Networks;
using PgFast.Numerics;
using PgFast.Randomness;

namespace PgFast.Policies;

/// <summary>A policy for acting: a network and its parameters, asked for one observation at a time.</summary>
/// <remarks>
/// Runs through the engine's own kernels, so it gives the same actions and probabilities as training does, to the last bit, at any
/// vector width. The parameters are a copy: later training does not change them. Allocates nothing after construction. Not
/// thread-safe: give every thread a policy of its own.
/// </remarks>
public sealed unsafe partial class Policy : IDisposable
{
    private const int Lanes = 16;

    private readonly NetworkParameters _parameters;
    private readonly NetworkKernels _network;
    private readonly PolicyHead _head;
    private readonly AlignedBuffer<float> _observation;
    private readonly AlignedBuffer<float> _output;
    private readonly AlignedBuffer<float> _record;
    private readonly AlignedBuffer<float> _gradient;
    // Rows of 16 lanes: weights, log-probabilities, entropies, then words and actions of every dimension.
    private readonly AlignedBuffer<float> _rows;
    private readonly ObservationScaling? _scaling;
    private readonly float[] _scaled;
    private bool _disposed;

    /// <summary>Builds a policy.</summary>
    /// <param name="shape">The network.</param>
    /// <param name="parameters">[ParameterCount], finite, in file order; copied.</param>
    /// <param name="distribution">What the network's outputs mean; null for the logits of a softmax, at least 2.</param>
    /// <param name="observationScaling">What observations are scaled by; null for nothing.</param>
    /// <param name="actionScale">What a Gaussian's draws are multiplied by, positive and finite.</param>
    /// <exception cref="ArgumentException">
    /// The network has other outputs than the distribution takes or other inputs than the scaling has features, the length is wrong, or a
    /// value is out of range.
    /// </exception>
    public Policy(
        NetworkShape shape, ReadOnlySpan<float> parameters, ActionDistribution? distribution = null, ObservationScaling? observationScaling = null,
        float actionScale = 1)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (distribution is null && shape.OutputSize < 2)
            throw new ArgumentException("A softmax policy has at least two actions.", nameof(shape));
        Distribution = distribution ?? ActionDistribution.Softmax(shape.OutputSize);
        if (!Distribution.Fits(shape))
            throw new ArgumentException($"The network {shape} has other outputs than the distribution takes.", nameof(shape));
        if (observationScaling is not null && observationScaling.Mean.Length != shape.InputSize)
            throw new ArgumentException($"The network has {shape.InputSize} inputs, the scaling another number of features.", nameof(observationScaling));
        if (!(actionScale > 0) || !float.IsFinite(actionScale))
            throw new ArgumentOutOfRangeException(nameof(actionScale), actionScale, "The scale must be positive and finite.");
        if (parameters.Length != shape.ParameterCount)
            throw new ArgumentException($"The network {shape} has {shape.ParameterCount} parameters.", nameof(parameters));
        foreach (float value in parameters)
        {
            if (!float.IsFinite(value))
                throw new ArgumentException("A parameter is not finite.", nameof(parameters));
        }

        _parameters = new NetworkParameters(shape, Distribution.MergesOutputs);
        parameters.CopyTo(_parameters.Flat);
        _parameters.Refresh();
        _network = NetworkKernels.Create(_parameters, keepsActivations: false);
        _network.Refresh();
        _head = PolicyHead.Create(Distribution);
        _scaling = observationScaling;
        _scaled = new float[shape.InputSize];
        ActionScale = actionScale;
        _rows = new AlignedBuffer<float>((3 + 2L * Distribution.ActionRows) * Lanes);
        _observation = new AlignedBuffer<float>((long)shape.InputSize * Lanes);
        _output = new AlignedBuffer<float>((long)_parameters.EffectiveOutputs * Lanes);
        _record = new AlignedBuffer<float>(Math.Max(1L, _network.RecordSize) * Lanes);
        _gradient = new AlignedBuffer<float>((long)_parameters.EffectiveOutputs * Lanes);
    }

    /// <summary>The network.</summary>
    public NetworkShape Shape => _parameters.Shape;

    /// <summary>What the network's outputs mean.</summary>
    public ActionDistribution Distribution { get; }

    /// <summary>What a Gaussian's draws are multiplied by to give the environment's action.</summary>
    public float ActionScale { get; }

    /// <summary>Number of actions, or dimension of an action.</summary>
    public int ActionCount => Distribution.Size;

    /// <summary>[ParameterCount], in file order.</summary>
    /// <exception cref="ObjectDisposedException">The policy was disposed.</exception>
    public ReadOnlySpan<float> Parameters => _parameters.Flat;

    private float* Weight => _rows.Pointer;

    private float* LogProbabilities => _rows.Pointer + Lanes;

    private float* Entropies => _rows.Pointer + 2 * Lanes;

    private float* Words => _rows.Pointer + 3 * Lanes;

    private float* Action => Words + Distribution.ActionRows * Lanes;

    /// <summary>Computes π(a|s) of every action.</summary>
    /// <param name="observation">[InputSize], finite.</param>
    /// <param name="probabilities">[ActionCount]; overwritten.</param>
    /// <exception cref="ArgumentException">A length is wrong or an observation is not finite.</exception>
    /// <exception cref="InvalidOperationException">The policy is a Gaussian.</exception>
    public void Probabilities(ReadOnlySpan<float> observation, Span<float> probabilities)
    {
        RequireDiscrete(true);
        if (probabilities.Length != ActionCount)
            throw new ArgumentException($"The policy has {ActionCount} actions.", nameof(probabilities));
        Forward(observation);
        // The score ∂log π(a)/∂z_k is 1{k = a} − π(k): its negative, for an action a that is not k, is π(k) as the gradient sees it.
        ScoreScale scale = new(1, 0, 0);
        int* action = (int*)Action;
        if (_parameters.MergesOutputs)
        {
            (action[0], action[1]) = (0, 1);
            (Weight[0], Weight[1]) = (-1, 1);
            _head.Score(_output.Pointer, Action, Weight, scale, _gradient.Pointer, Lanes);
            (probabilities[0], probabilities[1]) = (_gradient.Pointer[1], _gradient.Pointer[0]);
            return;
        }

        action[0] = -1;
        Weight[0] = -1;
        _head.Score(_output.Pointer, Action, Weight, scale, _gradient.Pointer, Lanes);
        for (int k = 0; k < probabilities.Length; k++)
            probabilities[k] = _gradient.Pointer[k * Lanes];
    }

    /// <summary>Draws an action.</summary>
    /// <param name="observation">[InputSize], finite.</param>
    /// <param name="word">
    /// A random word. In step t of an episode, training takes word t mod 4 of the block
    /// <see cref="Philox.Generate(ulong, RandomStream, ulong, uint)"/>(seed, <see cref="RandomStream.Action"/>, episode, t / 4).
    /// </param>
    /// <returns>The action's index.</returns>
    /// <exception cref="ArgumentException">The length is wrong or an observation is not finite.</exception>
    public int Sample(ReadOnlySpan<float> observation, uint word)
    {
        RequireDiscrete(true);
        Forward(observation);
        ((uint*)Words)[0] = word;
        _head.Sample(_output.Pointer, Words, Action, Lanes);
        return ((int*)Action)[0];
    }

    /// <summary>The action with the largest probability; of equals, the first.</summary>
    /// <param name="observation">[InputSize], finite.</param>
    /// <exception cref="ArgumentException">The length is wrong or an observation is not finite.</exception>
    public int MostProbableAction(ReadOnlySpan<float> observation)
    {
        RequireDiscrete(true);
        Forward(observation);
        _head.Mode(_output.Pointer, Action, Lanes);
        return ((int*)Action)[0];
    }

    /// <summary>log π(a|s) in nats, exact also where the probability itself would be 0.</summary>
    /// <param name="observation">[InputSize], finite.</param>
    /// <param name="action">Index of the action, 0-based.</param>
    /// <exception cref="ArgumentException">The length is wrong, an observation is not finite, or there is no such action.</exception>
    public float LogProbability(ReadOnlySpan<float> observation, int action)
    {
        RequireDiscrete(true);
        if ((uint)action >= (uint)ActionCount)
            throw new ArgumentOutOfRangeException(nameof(action), action, $"Actions are 0 to {ActionCount - 1}.");
        Forward(observation);
        ((int*)Action)[0] = action;
        _head.Evaluate(_output.Pointer, Action, LogProbabilities, Entropies, Lanes);
        return LogProbabilities[0];
    }

    /// <summary>Entropy of π(·|s) in nats; of a Gaussian, the differential entropy of the action in its unit.</summary>
    /// <param name="observation">[InputSize], finite.</param>
    /// <exception cref="ArgumentException">The length is wrong or an observation is not finite.</exception>
    public float Entropy(ReadOnlySpan<float> observation)
    {
        Forward(observation);
        new Span<float>(Action, Distribution.ActionRows * Lanes).Clear();
        _head.Evaluate(_output.Pointer, Action, LogProbabilities, Entropies, Lanes);
        return Entropies[0] + LogUnit;
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _network.Dispose();
        _head.Dispose();
        _parameters.Dispose();
        _observation.Dispose();
        _output.Dispose();
        _record.Dispose();
        _gradient.Dispose();
        _rows.Dispose();
    }

    /// <summary>Writes the logits to lane 0 of the output row; the other lanes see the all-zero observation.</summary>
    private void Forward(ReadOnlySpan<float> observation)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (observation.Length != Shape.InputSize)
            throw new ArgumentException($"The policy observes {Shape.InputSize} numbers, not {observation.Length}.", nameof(observation));
        float* lane = _observation.Pointer;
        foreach (float value in observation)
        {
            if (!float.IsFinite(value))
                throw new ArgumentException("An observation is not finite.", nameof(observation));
        }

        if (_scaling is not null)
        {
            _scaling.Apply(observation, _scaled);
            observation = _scaled;
        }

        for (int k = 0; k < observation.Length; k++)
            lane[k * Lanes] = observation[k];
        if (_parameters.MergesOutputs)
        {
            // Probabilities reads two lanes: the chance of each action comes from a score of its own.
            for (int k = 0; k < observation.Length; k++)
                lane[k * Lanes + 1] = observation[k];
        }

        _network.Forward(lane, _output.Pointer, _record.Pointer, Lanes);
    }
}
