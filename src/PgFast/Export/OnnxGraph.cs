using PgFast.Files;

namespace PgFast.Export;

/// <summary>A graph of ONNX operators under construction. Nodes are added in the order in which they can be computed.</summary>
internal sealed class OnnxGraph
{
    /// <summary>Name of the dimension whose size a caller chooses.</summary>
    private const string BatchDimension = "batch";

    /// <summary><c>AttributeProto.INT</c>.</summary>
    private const int IntegerAttribute = 2;

    private readonly ProtobufMessage _nodes = new();
    private readonly ProtobufMessage _values = new();
    private readonly ProtobufMessage _ends = new();

    /// <summary>Adds an operator with one result.</summary>
    /// <param name="type">The operator's name in the standard.</param>
    /// <param name="inputs">Names of values and constants.</param>
    /// <param name="output">The result's name; the node's too.</param>
    /// <param name="attributes">Integers by name.</param>
    /// <returns>The result's name.</returns>
    public string Node(string type, string[] inputs, string output, params (string Name, long Value)[] attributes)
    {
        Node(type, inputs, [output], attributes);
        return output;
    }

    /// <summary>Adds an operator with several results; it is named after the first.</summary>
    public void Node(string type, string[] inputs, string[] outputs, params (string Name, long Value)[] attributes)
    {
        ProtobufMessage node = new();
        foreach (string input in inputs)
            node.Add(NodeField.Input, input);
        foreach (string output in outputs)
            node.Add(NodeField.Output, output);
        node.Add(NodeField.Name, $"{type}:{outputs[0]}").Add(NodeField.Operator, type);
        foreach ((string name, long value) in attributes)
        {
            node.Add(NodeField.Attribute, new ProtobufMessage()
                .Add(AttributeField.Name, name).Add(AttributeField.Integer, value).Add(AttributeField.Type, IntegerAttribute));
        }

        _nodes.Add(GraphField.Node, node);
    }

    /// <summary>Adds a constant tensor and returns its name.</summary>
    public string Constant(string name, int[] shape, ReadOnlySpan<float> values)
    {
        _values.Add(GraphField.Initializer, Tensor(name, shape, OnnxElement.Single).AddLittleEndian(TensorField.RawData, values));
        return name;
    }

    /// <summary>Adds a constant vector of integers and returns its name.</summary>
    public string Constant(string name, params long[] values)
    {
        ProtobufMessage tensor = Tensor(name, [values.Length], OnnxElement.Int64);
        foreach (long value in values)
            tensor.Add(TensorField.Integers, value);
        _values.Add(GraphField.Initializer, tensor);
        return name;
    }

    /// <summary>Adds an input [batch, size] of floats and returns its name.</summary>
    public string Input(string name, int size)
    {
        _ends.Add(GraphField.Input, Value(name, OnnxElement.Single, size));
        return name;
    }

    /// <summary>Makes a value an output [batch, size] of floats.</summary>
    public void Output(string name, int size) => _ends.Add(GraphField.Output, Value(name, OnnxElement.Single, size));

    /// <summary>Makes a value an output [batch] of integers.</summary>
    public void IndexOutput(string name) => _ends.Add(GraphField.Output, Value(name, OnnxElement.Int64, null));

    /// <summary>The graph's bytes, as a field of the model.</summary>
    public ProtobufMessage ToMessage(string name)
    {
        // A message is its fields one after another, so parts that were encoded apart may simply be joined.
        ProtobufMessage graph = new();
        graph.Append(_nodes).Add(GraphField.Name, name).Append(_values).Append(_ends);
        return graph;
    }

    private static ProtobufMessage Tensor(string name, int[] shape, int elementType)
    {
        ProtobufMessage tensor = new();
        foreach (int size in shape)
            tensor.Add(TensorField.Dimensions, size);
        return tensor.Add(TensorField.ElementType, elementType).Add(TensorField.Name, name);
    }

    private static ProtobufMessage Value(string name, int elementType, int? size)
    {
        ProtobufMessage shape = new();
        shape.Add(ShapeField.Dimension, new ProtobufMessage().Add(DimensionField.Name, BatchDimension));
        if (size is { } columns)
            shape.Add(ShapeField.Dimension, new ProtobufMessage().Add(DimensionField.Size, columns));
        ProtobufMessage tensor = new ProtobufMessage().Add(TensorTypeField.ElementType, elementType).Add(TensorTypeField.Shape, shape);
        return new ProtobufMessage().Add(ValueField.Name, name)
            .Add(ValueField.Type, new ProtobufMessage().Add(TypeField.Tensor, tensor));
    }
}
