using System.Runtime.ExceptionServices;
using PgFast.Training;

namespace PgFast.Agents;

/// <summary>A thread that computes an agent's updates beside the host's frames.</summary>
internal sealed class BackgroundUpdate : IDisposable
{
    private const int Resting = 0, Working = 1, Ended = 2;

    private readonly Trainer _trainer;
    private readonly Thread _thread;
    private readonly SemaphoreSlim _due = new(0);
    private readonly ManualResetEventSlim _rest = new(true);
    private UpdateResult _result;
    private ExceptionDispatchInfo? _failure;
    private bool _hasResult;
    private int _state;
    private volatile bool _stops;

    public BackgroundUpdate(Trainer trainer)
    {
        _trainer = trainer;
        _thread = new Thread(Work) { IsBackground = true, Name = "agent update" };
        _thread.Start();
    }

    /// <summary>From its start until its parameters are taken over.</summary>
    public bool IsBusy => Volatile.Read(ref _state) != Resting;

    public bool HasEnded => Volatile.Read(ref _state) == Ended;

    /// <summary>Begins an update.</summary>
    public void Start()
    {
        _rest.Reset();
        Volatile.Write(ref _state, Working);
        _due.Release();
    }

    /// <summary>The parameters have been taken over.</summary>
    public void Rest() => Volatile.Write(ref _state, Resting);

    /// <summary>What the last update saw, once; throws what it threw.</summary>
    public UpdateResult? TakeResult()
    {
        if (IsBusy || !_hasResult)
            return null;
        _hasResult = false;
        ExceptionDispatchInfo? failure = _failure;
        _failure = null;
        failure?.Throw();
        return _result;
    }

    /// <summary>Waits until an update that is under way has ended.</summary>
    public void Wait(CancellationToken cancellation) => _rest.Wait(cancellation);

    public void Dispose()
    {
        _stops = true;
        _due.Release();
        _thread.Join();
        _due.Dispose();
        _rest.Dispose();
    }

    private void Work()
    {
        while (true)
        {
            _due.Wait();
            if (_stops)
                return;
            try
            {
                _result = _trainer.Update();
            }
            catch (Exception exception)
            {
                // Thrown again by the call that asks for the result.
                _failure = ExceptionDispatchInfo.Capture(exception);
            }

            _hasResult = true;
            Volatile.Write(ref _state, Ended);
            _rest.Set();
        }
    }
}
