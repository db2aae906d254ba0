namespace PgFast.Export;

// Field numbers of onnx.proto (ONNX 1.12, IR version 8), message by message; only those that are written.

internal static class ModelField
{
    public const int IrVersion = 1;
    public const int ProducerName = 2;
    public const int ProducerVersion = 3;
    public const int Graph = 7;
    public const int OperatorSet = 8;
    public const int Metadata = 14;
}

internal static class OperatorSetField
{
    public const int Version = 2;
}

internal static class EntryField
{
    public const int Key = 1;
    public const int Value = 2;
}

internal static class GraphField
{
    public const int Node = 1;
    public const int Name = 2;
    public const int Initializer = 5;
    public const int Input = 11;
    public const int Output = 12;
}

internal static class NodeField
{
    public const int Input = 1;
    public const int Output = 2;
    public const int Name = 3;
    public const int Operator = 4;
    public const int Attribute = 5;
}

internal static class AttributeField
{
    public const int Name = 1;
    public const int Integer = 3;
    public const int Type = 20;
}

internal static class TensorField
{
    public const int Dimensions = 1;
    public const int ElementType = 2;
    public const int Integers = 7;
    public const int Name = 8;
    public const int RawData = 9;
}

internal static class ValueField
{
    public const int Name = 1;
    public const int Type = 2;
}

internal static class TypeField
{
    public const int Tensor = 1;
}

internal static class TensorTypeField
{
    public const int ElementType = 1;
    public const int Shape = 2;
}

internal static class ShapeField
{
    public const int Dimension = 1;
}

internal static class DimensionField
{
    public const int Size = 1;
    public const int Name = 2;
}

/// <summary>Values of <c>TensorProto.DataType</c>.</summary>
internal static class OnnxElement
{
    public const int Single = 1;
    public const int Int64 = 7;
}
