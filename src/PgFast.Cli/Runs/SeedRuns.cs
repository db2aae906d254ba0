using PgFast.Cli.Output;

namespace PgFast.Cli.Runs;

/// <summary>Independent runs on a few threads; the results are kept in the order of the seeds.</summary>
/// <param name="count">How many runs.</param>
/// <param name="threads">How many side by side.</param>
/// <param name="run">Does run number k, 0-based.</param>
internal sealed class SeedRuns(int count, int threads, Func<int, RunOutcome> run)
{
    private readonly RunOutcome?[] _outcomes = new RunOutcome?[count];
    private int _next = -1;
    private int _done;
    private int _solved;
    private volatile bool _stops;
    private volatile Exception? _failure;

    /// <summary>Runs them all, or those that were begun when an interruption came or a file could not be written.</summary>
    public IReadOnlyList<RunOutcome> Execute(Progress progress, Interruption interruption)
    {
        Thread[] workers = new Thread[threads];
        for (int i = 0; i < workers.Length; i++)
        {
            workers[i] = new Thread(() => Work(interruption)) { Name = $"seeds {i}" };
            workers[i].Start();
        }

        foreach (Thread worker in workers)
        {
            while (!worker.Join(TimeSpan.FromMilliseconds(100)))
                progress.Runs(Volatile.Read(ref _done), Volatile.Read(ref _solved), count);
        }

        if (_failure is { } failure)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        return [.. _outcomes.OfType<RunOutcome>()];
    }

    private void Work(Interruption interruption)
    {
        try
        {
            while (_failure is null && !_stops && !interruption.IsRequested)
            {
                int index = Interlocked.Increment(ref _next);
                if (index >= count)
                    return;
                RunOutcome outcome = run(index);
                _outcomes[index] = outcome;
                Interlocked.Increment(ref _done);
                if (outcome.LacksFiles)
                    _stops = true;
                if (outcome.Solved)
                    Interlocked.Increment(ref _solved);
            }
        }
        catch (Exception exception)
        {
            // Thrown again by the thread that waits.
            _failure = exception;
        }
    }
}
