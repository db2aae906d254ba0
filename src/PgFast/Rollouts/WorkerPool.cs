using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace PgFast.Rollouts;

/// <summary>Persistent threads that run the items of a phase and meet at its end. The caller is worker 0.</summary>
/// <remarks>
/// An update of a small batch takes about 100 µs, so waiting threads spin for a moment before they sleep, and a phase with one item
/// never wakes anyone. Which worker runs which item is left to chance; results must be kept by item. Allocates nothing after
/// construction.
/// </remarks>
internal sealed class WorkerPool : IDisposable
{
    /// <summary>How long an idle worker spins before it sleeps: longer than the serial part between two phases.</summary>
    private static readonly long SpinTicks = Stopwatch.Frequency / 20_000;

    /// <summary>Low bits of <see cref="Counters.Phase"/>: how many workers take part. The rest counts phases.</summary>
    private const int ParticipantBits = 13;

    private readonly Thread[] _threads;
    private readonly object _gate = new();
    private readonly long[] _allocatedBytes;
    private Action<int, int>? _body;
    private int _items;
    private int _sleeping;
    private Counters _counters;
    private volatile bool _stopping;
    private volatile Exception? _failure;

    /// <summary>Starts the threads.</summary>
    /// <param name="workers">Number of workers, the caller included; at least 1.</param>
    public WorkerPool(int workers)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(workers);
        Count = workers;
        _allocatedBytes = new long[workers * 16];
        _threads = new Thread[workers - 1];
        for (int i = 0; i < _threads.Length; i++)
        {
            int worker = i + 1;
            _threads[i] = new Thread(() => Serve(worker)) { IsBackground = true, Name = $"PgFast worker {worker}" };
            _threads[i].Start();
        }
    }

    /// <summary>Number of workers, the caller included.</summary>
    public int Count { get; }

    /// <summary>Bytes allocated by background workers while they ran items, since construction.</summary>
    public long AllocatedBytes
    {
        get
        {
            long sum = 0;
            for (int worker = 1; worker < Count; worker++)
                sum += Volatile.Read(ref _allocatedBytes[worker * 16]);
            return sum;
        }
    }

    /// <summary>Calls <paramref name="body"/>(worker, item) for every item and returns when all are done.</summary>
    /// <param name="items">Number of items.</param>
    /// <param name="body">Keep the delegate: making one allocates. The first exception that it throws is thrown here.</param>
    public void Run(int items, Action<int, int> body)
    {
        if (Count == 1 || items <= 1)
        {
            for (int item = 0; item < items; item++)
                body(0, item);
            return;
        }

        _body = body;
        _items = items;
        _failure = null;
        Volatile.Write(ref _counters.NextItem, 0);
        int participants = Math.Min(Count, items);
        Volatile.Write(ref _counters.Running, participants - 1);
        // Number and participants change together: a worker that comes late to a phase without it cannot take part in it by mistake.
        Interlocked.Exchange(ref _counters.Phase, ((_counters.Phase >> ParticipantBits) + 1 << ParticipantBits) + participants);
        if (Volatile.Read(ref _sleeping) > 0)
            WakeAll();
        Work(0);
        SpinWait spinner = default;
        while (Volatile.Read(ref _counters.Running) != 0)
            spinner.SpinOnce(sleep1Threshold: -1);
        if (_failure is { } failure)
            ExceptionDispatchInfo.Throw(failure);
    }

    /// <summary>Stops and joins the threads.</summary>
    public void Dispose()
    {
        _stopping = true;
        WakeAll();
        foreach (Thread thread in _threads)
            thread.Join();
    }

    private void Serve(int worker)
    {
        long seen = 0;
        while (WaitForPhase(ref seen))
        {
            if (worker >= (seen & ((1 << ParticipantBits) - 1)))
                continue;
            long before = GC.GetAllocatedBytesForCurrentThread();
            Work(worker);
            _allocatedBytes[worker * 16] += GC.GetAllocatedBytesForCurrentThread() - before;
            Interlocked.Decrement(ref _counters.Running);
        }
    }

    private bool WaitForPhase(ref long seen)
    {
        long deadline = Stopwatch.GetTimestamp() + SpinTicks;
        while (Volatile.Read(ref _counters.Phase) == seen)
        {
            if (_stopping)
                return false;
            if (Stopwatch.GetTimestamp() < deadline)
            {
                Thread.SpinWait(20);
                continue;
            }

            Sleep(seen);
            deadline = Stopwatch.GetTimestamp() + SpinTicks;
        }

        seen = Volatile.Read(ref _counters.Phase);
        return !_stopping;
    }

    private void Sleep(long seen)
    {
        // The phase is looked at after announcing the sleep, and with the lock held: the caller either sees the announcement and wakes
        // us, or had begun the phase before. All sleepers are woken, never a number of them: a worker that is done with the new phase
        // and sleeps again could take the wake-up of one that has not got to its wait yet.
        Interlocked.Increment(ref _sleeping);
        lock (_gate)
        {
            while (Volatile.Read(ref _counters.Phase) == seen && !_stopping)
                Monitor.Wait(_gate);
        }

        Interlocked.Decrement(ref _sleeping);
    }

    private void WakeAll()
    {
        lock (_gate)
            Monitor.PulseAll(_gate);
    }

    private void Work(int worker)
    {
        try
        {
            while (true)
            {
                int item = Interlocked.Increment(ref _counters.NextItem) - 1;
                if (item >= _items)
                    return;
                _body!(worker, item);
            }
        }
        catch (Exception exception)
        {
            _failure = exception;
            Volatile.Write(ref _counters.NextItem, _items);
        }
    }

    /// <summary>What workers write while others read: each in a cache line of its own, and none beside what a phase only reads.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 4 * CacheLine)]
    private struct Counters
    {
        private const int CacheLine = 64;

        /// <summary>Every worker takes the next item from here.</summary>
        [FieldOffset(CacheLine)]
        public int NextItem;

        /// <summary>Participants that are not done; the caller waits for 0.</summary>
        [FieldOffset(2 * CacheLine)]
        public int Running;

        /// <summary>Changes when a phase begins; idle workers look at it all the time.</summary>
        [FieldOffset(3 * CacheLine)]
        public long Phase;
    }
}
