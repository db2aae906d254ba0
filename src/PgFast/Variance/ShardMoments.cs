using PgFast.Numerics;

namespace PgFast.Variance;

/// <summary>What a shard's batches add up to, row by row: number, Σ g, Σ g², Σ g/‖g‖. Handed from a worker to the sum in shard order.</summary>
internal sealed unsafe class ShardMoments : IDisposable
{
    private readonly AlignedBuffer<double> _memory;
    private readonly int _length;

    /// <param name="rows">Number of rows.</param>
    /// <param name="length">Components of a gradient.</param>
    public ShardMoments(int rows, int length)
    {
        _length = length;
        Count = new long[rows];
        UnitCount = new long[rows];
        _memory = new AlignedBuffer<double>(3L * rows * length);
    }

    /// <summary>[row]; number of batches.</summary>
    public long[] Count { get; }

    /// <summary>[row]; number of batches whose gradient was not zero.</summary>
    public long[] UnitCount { get; }

    /// <summary>Episodes run.</summary>
    public int Episodes { get; set; }

    /// <summary>Steps of them.</summary>
    public long Steps { get; set; }

    /// <summary>Σ of undiscounted returns.</summary>
    public double RewardSum { get; set; }

    /// <summary>[length]; Σ g of a row.</summary>
    public double* Sum(int row) => _memory.Pointer + 3L * row * _length;

    /// <summary>[length]; Σ g² of a row, component by component.</summary>
    public double* Square(int row) => Sum(row) + _length;

    /// <summary>[length]; Σ g/‖g‖ of a row; a gradient of zero adds nothing.</summary>
    public double* Unit(int row) => Sum(row) + 2 * _length;

    public void Clear()
    {
        Array.Clear(Count);
        Array.Clear(UnitCount);
        _memory.Span.Clear();
        Episodes = 0;
        Steps = 0;
        RewardSum = 0;
    }

    public void Dispose() => _memory.Dispose();
}
