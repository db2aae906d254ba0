using System.Diagnostics;
using System.Runtime.CompilerServices;
using PgFast.Environments;
using PgFast.Rollouts;
using PgFast.Telemetry;
using PgFast.Training;

namespace PgFast.Textbook;

/// <summary>Sutton and Barto's REINFORCE to the letter, with or without a baseline: many independent runs of it side by side.</summary>
/// <remarks>
/// <para>
/// Sutton and Barto (2018), the boxes on pages 328 and 330: generate one episode; then, for t = 0, 1, …, T − 1 in order, with θ and w as the
/// steps before have left them, G ← Σ_{k&gt;t} γ^{k−t−1} R_k; with a baseline, δ ← G − v̂(S_t, w) and w ← w + α^w δ ∇v̂(S_t, w);
/// θ ← θ + α γ^t δ ∇ln π(A_t|S_t, θ), without a baseline with G for δ. Preferences and values are linear in the observation. An episode
/// that the environment's step limit cuts off counts as one that ended there.
/// </para>
/// <para>
/// A lane of a register is a run, with its own θ and w: hundreds of runs take little longer than one. Random numbers are keyed by
/// seed, run and episode, so a run does not depend on how many others there are, nor on threads or vector width. All memory is allocated by
/// the constructor; <see cref="Advance"/> allocates nothing. Not thread-safe: one caller at a time.
/// </para>
/// </remarks>
public partial class TextbookTrainer : IDisposable
{
    /// <summary>How long runs go on before cancellation and progress are looked at.</summary>
    private static readonly TimeSpan PartDuration = TimeSpan.FromMilliseconds(20);

    private readonly WorkerPool _pool;
    private readonly BoxWorker[] _workers;
    private readonly RunGroup[] _groups;
    private readonly BoxShape _shape;
    private readonly Action<int, int> _advance;
    private readonly KeyValuePair<string, object?>[] _tags;
    private int _goal;
    private bool _disposed;

    private protected TextbookTrainer(BatchedEnvironment environment, TextbookOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        Environment = environment.Specification;
        if (!Environment.Actions.IsDiscrete)
            throw new ArgumentException($"{Environment.Name} has continuous actions; a softmax policy needs discrete ones.", nameof(options));
        _shape = new BoxShape(Environment.ObservationSize, Environment.Actions.Size, options.HasBias);
        if (options.InitialParameters is { } initial && initial.Count != _shape.ParameterCount)
        {
            throw new ArgumentException(
                $"{Environment.Name} takes {_shape.ParameterCount} initial parameters, not {initial.Count}.", nameof(options));
        }

        if (options.MinimumProbability > 0 && _shape.Actions != 2)
            throw new ArgumentException($"A least probability is for two actions; {Environment.Name} has {_shape.Actions}.", nameof(options));
        Options = options with { InitialParameters = options.InitialParameters is { } given ? [.. given] : null };
        _groups = new RunGroup[(options.Runs + BoxKernels.Stride - 1) / BoxKernels.Stride];
        for (int group = 0; group < _groups.Length; group++)
        {
            int first = group * BoxKernels.Stride;
            _groups[group] = new RunGroup(first, Math.Min(BoxKernels.Stride, options.Runs - first), _shape, Options);
        }

        int threads = Math.Min(options.Threads, _groups.Length);
        _workers = new BoxWorker[threads];
        for (int worker = 0; worker < threads; worker++)
            _workers[worker] = new BoxWorker(environment, _shape, Options);
        _pool = new WorkerPool(threads);
        _advance = AdvanceGroup;
        _tags = Instruments.TagsOf(Environment.Name, "textbook");
    }

    /// <summary>Sizes and limits of the environment.</summary>
    public EnvironmentSpecification Environment { get; }

    /// <summary>What shapes the runs.</summary>
    public TextbookOptions Options { get; }

    /// <summary>Length of θ.</summary>
    public int ParameterCount => _shape.ParameterCount;

    /// <summary>Episodes that every run has done.</summary>
    public int EpisodeCount { get; private set; }

    /// <summary>Bytes allocated by background workers while they worked, since construction.</summary>
    internal long WorkerAllocatedBytes => _pool.AllocatedBytes;

    /// <summary>A trainer on a named environment; the caller disposes it.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="options">What shapes the runs.</param>
    /// <exception cref="ArgumentException">An option is out of range or does not fit the environment.</exception>
    public static TextbookTrainer Create(EnvironmentEntry environment, TextbookOptions options)
    {
        ArgumentNullException.ThrowIfNull(environment);
        return new TextbookTrainer(environment.CreateEnvironment(), options);
    }

    /// <summary>The next episodes of every run, at most as many as are left. Allocates nothing.</summary>
    /// <param name="episodes">How many, at least 1.</param>
    /// <param name="cancellation">Looked at about fifty times a second, between episodes.</param>
    /// <exception cref="OperationCanceledException">It was cancelled; every run stands at <see cref="EpisodeCount"/>, and another call goes on from there.</exception>
    public void Advance(int episodes, CancellationToken cancellation = default) =>
        AdvanceInParts(episodes, progress: null, cancellation);

    /// <summary>All episodes that are left, and what they came to.</summary>
    /// <param name="progress">Told on this thread about the first episode, then at most ten times a second, and about the last; null for nobody.</param>
    /// <param name="cancellation">See <see cref="Advance"/>.</param>
    /// <exception cref="OperationCanceledException">It was cancelled; every run stands at <see cref="EpisodeCount"/>, and another call goes on from there.</exception>
    public TextbookResult Train(IProgress<TextbookProgress>? progress = null, CancellationToken cancellation = default)
    {
        using Activity? activity = Instruments.Activities.StartActivity("pgfast.train", ActivityKind.Internal, parentContext: default, _tags);
        try
        {
            if (EpisodeCount < Options.Episodes)
                AdvanceInParts(Options.Episodes - EpisodeCount, progress, cancellation);
            return new TextbookResult(Options, _shape, CaptureCheckpoint());
        }
        catch (Exception exception)
        {
            ActivityOutcome.Fail(activity, exception);
            throw;
        }
    }

    /// <summary>Stops the workers and frees the memory.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Stops the workers and frees the memory.</summary>
    /// <param name="disposing">Whether <see cref="Dispose()"/> asks for it.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (_disposed || !disposing)
            return;
        _disposed = true;
        _pool.Dispose();
        foreach (BoxWorker worker in _workers)
            worker.Dispose();
        foreach (RunGroup group in _groups)
            group.Dispose();
    }

    /// <summary>In parts of about 20 ms, at whose ends all runs stand at the same episode.</summary>
    private void AdvanceInParts(int episodes, IProgress<TextbookProgress>? progress, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(episodes);
        int end = (int)Math.Min((long)EpisodeCount + episodes, Options.Episodes);
        long part = 1;
        ReportPace pace = default;
        cancellation.ThrowIfCancellationRequested();
        while (EpisodeCount < end)
        {
            long start = Stopwatch.GetTimestamp();
            _goal = (int)Math.Min(EpisodeCount + part, end);
            _pool.Run(_groups.Length, _advance);
            Instruments.Episodes.Add((long)Options.Runs * (_goal - EpisodeCount), _tags);
            EpisodeCount = _goal;
            if (progress is not null && (pace.IsDue() || EpisodeCount == Options.Episodes))
                progress.Report(new TextbookProgress(EpisodeCount, Options.Episodes));
            if (EpisodeCount < end)
                cancellation.ThrowIfCancellationRequested();
            part = Stopwatch.GetElapsedTime(start) < PartDuration ? Math.Min(2 * part, end) : Math.Max(1, part / 2);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AdvanceGroup(int worker, int item)
    {
        RunGroup group = _groups[item];
        while (group.Episode < _goal)
            _workers[worker].NextEpisode(group);
    }
}

/// <summary>Runs of the textbook's box on an environment known at compile time.</summary>
/// <typeparam name="TEnvironment">The environment, with discrete actions.</typeparam>
public sealed class TextbookTrainer<TEnvironment> : TextbookTrainer where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
{
    /// <summary>Allocates everything that the runs need.</summary>
    /// <param name="options">What shapes the runs; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range or does not fit the environment.</exception>
    public TextbookTrainer(TextbookOptions? options = null)
        : base(BatchedEnvironment.Create<TEnvironment>(), options ?? new TextbookOptions())
    {
    }
}
