using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Variance;

/// <summary>Sums of returns by step index over the episodes of each of a shard's batches: what a leave-one-out baseline of time is made of.</summary>
internal sealed unsafe class StepSums : IDisposable
{
    private readonly int _steps;
    private readonly int[] _used;
    private readonly AlignedBuffer<double> _total;
    private readonly AlignedBuffer<double> _toGo;
    private readonly AlignedBuffer<int> _count;

    /// <param name="batches">Batches of a shard.</param>
    /// <param name="steps">Longest episode.</param>
    public StepSums(int batches, int steps)
    {
        _steps = steps;
        _used = new int[batches];
        _total = new AlignedBuffer<double>((long)batches * steps);
        _toGo = new AlignedBuffer<double>((long)batches * steps);
        _count = new AlignedBuffer<int>((long)batches * steps);
    }

    public void Clear()
    {
        for (int batch = 0; batch < _used.Length; batch++)
        {
            nint start = (nint)batch * _steps;
            new Span<double>(_total.Pointer + start, _used[batch]).Clear();
            new Span<double>(_toGo.Pointer + start, _used[batch]).Clear();
            new Span<int>(_count.Pointer + start, _used[batch]).Clear();
            _used[batch] = 0;
        }
    }

    /// <summary>Adds an episode to its batch.</summary>
    /// <param name="batch">The batch, counted within the shard.</param>
    /// <param name="returns">[length]; G_t.</param>
    /// <param name="length">Its number of steps.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(int batch, float* returns, int length)
    {
        nint start = (nint)batch * _steps;
        double* total = _total.Pointer + start, toGo = _toGo.Pointer + start;
        int* count = _count.Pointer + start;
        double first = returns[0];
        for (int step = 0; step < length; step++)
        {
            total[step] += first;
            toGo[step] += returns[step];
            count[step]++;
        }

        _used[batch] = Math.Max(_used[batch], length);
    }

    /// <summary>target[k] = mean of the other episodes' value at step <paramref name="step"/> + k; 0 where no other runs.</summary>
    /// <param name="batch">The batch, counted within the shard.</param>
    /// <param name="ofTotal">Whether the value is G_0 and not G_t.</param>
    /// <param name="returns">[count]; the episode's G_t.</param>
    /// <param name="startReturn">The episode's G_0.</param>
    /// <param name="step">First step.</param>
    /// <param name="count">How many.</param>
    /// <param name="target">[count]; overwritten.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void LeaveOneOut(int batch, bool ofTotal, float* returns, float startReturn, int step, int count, float* target)
    {
        nint start = (nint)batch * _steps + step;
        double* sum = (ofTotal ? _total : _toGo).Pointer + start;
        int* running = _count.Pointer + start;
        for (int k = 0; k < count; k++)
        {
            int others = running[k] - 1;
            double own = ofTotal ? startReturn : returns[k];
            target[k] = others > 0 ? (float)((sum[k] - own) / others) : 0f;
        }
    }

    public void Dispose()
    {
        _total.Dispose();
        _toGo.Dispose();
        _count.Dispose();
    }
}
