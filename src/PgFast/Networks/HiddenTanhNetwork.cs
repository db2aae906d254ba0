using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Networks;

/// <summary>Fast path: one hidden tanh layer and two outputs merged to one, with biases and a multiple of four inputs.</summary>
/// <remarks>
/// Lanes lie along the register throughout, so that the tanh of a pre-activation, a division and a dozen operations, is taken where it
/// arises. With δ the derivative of the objective by the merged output and a_j the activation, e_j = δ(1 − a_j²): ∂v_j = Σ δ·a_j,
/// ∂W1_ji = v_j Σ e_j·x_i and ∂b_j = v_j Σ e_j. Activations are recorded by the forward pass if there is memory for them, else computed again
/// by the same kernel, with the same bits.
/// </remarks>
internal sealed unsafe partial class HiddenTanhNetwork<TLanes> : NetworkKernels where TLanes : unmanaged, ILanes<TLanes>
{
    /// <summary>Hidden units whose pre-activations are in registers together.</summary>
    private const int UnitBlock = 4;

    /// <summary>Inputs whose sums are in registers together.</summary>
    private const int InputBlock = 4;

    private const int MaximumInputs = 32;

    private const int StepsPerChunk = 512;

    /// <summary>Chunks summed in single precision before they are moved to double: at most 2,048 additions a lane.</summary>
    private const int ChunksBetweenFlushes = 64;

    private readonly int _inputs;
    private readonly int _units;
    private readonly int _paddedUnits;
    private readonly int _rows;
    private readonly bool _keepsActivations;
    private readonly AlignedBuffer<float> _activation;
    private readonly AlignedBuffer<float> _output;
    private readonly AlignedBuffer<float> _inputWeight;
    private readonly AlignedBuffer<float> _hiddenBias;
    private readonly AlignedBuffer<float> _outputWeight;

    // Of every unit Σ e·x of each input, Σ e, Σ δ·a, in 16 lanes each; then Σ δ in 16 lanes.
    private readonly AlignedBuffer<float> _sums;
    private readonly AlignedBuffer<double> _moments;
    private double* _gradient;
    private int _chunksPending;

    public HiddenTanhNetwork(NetworkParameters parameters, bool keepsActivations)
        : base(parameters)
    {
        _inputs = parameters.Shape.InputSize;
        _units = parameters.Shape.OutputSizeOf(0);
        _paddedUnits = (_units + UnitBlock - 1) / UnitBlock * UnitBlock;
        _rows = _inputs + 2;
        _keepsActivations = keepsActivations;
        // Without a record, of a row in the forward pass, which does not need it, and of a chunk in the gradient.
        _activation = new AlignedBuffer<float>(keepsActivations ? 1 : (long)StepsPerChunk * _paddedUnits);
        _output = new AlignedBuffer<float>(keepsActivations ? 1 : StepsPerChunk);
        _inputWeight = new AlignedBuffer<float>((long)_paddedUnits * _inputs);
        _hiddenBias = new AlignedBuffer<float>(_paddedUnits);
        _outputWeight = new AlignedBuffer<float>(_paddedUnits);
        _sums = new AlignedBuffer<float>(((long)_units * _rows + 1) * 16);
        _moments = new AlignedBuffer<double>((long)_units * _rows + 1);
    }

    public override int RecordSize => _keepsActivations ? _paddedUnits : 0;

    public override int ChunkSteps => StepsPerChunk;

    public static bool Handles(NetworkParameters parameters) =>
        parameters is { MergesOutputs: true, Shape: { HasBias: true, LayerCount: 2, Activation: Activation.Tanh, InputSize: <= MaximumInputs } }
        && parameters.Shape.InputSize % InputBlock == 0;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Refresh()
    {
        NetworkShape shape = Parameters.Shape;
        new ReadOnlySpan<float>(Parameters.FlatPointer + shape.WeightOffset(0), _units * _inputs).CopyTo(_inputWeight.Span);
        new ReadOnlySpan<float>(Parameters.FlatPointer + shape.BiasOffset(0), _units).CopyTo(_hiddenBias.Span);
        new ReadOnlySpan<float>(Parameters.OutputWeight, _units).CopyTo(_outputWeight.Span);
    }

    public override void Dispose()
    {
        _activation.Dispose();
        _output.Dispose();
        _inputWeight.Dispose();
        _hiddenBias.Dispose();
        _outputWeight.Dispose();
        _sums.Dispose();
        _moments.Dispose();
    }
}
