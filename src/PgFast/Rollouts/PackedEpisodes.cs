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
        for (int row = 0; row < trajectory.Rows; row++)
        {
            for (; move < moves.Length && moves[move].Row == row; move++)
                _next[moves[move].To] = _next[moves[move].From];
            // Episodes are numbered in the order in which they start: by row, then lane.
            for (ulong starts = trajectory.Starts[row]; starts != 0; starts &= starts - 1)
                _next[BitOperations.TrailingZeroCount(starts)] = Offset[started++];
            CopyRow(trajectory, row);
        }
    }

    public void Dispose()
    {
        _observation.Dispose();
        _output.Dispose();
        _action.Dispose();
        _return.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CopyRow(Trajectory trajectory, int row)
    {
        long cell = trajectory.Cell[row];
        int lanes = trajectory.LaneCount[row], features = _features, outputs = _outputs, actions = ActionRows;
        nint stride = Stride;
        float* observation = trajectory.Observation(cell), output = trajectory.Output(cell);
        float* action = trajectory.Action(cell), value = trajectory.Weight + cell;
        float* toObservation = Observation, toOutput = Output, toAction = Action, toReturn = Return;
        fixed (long* next = _next)
        {
            for (ulong live = trajectory.Live[row]; live != 0; live &= live - 1)
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
