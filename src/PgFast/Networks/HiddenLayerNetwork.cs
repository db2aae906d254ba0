using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Networks;

/// <summary>What the fast paths for one hidden layer and two outputs merged to one have in common: their parameters, and where the gradient goes.</summary>
internal abstract unsafe class HiddenLayerNetwork : NetworkKernels
{
    private readonly AlignedBuffer<float> _inputWeight;
    private readonly AlignedBuffer<float> _hiddenBias;
    private readonly AlignedBuffer<float> _outputWeight;

    /// <param name="parameters">Of a network that <see cref="HasItsShape"/>.</param>
    /// <param name="unitBlock">What the number of hidden units is rounded up to; those beyond have no weights.</param>
    protected HiddenLayerNetwork(NetworkParameters parameters, int unitBlock)
        : base(parameters)
    {
        Inputs = parameters.Shape.InputSize;
        Units = parameters.Shape.OutputSizeOf(0);
        PaddedUnits = (Units + unitBlock - 1) / unitBlock * unitBlock;
        _inputWeight = new AlignedBuffer<float>((long)PaddedUnits * Inputs);
        _hiddenBias = new AlignedBuffer<float>(PaddedUnits);
        _outputWeight = new AlignedBuffer<float>(PaddedUnits);
    }

    protected int Inputs { get; }

    protected int Units { get; }

    protected int PaddedUnits { get; }

    /// <summary>[PaddedUnits][Inputs].</summary>
    protected float* InputWeight => _inputWeight.Pointer;

    /// <summary>[PaddedUnits].</summary>
    protected float* HiddenBias => _hiddenBias.Pointer;

    /// <summary>[PaddedUnits].</summary>
    protected float* OutputWeight => _outputWeight.Pointer;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Refresh()
    {
        NetworkShape shape = Parameters.Shape;
        new ReadOnlySpan<float>(Parameters.FlatPointer + shape.WeightOffset(0), Units * Inputs).CopyTo(_inputWeight.Span);
        new ReadOnlySpan<float>(Parameters.FlatPointer + shape.BiasOffset(0), Units).CopyTo(_hiddenBias.Span);
        new ReadOnlySpan<float>(Parameters.OutputWeight, Units).CopyTo(_outputWeight.Span);
    }

    public override void Dispose()
    {
        _inputWeight.Dispose();
        _hiddenBias.Dispose();
        _outputWeight.Dispose();
    }

    protected static bool HasItsShape(NetworkParameters parameters, Activation activation) =>
        parameters is { MergesOutputs: true, Shape: { HasBias: true, LayerCount: 2 } } && parameters.Shape.Activation == activation;

    /// <summary>Adds what the sums say of one unit, and of the output's bias, to a gradient in file order.</summary>
    /// <param name="gradient">[ParameterCount].</param>
    /// <param name="unit">The hidden unit.</param>
    /// <param name="sums">[Inputs + 1]: Σ e·x of each input and Σ e, where e is δ times the derivative of the activation.</param>
    /// <param name="activity">Σ δ·a of the activation a.</param>
    protected void AddUnit(double* gradient, int unit, double* sums, double activity)
    {
        NetworkShape shape = Parameters.Shape;
        double effective = OutputWeight[unit];
        double* weight = gradient + shape.WeightOffset(0) + (nint)unit * Inputs;
        for (int input = 0; input < Inputs; input++)
            weight[input] += effective * sums[input];
        gradient[shape.BiasOffset(0) + unit] += effective * sums[Inputs];
        // The merged output is the difference of the two.
        gradient[shape.WeightOffset(1) + Units + unit] += activity;
        gradient[shape.WeightOffset(1) + unit] -= activity;
    }

    /// <summary>The same of Σ δ, for the output's bias.</summary>
    protected void AddOutput(double* gradient, double sum)
    {
        gradient[Parameters.Shape.BiasOffset(1) + 1] += sum;
        gradient[Parameters.Shape.BiasOffset(1)] -= sum;
    }
}
