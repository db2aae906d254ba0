using System.Diagnostics;
using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Environments;

/// <summary>A view of [row][lane] 32-bit values: one row a quantity, one lane an environment.</summary>
/// <remarks>
/// Points into memory owned elsewhere, which must outlive the view. Positions are checked in debug builds only: an environment's
/// <c>Step</c> is called hundreds of millions of times a second.
/// </remarks>
public readonly unsafe struct LaneRows
{
    private readonly float* _pointer;

    internal LaneRows(float* pointer, int rowCount, int laneCount)
    {
        _pointer = pointer;
        RowCount = rowCount;
        LaneCount = laneCount;
    }

    /// <summary>A view of a buffer.</summary>
    /// <param name="buffer">Owns the memory and must outlive the view.</param>
    /// <param name="rowCount">Rows, at least 1.</param>
    /// <param name="laneCount">Lanes a row, a positive multiple of 16, at most <see cref="StepBatch.MaximumLanes"/>.</param>
    /// <exception cref="ArgumentException">The buffer is too short or a count is out of range.</exception>
    public LaneRows(AlignedBuffer<float> buffer, int rowCount, int laneCount)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rowCount);
        if (laneCount is <= 0 or > StepBatch.MaximumLanes || laneCount % 16 != 0)
            throw new ArgumentOutOfRangeException(nameof(laneCount), laneCount, "Lanes come in multiples of 16, at most 64.");
        if (buffer.Length < (long)rowCount * laneCount)
            throw new ArgumentException("The buffer is shorter than rows × lanes.", nameof(buffer));
        _pointer = buffer.Pointer;
        RowCount = rowCount;
        LaneCount = laneCount;
    }

    /// <summary>Number of rows.</summary>
    public int RowCount { get; }

    /// <summary>Number of lanes in a row, a multiple of 16.</summary>
    public int LaneCount { get; }

    /// <summary>Address of the first value.</summary>
    internal float* Pointer => _pointer;

    /// <summary>One value as a float.</summary>
    /// <param name="row">Row index, 0-based.</param>
    /// <param name="lane">Lane index, 0-based.</param>
    public ref float this[int row, int lane]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            Debug.Assert((uint)row < (uint)RowCount && (uint)lane < (uint)LaneCount, "Position outside the view.");
            return ref _pointer[(nint)row * LaneCount + lane];
        }
    }

    /// <summary>Reads the lanes from <paramref name="lane"/> on.</summary>
    /// <typeparam name="TLanes">The lane vector.</typeparam>
    /// <param name="row">Row index, 0-based.</param>
    /// <param name="lane">First lane, a multiple of the vector's lane count.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TLanes Load<TLanes>(int row, int lane) where TLanes : unmanaged, ILanes<TLanes>
    {
        Debug.Assert((uint)row < (uint)RowCount && (uint)(lane + TLanes.Count) <= (uint)LaneCount, "Position outside the view.");
        return TLanes.Load(_pointer + (nint)row * LaneCount + lane);
    }

    /// <summary>Writes the lanes from <paramref name="lane"/> on.</summary>
    /// <typeparam name="TLanes">The lane vector.</typeparam>
    /// <param name="row">Row index, 0-based.</param>
    /// <param name="lane">First lane, a multiple of the vector's lane count.</param>
    /// <param name="value">What to write.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store<TLanes>(int row, int lane, TLanes value) where TLanes : unmanaged, ILanes<TLanes>
    {
        Debug.Assert((uint)row < (uint)RowCount && (uint)(lane + TLanes.Count) <= (uint)LaneCount, "Position outside the view.");
        TLanes.Store(value, _pointer + (nint)row * LaneCount + lane);
    }
}
