using PgFast.Environments;
using PgFast.Numerics;

namespace PgFast.Networks;

/// <summary>Fast path: one hidden tanh layer and two outputs merged to one, with biases and a multiple of four inputs.</summary>
/// <remarks>
/// Lanes lie along the register throughout, so that the tanh of a pre-activation, a division and a dozen operations, is taken where it
/// arises. With δ the derivative of the objective by the merged output and a_j the activation, e_j = δ(1 − a_j²): ∂v_j = Σ δ·a_j,
/// ∂W1_ji = v_j Σ e_j·x_i and ∂b_j = v_j Σ e_j. Activations are recorded by the forward pass if there is memory for them, else computed again
/// by the same kernel, with the same bits.
/// </remarks>
internal sealed unsafe partial class HiddenTanhNetwork<TLanes> : HiddenLayerNetwork where TLanes : unmanaged, ILanes<TLanes>
{
    /// <summary>Hidden units whose pre-activations are in registers together.</summary>
    private const int UnitBlock = 4;

    /// <summary>Inputs whose sums are in registers together.</summary>
    private const int InputBlock = 4;

    private const int MaximumInputs = 32;

    private const int StepsPerChunk = 512;

    /// <summary>Chunks summed in single precision before they are moved to double: at most 2,048 additions a lane.</summary>
    private const int ChunksBetweenFlushes = 64;

    private readonly int _rows;
    private readonly bool _keepsActivations;
    private readonly AlignedBuffer<float> _activation;
    private readonly AlignedBuffer<float> _output;

    // Of every unit Σ e·x of each input, Σ e, Σ δ·a, in 16 lanes each; then Σ δ in 16 lanes.
    private readonly AlignedBuffer<float> _sums;
    private readonly AlignedBuffer<double> _moments;
    private double* _gradient;
    private int _chunksPending;

    public HiddenTanhNetwork(NetworkParameters parameters, bool keepsActivations)
        : base(parameters, UnitBlock)
    {
        _rows = Inputs + 2;
        _keepsActivations = keepsActivations;
        // Without a record: of a chunk, computed again in the gradient, and of a row's outputs, which are then known already.
        _activation = new AlignedBuffer<float>(keepsActivations ? 1 : (long)StepsPerChunk * PaddedUnits);
        _output = new AlignedBuffer<float>(StepBatch.MaximumLanes);
        _sums = new AlignedBuffer<float>(((long)Units * _rows + 1) * 16);
        _moments = new AlignedBuffer<double>((long)Units * _rows + 1);
    }

    public override int RecordSize => _keepsActivations ? PaddedUnits : 0;

    public override int ChunkSteps => StepsPerChunk;

    public static bool Handles(NetworkParameters parameters) =>
        HasItsShape(parameters, Activation.Tanh) && parameters.Shape.InputSize is <= MaximumInputs and int inputs && inputs % InputBlock == 0;

    public override void Dispose()
    {
        base.Dispose();
        _activation.Dispose();
        _output.Dispose();
        _sums.Dispose();
        _moments.Dispose();
    }
}
