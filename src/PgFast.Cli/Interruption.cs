using System.Runtime.InteropServices;
using PgFast.Training;

namespace PgFast.Cli;

/// <summary>Turns the first SIGINT or SIGTERM into a request that the work looks at between updates and while it
/// evaluates; a second ends the process.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;

    public Interruption()
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
    }

    public CancellationToken Token => _source.Token;

    public bool IsRequested => _source.IsCancellationRequested;

    /// <summary>Evaluates, unless a signal comes first.</summary>
    /// <exception cref="OperationCanceledException">A signal came; what was evaluated until then says nothing.</exception>
    public EvaluationResult Evaluate(Trainer trainer, int episodes) => trainer.Evaluate(episodes, Token);

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _source.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = !_source.IsCancellationRequested;
        _source.Cancel();
    }
}
