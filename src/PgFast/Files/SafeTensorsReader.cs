using System.Buffers.Binary;
using System.Text.Json;

namespace PgFast.Files;

/// <summary>Reads safetensors, trusting nothing: everything is checked before memory is taken for it.</summary>
internal ref struct SafeTensorsReader
{
    private const int MaximumHeader = 100_000_000;

    private Utf8JsonReader _json;
    private readonly ReadOnlySpan<byte> _data;
    private readonly List<Entry> _entries = [];
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);

    private SafeTensorsReader(ReadOnlySpan<byte> header, ReadOnlySpan<byte> data)
    {
        _json = new Utf8JsonReader(header);
        _data = data;
    }

    public static SafeTensors Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < sizeof(ulong))
            throw new SafeTensorsException($"The file is truncated: {bytes.Length} bytes hold no header length.");
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        bytes = bytes[sizeof(ulong)..];
        if (length > MaximumHeader)
            throw new SafeTensorsException($"The header's length, {length} bytes, is not plausible: this is no safetensors file.");
        if (length > (ulong)bytes.Length)
            throw new SafeTensorsException($"The file is truncated: a header of {length} bytes is announced, {bytes.Length} bytes follow.");
        ReadOnlySpan<byte> header = bytes[..(int)length];
        if (header.IsEmpty || header[0] != '{')
            throw new SafeTensorsException("The header does not begin with '{': this is no safetensors file.");
        SafeTensorsReader reader = new(header, bytes[(int)length..]);
        try
        {
            reader.ReadHeader();
        }
        catch (JsonException exception)
        {
            throw new SafeTensorsException("The header is not valid JSON.", exception);
        }
        catch (InvalidOperationException exception)
        {
            // Text that is not valid UTF-8 or UTF-16.
            throw new SafeTensorsException("The header holds text that is not valid.", exception);
        }

        return reader.ReadValues();
    }

    private void ReadHeader()
    {
        _json.Read();
        bool hasMetadata = false;
        HashSet<string> names = new(StringComparer.Ordinal);
        while (NextName() is { } name)
        {
            if (name == SafeTensors.MetadataKey)
            {
                if (hasMetadata)
                    throw new SafeTensorsException("The header has metadata twice.");
                hasMetadata = true;
                ReadMetadata();
                continue;
            }

            if (name.Length == 0 || !names.Add(name))
                throw new SafeTensorsException(name.Length == 0 ? "A tensor has no name." : $"The tensor {name} appears twice.");
            _entries.Add(ReadEntry(name));
        }

        if (_json.Read())
            throw new SafeTensorsException("Something follows the header's JSON object.");
    }

    private void ReadMetadata()
    {
        Expect(JsonTokenType.StartObject, "The metadata are not an object.");
        while (NextName() is { } key)
        {
            Expect(JsonTokenType.String, $"The metadata entry {key} is not a string.");
            if (!_metadata.TryAdd(key, _json.GetString()!))
                throw new SafeTensorsException($"The metadata entry {key} appears twice.");
        }
    }

    private Entry ReadEntry(string name)
    {
        Expect(JsonTokenType.StartObject, $"The entry of tensor {name} is not an object.");
        bool hasType = false;
        long[]? shape = null, offsets = null;
        while (NextName() is { } key)
        {
            if (key == "dtype" && !hasType)
            {
                Expect(JsonTokenType.String, $"The dtype of tensor {name} is not a string.");
                string type = _json.GetString()!;
                if (type != "F32")
                    throw new SafeTensorsException($"Tensor {name} has dtype {type}; only F32 is read.");
                hasType = true;
            }
            else if (key == "shape" && shape is null)
            {
                shape = ReadNumbers(name, key, maximumCount: 16);
            }
            else if (key == "data_offsets" && offsets is null)
            {
                offsets = ReadNumbers(name, key, maximumCount: 2);
            }
            else
            {
                throw new SafeTensorsException($"The entry of tensor {name} has an unexpected property {key}.");
            }
        }

        if (!hasType || shape is null || offsets is not { Length: 2 })
            throw new SafeTensorsException($"The entry of tensor {name} lacks dtype, shape or two data_offsets.");
        return new Entry(name, CheckedShape(name, shape, offsets[0], offsets[1]), offsets[0], offsets[1]);
    }

    private readonly int[] CheckedShape(string name, long[] shape, long begin, long end)
    {
        if (begin > end || end > _data.Length)
        {
            throw new SafeTensorsException(
                $"Tensor {name} claims bytes {begin} to {end} of {_data.Length}: the file is truncated or its header is wrong.");
        }

        int[] sizes = new int[shape.Length];
        long places = 1;
        for (int axis = 0; axis < shape.Length; axis++)
        {
            if (shape[axis] > int.MaxValue)
                throw new SafeTensorsException($"Tensor {name} has an axis of size {shape[axis]}, which is too large.");
            sizes[axis] = (int)shape[axis];
            // Both factors are below 2³¹, so the product does not overflow; it need not be exact once it is too large.
            places = Math.Min(places * sizes[axis], int.MaxValue);
        }

        if (places * sizeof(float) != end - begin)
        {
            throw new SafeTensorsException(
                $"Tensor {name} of shape [{string.Join(", ", shape)}] does not have the {end - begin} bytes that its offsets give it.");
        }

        return sizes;
    }

    private long[] ReadNumbers(string name, string key, int maximumCount)
    {
        Expect(JsonTokenType.StartArray, $"The {key} of tensor {name} is not an array.");
        List<long> numbers = [];
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            if (_json.TokenType != JsonTokenType.Number || !_json.TryGetInt64(out long number) || number < 0)
                throw new SafeTensorsException($"The {key} of tensor {name} holds something else than whole numbers from 0 on.");
            if (numbers.Count == maximumCount)
                throw new SafeTensorsException($"The {key} of tensor {name} has more than {maximumCount} entries.");
            numbers.Add(number);
        }

        return [.. numbers];
    }

    private readonly SafeTensors ReadValues()
    {
        _entries.Sort((left, right) => left.Begin != right.Begin ? left.Begin.CompareTo(right.Begin) : left.End.CompareTo(right.End));
        long position = 0;
        foreach (Entry entry in _entries)
        {
            if (entry.Begin != position)
            {
                throw new SafeTensorsException(
                    entry.Begin < position
                        ? $"Tensor {entry.Name} overlaps another."
                        : $"Bytes {position} to {entry.Begin} of the data belong to no tensor.");
            }

            position = entry.End;
        }

        if (position != _data.Length)
            throw new SafeTensorsException($"{_data.Length - position} bytes at the end of the file belong to no tensor.");

        SafeTensor[] tensors = new SafeTensor[_entries.Count];
        for (int i = 0; i < tensors.Length; i++)
            tensors[i] = ReadTensor(_entries[i]);
        return new SafeTensors(tensors, _metadata);
    }

    private readonly SafeTensor ReadTensor(Entry entry)
    {
        ReadOnlySpan<byte> bytes = _data[(int)entry.Begin..(int)entry.End];
        float[] values = new float[bytes.Length / sizeof(float)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(i * sizeof(float))..]);
            if (!float.IsFinite(values[i]))
                throw new SafeTensorsException($"Value {i} of tensor {entry.Name} is not finite.");
        }

        return SafeTensor.Adopt(entry.Name, entry.Shape, values);
    }

    /// <summary>The next property's name, or null at the object's end.</summary>
    private string? NextName()
    {
        _json.Read();
        return _json.TokenType == JsonTokenType.PropertyName ? _json.GetString() : null;
    }

    private void Expect(JsonTokenType type, string otherwise)
    {
        _json.Read();
        if (_json.TokenType != type)
            throw new SafeTensorsException(otherwise);
    }

    private readonly record struct Entry(string Name, int[] Shape, long Begin, long End);
}
