namespace PgFast.Networks;

/// <summary>Where <see cref="WeightedGradients"/> puts the components of a gradient: padded, in the order in which its products make them.</summary>
/// <remarks>
/// A segment a layer, and one [Columns(free)] for free outputs if there are any. All but a last layer above others are
/// [in, bias][Columns(out)], a last layer above others is [effective output][Columns(in, bias)]. Two outputs that are merged to their difference have opposite gradients, so that one component stands for two
/// parameters. Padding is zero.
/// </remarks>
internal sealed class GradientLayout
{
    private readonly int[] _flat;
    private readonly double[] _multiplicity;
    private readonly int[] _offset;

    public GradientLayout(NetworkParameters parameters)
    {
        Shape = parameters.Shape;
        MergesOutputs = parameters.MergesOutputs;
        int layers = Shape.LayerCount, biasRows = Shape.HasBias ? 1 : 0;
        SegmentCount = layers + (Shape.FreeOutputSize > 0 ? 1 : 0);
        _offset = new int[SegmentCount + 1];
        for (int layer = 0; layer < layers; layer++)
        {
            int inputs = Shape.InputSizeOf(layer) + biasRows, outputs = OutputsOf(layer, parameters.LayerOutputs);
            int length = IsOutputMajor(layer) ? outputs * NetworkParameters.Columns(inputs) : inputs * NetworkParameters.Columns(outputs);
            _offset[layer + 1] = _offset[layer] + length;
        }

        if (SegmentCount > layers)
            _offset[SegmentCount] = _offset[layers] + NetworkParameters.Columns(Shape.FreeOutputSize);
        _flat = new int[Length];
        _multiplicity = new double[Length];
        Array.Fill(_flat, -1);
        for (int layer = 0; layer < layers; layer++)
            MapLayer(layer, parameters.LayerOutputs);
        for (int k = 0; k < Shape.FreeOutputSize; k++)
            (_flat[_offset[layers] + k], _multiplicity[_offset[layers] + k]) = (Shape.FreeOutputOffset + k, 1);
    }

    public NetworkShape Shape { get; }

    public bool MergesOutputs { get; }

    /// <summary>Layers, and free outputs if there are any.</summary>
    public int SegmentCount { get; }

    /// <summary>Number of components, padding included: a multiple of 16.</summary>
    public int Length => _offset[^1];

    /// <summary>[Length]; how many parameters a component stands for: 0 for padding, 2 where outputs are merged, else 1.</summary>
    public ReadOnlySpan<double> Multiplicity => _multiplicity;

    /// <summary>[Length]; the parameter, in file order, that a component belongs to, or −1. Of two merged outputs, the second's.</summary>
    public ReadOnlySpan<int> Flat => _flat;

    /// <summary>First component of a segment.</summary>
    public int OffsetOf(int segment) => _offset[segment];

    /// <summary>Number of a segment's components.</summary>
    public int LengthOf(int segment) => _offset[segment + 1] - _offset[segment];

    /// <summary>Whether a layer's components are ordered by output: the last layer above hidden ones, whose outputs are few.</summary>
    public bool IsOutputMajor(int layer) => layer > 0 && layer == Shape.LayerCount - 1;

    /// <summary>Copies components to the parameters that they stand for.</summary>
    /// <param name="components">[Length].</param>
    /// <param name="flat">[ParameterCount], in file order; overwritten.</param>
    /// <param name="areSquares">Whether the components are even functions of the gradient, such as variances, which do not change sign.</param>
    public void Spread(ReadOnlySpan<double> components, Span<double> flat, bool areSquares)
    {
        int last = Shape.LayerCount - 1;
        int inputs = Shape.InputSizeOf(last);
        for (int i = 0; i < Length; i++)
        {
            int index = _flat[i];
            if (index < 0)
                continue;
            flat[index] = components[i];
            if (_multiplicity[i] != 2)
                continue;
            int other = index >= Shape.BiasOffset(last) ? index - 1 : index - inputs;
            flat[other] = areSquares ? components[i] : -components[i];
        }
    }

    private int OutputsOf(int layer, int effectiveOutputs) => layer == Shape.LayerCount - 1 ? effectiveOutputs : Shape.OutputSizeOf(layer);

    private void MapLayer(int layer, int effectiveOutputs)
    {
        int inputs = Shape.InputSizeOf(layer), outputs = OutputsOf(layer, effectiveOutputs), rows = inputs + (Shape.HasBias ? 1 : 0);
        bool isMerged = MergesOutputs && layer == Shape.LayerCount - 1;
        for (int output = 0; output < outputs; output++)
        {
            int row = isMerged ? 1 : output;
            for (int input = 0; input < rows; input++)
            {
                int at = _offset[layer] + (IsOutputMajor(layer)
                    ? output * NetworkParameters.Columns(rows) + input
                    : input * NetworkParameters.Columns(outputs) + output);
                _flat[at] = input == inputs ? Shape.BiasOffset(layer) + row : Shape.WeightOffset(layer) + row * inputs + input;
                _multiplicity[at] = isMerged ? 2 : 1;
            }
        }
    }
}
