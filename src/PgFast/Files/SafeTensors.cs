using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using CommunityToolkit.HighPerformance.Buffers;

namespace PgFast.Files;

/// <summary>A safetensors document: named single-precision tensors and text metadata.</summary>
/// <remarks>
/// <para>
/// Layout: the header's length as 64-bit little-endian integer; the header, JSON, padded with spaces to a multiple of 8 bytes; the
/// values, little-endian, without gaps. Any safetensors reader opens what <see cref="ToArray"/> writes. Equal documents give equal
/// bytes: keys are sorted, values lie in the order of <see cref="Tensors"/>.
/// </para>
/// <para>Immutable and thread-safe.</para>
/// </remarks>
public sealed class SafeTensors
{
    internal const string MetadataKey = "__metadata__";

    private readonly SortedDictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private readonly SafeTensor[] _tensors;
    private readonly Dictionary<string, SafeTensor> _byName = new(StringComparer.Ordinal);

    /// <summary>Makes a document.</summary>
    /// <param name="tensors">In the order in which their values are to lie in the file; names must differ.</param>
    /// <param name="metadata">Text by key, or null.</param>
    /// <exception cref="ArgumentException">Two tensors have the same name.</exception>
    public SafeTensors(IEnumerable<SafeTensor> tensors, IEnumerable<KeyValuePair<string, string>>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        _tensors = [.. tensors];
        foreach (SafeTensor tensor in _tensors)
        {
            if (!_byName.TryAdd(tensor.Name, tensor))
                throw new ArgumentException($"Two tensors are named {tensor.Name}.", nameof(tensors));
        }

        foreach (KeyValuePair<string, string> entry in metadata ?? [])
            _metadata[entry.Key] = entry.Value;
    }

    /// <summary>All tensors, in the order of their values in the file.</summary>
    public IReadOnlyList<SafeTensor> Tensors => _tensors;

    /// <summary>Text by key, sorted.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>The tensor of that name, or null.</summary>
    /// <param name="name">Compared exactly.</param>
    public SafeTensor? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Reads a file.</summary>
    /// <param name="path">Where it is.</param>
    /// <exception cref="SafeTensorsException">It is not a valid safetensors file of finite single-precision tensors.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be read.</exception>
    public static SafeTensors Load(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        if (stream.Length > Array.MaxLength)
            throw new SafeTensorsException($"The file has {stream.Length} bytes; at most {Array.MaxLength} are read.");
        byte[] bytes = new byte[stream.Length];
        int read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return Parse(bytes.AsSpan(0, read));
    }

    /// <summary>Reads a document.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <exception cref="SafeTensorsException">It is not a valid safetensors file of finite single-precision tensors.</exception>
    public static SafeTensors Parse(ReadOnlySpan<byte> bytes) => SafeTensorsReader.Read(bytes);

    /// <summary>The file's bytes.</summary>
    public byte[] ToArray()
    {
        byte[] header = Header();
        long length = sizeof(ulong) + header.Length;
        foreach (SafeTensor tensor in _tensors)
            length += (long)tensor.Values.Length * sizeof(float);
        byte[] bytes = new byte[checked((int)length)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)header.Length);
        header.CopyTo(bytes.AsSpan(sizeof(ulong)));
        Span<byte> data = bytes.AsSpan(sizeof(ulong) + header.Length);
        foreach (SafeTensor tensor in _tensors)
        {
            foreach (float value in tensor.Values)
            {
                BinaryPrimitives.WriteSingleLittleEndian(data, value);
                data = data[sizeof(float)..];
            }
        }

        return bytes;
    }

    /// <summary>Writes the file: under a temporary name in the same directory, flushed to the disk, then renamed.</summary>
    /// <param name="path">Where to; replaced if it exists.</param>
    /// <exception cref="IOException">It cannot be written; a file that was there before is unchanged.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be written.</exception>
    public void Save(string path) => AtomicFile.Write(path, ToArray());

    private byte[] Header()
    {
        SortedDictionary<string, (SafeTensor Tensor, long Begin)> entries = new(StringComparer.Ordinal);
        long offset = 0;
        foreach (SafeTensor tensor in _tensors)
        {
            entries.Add(tensor.Name, (tensor, offset));
            offset += (long)tensor.Values.Length * sizeof(float);
        }

        using ArrayPoolBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            if (_metadata.Count > 0)
            {
                json.WriteStartObject(MetadataKey);
                foreach ((string key, string value) in _metadata)
                    json.WriteString(key, value);
                json.WriteEndObject();
            }

            foreach ((string name, (SafeTensor tensor, long begin)) in entries)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", "F32");
                json.WriteStartArray("shape");
                foreach (int size in tensor.Shape)
                    json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(begin);
                json.WriteNumberValue(begin + (long)tensor.Values.Length * sizeof(float));
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        string text = Encoding.UTF8.GetString(buffer.WrittenSpan);
        return Encoding.UTF8.GetBytes(text.PadRight(text.Length + (8 - buffer.WrittenCount % 8) % 8));
    }
}
