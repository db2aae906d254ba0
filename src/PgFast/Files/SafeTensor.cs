namespace PgFast.Files;

/// <summary>A named tensor of single-precision floats.</summary>
public sealed class SafeTensor
{
    private readonly int[] _shape;
    private readonly float[] _values;

    /// <summary>Names values.</summary>
    /// <param name="name">Not empty, and not <c>__metadata__</c>.</param>
    /// <param name="shape">Sizes, slowest axis first, none negative; empty for a scalar.</param>
    /// <param name="values">As many finite values as the shape has places, row-major; copied.</param>
    /// <exception cref="ArgumentException">The name is reserved, the shape has not that many places, or a value is not finite.</exception>
    public SafeTensor(string name, ReadOnlySpan<int> shape, ReadOnlySpan<float> values)
        : this(name, shape.ToArray(), values.ToArray())
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name == SafeTensors.MetadataKey)
            throw new ArgumentException($"The name {SafeTensors.MetadataKey} is reserved.", nameof(name));
        long places = 1;
        foreach (int size in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(size, nameof(shape));
            places = Math.Min(places * size, int.MaxValue + 1L);
        }

        if (places != values.Length)
            throw new ArgumentException($"The shape has {places} places for {values.Length} values.", nameof(values));
        foreach (float value in values)
        {
            if (!float.IsFinite(value))
                throw new ArgumentException("A value is not finite.", nameof(values));
        }
    }

    private SafeTensor(string name, int[] shape, float[] values)
    {
        Name = name;
        _shape = shape;
        _values = values;
    }

    /// <summary>The tensor's name.</summary>
    public string Name { get; }

    /// <summary>Sizes, slowest axis first.</summary>
    public ReadOnlySpan<int> Shape => _shape;

    /// <summary>Row-major values, all finite.</summary>
    public ReadOnlySpan<float> Values => _values;

    /// <summary>The shape as text, such as <c>[32, 4]</c>.</summary>
    public string ShapeText => $"[{string.Join(", ", _shape)}]";

    /// <summary>Name and shape.</summary>
    public override string ToString() => $"{Name} {ShapeText}";

    /// <summary>A tensor that the reader has checked; takes the arrays over.</summary>
    internal static SafeTensor Adopt(string name, int[] shape, float[] values) => new(name, shape, values);
}
