using System.Diagnostics;

namespace PgFast.Fuzz;

/// <summary>A range of damaged files, tried on several threads. A file depends on its number alone, so that a failure can be had again.</summary>
/// <param name="first">Number of the first file.</param>
/// <param name="count">How many.</param>
/// <param name="threads">How many at once.</param>
internal sealed class Campaign(long first, long count, int threads)
{
    private const int MostFailures = 20;
    private const long ProgressEvery = 100_000;

    private readonly Lock _gate = new();
    private long _started;

    /// <summary>What became of the files.</summary>
    public Tally Tally { get; } = new();

    /// <summary>Files that neither loaded as what they hold nor gave a typed error: number, what was done to it, what happened.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>The longest that one file took.</summary>
    public TimeSpan Slowest { get; private set; }

    /// <summary>The most bytes that loading one file allocated.</summary>
    public long MostAllocated { get; private set; }

    /// <summary>Told now and then how many are done.</summary>
    public Action<long>? Progress { get; set; }

    /// <summary>Tries them all, or so many that enough failures are known.</summary>
    public void Run()
    {
        Thread[] workers = [.. Enumerable.Range(0, threads).Select(_ => new Thread(Work))];
        foreach (Thread worker in workers)
            worker.Start();
        foreach (Thread worker in workers)
            worker.Join();
    }

    private void Work()
    {
        using Corpus corpus = new();
        Mutator mutator = new(corpus);
        while (true)
        {
            long started = Interlocked.Increment(ref _started) - 1;
            if (started >= count || Failures.Count >= MostFailures)
                return;
            Try(first + started, mutator.Create(first + started));
            if (started > 0 && started % ProgressEvery == 0)
                Progress?.Invoke(started);
        }
    }

    private void Try(long number, DamagedFile file)
    {
        long start = Stopwatch.GetTimestamp();
        string outcome;
        string? failure = null;
        long allocated = 0;
        try
        {
            (outcome, allocated) = Trial.Run(file);
        }
#pragma warning disable CA1031 // What is thrown here is what this program looks for.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            outcome = "failed";
            failure = $"file {number}, {file.Seed.Name}, {file.Damage}: {exception.Message} {exception.InnerException ?? exception}";
        }

        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        lock (_gate)
        {
            Tally.Add(outcome);
            Slowest = elapsed > Slowest ? elapsed : Slowest;
            MostAllocated = Math.Max(MostAllocated, allocated);
            if (failure is not null)
                Failures.Add(failure);
        }
    }
}
