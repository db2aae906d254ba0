using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Gradients;
using PgFast.Networks;
using PgFast.Numerics;
using PgFast.Optimizers;
using PgFast.Policies;
using PgFast.Rollouts;

namespace PgFast.Training;

/// <summary>Trains a softmax policy by policy gradients.</summary>
/// <remarks>
/// An update is: roll out a fixed set of whole episodes, weigh their steps, add up Σ ψ_t ∇log π(a_t|s_t), step. All memory is allocated
/// by the constructor, which also compiles the kernels; <see cref="Update"/> allocates nothing. The result depends on environment and
/// options alone, not on threads or vector width. Not thread-safe: one caller at a time.
/// </remarks>
public class Trainer : IDisposable
{
    /// <summary>A deviation of weights below this is rounding error, not signal.</summary>
    private const double SmallestDeviation = 1e-8;

    /// <summary>The same in relation to their mean: about the spacing of floats.</summary>
    private const double SmallestRelativeDeviation = 1e-7;

    private readonly BatchedEnvironment _environment;
    private readonly NetworkParameters _parameters;
    private readonly Optimizer _optimizer;
    private readonly WorkerPool _pool;
    private readonly ShardWorker[] _workers;
    private readonly Shard[] _shards;
    private readonly Evaluator _evaluator;
    private readonly float[] _gradient;
    private readonly float[] _previous;
    private readonly double[] _gradientSum;
    private readonly AlignedBuffer<double> _stepSum;
    private readonly AlignedBuffer<int> _stepCount;
    private readonly Action<int, int> _rollout;
    private readonly Action<int, int> _weigh;
    private readonly Action<int, int> _differentiate;
    private WeightRequest _request;
    private ScoreScale _scale;
    private ulong _batchEpisode;
    private bool _disposed;

    private protected Trainer(BatchedEnvironment environment, TrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        EnvironmentSpecification specification = environment.Specification;
        if (!specification.Actions.IsDiscrete)
            throw new ArgumentException($"{specification.Name} has continuous actions; a softmax policy needs discrete ones.", nameof(options));

        Options = options with { HiddenSizes = [.. options.HiddenSizes] };
        _environment = environment;
        int actions = specification.Actions.Size;
        Shape = new NetworkShape(specification.ObservationSize, [.. options.HiddenSizes], actions, options.Activation);
        _parameters = new NetworkParameters(Shape, mergeOutputs: actions == 2);
        NetworkInitializer.Initialize(_parameters.Flat, Shape, options.Initialization, options.OutputScale, options.Seed);
        _optimizer = CreateOptimizer(options, Shape.ParameterCount);

        ShardPlan plan = new(options.BatchSize);
        _pool = new WorkerPool(options.Threads);
        _workers = new ShardWorker[options.Threads];
        bool keepsActivations = ActivationBytes(specification) <= ActivationBudget;
        for (int worker = 0; worker < _workers.Length; worker++)
            _workers[worker] = new ShardWorker(environment, _parameters, keepsActivations);
        _shards = new Shard[plan.ShardCount];
        for (int shard = 0; shard < _shards.Length; shard++)
        {
            _shards[shard] = new Shard(
                specification, _parameters.EffectiveOutputs, _workers[0].RecordSize, plan.Lanes, plan.FirstEpisodeOf(shard),
                plan.EpisodesOf(shard), Shape.ParameterCount, SumsByStep);
        }

        _gradient = new float[Shape.ParameterCount];
        _previous = new float[Shape.ParameterCount];
        _gradientSum = new double[Shape.ParameterCount];
        _stepSum = new AlignedBuffer<double>(specification.MaximumEpisodeSteps);
        _stepCount = new AlignedBuffer<int>(specification.MaximumEpisodeSteps);
        _rollout = RolloutShard;
        _weigh = WeighShard;
        _differentiate = DifferentiateShard;
        _evaluator = new Evaluator(specification, _parameters, _workers, _pool, options.Seed);
        WarmUp();
    }

    /// <summary>The run's options.</summary>
    public TrainerOptions Options { get; }

    /// <summary>The environment's sizes and limits.</summary>
    public EnvironmentSpecification Environment => _environment.Specification;

    /// <summary>The policy network.</summary>
    public NetworkShape Shape { get; }

    /// <summary>[ParameterCount]; the current parameters in file order. Overwritten by every update; copy them to keep them.</summary>
    public ReadOnlySpan<float> Parameters => _parameters.Flat;

    /// <summary>[ParameterCount]; the gradient that the last update stepped along, after clipping.</summary>
    public ReadOnlySpan<float> Gradient => _gradient;

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
    private static long ActivationBudget => Math.Min(2L << 30, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);

    /// <summary>The shards of the last batch, for tests that look at what an update saw.</summary>
    internal IReadOnlyList<Shard> Shards => _shards;

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
        if (FirstNonFinite(parameters) >= 0)
            throw new ArgumentException("A parameter is not finite.", nameof(parameters));
        parameters.CopyTo(_parameters.Flat);
    }

    /// <summary>Rolls out a batch, computes its gradient, steps.</summary>
    /// <returns>What the update saw.</returns>
    /// <exception cref="NonFiniteException">The gradient or a parameter became non-finite; the parameters are those before the update.</exception>
    public UpdateResult Update()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        UpdateResult result = ComputeGradient(UpdateCount);
        Ascend(result.Update);
        UpdateCount++;
        EpisodeCount += result.Episodes;
        EnvironmentSteps += result.EnvironmentSteps;
        GC.KeepAlive(this);
        return result;
    }

    /// <summary>Mean return on fresh episodes of the stochastic policy, never seen in training.</summary>
    /// <param name="episodes">At least 1.</param>
    /// <returns>The summary; another call draws other episodes.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="episodes"/> is not positive.</exception>
    public EvaluationResult Evaluate(int episodes = 1000)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        EvaluationResult result = _evaluator.Evaluate(episodes);
        GC.KeepAlive(this);
        return result;
    }

    /// <summary>Updates until a fresh evaluation reaches a mean return.</summary>
    /// <param name="meanReturn">The target.</param>
    /// <param name="maximumUpdates">Gives up after so many updates; at least 1.</param>
    /// <param name="evaluationEpisodes">Episodes of an evaluation, which is made whenever a batch's mean return reaches the target.</param>
    /// <param name="progress">Called after every update, or null.</param>
    /// <param name="cancellation">Looked at between updates.</param>
    /// <exception cref="NonFiniteException">Training diverged; the parameters are the last finite ones.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; the parameters are those of the last update.</exception>
    public TrainingResult TrainUntil(
        double meanReturn, long maximumUpdates = 1000, int evaluationEpisodes = 1000, Action<UpdateResult>? progress = null,
        CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maximumUpdates);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(evaluationEpisodes);
        if (double.IsNaN(meanReturn))
            throw new ArgumentOutOfRangeException(nameof(meanReturn), meanReturn, "The target is NaN.");
        long ticks = 0;
        EvaluationResult? evaluation = null;
        for (long update = 0; update < maximumUpdates; update++)
        {
            cancellation.ThrowIfCancellationRequested();
            long start = Stopwatch.GetTimestamp();
            UpdateResult result = Update();
            ticks += Stopwatch.GetTimestamp() - start;
            progress?.Invoke(result);
            evaluation = null;
            if (result.MeanReturn < meanReturn)
                continue;
            evaluation = Evaluate(evaluationEpisodes);
            if (evaluation.MeanReturn >= meanReturn)
                break;
        }

        evaluation ??= Evaluate(evaluationEpisodes);
        return new TrainingResult(
            evaluation.MeanReturn >= meanReturn, UpdateCount, EpisodeCount, EnvironmentSteps, (double)ticks / Stopwatch.Frequency, evaluation);
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
        _evaluator.Dispose();
        _parameters.Dispose();
        _stepSum.Dispose();
        _stepCount.Dispose();
    }

    /// <summary>Fills <see cref="Gradient"/> with the gradient of batch number <paramref name="batch"/>, unclipped.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal UpdateResult ComputeGradient(long batch)
    {
        _parameters.Refresh();
        _batchEpisode = (ulong)batch * (ulong)Options.BatchSize;
        _request = RequestOf(0);
        long start = Stopwatch.GetTimestamp();
        _pool.Run(_shards.Length, _rollout);
        long rolledOut = Stopwatch.GetTimestamp();
        double returnSum = 0, rewardSum = 0;
        long steps = 0;
        foreach (Shard shard in _shards)
        {
            returnSum += shard.ReturnSum;
            rewardSum += shard.RewardSum;
            steps += shard.Trajectory.Steps;
        }

        PrepareWeights(returnSum);
        if (!_request.IsIdentity)
            _pool.Run(_shards.Length, _weigh);
        _scale = ScaleOfBatch(steps);
        _pool.Run(_shards.Length, _differentiate);
        double norm = AddShards(out double entropySum);
        RolloutTicks += rolledOut - start;
        GradientTicks += Stopwatch.GetTimestamp() - rolledOut;
        double entropy = Options.MeasureEntropy ? entropySum / steps : double.NaN;
        return new UpdateResult(batch + 1, Options.BatchSize, steps, rewardSum / Options.BatchSize, norm, entropy);
    }

    private long ActivationBytes(EnvironmentSpecification specification)
    {
        long perStep = 0;
        for (int layer = 0; layer < Shape.LayerCount - 1; layer++)
            perStep += sizeof(float) * NetworkParameters.Pad(Shape.OutputSizeOf(layer));
        return perStep * specification.MaximumEpisodeSteps * Options.BatchSize;
    }

    private void PrepareWeights(double returnSum)
    {
        if (SumsByStep)
        {
            Span<double> sum = _stepSum.Span;
            Span<int> count = _stepCount.Span;
            sum.Clear();
            count.Clear();
            foreach (Shard shard in _shards)
            {
                Span<double> shardSum = shard.StepSum.Span;
                Span<int> shardCount = shard.StepCount.Span;
                for (int step = 0; step < sum.Length; step++)
                {
                    sum[step] += shardSum[step];
                    count[step] += shardCount[step];
                }
            }
        }

        _request = RequestOf(returnSum);
    }

    private unsafe WeightRequest RequestOf(double returnSum) => new()
    {
        Estimator = Options.Estimator,
        Baseline = Options.Baseline,
        Discount = Options.Discount,
        SumsWeights = Options.NormalizeReturns,
        Episodes = Options.BatchSize,
        ReturnSum = returnSum,
        TimeSum = _stepSum.Pointer,
        TimeCount = _stepCount.Pointer,
    };

    /// <summary>Mean over episodes, standardisation and entropy bonus as one scale and offset on the weights.</summary>
    private ScoreScale ScaleOfBatch(long steps)
    {
        double scale = 1.0 / Options.BatchSize;
        double offset = 0;
        if (Options.NormalizeReturns)
        {
            // Means and squared deviations of shards combine as those of Chan, Golub and LeVeque (1983).
            double mean = 0, squares = 0;
            long count = 0;
            foreach (Shard shard in _shards)
            {
                long added = shard.Trajectory.Steps;
                double difference = shard.WeightMean - mean;
                count += added;
                mean += difference * added / count;
                squares += shard.WeightDeviations + difference * difference * (count - added) * added / count;
            }

            double deviation = Math.Sqrt(squares / count);
            // All weights alike: there is nothing to standardise, only the mean to subtract.
            if (deviation > Math.Max(SmallestDeviation, SmallestRelativeDeviation * Math.Abs(mean)))
                scale /= deviation;
            offset = -mean * scale;
        }

        return new ScoreScale((float)scale, (float)offset, Options.EntropyCoefficient / steps);
    }

    /// <summary>Sums the shards' gradients in shard order; returns the norm.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double AddShards(out double entropySum)
    {
        Span<double> sum = _gradientSum;
        entropySum = 0;
        sum.Clear();
        foreach (Shard shard in _shards)
        {
            Span<double> part = shard.Gradient.Span;
            for (int i = 0; i < sum.Length; i++)
                sum[i] += part[i];
            entropySum += shard.EntropySum;
        }

        double squares = 0;
        for (int i = 0; i < sum.Length; i++)
        {
            squares += sum[i] * sum[i];
            _gradient[i] = (float)sum[i];
        }

        return Math.Sqrt(squares);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Ascend(long update)
    {
        int bad = FirstNonFinite(_gradient);
        if (bad >= 0)
            throw new NonFiniteException(update, "gradient", Shape.TensorAt(bad));
        GradientClip.Apply(_gradient, Options.MaximumGradientNorm);
        Span<float> parameters = _parameters.Flat;
        parameters.CopyTo(_previous);
        _optimizer.Step(parameters, _gradient);
        bad = FirstNonFinite(parameters);
        if (bad < 0)
            return;
        _previous.CopyTo(parameters);
        throw new NonFiniteException(update, "parameters", Shape.TensorAt(bad));
    }

    private static Optimizer CreateOptimizer(TrainerOptions options, int parameterCount) => options.Optimizer == OptimizerKind.Sgd
        ? new Sgd(parameterCount, options.StepSize, options.Momentum)
        : new Adam(parameterCount, options.StepSize);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int FirstNonFinite(ReadOnlySpan<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
                return i;
        }

        return -1;
    }

    /// <summary>Runs every kernel once, so that the first update does not wait for the compiler; leaves no trace.</summary>
    private void WarmUp()
    {
        _parameters.Refresh();
        _request = RequestOf(0);
        RolloutShard(0, 0);
        PrepareWeights(_shards[0].ReturnSum);
        WeighShard(0, 0);
        _scale = ScaleOfBatch(1);
        DifferentiateShard(0, 0);
        AddShards(out _);
        // The step itself, on parameters and with an optimizer of no consequence.
        float[] parameters = new float[17];
        CreateOptimizer(Options, parameters.Length).Step(parameters, new float[parameters.Length]);
        GradientClip.Apply(parameters, 1);
        FirstNonFinite(parameters);
        Array.Clear(_gradient);
    }

    private void RolloutShard(int worker, int shard) =>
        _workers[worker].Rollout(_shards[shard], _batchEpisode, Options.Seed, _request);

    private void WeighShard(int worker, int shard) => _workers[worker].Weigh(_shards[shard], _request);

    private void DifferentiateShard(int worker, int shard) =>
        _workers[worker].Gradient(_shards[shard], _scale, Options.MeasureEntropy);
}

/// <summary>Trains a softmax policy on an environment type.</summary>
/// <typeparam name="TEnvironment">The environment.</typeparam>
/// <inheritdoc cref="Trainer" path="/remarks"/>
public sealed class Trainer<TEnvironment> : Trainer where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
{
    /// <summary>Allocates all memory, draws the initial parameters and compiles the kernels.</summary>
    /// <param name="options">The run's options; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the environment's actions are continuous.</exception>
    public Trainer(TrainerOptions? options = null)
        : base(BatchedEnvironment.Create<TEnvironment>(), options ?? new TrainerOptions())
    {
    }
}
