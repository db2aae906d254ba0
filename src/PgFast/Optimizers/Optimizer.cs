namespace PgFast.Optimizers;

/// <summary>Moves a flat parameter vector uphill: gradient ascent on the objective.</summary>
/// <remarks>Element by element, from correctly rounded operations alone: the same bits on every machine. Allocates nothing after construction.</remarks>
public abstract class Optimizer
{
    private float _stepSize;

    /// <summary>Initialises the base.</summary>
    /// <param name="parameterCount">Length of the parameter vector, at least 1.</param>
    /// <param name="stepSize">α &gt; 0.</param>
    protected Optimizer(int parameterCount, float stepSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(parameterCount);
        ParameterCount = parameterCount;
        _stepSize = Checked(stepSize, nameof(stepSize));
    }

    /// <summary>Length of the parameter vector.</summary>
    public int ParameterCount { get; }

    /// <summary>α; may be changed between steps.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive and finite.</exception>
    public float StepSize
    {
        get => _stepSize;
        set => _stepSize = Checked(value, nameof(StepSize));
    }

    /// <summary>Changes the parameters by one step along the gradient.</summary>
    /// <param name="parameters">[ParameterCount]; updated in place.</param>
    /// <param name="gradient">[ParameterCount]; of the objective to be raised.</param>
    /// <exception cref="ArgumentException">A length is wrong.</exception>
    public void Step(Span<float> parameters, ReadOnlySpan<float> gradient)
    {
        if (parameters.Length != ParameterCount)
            throw new ArgumentException($"There are {ParameterCount} parameters.", nameof(parameters));
        if (gradient.Length != ParameterCount)
            throw new ArgumentException($"There are {ParameterCount} parameters.", nameof(gradient));
        Apply(parameters, gradient);
    }

    /// <summary>What is remembered between steps, as a copy.</summary>
    public abstract OptimizerState CaptureState();

    /// <summary>Goes on from what another optimizer of the same kind and size remembered; the step size stays.</summary>
    /// <param name="state">See <see cref="CaptureState"/>; copied.</param>
    /// <exception cref="ArgumentException">It is of another kind or size, or a value is out of range; nothing has changed.</exception>
    public abstract void RestoreState(OptimizerState state);

    /// <summary>Does the step; lengths have been checked.</summary>
    /// <param name="parameters">[ParameterCount]; updated in place.</param>
    /// <param name="gradient">[ParameterCount].</param>
    protected abstract void Apply(Span<float> parameters, ReadOnlySpan<float> gradient);

    private static float Checked(float stepSize, string name)
    {
        if (!(stepSize > 0) || !float.IsFinite(stepSize))
            throw new ArgumentOutOfRangeException(name, stepSize, "The step size must be positive and finite.");
        return stepSize;
    }
}
