using System.Runtime.CompilerServices;
using PgFast.Environments;
using PgFast.Numerics;

namespace PgFast.Rollouts;

/// <summary>Everything that one shard's rollout records: [time][feature][lane], allocated once, overwritten by every update.</summary>
/// <remarks>
/// Lanes hold several episodes one after another; <see cref="Starts"/> tells where the next begins. Episodes are numbered within the
/// shard in the order in which they start (by row, then lane). When no episode is left to start, lanes thin out: a row has
/// <see cref="LaneCount"/> lanes, 16 fewer whenever the live ones fit, and <see cref="Moves"/> tells which went where. Rows are stored
/// one after another without gaps. Sized for the longest possible rollout; memory that is never touched costs nothing.
/// </remarks>
internal sealed unsafe class Trajectory : IDisposable
{
    private readonly AlignedBuffer<float> _observation;
    private readonly AlignedBuffer<float> _action;
    private readonly AlignedBuffer<float> _output;
    private readonly AlignedBuffer<float> _record;
    private readonly AlignedBuffer<float> _reward;
    private readonly AlignedBuffer<ulong> _flags;
    private readonly AlignedBuffer<float> _finalObservation;
    private readonly AlignedBuffer<long> _cell;
    private readonly AlignedBuffer<int> _laneCount;
    private readonly LaneMove[] _moves = new LaneMove[StepBatch.MaximumLanes];
    private readonly int _rowCapacity;
    private int _moveCount;

    /// <param name="specification">The environment.</param>
    /// <param name="outputs">Rows of network output a step.</param>
    /// <param name="recordSize">32-bit words a lane and step that the network records.</param>
    /// <param name="lanes">A multiple of 16, at most 64.</param>
    /// <param name="episodes">Most episodes of the shard.</param>
    /// <param name="keepsSteps">False to keep two rows only, one step after another: for evaluation.</param>
    public Trajectory(EnvironmentSpecification specification, int outputs, int recordSize, int lanes, int episodes, bool keepsSteps)
    {
        Specification = specification;
        Outputs = outputs;
        RecordSize = recordSize;
        Lanes = lanes;
        EpisodeCapacity = episodes;
        KeepsSteps = keepsSteps;
        long rows = RowsNeeded(specification, episodes, lanes);
        _rowCapacity = keepsSteps ? checked((int)rows + 1) : 2;
        long cells = (long)_rowCapacity * lanes;
        _cell = new AlignedBuffer<long>(_rowCapacity + 1L);
        _laneCount = new AlignedBuffer<int>(_rowCapacity + 1L);
        _observation = new AlignedBuffer<float>(cells * specification.ObservationSize);
        _action = new AlignedBuffer<float>(cells * specification.ActionRows);
        _output = new AlignedBuffer<float>(cells * outputs);
        _record = new AlignedBuffer<float>(Math.Max(1, cells * recordSize));
        _reward = new AlignedBuffer<float>(cells);
        _flags = new AlignedBuffer<ulong>(4L * _rowCapacity);
        _finalObservation = new AlignedBuffer<float>((long)episodes * specification.ObservationSize);
        StartRow = new int[episodes];
        LaneOf = new int[episodes];
        Length = new int[episodes];
        TotalReward = new float[episodes];
        WasTerminated = new bool[episodes];
    }

    /// <summary>Rows of the longest possible rollout: the last episode starts at the latest when the others have filled every lane.</summary>
    public static long RowsNeeded(EnvironmentSpecification specification, int episodes, int lanes) =>
        (long)(episodes - 1) * specification.MaximumEpisodeSteps / lanes + specification.MaximumEpisodeSteps;

    /// <summary>Most cells of a trajectory that keeps its steps.</summary>
    public static long CellsNeeded(EnvironmentSpecification specification, int episodes, int lanes) =>
        (RowsNeeded(specification, episodes, lanes) + 1) * lanes;

    public EnvironmentSpecification Specification { get; }

    public int Outputs { get; }

    public int RecordSize { get; }

    /// <summary>Lanes of the first row, a multiple of 16.</summary>
    public int Lanes { get; }

    public int EpisodeCapacity { get; }

    public bool KeepsSteps { get; }

    /// <summary>Rows recorded by the last rollout.</summary>
    public int Rows { get; set; }

    /// <summary>Steps of live lanes in the last rollout.</summary>
    public long Steps { get; set; }

    /// <summary>Episodes of the last rollout.</summary>
    public int Episodes { get; set; }

    /// <summary>[episode]; row of its first step.</summary>
    public int[] StartRow { get; }

    /// <summary>[episode]; its lane.</summary>
    public int[] LaneOf { get; }

    /// <summary>[episode]; its number of steps.</summary>
    public int[] Length { get; }

    /// <summary>[episode]; undiscounted sum of rewards.</summary>
    public float[] TotalReward { get; }

    /// <summary>[episode]; whether it ended in a terminal state (it may have reached the time limit in the same step).</summary>
    public bool[] WasTerminated { get; }

    /// <summary>Lanes that changed place, by row.</summary>
    public ReadOnlySpan<LaneMove> Moves => _moves.AsSpan(0, _moveCount);

    /// <summary>[row]; lanes of the row, a multiple of 16.</summary>
    public int* LaneCount => _laneCount.Pointer;

    /// <summary>[row]; number of (step, lane) cells before the row.</summary>
    public long* Cell => _cell.Pointer;

    /// <summary>Number of (step, lane) cells of the last rollout.</summary>
    public long Cells => Rows == 0 ? 0 : Cell[Rows - 1] + LaneCount[Rows - 1];

    /// <summary>[cell]; return, then weight ψ of the step. The same memory as the rewards: a return takes its reward's place.</summary>
    public float* Weight => _reward.Pointer;

    /// <summary>[row]; lanes that hold a step.</summary>
    public ulong* Live => _flags.Pointer;

    /// <summary>[row]; lanes whose episode starts at this step.</summary>
    public ulong* Starts => _flags.Pointer + _rowCapacity;

    /// <summary>[row]; lanes whose step led to a terminal state.</summary>
    public ulong* Terminated => _flags.Pointer + 2L * _rowCapacity;

    /// <summary>[row]; lanes whose step reached the time limit.</summary>
    public ulong* Truncated => _flags.Pointer + 3L * _rowCapacity;

    /// <summary>[ObservationSize][lane] of the row that starts at a cell; there is one row more than there are steps.</summary>
    public float* Observation(long cell) => _observation.Pointer + cell * Specification.ObservationSize;

    /// <summary>[ActionRows][lane] of the row that starts at a cell.</summary>
    public float* Action(long cell) => _action.Pointer + cell * Specification.ActionRows;

    /// <summary>[Outputs][lane] of the row that starts at a cell: what the network computed.</summary>
    public float* Output(long cell) => _output.Pointer + cell * Outputs;

    /// <summary>[RecordSize × lanes] of the row that starts at a cell: what the network keeps for its gradient.</summary>
    public float* Record(long cell) => _record.Pointer + cell * RecordSize;

    /// <summary>[lane] of the row that starts at a cell.</summary>
    public float* Reward(long cell) => _reward.Pointer + cell;

    /// <summary>The return or weight of an episode's first step.</summary>
    public float FirstWeight(int episode) => Weight[Cell[StartRow[episode]] + LaneOf[episode]];

    /// <summary>[ObservationSize] of an episode: what was seen after its last step.</summary>
    public Span<float> FinalObservation(int episode) =>
        new(_finalObservation.Pointer + (nint)episode * Specification.ObservationSize, Specification.ObservationSize);

    /// <summary>The mask of the first <paramref name="lanes"/> lanes, 1 to 64.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong LaneMask(int lanes) => ulong.MaxValue >> (64 - lanes);

    /// <summary>Forgets the moves of the last rollout.</summary>
    public void Clear() => _moveCount = 0;

    /// <summary>Notes that an episode is in another lane from <paramref name="row"/> on.</summary>
    public void AddMove(int row, int from, int to) => _moves[_moveCount++] = new LaneMove(row, from, to);

    public void Dispose()
    {
        _cell.Dispose();
        _laneCount.Dispose();
        _observation.Dispose();
        _action.Dispose();
        _output.Dispose();
        _record.Dispose();
        _reward.Dispose();
        _flags.Dispose();
        _finalObservation.Dispose();
    }
}

/// <summary>An episode changed its lane.</summary>
/// <param name="Row">First row in the new lane.</param>
/// <param name="From">The lane before.</param>
/// <param name="To">The lane from then on.</param>
internal readonly record struct LaneMove(int Row, int From, int To);
