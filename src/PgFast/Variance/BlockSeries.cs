using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Variance;

/// <summary>The moments of all rows over consecutive shards: of all of them, and of blocks that a jackknife leaves out one at a time.</summary>
/// <remarks>
/// Shards are added in their order. Mean and sum of squared deviations combine as those of Chan, Golub and LeVeque (1983). When there are
/// twice as many blocks as wanted, neighbours become one: memory does not depend on the number of episodes, and what the blocks are depends
/// on the number of shards alone.
/// </remarks>
internal sealed unsafe class BlockSeries : IDisposable
{
    private readonly AlignedBuffer<double> _total;
    private readonly AlignedBuffer<double> _blocks;
    private readonly AlignedBuffer<double> _scratch;
    private readonly double[] _squares;
    private readonly long[] _counts;
    private readonly long[] _unitCounts;
    private readonly long[] _totalCounts;
    private readonly int _capacity;
    private int _shardsInLast;

    /// <param name="rows">Number of rows.</param>
    /// <param name="multiplicity">[length]; parameters that a component stands for.</param>
    /// <param name="capacity">Most blocks, even.</param>
    public BlockSeries(int rows, ReadOnlySpan<double> multiplicity, int capacity)
    {
        Rows = rows;
        Length = multiplicity.Length;
        _capacity = capacity;
        _total = new AlignedBuffer<double>(2L * rows * Length);
        _blocks = new AlignedBuffer<double>(2L * rows * Length * capacity);
        _scratch = new AlignedBuffer<double>(2L * Length);
        _squares = new double[rows * capacity];
        _counts = new long[rows * capacity];
        _unitCounts = new long[rows * capacity];
        _totalCounts = new long[rows];
        multiplicity.CopyTo(new Span<double>(Multiplicity, Length));
    }

    public int Rows { get; }

    /// <summary>Components of a gradient.</summary>
    public int Length { get; }

    /// <summary>Number of blocks.</summary>
    public int Count { get; private set; }

    /// <summary>Shards of every block but perhaps the last.</summary>
    public int ShardsPerBlock { get; private set; } = 1;

    /// <summary>[length]; parameters that a component stands for.</summary>
    public double* Multiplicity => _scratch.Pointer + Length;

    /// <summary>Batches of a row.</summary>
    public long TotalCount(int row) => _totalCounts[row];

    /// <summary>[length]; the mean gradient of a row.</summary>
    public double* TotalMean(int row) => _total.Pointer + 2L * row * Length;

    /// <summary>[length]; sums of squared deviations from it.</summary>
    public double* TotalDeviations(int row) => TotalMean(row) + Length;

    /// <summary>Batches of a row in a block.</summary>
    public long CountOf(int block, int row) => _counts[block * Rows + row];

    /// <summary>Batches of a row in a block whose gradient was not zero.</summary>
    public long UnitCountOf(int block, int row) => _unitCounts[block * Rows + row];

    /// <summary>[length]; the mean gradient of a row in a block.</summary>
    public double* Mean(int block, int row) => _blocks.Pointer + 2L * ((long)block * Rows + row) * Length;

    /// <summary>[length]; Σ g/‖g‖ of a row in a block.</summary>
    public double* Unit(int block, int row) => Mean(block, row) + Length;

    /// <summary>Sum over the parameters of the squared deviations from the mean of a row in a block.</summary>
    public double Deviations(int block, int row) => _squares[block * Rows + row];

    /// <summary>Adds the next shard.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(ShardMoments shard)
    {
        if (Count == 0 || _shardsInLast == ShardsPerBlock)
            Open();
        int block = Count - 1;
        _shardsInLast++;
        for (int row = 0; row < Rows; row++)
        {
            long count = shard.Count[row];
            if (count == 0)
                continue;
            // Within the shard: mean and deviations from Σ g and Σ g².
            double* mean = shard.Sum(row), deviations = shard.Square(row);
            double inverse = 1.0 / count, total = 0;
            for (int i = 0; i < Length; i++)
            {
                double sum = mean[i];
                mean[i] = sum * inverse;
                deviations[i] = Math.Max(0, deviations[i] - sum * mean[i]);
                total += deviations[i] * Multiplicity[i];
            }

            Merge(block, row, count, mean, total, shard.UnitCount[row], shard.Unit(row));
            MergeTotal(row, count, mean, deviations);
        }
    }

    /// <summary>Ends the series: a last block of less than half the size of the others joins its neighbour.</summary>
    public void Close()
    {
        if (Count > 1 && 2 * _shardsInLast < ShardsPerBlock)
            Join(Count - 1, Count - 2);
        else
            return;
        Count--;
        _shardsInLast += ShardsPerBlock;
    }

    public void Dispose()
    {
        _total.Dispose();
        _blocks.Dispose();
        _scratch.Dispose();
    }

    private void Open()
    {
        if (Count == _capacity)
        {
            for (int block = 0; block < Count; block += 2)
            {
                Join(block + 1, block);
                if (block > 0)
                    Move(block, block / 2);
            }

            Count /= 2;
            ShardsPerBlock *= 2;
        }

        Clear(Count++);
        _shardsInLast = 0;
    }

    private void Clear(int block)
    {
        new Span<double>(Mean(block, 0), 2 * Rows * Length).Clear();
        _squares.AsSpan(block * Rows, Rows).Clear();
        _counts.AsSpan(block * Rows, Rows).Clear();
        _unitCounts.AsSpan(block * Rows, Rows).Clear();
    }

    private void Move(int from, int to)
    {
        new Span<double>(Mean(from, 0), 2 * Rows * Length).CopyTo(new Span<double>(Mean(to, 0), 2 * Rows * Length));
        _squares.AsSpan(from * Rows, Rows).CopyTo(_squares.AsSpan(to * Rows));
        _counts.AsSpan(from * Rows, Rows).CopyTo(_counts.AsSpan(to * Rows));
        _unitCounts.AsSpan(from * Rows, Rows).CopyTo(_unitCounts.AsSpan(to * Rows));
    }

    private void Join(int from, int to)
    {
        for (int row = 0; row < Rows; row++)
        {
            if (CountOf(from, row) > 0)
                Merge(to, row, CountOf(from, row), Mean(from, row), Deviations(from, row), UnitCountOf(from, row), Unit(from, row));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Merge(int block, int row, long count, double* mean, double deviations, long units, double* unit)
    {
        ref long have = ref _counts[block * Rows + row];
        double share = (double)count / (have + count);
        double* difference = _scratch.Pointer;
        double* target = Mean(block, row);
        DoubleRows.Combine(difference, 1, mean, -1, target, Length);
        double distance = DoubleRows.Dot(difference, difference, Multiplicity, Length);
        _squares[block * Rows + row] += deviations + distance * share * have;
        DoubleRows.AddScaled(target, share, difference, Length);
        DoubleRows.Add(Unit(block, row), unit, Length);
        _unitCounts[block * Rows + row] += units;
        have += count;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MergeTotal(int row, long count, double* mean, double* deviations)
    {
        ref long have = ref _totalCounts[row];
        double share = (double)count / (have + count), factor = share * have;
        double* totalMean = TotalMean(row), totalDeviations = TotalDeviations(row);
        for (int i = 0; i < Length; i++)
        {
            double difference = mean[i] - totalMean[i];
            totalMean[i] += share * difference;
            totalDeviations[i] += deviations[i] + difference * difference * factor;
        }

        have += count;
    }
}
