using PgFast.Numerics;

namespace PgFast.Networks;

/// <summary>Fast path: one hidden ReLU layer and two outputs merged to one, with biases.</summary>
/// <remarks>
/// With δ the derivative of the objective by the merged output and m_j = 1 where hidden unit j is active, G_ji = Σ δ·x_i·m_j holds the
/// whole gradient: ∂W1_ji = v_j·G_ji and ∂v_j = Σ_i W1_ji·G_ji, with the bias as input x_F = 1. So the forward pass records one bit a
/// hidden unit, and the backward pass is F + 1 masked additions a unit and step: nothing is recomputed and nothing multiplied.
/// </remarks>
internal sealed unsafe partial class HiddenReluNetwork<TLanes> : HiddenLayerNetwork where TLanes : unmanaged, ILanes<TLanes>
{
    /// <summary>Chunks summed in single precision before they are moved to double: at most 2,048 additions a lane.</summary>
    private const int ChunksBetweenFlushes = 32;

    private const int StepsPerChunk = 1024;

    private readonly int _valueRows;
    private readonly int _stageRows;
    private readonly AlignedBuffer<float> _stage;
    private readonly AlignedBuffer<float> _sums;
    // Σ δ in 16 lanes, then Σ δ·x of everything in 16 lanes, which tells whether all of it is finite.
    private readonly AlignedBuffer<float> _outputSum;
    private readonly AlignedBuffer<double> _moments;
    private double* _gradient;
    private int _chunksPending;

    public HiddenReluNetwork(NetworkParameters parameters)
        : base(parameters, MaskedSums<TLanes>.UnitPadding)
    {
        _valueRows = MaskedSums<TLanes>.ValueRows(Inputs);
        _stageRows = _valueRows + SignWords;
        _stage = new AlignedBuffer<float>((long)StepsPerChunk * _stageRows);
        _sums = new AlignedBuffer<float>((long)PaddedUnits * _valueRows * 16);
        _outputSum = new AlignedBuffer<float>(32);
        _moments = new AlignedBuffer<double>((long)PaddedUnits * _valueRows + 1);
    }

    public override int RecordSize => SignWords;

    public override int ChunkSteps => StepsPerChunk;

    /// <summary>Rows of activity bits, 32 units each.</summary>
    private int SignWords => MaskedSums<TLanes>.SignWords(PaddedUnits);

    public static bool Handles(NetworkParameters parameters) => HasItsShape(parameters, Activation.Relu);

    public override void Dispose()
    {
        base.Dispose();
        _stage.Dispose();
        _sums.Dispose();
        _outputSum.Dispose();
        _moments.Dispose();
    }
}
