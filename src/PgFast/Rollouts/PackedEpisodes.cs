using System.Numerics;
using System.Runtime.CompilerServices;
using PgFast.Environments;
using PgFast.Numerics;

namespace PgFast.Rollouts;

/// <summary>A trajectory's steps sorted by episode: the steps of an episode lie one after another, [feature][sample].</summary>
/// <remarks>
/// Lanes are how episodes are run; what is computed of one episode at a time wants its steps together. Allocated once for the longest
/// possible episodes; memory that is never touched costs nothing. Up to <see cref="Slack"/> samples beyond the last may be read.
/// </remarks>
internal sealed unsafe class PackedEpisodes : IDisposable
{
    /// <summary>Samples that kernels may read beyond the last.</summary>
    public const int Slack = 16;

    private readonly AlignedBuffer<float> _observation;
    private readonly AlignedBuffer<float> _output;
    private readonly AlignedBuffer<float> _record;
    private readonly AlignedBuffer<float> _return;
    // Where the steps go of lanes that have none in a block.
    private readonly AlignedBuffer<float> _nowhere = new(SquareTranspose.Size);
    private readonly long[] _next = new long[StepBatch.MaximumLanes];
    private readonly int _features;
    private readonly int _outputs;
    private readonly int _recordSize;

    /// <summary>Allocates.</summary>
    /// <param name="specification">The environment.</param>
    /// <param name="outputs">Rows of network output a step.</param>
    /// <param name="recordSize">Words that the network records a step, [word][lane]; 0 to leave them where they are.</param>
    /// <param name="episodes">Most episodes at once.</param>
    public PackedEpisodes(EnvironmentSpecification specification, int outputs, int recordSize, int episodes)
    {
        _features = specification.ObservationSize;
        _outputs = outputs;
        _recordSize = recordSize;
        Stride = (nint)(((long)episodes * specification.MaximumEpisodeSteps + Slack + 15) / 16 * 16);
        _observation = new AlignedBuffer<float>((long)_features * Stride);
        _output = new AlignedBuffer<float>((long)outputs * Stride);
        _record = new AlignedBuffer<float>(Math.Max(1, recordSize * Stride));
        _return = new AlignedBuffer<float>(Stride);
        Offset = new long[episodes + 1];
        Length = new int[episodes];
    }

    /// <summary>Number of episodes.</summary>
    public int Count { get; private set; }

    /// <summary>[episode]; its first sample; one more gives the number of samples.</summary>
    public long[] Offset { get; }

    /// <summary>[episode]; its number of steps.</summary>
    public int[] Length { get; }

    /// <summary>Floats between features, and between outputs.</summary>
    public nint Stride { get; }

    /// <summary>[feature][sample].</summary>
    public float* Observation => _observation.Pointer;

    /// <summary>[output][sample]: what the trajectory holds as outputs of the network, or in their place.</summary>
    public float* Output => _output.Pointer;

    /// <summary>[word][sample]: what the network recorded.</summary>
    public float* Record => _record.Pointer;

    /// <summary>[sample]; G_t.</summary>
    public float* Return => _return.Pointer;

    /// <summary>Sorts a trajectory whose rewards have become returns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Pack(Trajectory trajectory)
    {
        Count = trajectory.Episodes;
        long offset = 0;
        for (int episode = 0; episode < Count; episode++)
        {
            Offset[episode] = offset;
            Length[episode] = trajectory.Length[episode];
            offset += Length[episode];
        }

        Offset[Count] = offset;
        ReadOnlySpan<LaneMove> moves = trajectory.Moves;
        int move = 0, started = 0;
        for (int row = 0; row < trajectory.Rows;)
        {
            for (; move < moves.Length && moves[move].Row == row; move++)
                _next[moves[move].To] = _next[moves[move].From];
            int rows = Math.Min(RowsWithoutEvent(trajectory, row), move < moves.Length ? moves[move].Row - row : int.MaxValue);
            // Episodes are numbered in the order in which they start: by row, then lane.
            for (ulong starts = trajectory.Starts[row]; starts != 0; starts &= starts - 1)
                _next[BitOperations.TrailingZeroCount(starts)] = Offset[started++];
            if (rows >= SquareTranspose.Size)
            {
                CopyBlock(trajectory, row);
                row += SquareTranspose.Size;
            }
            else
            {
                CopyRow(trajectory, row);
                row++;
            }
        }
    }

    public void Dispose()
    {
        _observation.Dispose();
        _output.Dispose();
        _record.Dispose();
        _nowhere.Dispose();
        _return.Dispose();
    }

    /// <summary>16, if lanes start, end and are as many in the 16 rows from this one as in the first of them; else fewer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int RowsWithoutEvent(Trajectory trajectory, int row)
    {
        if (row + SquareTranspose.Size > trajectory.Rows || trajectory.LaneCount[row + SquareTranspose.Size - 1] != trajectory.LaneCount[row])
            return 1;
        ulong starts = 0;
        for (int k = 1; k < SquareTranspose.Size; k++)
            starts |= trajectory.Starts[row + k];
        return starts == 0 ? SquareTranspose.Size : 1;
    }

    /// <summary>16 rows at once: lanes that hold a step in all of them as squares of 16 × 16, the others step by step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CopyBlock(Trajectory trajectory, int row)
    {
        long cell = trajectory.Cell[row];
        int lanes = trajectory.LaneCount[row], outputs = _outputs, features = _features, words = _recordSize;
        // A lane only ever ends within the block: what holds a step in the last row does in all.
        ulong whole = trajectory.Live[row + SquareTranspose.Size - 1];
        for (int group = 0; group < lanes; group += SquareTranspose.Size)
        {
            uint bits = (uint)(whole >> group) & 0xFFFF;
            if (bits == 0)
                continue;
            for (int feature = 0; feature < features; feature++)
                Move(trajectory.Observation(cell) + feature * lanes + group, features * lanes, Observation + feature * Stride, group, bits);
            for (int k = 0; k < outputs; k++)
                Move(trajectory.Output(cell) + k * lanes + group, outputs * lanes, Output + k * Stride, group, bits);
            for (int k = 0; k < words; k++)
                Move(trajectory.Record(cell) + k * lanes + group, words * lanes, Record + k * Stride, group, bits);
            Move(trajectory.Weight + cell + group, lanes, Return, group, bits);
            for (uint rest = bits; rest != 0; rest &= rest - 1)
                _next[group + BitOperations.TrailingZeroCount(rest)] += SquareTranspose.Size;
        }

        for (int k = 0; k < SquareTranspose.Size; k++)
        {
            if ((trajectory.Live[row + k] & ~whole) != 0)
                CopyRow(trajectory, row + k, ~whole);
        }
    }

    /// <summary>One quantity of 16 lanes in 16 rows to where the lanes' episodes go on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    private void Move(float* source, int rowStride, float* target, int group, uint lanes)
    {
        float** targets = stackalloc float*[SquareTranspose.Size];
        for (int lane = 0; lane < SquareTranspose.Size; lane++)
            targets[lane] = (lanes >> lane & 1) != 0 ? target + _next[group + lane] : _nowhere.Pointer;
        SquareTranspose.Run(source, rowStride, targets);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CopyRow(Trajectory trajectory, int row, ulong lanesToCopy = ulong.MaxValue)
    {
        long cell = trajectory.Cell[row];
        int lanes = trajectory.LaneCount[row], features = _features, outputs = _outputs, words = _recordSize;
        nint stride = Stride;
        float* observation = trajectory.Observation(cell), output = trajectory.Output(cell);
        float* record = trajectory.Record(cell), value = trajectory.Weight + cell;
        float* toObservation = Observation, toOutput = Output, toRecord = Record, toReturn = Return;
        fixed (long* next = _next)
        {
            for (ulong live = trajectory.Live[row] & lanesToCopy; live != 0; live &= live - 1)
            {
                int lane = BitOperations.TrailingZeroCount(live);
                nint sample = (nint)next[lane]++;
                for (int feature = 0; feature < features; feature++)
                    toObservation[feature * stride + sample] = observation[feature * lanes + lane];
                for (int k = 0; k < outputs; k++)
                    toOutput[k * stride + sample] = output[k * lanes + lane];
                for (int k = 0; k < words; k++)
                    toRecord[k * stride + sample] = record[k * lanes + lane];
                toReturn[sample] = value[lane];
            }
        }
    }
}
