namespace PgFast.Tests.Support;

/// <summary>Keeps what it is told, on the thread that tells it.</summary>
internal sealed class Reports<T>(Action<T>? also = null) : IProgress<T>
{
    public List<T> All { get; } = [];

    public void Report(T value)
    {
        All.Add(value);
        also?.Invoke(value);
    }
}
