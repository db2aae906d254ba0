using System.Runtime.CompilerServices;
using PgFast.Environments;
using PgFast.Networks;
using PgFast.Policies;

namespace PgFast.Variance;

/// <summary>Draws the states of a block, plays on from them, and sums what that says; one for each worker.</summary>
internal sealed unsafe class NestedWorker : IDisposable
{
    /// <summary>States whose continuations share the lanes: enough to keep those busy, and a bound on memory.</summary>
    private const int StatesPerPass = 256;

    /// <summary>Ids of continuations have this bit, ids of tries do not, so that they never share a random number.</summary>
    private const ulong ContinuationBit = 1UL << 63;

    /// <summary>Tries of a block have ids of their own: so many bits below the block's number.</summary>
    private const int TryBits = 48;

    private readonly NetworkKernels _network;
    private readonly PolicyHead _policy;
    private readonly NestedLanes _lanes;
    private readonly VisitedSteps _steps;
    private readonly Continuations _continuations;
    private readonly StateScores _scores;
    private readonly int _repetitions;
    private readonly int _inputs;
    private readonly float[] _states;
    private readonly int[] _times = new int[StatesPerPass];
    private readonly int[] _drawnActions = new int[StatesPerPass];
    private readonly double[] _returns;
    private readonly double[] _means;
    private readonly double[] _variances;

    public NestedWorker(BatchedEnvironment environment, NetworkParameters parameters, int repetitions)
    {
        int actions = parameters.Shape.OutputSize, limit = environment.Specification.MaximumEpisodeSteps;
        _repetitions = repetitions;
        _inputs = parameters.Shape.InputSize;
        _network = NetworkKernels.Create(parameters, keepsActivations: false);
        _policy = PolicyHead.Create(ActionDistribution.Softmax(actions));
        _lanes = new NestedLanes(environment, _network, _policy);
        _steps = new VisitedSteps(_lanes, limit);
        _continuations = new Continuations(_lanes, limit, actions, repetitions);
        _scores = new StateScores(_network, _policy);
        _states = new float[StatesPerPass * _lanes.SavedSize];
        _returns = new double[StatesPerPass * _continuations.PerState];
        _means = new double[actions];
        _variances = new double[actions];
    }

    /// <summary>Most rows that a pass can take; must be countable.</summary>
    public static long MostRows(EnvironmentSpecification specification, int repetitions) =>
        (StatesPerPass * (specification.Actions.Size * (long)repetitions + 1) / NestedLanes.Count + 1) * specification.MaximumEpisodeSteps;

    /// <summary>Does a block of states.</summary>
    /// <param name="sums">Empty; summed into.</param>
    /// <param name="block">Number of the block.</param>
    /// <param name="firstState">States of the blocks before it.</param>
    /// <param name="states">Its states.</param>
    /// <param name="discount">γ.</param>
    /// <param name="seed">Key of all random numbers.</param>
    /// <param name="cancellation">Ends it with an exception.</param>
    public void Run(NestedSums sums, int block, int firstState, int states, double discount, ulong seed, CancellationToken cancellation)
    {
        _network.Refresh();
        _lanes.Seed = seed;
        ulong nextTry = (ulong)block << TryBits;
        for (int done = 0; done < states; done += StatesPerPass)
        {
            int count = Math.Min(StatesPerPass, states - done);
            ulong firstId = ContinuationBit + (ulong)(firstState + done) * (ulong)_continuations.PerState;
            _steps.Draw(ref nextTry, count, _states, _times, cancellation);
            _continuations.Play(_states, _times.AsSpan(0, count), firstId, discount, _returns, _drawnActions, cancellation);
            for (int state = 0; state < count; state++)
                Add(sums, state);
        }
    }

    public void Dispose()
    {
        _scores.Dispose();
        _continuations.Dispose();
        _lanes.Dispose();
        _policy.Dispose();
        _network.Dispose();
    }

    /// <summary>Adds one state. Every product of two estimates here is either of independent ones or has its noise subtracted.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Add(NestedSums sums, int state)
    {
        _scores.Compute(_states.AsSpan(state * _lanes.SavedSize + _lanes.SavedObservation, _inputs));
        ReadOnlySpan<double> returns = _returns.AsSpan(state * _continuations.PerState, _continuations.PerState);
        Summarize(returns);
        double[] probabilities = _scores.Probabilities;
        int actions = probabilities.Length, parameters = _scores.ParameterCount;
        double value = 0, valueNoise = 0;
        for (int action = 0; action < actions; action++)
        {
            value += probabilities[action] * _means[action];
            valueNoise += probabilities[action] * probabilities[action] * Noise(action);
        }

        // E[g|s] = Σ π Q ∇log π; as Σ π ∇log π = 0, Q − V serves as well, and cancels less.
        double naive = 0, meanNoise = 0, trajectory = 0, withoutBaseline = 0, withValue = 0;
        for (int action = 0; action < actions; action++)
        {
            double probability = probabilities[action], norm = _scores.Product(action, action);
            double weight = probability * (_means[action] - value);
            DoubleVectors.AddScaled(weight, _scores.Score(action), sums.MeanSum, parameters);
            for (int other = 0; other < actions; other++)
                naive += weight * probabilities[other] * (_means[other] - value) * _scores.Product(action, other);
            meanNoise += probability * probability * Noise(action) * norm;
            trajectory += probability * _variances[action] * norm;
            withoutBaseline += probability * (_means[action] * _means[action] - Noise(action)) * norm;
            // Q̂(a) − V̂ = (1 − π(a)) Q̂(a) − Σ π(k) Q̂(k) over the other actions k, each with noise of its own.
            double advantage = _means[action] - value;
            double advantageNoise = valueNoise + (1 - 2 * probability) * Noise(action);
            withValue += probability * (advantage * advantage - advantageNoise) * norm;
        }

        double meanNorm = naive - meanNoise;
        sums.AddState(meanNorm, naive, trajectory);
        AddBaseline(sums, 0, withoutBaseline - meanNorm, returns[^1], 0, state);
        AddBaseline(sums, 1, withValue - meanNorm, returns[^1] - value, valueNoise, state);
    }

    /// <summary>Mean and variance of the returns that follow each action.</summary>
    private void Summarize(ReadOnlySpan<double> returns)
    {
        for (int action = 0; action < _means.Length; action++)
        {
            ReadOnlySpan<double> own = returns.Slice(action * _repetitions, _repetitions);
            double sum = 0, squares = 0;
            foreach (double value in own)
                sum += value;
            double mean = sum / _repetitions;
            foreach (double value in own)
                squares += (value - mean) * (value - mean);
            _means[action] = mean;
            _variances[action] = squares / (_repetitions - 1);
        }
    }

    /// <summary>Variance of the mean return of an action, estimated without bias.</summary>
    private double Noise(int action) => _variances[action] / _repetitions;

    /// <summary>Adds a state's action variance and its one gradient that was drawn like a step of a rollout.</summary>
    private void AddBaseline(NestedSums sums, int baseline, double actionVariance, double weight, double valueNoise, int state)
    {
        int action = _drawnActions[state];
        double norm = _scores.Product(action, action);
        DoubleVectors.AddScaled(weight, _scores.Score(action), sums.SingleSum(baseline), _scores.ParameterCount);
        sums.AddBaseline(baseline, actionVariance, weight * weight * norm, valueNoise * norm);
    }
}
