using PgFast.Networks;

namespace PgFast.Estimators;

/// <summary>V(s) or V(s, t) that is not learned any more: a network whose output is a return, in units of reward.</summary>
/// <remarks>
/// Its inputs are what the policy observes and, with one input more than that, t/T, the share of the time limit that is used up. Which
/// return it predicts depends on the estimator that it was learned for: G_0 for <see cref="Estimators.Estimator.Total"/>, else G_t, with
/// the γ of that training. Sutton and Barto (2018), section 13.4. Immutable and thread-safe.
/// </remarks>
public sealed class ValueFunction
{
    private readonly float[] _parameters;

    /// <summary>Describes a value function.</summary>
    /// <param name="shape">The network; one output.</param>
    /// <param name="parameters">[ParameterCount], finite, in file order; copied.</param>
    /// <param name="estimator">The estimator whose return it predicts.</param>
    /// <exception cref="ArgumentException">The network has several outputs, the length is wrong, a value is not finite, or the estimator is unknown.</exception>
    public ValueFunction(NetworkShape shape, ReadOnlySpan<float> parameters, Estimator estimator)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (shape.OutputSize != 1 || shape.FreeOutputSize != 0)
            throw new ArgumentException($"A value function has one output; the network {shape} has {shape.OutputSize}.", nameof(shape));
        if (parameters.Length != shape.ParameterCount)
            throw new ArgumentException($"The network {shape} has {shape.ParameterCount} parameters.", nameof(parameters));
        foreach (float value in parameters)
        {
            if (!float.IsFinite(value))
                throw new ArgumentException("A parameter is not finite.", nameof(parameters));
        }

        if (!Enum.IsDefined(estimator))
            throw new ArgumentOutOfRangeException(nameof(estimator), estimator, "Unknown estimator.");
        Shape = shape;
        _parameters = parameters.ToArray();
        Estimator = estimator;
    }

    /// <summary>The network.</summary>
    public NetworkShape Shape { get; }

    /// <summary>[ParameterCount], in file order.</summary>
    public ReadOnlySpan<float> Parameters => _parameters;

    /// <summary>The estimator whose return it predicts.</summary>
    public Estimator Estimator { get; }

    /// <summary>Whether it predicts the return that an estimator uses.</summary>
    /// <param name="estimator">The other estimator.</param>
    public bool Predicts(Estimator estimator) => estimator == Estimator.Total == (Estimator == Estimator.Total);

    /// <summary>Whether it can be asked about a policy's observations: it takes as many, or t/T besides.</summary>
    /// <param name="observationSize">Features that the policy observes.</param>
    public bool Fits(int observationSize) => Shape.InputSize == observationSize || Shape.InputSize == observationSize + 1;

    /// <summary>Takes the unit of a network's output into its last layer: from mean + deviation·output to output.</summary>
    /// <param name="parameters">[ParameterCount]; the last layer is changed. The network has biases.</param>
    /// <param name="shape">The network.</param>
    /// <param name="mean">Return of output 0.</param>
    /// <param name="deviation">Return that one unit of output is.</param>
    internal static void TakeInScale(Span<float> parameters, NetworkShape shape, double mean, double deviation)
    {
        int last = shape.LayerCount - 1, bias = shape.BiasOffset(last);
        for (int i = shape.WeightOffset(last); i < bias; i++)
            parameters[i] = (float)(deviation * parameters[i]);
        parameters[bias] = (float)(mean + deviation * parameters[bias]);
    }
}
