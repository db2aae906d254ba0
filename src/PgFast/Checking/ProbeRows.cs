using PgFast.Environments;
using PgFast.Numerics;

namespace PgFast.Checking;

/// <summary>Rows of lanes between guards: what an environment leaves unwritten, or writes beside them, shows.</summary>
internal sealed unsafe class ProbeRows : IDisposable
{
    private const int Guard = 64;

    // A NaN that no arithmetic makes.
    private const int Poison = 0x7FC0_1DEA;

    /// <summary>What stands where nothing was written.</summary>
    public static float Unwritten => BitConverter.Int32BitsToSingle(Poison);

    private readonly AlignedBuffer<float> _memory;
    private readonly int _rows;
    private int _lanes;

    /// <param name="rows">Rows; may be 0.</param>
    public ProbeRows(int rows)
    {
        _rows = rows;
        _memory = new AlignedBuffer<float>(2 * Guard + (long)Math.Max(1, rows) * StepBatch.MaximumLanes);
        Blank(StepBatch.MaximumLanes);
    }

    public int Rows => _rows;

    private int* Bits => (int*)_memory.Pointer + Guard;

    /// <summary>The value at a place.</summary>
    public ref float this[int row, int lane] => ref ((float*)Bits)[row * _lanes + lane];

    /// <summary>A view for an environment, everything in it unwritten and guarded.</summary>
    public LaneRows Blank(int lanes)
    {
        _lanes = lanes;
        new Span<int>((int*)_memory.Pointer, (int)_memory.Length).Fill(Poison);
        return View();
    }

    /// <summary>A view of what is there.</summary>
    public LaneRows View() => new((float*)Bits, Math.Max(1, _rows), _lanes);

    /// <summary>Takes over the values of other rows, lane l from lane (l + shift) mod lanes.</summary>
    public void CopyFrom(ProbeRows source, int lanes, int shift = 0)
    {
        Blank(lanes);
        for (int row = 0; row < _rows; row++)
        {
            for (int lane = 0; lane < lanes; lane++)
                Bits[row * lanes + lane] = source.Bits[row * source._lanes + (lane + shift) % lanes];
        }
    }

    /// <summary>Takes over one lane of other rows in all lanes.</summary>
    public void Spread(ProbeRows source, int lane, int lanes)
    {
        Blank(lanes);
        for (int row = 0; row < _rows; row++)
            new Span<int>(Bits + row * lanes, lanes).Fill(source.Bits[row * source._lanes + lane]);
    }

    /// <summary>Whether something was written before or after the rows.</summary>
    public bool IsOverrun()
    {
        int* memory = (int*)_memory.Pointer;
        int used = Guard + Math.Max(1, _rows) * _lanes;
        for (int i = 0; i < _memory.Length; i++)
        {
            if ((i < Guard || i >= used) && memory[i] != Poison)
                return true;
        }

        return false;
    }

    /// <summary>The first place that holds what it held before: it was not written.</summary>
    public (int Row, int Lane)? FirstUnwritten() => First((row, lane) => Bits[row * _lanes + lane] == Poison);

    /// <summary>The first place that is not finite, of the lanes in a mask.</summary>
    public (int Row, int Lane)? FirstNonFinite(ulong lanes) =>
        First((row, lane) => (lanes >> lane & 1) != 0 && !float.IsFinite(this[row, lane]));

    /// <summary>The first place whose bits differ, where lane l here is lane (l + shift) mod lanes there.</summary>
    public (int Row, int Lane)? FirstDifference(ProbeRows other, int shift = 0) =>
        First((row, lane) => Bits[row * _lanes + lane] != other.Bits[row * other._lanes + (lane + shift) % _lanes]);

    public void Dispose() => _memory.Dispose();

    private (int Row, int Lane)? First(Func<int, int, bool> isIt)
    {
        for (int row = 0; row < _rows; row++)
        {
            for (int lane = 0; lane < _lanes; lane++)
            {
                if (isIt(row, lane))
                    return (row, lane);
            }
        }

        return null;
    }
}
