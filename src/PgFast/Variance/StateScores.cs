using System.Runtime.CompilerServices;
using PgFast.Networks;
using PgFast.Numerics;
using PgFast.Policies;
using PgFast.Rollouts;

namespace PgFast.Variance;

/// <summary>Probabilities and scores ∇log π(a|s) of every action in one state, and the scores' inner products.</summary>
internal sealed unsafe class StateScores : IDisposable
{
    /// <summary>Lane 0 holds the state; a row cannot be narrower.</summary>
    private const int Lanes = 16;

    private readonly NetworkKernels _network;
    private readonly PolicyHead _policy;
    private readonly int _inputs;
    private readonly int _outputs;
    private readonly AlignedBuffer<float> _observation;
    private readonly AlignedBuffer<float> _output;
    private readonly AlignedBuffer<float> _record;
    private readonly AlignedBuffer<float> _outputGradient;
    private readonly AlignedBuffer<float> _action = new(Lanes);
    private readonly AlignedBuffer<float> _weight = new(Lanes);
    private readonly AlignedBuffer<double> _scores;
    private readonly double[] _products;

    public StateScores(NetworkKernels network, PolicyHead policy)
    {
        _network = network;
        _policy = policy;
        NetworkShape shape = network.Parameters.Shape;
        ParameterCount = shape.ParameterCount;
        Actions = shape.OutputSize;
        _inputs = shape.InputSize;
        _outputs = network.Parameters.EffectiveOutputs;
        _observation = new AlignedBuffer<float>((long)_inputs * Lanes);
        _output = new AlignedBuffer<float>((long)_outputs * Lanes);
        _record = new AlignedBuffer<float>(Math.Max(1L, network.RecordSize) * Lanes);
        _outputGradient = new AlignedBuffer<float>((long)_outputs * Lanes);
        _weight.Span.Fill(1);
        _scores = new AlignedBuffer<double>((long)Actions * ParameterCount);
        _products = new double[Actions * Actions];
        Probabilities = new double[Actions];
    }

    public int ParameterCount { get; }

    public int Actions { get; }

    /// <summary>[action]; π(a|s), of sum 1.</summary>
    public double[] Probabilities { get; }

    /// <summary>[ParameterCount]; ∇log π(a|s).</summary>
    public double* Score(int action) => _scores.Pointer + (nint)action * ParameterCount;

    /// <summary>Inner product of two actions' scores.</summary>
    public double Product(int action, int other) => _products[action * Actions + other];

    /// <summary>Computes all of it for one state.</summary>
    /// <param name="observation">[in].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Compute(ReadOnlySpan<float> observation)
    {
        for (int input = 0; input < _inputs; input++)
            _observation.Pointer[input * Lanes] = observation[input];
        _network.Forward(_observation.Pointer, _output.Pointer, _record.Pointer, Lanes);
        _scores.Span.Clear();
        ulong live = 1;
        for (int action = 0; action < Actions; action++)
        {
            new Span<int>((int*)_action.Pointer, Lanes).Fill(action);
            _policy.Score(_output.Pointer, _action.Pointer, _weight.Pointer, new ScoreScale(1, 0, 0), _outputGradient.Pointer, Lanes);
            LaneGroup.Clear(_outputGradient.Pointer, _outputs, Lanes, 0xFFFE);
            TakeProbabilities(action);
            _network.BeginGradient(Score(action));
            _network.Accumulate(new GradientChunk
            {
                Observation = _observation.Pointer,
                OutputGradient = _outputGradient.Pointer,
                Record = _record.Pointer,
                Live = &live,
                Rows = 1,
                Lanes = Lanes,
            });
            _network.EndGradient();
        }

        Normalize();
        for (int action = 0; action < Actions; action++)
        {
            for (int other = action; other < Actions; other++)
            {
                double product = DoubleVectors.Dot(Score(action), Score(other), ParameterCount);
                _products[action * Actions + other] = product;
                _products[other * Actions + action] = product;
            }
        }
    }

    public void Dispose()
    {
        _observation.Dispose();
        _output.Dispose();
        _record.Dispose();
        _outputGradient.Dispose();
        _action.Dispose();
        _weight.Dispose();
        _scores.Dispose();
    }

    /// <summary>
    /// Reads probabilities off the score by the outputs, which is −π(k) for every k other than the action: no exponential of another
    /// kind, and the same probabilities as in the scores. Two actions have one output, whose score is π(0) for action 1 and −π(1) for 0.
    /// </summary>
    private void TakeProbabilities(int action)
    {
        float* score = _outputGradient.Pointer;
        if (_network.Parameters.MergesOutputs)
        {
            Probabilities[1 - action] = Math.Abs(score[0]);
            return;
        }

        for (int other = 0; other < Actions; other++)
        {
            if (other != action)
                Probabilities[other] = -score[other * Lanes];
        }
    }

    /// <summary>Takes out the rounding of single precision: the parts' algebra needs probabilities of sum 1.</summary>
    private void Normalize()
    {
        double sum = 0;
        foreach (double probability in Probabilities)
            sum += probability;
        for (int action = 0; action < Actions; action++)
            Probabilities[action] /= sum;
    }
}
