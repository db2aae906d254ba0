using System.Globalization;
using System.Runtime.CompilerServices;
using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Gradients;
using PgFast.Networks;
using PgFast.Numerics;
using PgFast.Optimizers;
using PgFast.Randomness;
using PgFast.Rollouts;

namespace PgFast.Training;

/// <summary>V(s, t; w), learned beside the policy: its network, its optimizer, its workers.</summary>
/// <remarks>
/// A batch is weighed with the V of before it, which knows nothing of the batch's own returns and so adds no bias, and learned from
/// afterwards. Targets are centred and divided by the running mean and deviation of all returns so far. In the first update V has seen
/// nothing and is about 0. Sutton and Barto (2018), section 13.4, by batches instead of steps.
/// </remarks>
internal sealed class ValueBaseline : IDisposable
{
    /// <summary>Factor on the initial weights of the last layer: V starts near the mean of the returns.</summary>
    private const float OutputScale = 0.01f;

    /// <summary>
    /// Largest mean and deviation of returns. Weights are of that size then, and their sums over the up to some 10⁸ steps of a batch must be numbers of single precision: one larger return
    /// would stay in the running deviation and spoil every update after its own.
    /// </summary>
    private const double LargestScale = 1e30;

    private readonly TrainerOptions _options;
    private readonly NetworkParameters _parameters;
    private readonly ValueWorker[] _workers;
    private readonly float[] _gradient;
    private readonly float[] _previous;
    private readonly OptimizerSnapshot _previousOptimizer;
    private readonly double[] _sum;
    private readonly Action<int, int> _differentiate;
    private Optimizer _optimizer;
    private Shard[] _shards = [];
    private int _minibatch;
    private long _count;
    private double _mean;
    private double _squares;
    private (long Count, double Mean, double Squares, ValueScale Scale) _previousMoments;

    public ValueBaseline(EnvironmentSpecification specification, TrainerOptions options, int episodesPerShard)
    {
        _options = options;
        Shape = new NetworkShape(specification.ObservationSize + 1, [.. options.ValueHiddenSizes], 1, options.ValueActivation);
        _parameters = new NetworkParameters(Shape, mergeOutputs: false);
        NetworkInitializer.Initialize(
            _parameters.Flat, Shape, Initialization.FanIn, OutputScale, options.Seed, RandomStream.ValueInitialization);
        _parameters.Refresh();
        _optimizer = CreateOptimizer();
        _workers = new ValueWorker[options.Threads];
        for (int worker = 0; worker < _workers.Length; worker++)
            _workers[worker] = new ValueWorker(specification, _parameters, episodesPerShard);
        _gradient = new float[Shape.ParameterCount];
        _previous = new float[Shape.ParameterCount];
        _previousOptimizer = new OptimizerSnapshot(options.ValueOptimizer, Shape.ParameterCount);
        _sum = new double[Shape.ParameterCount];
        _differentiate = (worker, shard) =>
            _workers[worker].Differentiate(_shards[shard], Scale, _minibatch, _options.ValueMinibatches, shard);
    }

    /// <summary>V's network: features and t/T to one output.</summary>
    public NetworkShape Shape { get; }

    /// <summary>[ParameterCount].</summary>
    public Span<float> Parameters => _parameters.Flat;

    /// <summary>Units of the network's output.</summary>
    public ValueScale Scale { get; private set; } = new(0, 1);

    /// <summary>V as it is now, in units of reward; null where those are beyond single precision.</summary>
    public ValueFunction? Freeze()
    {
        float[] parameters = Parameters.ToArray();
        ValueFunction.TakeInScale(parameters, Shape, Scale.Mean, Scale.Deviation);
        return parameters.All(float.IsFinite) ? new ValueFunction(Shape, parameters, _options.Estimator) : null;
    }

    /// <summary>The worker's part.</summary>
    public ValueWorker Worker(int worker) => _workers[worker];

    /// <summary>Learns from a batch whose targets are in its shards.</summary>
    /// <param name="shards">All shards of the batch.</param>
    /// <param name="active">How many of them took part.</param>
    /// <param name="pool">Runs them.</param>
    /// <param name="update">Number of the update, from 1.</param>
    /// <exception cref="NonFiniteException">It diverged, on the way: see <see cref="TakeBack"/>.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Learn(Shard[] shards, int active, WorkerPool pool, long update)
    {
        _shards = shards;
        TakeIn(shards.AsSpan(0, active), update);
        for (int pass = 0; pass < _options.ValuePasses; pass++)
        {
            for (_minibatch = 0; _minibatch < _options.ValueMinibatches; _minibatch++)
            {
                pool.Run(active, _differentiate);
                if (Combine(shards.AsSpan(0, active)))
                    Step(update);
            }
        }
    }

    /// <summary>Keeps all that <see cref="Learn"/> changes.</summary>
    public void Keep()
    {
        _parameters.Flat.CopyTo(_previous);
        _previousOptimizer.Take(_optimizer);
        _previousMoments = (_count, _mean, _squares, Scale);
    }

    /// <summary>Takes back what was learnt since.</summary>
    public void TakeBack()
    {
        _previous.CopyTo(_parameters.Flat);
        _parameters.Refresh();
        _previousOptimizer.Restore(_optimizer);
        (_count, _mean, _squares, Scale) = _previousMoments;
    }

    /// <summary>Learns from a trial batch and forgets it, so that the first real one does not wait for the compiler.</summary>
    public void WarmUp(Shard[] shards, int active, WorkerPool pool)
    {
        // Not the run's own step size, which may overflow already.
        _optimizer.StepSize = 1e-6f;
        Learn(shards, active, pool, 0);
        NetworkInitializer.Initialize(
            _parameters.Flat, Shape, Initialization.FanIn, OutputScale, _options.Seed, RandomStream.ValueInitialization);
        _parameters.Refresh();
        _optimizer = CreateOptimizer();
        (_count, _mean, _squares) = (0, 0, 0);
        Scale = new ValueScale(0, 1);
    }

    /// <summary>All that later updates depend on, as a copy.</summary>
    public ValueState CaptureState() =>
        new(_parameters.Flat.ToArray(), _optimizer.CaptureState(), _count, _mean, _squares, Scale.Mean, Scale.Deviation);

    /// <summary>Goes on from another run's state.</summary>
    /// <exception cref="ArgumentException">It is of another network or optimizer, or a value is out of range; nothing has changed.</exception>
    public void RestoreState(ValueState state)
    {
        state.Require(Shape.ParameterCount);
        _optimizer.RestoreState(state.Optimizer);
        state.Parameters.CopyTo(_parameters.Flat);
        _parameters.Refresh();
        (_count, _mean, _squares) = (state.Count, state.Mean, state.Squares);
        Scale = new ValueScale(state.ScaleMean, state.ScaleDeviation);
    }

    public void Dispose()
    {
        foreach (ValueWorker worker in _workers)
            worker.Dispose();
        _parameters.Dispose();
    }

    private Optimizer CreateOptimizer() => _options.ValueOptimizer == OptimizerKind.Sgd
        ? new Sgd(Shape.ParameterCount, _options.ValueStepSize)
        : new Adam(Shape.ParameterCount, _options.ValueStepSize);

    /// <summary>Moves the running mean and deviation on; moments combine as those of Chan, Golub and LeVeque (1983).</summary>
    private void TakeIn(ReadOnlySpan<Shard> shards, long update)
    {
        foreach (Shard shard in shards)
        {
            long added = shard.Trajectory.Steps;
            (double mean, double deviations) = shard.Values!.TargetMoments;
            double difference = mean - _mean;
            _count += added;
            _mean += difference * added / _count;
            _squares += deviations + difference * difference * (_count - added) * added / _count;
        }

        float deviation = (float)Math.Sqrt(_squares / _count);
        double largest = Math.Max(Math.Abs(_mean), deviation);
        if (!(largest <= LargestScale))
        {
            throw new NonFiniteException(
                update, "returns", "value",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Update {update}: returns bring the running scale of the learned baseline to {largest:0.##E+0}, beyond the {LargestScale:0E+0} with which single precision can go on. The policy of update {update - 1} is kept."));
        }

        Scale = new ValueScale((float)_mean, float.IsNormal(deviation) ? deviation : 1);
    }

    /// <summary>The mean over the minibatch's steps; false if it has none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool Combine(ReadOnlySpan<Shard> shards)
    {
        Array.Clear(_sum);
        long steps = 0;
        foreach (Shard shard in shards)
        {
            ReadOnlySpan<double> part = shard.Values!.Gradient.Span;
            for (int i = 0; i < _sum.Length; i++)
                _sum[i] += part[i];
            steps += shard.Values.Steps;
        }

        for (int i = 0; i < _sum.Length && steps > 0; i++)
            _gradient[i] = (float)(_sum[i] / steps);
        return steps > 0;
    }

    private void Step(long update)
    {
        Span<float> parameters = _parameters.Flat;
        _optimizer.Step(parameters, _gradient);
        int bad = FiniteCheck.FirstNonFinite(parameters);
        if (bad >= 0)
            throw new NonFiniteException(update, "parameters", TensorAt(bad));
        if (OptimizerSnapshot.FirstNonFinite(_optimizer) is { } remembered)
            throw new NonFiniteException(update, remembered.Quantity, TensorAt(remembered.Parameter));
        _parameters.Refresh();
    }

    private string TensorAt(int parameter) => string.Concat("value", Shape.TensorAt(parameter).AsSpan("policy".Length));
}
