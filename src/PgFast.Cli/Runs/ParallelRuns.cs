using PgFast.Cli.Output;

namespace PgFast.Cli.Runs;

/// <summary>Independent runs on a few threads; the results are kept in the runs' order.</summary>
/// <param name="count">How many runs.</param>
/// <param name="threads">How many side by side.</param>
/// <param name="run">Does run number k, 0-based.</param>
internal sealed class ParallelRuns(int count, int threads, Func<int, RunOutcome> run)
{
    private readonly RunOutcome?[] _outcomes = new RunOutcome?[count];
    private int _next = -1;
    private int _done;
    private int _solved;
    private volatile bool _stops;
    private volatile Exception? _failure;

    /// <summary>Runs them all, or those that were begun when an interruption came or a file could not be written.</summary>
    /// <param name="progress">Is told how many are done.</param>
    /// <param name="interruption">Stops it.</param>
    /// <param name="noun">What the runs are called.</param>
    public IReadOnlyList<RunOutcome> Execute(Progress progress, Interruption interruption, string noun)
    {
        Thread[] workers = new Thread[threads];
        for (int i = 0; i < workers.Length; i++)
        {
            workers[i] = new Thread(() => Work(interruption)) { Name = $"run {i}" };
            workers[i].Start();
        }

        foreach (Thread worker in workers)
        {
            while (!worker.Join(TimeSpan.FromMilliseconds(100)))
                progress.Runs(Volatile.Read(ref _done), Volatile.Read(ref _solved), count, noun);
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
