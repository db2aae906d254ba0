namespace PgFast.Reference;

/// <summary>A step that a value function learns from.</summary>
/// <param name="Observation">[feature].</param>
/// <param name="Time">t.</param>
/// <param name="Target">The return that V is to predict there: G_0 for the total return, else G_t.</param>
public sealed record ReferenceValueStep(double[] Observation, int Time, double Target);

/// <summary>The learned baseline V(s, t; w) of the training of policies, in scalar double precision.</summary>
/// <remarks>
/// "REINFORCE with Baseline" of Sutton and Barto (2018), section 13.4, by batches: w ascends the mean over steps of (G − V)·∇V, with G and V
/// in units of the mean and deviation of all returns so far. The network sees the observation and, if it has one input more, t/T.
/// </remarks>
public sealed class ReferenceValue
{
    private readonly int _timeLimit;
    private readonly ReferenceAdam _optimizer;
    private readonly List<double> _returns = [];

    /// <summary>Starts with given parameters, and with units in which V is the network's output.</summary>
    /// <param name="network">One output.</param>
    /// <param name="parameters">w [ParameterCount]; copied.</param>
    /// <param name="timeLimit">T, in steps.</param>
    public ReferenceValue(ReferenceNetwork network, double[] parameters, int timeLimit)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(parameters);
        Network = network;
        Parameters = [.. parameters];
        _timeLimit = timeLimit;
        _optimizer = new ReferenceAdam(parameters.Length);
    }

    /// <summary>The network.</summary>
    public ReferenceNetwork Network { get; }

    /// <summary>w [ParameterCount].</summary>
    public double[] Parameters { get; }

    /// <summary>Mean of all returns so far.</summary>
    public double Mean { get; private set; }

    /// <summary>Deviation of all returns so far; 1 where they are all alike.</summary>
    public double Deviation { get; private set; } = 1.0;

    /// <summary>V(s, t), a return.</summary>
    /// <param name="observation">[feature].</param>
    /// <param name="time">t.</param>
    public double Of(double[] observation, int time) => Mean + Deviation * Network.Forward(Parameters, Input(observation, time))[^1][0];

    /// <summary>Learns from a batch.</summary>
    /// <param name="minibatches">[minibatch][step]; all of them together are the batch.</param>
    /// <param name="passes">How often each is learned from.</param>
    /// <param name="stepSize">α of Adam.</param>
    public void Learn(IReadOnlyList<ReferenceValueStep[]> minibatches, int passes, double stepSize)
    {
        ArgumentNullException.ThrowIfNull(minibatches);
        _returns.AddRange(minibatches.SelectMany(steps => steps).Select(step => step.Target));
        Mean = _returns.Average();
        double deviation = Math.Sqrt(_returns.Average(value => (value - Mean) * (value - Mean)));
        Deviation = deviation > 0.0 ? deviation : 1.0;
        for (int pass = 0; pass < passes; pass++)
        {
            foreach (ReferenceValueStep[] steps in minibatches.Where(steps => steps.Length > 0))
            {
                _optimizer.Step(Parameters, Gradient(steps), stepSize);
            }
        }
    }

    /// <summary>Mean over steps of (G − V)·∇V in the network's units.</summary>
    private double[] Gradient(ReferenceValueStep[] steps)
    {
        double[] gradient = new double[Parameters.Length];
        foreach (ReferenceValueStep step in steps)
        {
            double[][] activations = Network.Forward(Parameters, Input(step.Observation, step.Time));
            double error = (step.Target - Mean) / Deviation - activations[^1][0];
            Network.Backward(Parameters, activations, [error / steps.Length], gradient);
        }

        return gradient;
    }

    private double[] Input(double[] observation, int time) =>
        Network.Sizes[0] == observation.Length ? observation : [.. observation, (double)time / _timeLimit];
}
