using System.Diagnostics;
using PgFast.Environments;
using PgFast.Networks;
using PgFast.Policies;
using PgFast.Rollouts;
using PgFast.Telemetry;

namespace PgFast.Variance;

/// <summary>Measures how noisy the policy gradient of a frozen policy is: by estimator, baseline and batch size, on the same episodes.</summary>
/// <remarks>
/// Every episode's score gradients are computed once and weighted for all rows; what is kept are moments, so that memory does not depend
/// on the number of episodes. Baselines are fitted on a pilot sample or are made of a batch's other episodes. All memory is allocated by
/// the constructor; a shard allocates nothing. Not thread-safe: one caller at a time.
/// </remarks>
public partial class VarianceStudy : IDisposable
{
    /// <summary>Most blocks of the jackknife: there are half to all of them in a study of many shards.</summary>
    private const int MaximumBlocks = 128;

    /// <summary>Fewest blocks that memory may reduce them to.</summary>
    private const int FewestMaximumBlocks = 32;

    private const int WarmUpEpisodes = 64;

    /// <summary>Memory that blocks may take.</summary>
    private const double BlockBytes = 1L << 30;

    private readonly BatchedEnvironment _environment;
    private readonly NetworkParameters _parameters;
    private readonly StudyPlan _plan;
    private readonly WorkerPool _pool;
    private readonly FittedBaselines _fitted;
    private readonly StudyWorker[] _workers;
    private readonly ShardMoments[] _slots;
    private readonly BlockSeries _series;
    private readonly GradientLayout _layout;
    private readonly float[] _powers;
    private readonly Action<int, int> _runShard;
    private readonly KeyValuePair<string, object?>[] _tags;
    private long _firstShard;
    private long _start;
    private bool _disposed;

    private protected VarianceStudy(BatchedEnvironment environment, NetworkShape shape, ReadOnlySpan<float> parameters, VarianceOptions options)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (options.ObservationScaling is { } scaling && scaling.Mean.Length != environment.Specification.ObservationSize)
            throw new ArgumentException($"{environment.Specification.Name} has another number of features than the scaling.", nameof(options));
        if (options.ObservationScaling is not null || (!environment.Specification.Actions.IsDiscrete && options.ActionScale != 1))
            environment = new ScaledEnvironment(environment, options.ObservationScaling, options.ActionScale);
        _environment = environment;
        Shape = shape;
        Options = options;
        _tags = Instruments.TagsOf(environment.Specification.Name, "study");
        if (options.NestedStates > 0 && !environment.Specification.Actions.IsDiscrete)
            throw new ArgumentException("Nested resets run through all actions of a state; they need discrete ones.", nameof(options));
        RequireFit(environment.Specification, shape, parameters);
        if (options.ValueFunction?.Fits(environment.Specification.ObservationSize) == false)
            throw new ArgumentException($"{environment.Specification.Name} has another number of features than the value function takes.", nameof(options));
        _parameters = new NetworkParameters(shape, ActionDistribution.Of(environment.Specification.Actions, shape).MergesOutputs);
        parameters.CopyTo(_parameters.Flat);
        _parameters.Refresh();
        _plan = new StudyPlan(options);
        _layout = new GradientLayout(_parameters);
        int steps = environment.Specification.MaximumEpisodeSteps;
        _powers = PowersOf(options.Discount, steps);
        _fitted = new FittedBaselines(environment.Specification.ObservationSize, steps, _layout.Length)
        {
            Values = new ValueNetworks(environment.Specification, _plan, options.ValueFunction),
        };
        long shards = (options.Episodes + _plan.ShardEpisodes - 1) / _plan.ShardEpisodes;
        int threads = (int)Math.Min(options.Threads, shards);
        _workers = new StudyWorker[threads];
        for (int worker = 0; worker < threads; worker++)
            _workers[worker] = new StudyWorker(environment, _parameters, _plan, options, _fitted, _powers);
        // Twice as many shards a round as threads, so that shards of unequal length balance out.
        _slots = new ShardMoments[SlotsOf(threads)];
        for (int slot = 0; slot < _slots.Length; slot++)
            _slots[slot] = new ShardMoments(_plan.Rows.Count, _layout.Length);
        _series = new BlockSeries(_plan.Rows.Count, _layout.Multiplicity, BlocksOf(_plan.Rows.Count, _layout.Length));
        _runShard = RunShard;
        _pool = new WorkerPool(threads);
        try
        {
            WarmUp();
        }
        catch
        {
            // What throws here must not leave threads behind.
            Dispose();
            throw;
        }
    }

    /// <summary>What is measured.</summary>
    public VarianceOptions Options { get; }

    /// <summary>The policy network.</summary>
    public NetworkShape Shape { get; }

    /// <summary>Bytes that worker threads other than the caller's have allocated while they worked.</summary>
    public long WorkerAllocatedBytes => _pool.AllocatedBytes;

    /// <summary>Bytes that the calling thread allocated while it ran shards and added them up.</summary>
    public long CallerAllocatedBytes { get; private set; }

    /// <summary>Called with the fitted baselines before they are used, so that tests can put known ones in their place.</summary>
    internal Action<FittedBaselines>? Fitted { get; set; }

    /// <summary>About how many bytes a study's moments take, whatever the number of episodes: most of its memory where the network is large.</summary>
    /// <param name="shape">The policy network.</param>
    /// <param name="options">What to measure.</param>
    public static double MemoryOf(NetworkShape shape, VarianceOptions options)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(options);
        double rows = (double)options.Estimators.Count * options.Baselines.Count * options.BatchSizes.Count;
        double vectors = rows * (3 * SlotsOf(options.Threads) + 2 + 2 * BlocksOf(rows, shape.ParameterCount));
        return vectors * shape.ParameterCount * sizeof(double);
    }

    /// <summary>Runs the study. May be called once.</summary>
    /// <param name="progress">
    /// Told on this thread about the first few shards, then at most ten times a second, and about the last; null for nobody. Fitting baselines before, and times and resets after,
    /// are not part of it.
    /// </param>
    /// <param name="cancellation">Ends the study after the shards that are running; the report then is about those done.</param>
    /// <returns>The report.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled before there was anything to report.</exception>
    /// <exception cref="InvalidOperationException">It ran before.</exception>
    /// <exception cref="ArithmeticException">A gradient is not finite.</exception>
    public VarianceReport Run(IProgress<VarianceProgress>? progress = null, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_series.Count > 0)
            throw new InvalidOperationException("A study runs once; make another.");
        using Activity? activity = Instruments.Activities.StartActivity("pgfast.study", ActivityKind.Internal, parentContext: default, _tags);
        try
        {
            VarianceReport report = Measure(progress, cancellation);
            Instruments.StudyDuration.Record(report.Seconds, _tags);
            activity?.SetTag("pgfast.episodes", report.Episodes);
            activity?.SetTag("pgfast.mean_return", report.MeanReturn);
            return report;
        }
        catch (Exception exception)
        {
            ActivityOutcome.Fail(activity, exception);
            throw;
        }
    }

    private VarianceReport Measure(IProgress<VarianceProgress>? progress, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        _start = start;
        FitBaselines(cancellation);
        long episodes = 0, steps = 0;
        double rewards = 0;
        (long Episodes, long Steps) told = (0, 0);
        ReportPace pace = default;
        long shards = (Options.Episodes + _plan.ShardEpisodes - 1) / _plan.ShardEpisodes;
        for (_firstShard = 0; _firstShard < shards && !cancellation.IsCancellationRequested; _firstShard += _slots.Length)
        {
            int count = (int)Math.Min(_slots.Length, shards - _firstShard);
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            _pool.Run(count, _runShard);
            for (int slot = 0; slot < count; slot++)
            {
                episodes += _slots[slot].Episodes;
                steps += _slots[slot].Steps;
                rewards += _slots[slot].RewardSum;
                _series.Add(_slots[slot]);
            }

            CallerAllocatedBytes += GC.GetAllocatedBytesForCurrentThread() - allocated;
            Instruments.StudyEpisodes.Add(episodes - told.Episodes, _tags);
            Instruments.StudySteps.Add(steps - told.Steps, _tags);
            told = (episodes, steps);
            double elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds, budget = Options.TimeBudget?.TotalSeconds ?? double.PositiveInfinity;
            bool isOver = elapsed >= budget || _firstShard + _slots.Length >= shards;
            if (progress is not null && (isOver || pace.IsDue()))
                progress.Report(new VarianceProgress(episodes, Options.Episodes, Math.Min(1, Math.Max((double)episodes / Options.Episodes, elapsed / budget))));
            if (isOver)
                break;
        }

        if (episodes == 0)
            throw new OperationCanceledException(cancellation);
        _series.Close();
        VarianceReport report = Report(episodes, steps, rewards / episodes, cancellation);
        GC.KeepAlive(this);
        return report with { Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds };
    }

    /// <summary>Frees the memory and ends the threads.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _pool.Dispose();
        foreach (StudyWorker worker in _workers)
            worker.Dispose();
        foreach (ShardMoments slot in _slots)
            slot.Dispose();
        _series.Dispose();
        _fitted.Dispose();
        _parameters.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>[step]; γ^t as a product of t factors, as training computes it.</summary>
    internal static float[] PowersOf(float discount, int steps)
    {
        float[] powers = new float[steps];
        float power = 1;
        for (int step = 0; step < steps; step++, power *= discount)
            powers[step] = power;
        return powers;
    }

    private static int SlotsOf(int threads) => threads == 1 ? 1 : 2 * threads;

    /// <summary>Most blocks: fewer where they would take too much memory.</summary>
    private static int BlocksOf(double rows, int length)
    {
        int blocks = MaximumBlocks;
        while (blocks > FewestMaximumBlocks && 2 * sizeof(double) * rows * length * blocks > BlockBytes)
            blocks /= 2;
        return blocks;
    }

    private static void RequireFit(EnvironmentSpecification specification, NetworkShape shape, ReadOnlySpan<float> parameters)
    {
        ActionDistribution distribution = ActionDistribution.Of(specification.Actions, shape);
        if (shape.InputSize != specification.ObservationSize || !distribution.Fits(shape))
        {
            string actions = specification.Actions.IsDiscrete ? $"{specification.Actions.Size} actions" : $"actions of dimension {specification.Actions.Size}";
            throw new ArgumentException(
                $"{specification.Name} has {specification.ObservationSize} observations and {actions}, the network {shape} others.",
                nameof(shape));
        }

        if (parameters.Length != shape.ParameterCount)
            throw new ArgumentException($"The network {shape} has {shape.ParameterCount} parameters.", nameof(parameters));
        foreach (float value in parameters)
        {
            if (!float.IsFinite(value))
                throw new ArgumentException("A parameter is not finite.", nameof(parameters));
        }
    }

    /// <summary>Runs a few episodes for nothing, so that no shard waits for the compiler, which allocates.</summary>
    private void WarmUp()
    {
        using BlockSeries series = new(_plan.Rows.Count, _layout.Multiplicity, 2);
        for (int round = 0; round < 3; round++)
        {
            _workers[0].Run(_slots[0], 0, (int)Math.Min(_plan.ShardEpisodes, WarmUpEpisodes));
            series.Add(_slots[0]);
        }
    }

    private void RunShard(int worker, int slot)
    {
        long first = (_firstShard + slot) * _plan.ShardEpisodes;
        _workers[worker].Run(_slots[slot], (ulong)first, (int)Math.Min(_plan.ShardEpisodes, Options.Episodes - first));
    }

    private void FitBaselines(CancellationToken cancellation)
    {
        int pilot = PilotEpisodes;
        using PilotSums all = NewSums();
        PilotSums[] slots = [.. _slots.Select(_ => NewSums())];
        PilotWorker[] workers = [.. _workers.Select(_ => new PilotWorker(_environment, _parameters, _powers))];
        int shards = (pilot + PilotWorker.ShardEpisodes - 1) / PilotWorker.ShardEpisodes, done = 0;
        using ValueFit? fit = _fitted.Values!.IsFitted ? new ValueFit(_fitted.Values, shards, Options.Seed) : null;
        PilotSteps?[] steps = [.. _slots.Select(_ => fit?.NewShard())];
        void Run(int worker, int slot)
        {
            int first = (done + slot) * PilotWorker.ShardEpisodes;
            workers[worker].Run(slots[slot], (ulong)first, Math.Min(PilotWorker.ShardEpisodes, pilot - first), Options.Seed, Options.Discount, steps[slot]);
        }

        void Add(int slot)
        {
            all.Add(slots[slot]);
            if (steps[slot] is { } kept)
                fit!.Add(kept);
        }

        for (; done < shards; done += slots.Length)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(slots.Length, shards - done);
            _pool.Run(count, Run);
            for (int slot = 0; slot < count; slot++)
                Add(slot);
        }

        all.Fit(_fitted, _layout.Multiplicity);
        fit?.Fit(_pool);
        Fitted?.Invoke(_fitted);
        foreach (PilotSums slot in slots)
            slot.Dispose();
        foreach (PilotSteps? slot in steps)
            slot?.Dispose();
        foreach (PilotWorker worker in workers)
            worker.Dispose();
    }

    private PilotSums NewSums() => new(
        _layout.Length, _environment.Specification.MaximumEpisodeSteps, new LinearBaseline(_environment.Specification.ObservationSize).FeatureCount);

    /// <summary>With a time budget the episodes are no guide: few, so that most of the time is left for the study.</summary>
    private int PilotEpisodes =>
        Options.PilotEpisodes ?? (int)Math.Clamp(Options.Episodes / 8, 1024, Options.TimeBudget is null ? 65_536 : 4096);
}

/// <summary>A variance study on an environment type.</summary>
/// <typeparam name="TEnvironment">The environment.</typeparam>
public sealed class VarianceStudy<TEnvironment> : VarianceStudy where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
{
    /// <summary>Allocates all memory.</summary>
    /// <param name="shape">The policy network; it fits the environment.</param>
    /// <param name="parameters">[ParameterCount], finite, in file order; copied.</param>
    /// <param name="options">What to measure; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the network does not fit the environment.</exception>
    public VarianceStudy(NetworkShape shape, ReadOnlySpan<float> parameters, VarianceOptions? options = null)
        : base(BatchedEnvironment.Create<TEnvironment>(), shape, parameters, options ?? new VarianceOptions())
    {
    }
}
