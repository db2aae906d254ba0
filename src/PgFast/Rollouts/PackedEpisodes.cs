using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
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
    private readonly AlignedBuffer<float> _action;
    private readonly AlignedBuffer<float> _return;
    private readonly long[] _next = new long[StepBatch.MaximumLanes];
    private readonly int _features;
    private readonly int _outputs;

    public PackedEpisodes(EnvironmentSpecification specification, int outputs, int episodes)
    {
        _features = specification.ObservationSize;
        _outputs = outputs;
        ActionRows = specification.ActionRows;
        Stride = (nint)(((long)episodes * specification.MaximumEpisodeSteps + Slack + 15) / 16 * 16);
        _observation = new AlignedBuffer<float>((long)_features * Stride);
        _output = new AlignedBuffer<float>((long)outputs * Stride);
        _action = new AlignedBuffer<float>(ActionRows * Stride);
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

    /// <summary>[output][sample]: what the network computed.</summary>
    public float* Output => _output.Pointer;

    /// <summary>Rows of action: 1 for a discrete one.</summary>
    public int ActionRows { get; }

    /// <summary>[sample] 32-bit integers, or [dimension][sample] floats.</summary>
    public float* Action => _action.Pointer;

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
        _action.Dispose();
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
        int lanes = trajectory.LaneCount[row], outputs = _outputs, features = _features, actions = ActionRows;
        // A lane only ever ends within the block: what holds a step in the last row does in all.
        ulong whole = trajectory.Live[row + SquareTranspose.Size - 1];
        for (int group = 0; group < lanes; group += SquareTranspose.Size)
        {
            uint bits = (uint)(whole >> group) & 0xFFFF;
            if (bits == 0)
                continue;
            for (int feature = 0; feature < features; feature++)
                Scatter(trajectory.Observation(cell) + feature * lanes + group, features * lanes, Observation + feature * Stride, group, bits);
            for (int k = 0; k < outputs; k++)
                Scatter(trajectory.Output(cell) + k * lanes + group, outputs * lanes, Output + k * Stride, group, bits);
            for (int k = 0; k < actions; k++)
                Scatter(trajectory.Action(cell) + k * lanes + group, actions * lanes, Action + k * Stride, group, bits);
            Scatter(trajectory.Weight + cell + group, lanes, Return, group, bits);
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
    private void Scatter(float* source, int rowStride, float* target, int group, uint lanes)
    {
        float* square = stackalloc float[SquareTranspose.Size * SquareTranspose.Size];
        SquareTranspose.Run(source, rowStride, square);
        for (; lanes != 0; lanes &= lanes - 1)
        {
            int lane = BitOperations.TrailingZeroCount(lanes);
            // As wide as it was written: a wider load would have to wait until the square has reached the cache.
            float* from = square + lane * SquareTranspose.Size, to = target + _next[group + lane];
            Vector128.Load(from).Store(to);
            Vector128.Load(from + 4).Store(to + 4);
            Vector128.Load(from + 8).Store(to + 8);
            Vector128.Load(from + 12).Store(to + 12);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CopyRow(Trajectory trajectory, int row, ulong lanesToCopy = ulong.MaxValue)
    {
        long cell = trajectory.Cell[row];
        int lanes = trajectory.LaneCount[row], features = _features, outputs = _outputs, actions = ActionRows;
        nint stride = Stride;
        float* observation = trajectory.Observation(cell), output = trajectory.Output(cell);
        float* action = trajectory.Action(cell), value = trajectory.Weight + cell;
        float* toObservation = Observation, toOutput = Output, toAction = Action, toReturn = Return;
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
                for (int k = 0; k < actions; k++)
                    toAction[k * stride + sample] = action[k * lanes + lane];
                toReturn[sample] = value[lane];
            }
        }
    }
}
