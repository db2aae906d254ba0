using PgFast.Networks;

namespace PgFast.Files;

/// <summary>A network's layers as tensors: <c>PREFIX.K.weight</c> [out, in] and <c>PREFIX.K.bias</c> [out] for K = 0, 1, ….</summary>
internal static class LayerTensors
{
    /// <summary>Adds the tensors of a network, in the order of its parameters.</summary>
    /// <param name="tensors">Added to.</param>
    /// <param name="prefix">First part of their names.</param>
    /// <param name="shape">The network.</param>
    /// <param name="parameters">[ParameterCount].</param>
    public static void Add(List<SafeTensor> tensors, string prefix, NetworkShape shape, ReadOnlySpan<float> parameters)
    {
        for (int layer = 0; layer < shape.LayerCount; layer++)
        {
            int inputs = shape.InputSizeOf(layer), outputs = shape.OutputSizeOf(layer);
            tensors.Add(new SafeTensor(
                $"{prefix}.{layer}.weight", [outputs, inputs], parameters.Slice(shape.WeightOffset(layer), inputs * outputs)));
            if (shape.HasBias)
                tensors.Add(new SafeTensor($"{prefix}.{layer}.bias", [outputs], parameters.Slice(shape.BiasOffset(layer), outputs)));
        }
    }

    /// <summary>Finds the tensors of a network and checks that they fit one another; all layers have a bias, or none has.</summary>
    /// <param name="document">Where to look.</param>
    /// <param name="prefix">First part of their names.</param>
    /// <param name="others">Tensors with that prefix that belong to no layer, and may be there.</param>
    /// <returns>By layer; empty if there is no first one.</returns>
    /// <exception cref="SafeTensorsException">They do not fit, or one belongs to no layer.</exception>
    public static List<(SafeTensor Weight, SafeTensor? Bias)> Find(SafeTensors document, string prefix, params ReadOnlySpan<string> others)
    {
        List<(SafeTensor Weight, SafeTensor? Bias)> layers = [];
        SafeTensor[] mine = [.. document.Tensors.Where(tensor => tensor.Name.StartsWith($"{prefix}.", StringComparison.Ordinal))];
        bool hasBias = mine.Any(tensor => tensor.Name.EndsWith(".bias", StringComparison.Ordinal));
        HashSet<string> used = [.. others];
        while (document.Find($"{prefix}.{layers.Count}.weight") is { } weight)
        {
            if (weight.Shape.Length != 2 || weight.Shape[0] == 0 || weight.Shape[1] == 0)
                throw new SafeTensorsException($"{weight.Name} should be a matrix [out, in]; it is {weight.ShapeText}.");
            if (layers.Count > 0 && weight.Shape[1] != layers[^1].Weight.Shape[0])
            {
                int below = layers[^1].Weight.Shape[0];
                throw new SafeTensorsException(
                    $"{weight.Name} should be [out, {below}], as the layer below has that many outputs; it is {weight.ShapeText}.");
            }

            SafeTensor? bias = hasBias ? BiasOf(document, $"{prefix}.{layers.Count}.bias", weight) : null;
            layers.Add((weight, bias));
            used.Add(weight.Name);
            if (bias is not null)
                used.Add(bias.Name);
        }

        foreach (SafeTensor tensor in layers.Count > 0 ? mine : [])
        {
            if (!used.Contains(tensor.Name))
                throw new SafeTensorsException($"The tensor {tensor.Name} belongs to no layer.");
        }

        return layers;
    }

    /// <summary>Sizes of the hidden layers.</summary>
    public static int[] HiddenSizes(IReadOnlyList<(SafeTensor Weight, SafeTensor? Bias)> layers) =>
        [.. layers.Take(layers.Count - 1).Select(layer => layer.Weight.Shape[0])];

    /// <summary>[ParameterCount]; what the tensors hold, in the order of a network's parameters; free outputs are 0.</summary>
    public static float[] Parameters(IReadOnlyList<(SafeTensor Weight, SafeTensor? Bias)> layers, NetworkShape shape)
    {
        float[] parameters = new float[shape.ParameterCount];
        for (int layer = 0; layer < layers.Count; layer++)
        {
            layers[layer].Weight.Values.CopyTo(parameters.AsSpan(shape.WeightOffset(layer)));
            layers[layer].Bias?.Values.CopyTo(parameters.AsSpan(shape.BiasOffset(layer)));
        }

        return parameters;
    }

    private static SafeTensor BiasOf(SafeTensors document, string name, SafeTensor weight)
    {
        SafeTensor bias = document.Find(name)
            ?? throw new SafeTensorsException($"The tensor {name} is missing: layers have a bias each, or none has.");
        if (bias.Shape.Length != 1 || bias.Shape[0] != weight.Shape[0])
            throw new SafeTensorsException($"{name} should be [{weight.Shape[0]}]; it is {bias.ShapeText}.");
        return bias;
    }
}
