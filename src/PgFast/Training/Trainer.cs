using System.Diagnostics;
using System.Security.Cryptography;
using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Gradients;
using PgFast.Networks;
using PgFast.Numerics;
using PgFast.Optimizers;
using PgFast.Policies;
using PgFast.Rollouts;
using PgFast.Telemetry;

namespace PgFast.Training;

/// <summary>Trains a policy by policy gradients: a softmax where actions are discrete, a Gaussian where they are real numbers.</summary>
/// <remarks>
/// An update is: roll out a fixed set of whole episodes, weigh their steps, add up Σ ψ_t ∇log π(a_t|s_t), step. All memory is allocated
/// by the constructor, which also compiles the kernels; <see cref="Update"/> allocates nothing. The result depends on environment and
/// options alone, not on threads or vector width. Not thread-safe: one caller at a time.
/// </remarks>
public partial class Trainer : IDisposable
{
    /// <summary>Most episodes of one evaluation.</summary>
    public const int MaximumEvaluationEpisodes = 16_777_216;

    private readonly TrainingTelemetry _telemetry;
    private readonly ScaledEnvironment? _scaledEnvironment;
    private readonly RunningObservations? _observations;
    private readonly ValueBaseline? _value;
    private readonly NetworkParameters _parameters;
    private Optimizer _optimizer;
    private readonly WorkerPool _pool;
    private readonly ShardWorker[] _workers;
    private readonly Shard[] _shards;
    private readonly Evaluator? _evaluator;
    private readonly float[] _gradient;
    private readonly float[] _previous;
    private readonly OptimizerSnapshot _previousOptimizer;
    private readonly double[] _gradientSum;
    private readonly AlignedBuffer<double> _stepSum;
    private readonly AlignedBuffer<int> _stepCount;
    private readonly Action<int, int> _rollout;
    private readonly Action<int, int> _weigh;
    private readonly Action<int, int> _differentiate;
    private WeightRequest _request;
    private ScoreScale _scale;
    private ulong _batchEpisode;
    private int _activeShards;
    private bool _disposed;

    private protected Trainer(BatchedEnvironment environment, TrainerOptions options, string source = TrainingTelemetry.Trainer)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        EnvironmentSpecification specification = environment.Specification;
        Options = options with { HiddenSizes = [.. options.HiddenSizes], ValueHiddenSizes = [.. options.ValueHiddenSizes] };
        Environment = specification;
        _telemetry = new TrainingTelemetry(specification.Name, source, options.Seed);
        if (options.NormalizeObservations || (!specification.Actions.IsDiscrete && options.ActionScale != 1))
        {
            ScaledEnvironment scaled = new(environment, null, options.ActionScale);
            _observations = options.NormalizeObservations ? new RunningObservations(scaled) : null;
            _scaledEnvironment = scaled;
            environment = scaled;
            specification = scaled.Specification;
        }

        Distribution = ActionDistribution.Of(specification.Actions, options.StandardDeviation);
        Shape = Distribution.CreateShape(specification.ObservationSize, [.. options.HiddenSizes], options.Activation, options.HasBias);
        _parameters = new NetworkParameters(Shape, Distribution.MergesOutputs);
        NetworkInitializer.Initialize(_parameters.Flat, Shape, options.Initialization, options.OutputScale, options.Seed);
        Distribution.StartDeviation(_parameters.Flat, Shape, options.InitialStandardDeviation);
        _optimizer = CreateOptimizer(options, Shape.ParameterCount);

        ShardPlan plan = new(options.BatchSize);
        if (Trajectory.RowsNeeded(specification, plan.EpisodesPerShard, plan.Lanes) >= int.MaxValue)
            throw new ArgumentException($"{specification.Name} has episodes too long for such a batch.", nameof(options));
        if (options.Baseline == Baseline.Value)
            _value = new ValueBaseline(specification, options, plan.EpisodesPerShard);
        _workers = new ShardWorker[options.Threads];
        bool keepsActivations = ActivationBytes(specification) <= ActivationBudget;
        for (int worker = 0; worker < _workers.Length; worker++)
            _workers[worker] = new ShardWorker(environment, _parameters, keepsActivations);
        _shards = new Shard[plan.ShardCount];
        for (int shard = 0; shard < _shards.Length; shard++)
        {
            _shards[shard] = new Shard(
                specification, _parameters.EffectiveOutputs, _workers[0].RecordSize, plan.LanesOf(shard), plan.FirstEpisodeOf(shard),
                plan.EpisodesOf(shard), Shape.ParameterCount, SumsByStep, options.NormalizeObservations)
            {
                Values = _value is null ? null : new ShardValues(
                    Trajectory.CellsNeeded(specification, plan.EpisodesOf(shard), plan.LanesOf(shard)), _value.Shape.ParameterCount),
            };
        }

        _gradient = new float[Shape.ParameterCount];
        _previous = new float[Shape.ParameterCount];
        _previousOptimizer = new OptimizerSnapshot(options.Optimizer, Shape.ParameterCount);
        _gradientSum = new double[Shape.ParameterCount];
        _stepSum = new AlignedBuffer<double>(specification.MaximumEpisodeSteps);
        _stepCount = new AlignedBuffer<int>(specification.MaximumEpisodeSteps);
        _rollout = RolloutShard;
        _weigh = WeighShard;
        _differentiate = DifferentiateShard;
        _pool = new WorkerPool(options.Threads);
        try
        {
            _evaluator = new Evaluator(specification, _parameters, _workers, _pool, options.Seed);
            WarmUp();
        }
        catch
        {
            // What throws here, an environment or the lack of memory, must not leave threads behind.
            Dispose();
            throw;
        }
    }

    /// <summary>The run's options.</summary>
    public TrainerOptions Options { get; }

    /// <summary>The environment's sizes and limits.</summary>
    public EnvironmentSpecification Environment { get; }

    /// <summary>What the network's outputs mean.</summary>
    public ActionDistribution Distribution { get; }

    /// <summary>What observations are scaled by before the network sees them, as a copy; null unless they are normalised.</summary>
    public ObservationScaling? ObservationScaling =>
        Options.NormalizeObservations ? new ObservationScaling(_scaledEnvironment!.Mean, _scaledEnvironment.Deviation) : null;

    /// <summary>[ObservationSize]; what is subtracted from observations. Only where they are normalised.</summary>
    internal ReadOnlySpan<float> ScalingMean => _scaledEnvironment!.Mean;

    /// <summary>[ObservationSize]; what observations are divided by. Only where they are normalised.</summary>
    internal ReadOnlySpan<float> ScalingDeviation => _scaledEnvironment!.Deviation;

    /// <summary>The policy network.</summary>
    public NetworkShape Shape { get; }

    /// <summary>[ParameterCount]; the current parameters in file order. Overwritten by every update; copy them to keep them.</summary>
    public ReadOnlySpan<float> Parameters
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _parameters.Flat;
        }
    }

    /// <summary>The network of the learned baseline: its inputs are the policy's and t/T; null for other baselines.</summary>
    public NetworkShape? ValueShape => _value?.Shape;

    /// <summary>[ValueShape.ParameterCount]; the learned baseline's current parameters; empty for other baselines.</summary>
    public ReadOnlySpan<float> ValueParameters
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _value is null ? [] : _value.Parameters;
        }
    }

    /// <summary>A return is this mean plus <see cref="ValueDeviation"/> times the value network's output.</summary>
    public float ValueMean => _value?.Scale.Mean ?? 0;

    /// <summary>Deviation of all returns so far; see <see cref="ValueMean"/>.</summary>
    public float ValueDeviation => _value?.Scale.Deviation ?? 1;

    /// <summary>The learned baseline as it is now, as a copy in units of reward; null for other baselines, and where those units overflow.</summary>
    public ValueFunction? CreateValueFunction()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _value?.Freeze();
    }

    /// <summary>[ParameterCount]; the gradient that the last update stepped along, after clipping.</summary>
    public ReadOnlySpan<float> Gradient
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _gradient;
        }
    }

    /// <summary>Updates done.</summary>
    public long UpdateCount { get; private set; }

    /// <summary>Episodes of all updates.</summary>
    public long EpisodeCount { get; private set; }

    /// <summary>Environment steps of all updates.</summary>
    public long EnvironmentSteps { get; private set; }

    /// <summary>Bytes that the worker threads other than the caller's have allocated while they worked: 0 after the first update.</summary>
    public long WorkerAllocatedBytes => _pool.AllocatedBytes;

    /// <summary>Stopwatch ticks spent in rollouts and returns.</summary>
    internal long RolloutTicks { get; private set; }

    /// <summary>Stopwatch ticks spent in weights, gradients and their sum.</summary>
    internal long GradientTicks { get; private set; }

    /// <summary>α of the optimizer.</summary>
    internal float StepSize
    {
        get => _optimizer.StepSize;
        set => _optimizer.StepSize = value;
    }

    /// <summary>
    /// Most memory that hidden activations of a batch may take in the worst case; beyond it the gradient computes them again. Changes no
    /// bit of the result.
    /// </summary>
    /// <remarks>
    /// A single hidden layer is cheap to compute again, cheaper than fetching it from main memory: it is recorded while it fits a cache.
    /// </remarks>
    private long ActivationBudget =>
        Shape.LayerCount == 2 ? 32L << 20 : Math.Min(2L << 30, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);

    /// <summary>The shards of the last batch, for tests that look at what an update saw.</summary>
    internal IReadOnlyList<Shard> Shards => _shards;

    private ReadOnlySpan<Shard> ActiveShards => _shards.AsSpan(0, _activeShards);

    private bool SumsByStep => Options.Baseline == Baseline.Time;

    /// <summary>SHA-256 over the parameters' little-endian bytes in file order, in lower-case hexadecimal.</summary>
    public string ParameterHash() => ParameterHashOf(Parameters);

    /// <summary>SHA-256 over parameters' little-endian bytes, in lower-case hexadecimal.</summary>
    /// <param name="parameters">In file order.</param>
    public static string ParameterHashOf(ReadOnlySpan<float> parameters)
    {
        byte[] bytes = new byte[parameters.Length * sizeof(float)];
        for (int i = 0; i < parameters.Length; i++)
            System.Buffers.Binary.BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), parameters[i]);
        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }

    /// <summary>Replaces the parameters, for example by those of a file.</summary>
    /// <param name="parameters">[ParameterCount], finite, in file order.</param>
    /// <exception cref="ArgumentException">The length is wrong or a value is not finite; nothing has changed.</exception>
    public void SetParameters(ReadOnlySpan<float> parameters)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (parameters.Length != Shape.ParameterCount)
            throw new ArgumentException($"The network has {Shape.ParameterCount} parameters.", nameof(parameters));
        if (FiniteCheck.FirstNonFinite(parameters) >= 0)
            throw new ArgumentException("A parameter is not finite.", nameof(parameters));
        parameters.CopyTo(_parameters.Flat);
    }

    /// <summary>The current policy, as a copy that acts on single observations. The caller disposes it.</summary>
    public Policy CreatePolicy()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new Policy(Shape, Parameters, Distribution, ObservationScaling, Options.ActionScale);
    }

    /// <summary>
    /// Replaces what observations are scaled by, for example by what a file says, for evaluations and the next update; that update then sets
    /// the moments of all observations that this run has made itself.
    /// </summary>
    /// <param name="scaling">[ObservationSize] means and deviations.</param>
    /// <exception cref="InvalidOperationException">Observations are not normalised.</exception>
    /// <exception cref="ArgumentException">It has other features than the environment.</exception>
    public void SetObservationScaling(ObservationScaling scaling)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(scaling);
        if (!Options.NormalizeObservations)
            throw new InvalidOperationException("The run does not normalise observations.");
        if (scaling.Mean.Length != Environment.ObservationSize)
            throw new ArgumentException($"{Environment.Name} has {Environment.ObservationSize} features.", nameof(scaling));
        _scaledEnvironment!.Set(scaling.Mean, scaling.Deviation);
    }

    /// <summary>Rolls out a batch, computes its gradient, steps.</summary>
    /// <returns>What the update saw.</returns>
    /// <exception cref="NonFiniteException">The gradient, a parameter or what an optimizer remembers became non-finite; all is as it was before the update.</exception>
    public UpdateResult Update()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        UpdateResult result = TrainingTelemetry.IsWatched ? WatchedUpdate() : NextUpdate();
        GC.KeepAlive(this);
        return result;
    }

    private UpdateResult NextUpdate()
    {
        UpdateResult result = ComputeGradient(UpdateCount);
        Keep();
        try
        {
            Ascend(result.Update);
            RequireDeviationAfterStep(result.Update);
            _value?.Learn(_shards, _activeShards, _pool, result.Update);
        }
        catch
        {
            TakeBack();
            throw;
        }

        _observations?.Add(ActiveShards);
        UpdateCount++;
        EpisodeCount += result.Episodes;
        EnvironmentSteps += result.EnvironmentSteps;
        return result;
    }

    /// <summary>Mean return on fresh episodes of the stochastic policy, never seen in training.</summary>
    /// <param name="episodes">1 to <see cref="MaximumEvaluationEpisodes"/>.</param>
    /// <param name="cancellation">Looked at every few hundred episodes.</param>
    /// <returns>The summary; another call draws other episodes.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="episodes"/> is out of range.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled, and is as if it had never begun: the next evaluation draws the same episodes.</exception>
    public EvaluationResult Evaluate(int episodes = 1000, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        using Activity? activity = _telemetry.StartEvaluation();
        long start = Stopwatch.GetTimestamp();
        try
        {
            EvaluationResult result = _evaluator!.Evaluate(episodes, cancellation);
            _telemetry.Evaluated(result, Stopwatch.GetElapsedTime(start), activity);
            GC.KeepAlive(this);
            return result;
        }
        catch (Exception exception)
        {
            ActivityOutcome.Fail(activity, exception);
            throw;
        }
    }

    /// <summary>Stops the threads and frees the memory.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Stops the threads and frees the memory.</summary>
    /// <param name="disposing">False from a finalizer, where owned objects finalize themselves.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (_disposed || !disposing)
            return;
        _disposed = true;
        _pool.Dispose();
        foreach (ShardWorker worker in _workers)
            worker.Dispose();
        foreach (Shard shard in _shards)
            shard.Dispose();
        _evaluator?.Dispose();
        _value?.Dispose();
        _parameters.Dispose();
        _stepSum.Dispose();
        _stepCount.Dispose();
    }
}

/// <summary>Trains a policy on an environment type.</summary>
/// <typeparam name="TEnvironment">The environment.</typeparam>
/// <inheritdoc cref="Trainer" path="/remarks"/>
public sealed class Trainer<TEnvironment> : Trainer where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
{
    /// <summary>Allocates all memory, draws the initial parameters and compiles the kernels.</summary>
    /// <param name="options">The run's options; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range, or does not go with the environment.</exception>
    public Trainer(TrainerOptions? options = null)
        : base(BatchedEnvironment.Create<TEnvironment>(), options ?? new TrainerOptions())
    {
    }
}
