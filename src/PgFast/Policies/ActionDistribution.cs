using PgFast.Environments;
using PgFast.Networks;
using PgFast.Numerics;

namespace PgFast.Policies;

/// <summary>What a network's outputs mean: which distribution over actions they describe.</summary>
/// <remarks>
/// Softmax: the outputs are logits. Gaussian: the outputs are μ, one a dimension, then log σ, one a dimension; every dimension of an action
/// is drawn from N(μ, σ²) by itself. Immutable.
/// </remarks>
public sealed record ActionDistribution
{
    /// <summary>Largest |log σ| of a policy that can be trained: beyond it 1/σ² or σ² is no ordinary number for long.</summary>
    internal const float LargestLogDeviation = 20;

    private ActionDistribution(bool isDiscrete, int size, StandardDeviationSource standardDeviation)
    {
        IsDiscrete = isDiscrete;
        Size = size;
        StandardDeviation = standardDeviation;
    }

    /// <summary>True for a softmax, false for a Gaussian.</summary>
    public bool IsDiscrete { get; }

    /// <summary>Number of actions, or dimension of an action.</summary>
    public int Size { get; }

    /// <summary>Where σ comes from; not read of a softmax.</summary>
    public StandardDeviationSource StandardDeviation { get; }

    /// <summary>Outputs of the network's last layer that it takes.</summary>
    public int LayerOutputs => !IsDiscrete && StandardDeviation == StandardDeviationSource.StateDependent ? 2 * Size : Size;

    /// <summary>Outputs that it takes and no input changes: log σ, where that is a free vector.</summary>
    public int FreeOutputs => !IsDiscrete && StandardDeviation == StandardDeviationSource.Free ? Size : 0;

    /// <summary>Rows of action a lane: 1 for a softmax, whose action is an index.</summary>
    internal int ActionRows => IsDiscrete ? 1 : Size;

    /// <summary>Whether two logits are computed as their difference.</summary>
    internal bool MergesOutputs => IsDiscrete && Size == 2;

    /// <summary>A softmax over <paramref name="actions"/> actions.</summary>
    /// <param name="actions">At least 2.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than two.</exception>
    public static ActionDistribution Softmax(int actions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(actions, 2);
        return new ActionDistribution(true, actions, StandardDeviationSource.Free);
    }

    /// <summary>A Gaussian with a diagonal covariance.</summary>
    /// <param name="dimension">Dimension of an action, at least 1.</param>
    /// <param name="standardDeviation">Where σ comes from.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public static ActionDistribution Gaussian(int dimension, StandardDeviationSource standardDeviation = StandardDeviationSource.Free)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        if (!Enum.IsDefined(standardDeviation))
            throw new ArgumentOutOfRangeException(nameof(standardDeviation), standardDeviation, "Unknown source.");
        return new ActionDistribution(false, dimension, standardDeviation);
    }

    /// <summary>The distribution for an environment's actions that has a given source of σ.</summary>
    /// <param name="actions">The environment's actions.</param>
    /// <param name="standardDeviation">Where σ comes from; not read for discrete actions.</param>
    public static ActionDistribution Of(ActionSpace actions, StandardDeviationSource standardDeviation) =>
        actions.IsDiscrete ? Softmax(actions.Size) : Gaussian(actions.Size, standardDeviation);

    /// <summary>The distribution for an environment's actions that a network is made for: σ is free if the network has free outputs.</summary>
    internal static ActionDistribution Of(ActionSpace actions, NetworkShape shape) =>
        Of(actions, shape.FreeOutputSize > 0 ? StandardDeviationSource.Free : StandardDeviationSource.StateDependent);

    /// <summary>A network with the outputs that this distribution takes.</summary>
    /// <param name="inputSize">Number of inputs, at least 1.</param>
    /// <param name="hiddenSizes">Size of each hidden layer, at least 1 each.</param>
    /// <param name="activation">The non-linearity of the hidden layers.</param>
    /// <param name="hasBias">Whether layers have biases.</param>
    public NetworkShape CreateShape(int inputSize, ReadOnlySpan<int> hiddenSizes, Activation activation, bool hasBias = true) =>
        new(inputSize, hiddenSizes, LayerOutputs, activation, hasBias, FreeOutputs);

    /// <summary>Whether a network has the outputs that this distribution takes.</summary>
    /// <param name="shape">The network.</param>
    public bool Fits(NetworkShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return shape.FreeOutputSize == FreeOutputs && shape.OutputSize == LayerOutputs + FreeOutputs;
    }

    /// <summary>Sets log σ to that of a standard deviation: the free vector, or the biases of the head.</summary>
    /// <param name="parameters">[ParameterCount]; changed.</param>
    /// <param name="shape">A network that fits.</param>
    /// <param name="deviation">Positive and finite.</param>
    /// <exception cref="ArgumentException">The head has no biases, and the deviation is not 1; or |log σ| is too large to train.</exception>
    internal void StartDeviation(Span<float> parameters, NetworkShape shape, float deviation)
    {
        if (IsDiscrete || deviation == 1)
            return;
        float logarithm = Elementary.Log(deviation);
        if (Math.Abs(logarithm) > LargestLogDeviation)
            throw new ArgumentOutOfRangeException(nameof(deviation), deviation, "A standard deviation starts between 2.1e-9 and 4.8e8.");
        if (FreeOutputs > 0)
        {
            parameters[shape.FreeOutputOffset..].Fill(logarithm);
            return;
        }

        if (!shape.HasBias)
            throw new ArgumentException("A head of log σ without biases starts at a standard deviation of 1.", nameof(deviation));
        parameters.Slice(shape.BiasOffset(shape.LayerCount - 1) + Size, Size).Fill(logarithm);
    }
}
