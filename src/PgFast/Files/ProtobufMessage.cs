using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace PgFast.Files;

/// <summary>A protocol-buffer message under construction: its fields, encoded in the order in which they are added.</summary>
/// <remarks>The wire format of the Protocol Buffers documentation, "Encoding": a key, field number × 8 + wire type, then the value.</remarks>
internal sealed class ProtobufMessage
{
    private const int VarintType = 0;
    private const int Fixed64Type = 1;
    private const int LengthDelimitedType = 2;
    private const int Fixed32Type = 5;
    private const int LongestVarint = 10;

    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>The message as encoded so far.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.WrittenSpan;

    /// <summary>Adds an integer or an enumeration.</summary>
    public ProtobufMessage Add(int field, long value)
    {
        WriteVarint(Key(field, VarintType));
        WriteVarint((ulong)value);
        return this;
    }

    /// <summary>Adds text in UTF-8. Allocates nothing where the memory is there from before.</summary>
    public ProtobufMessage Add(int field, string text)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        WriteVarint(Key(field, LengthDelimitedType));
        WriteVarint((ulong)length);
        _bytes.Advance(Encoding.UTF8.GetBytes(text, _bytes.GetSpan(length)));
        return this;
    }

    /// <summary>Adds a message within this one.</summary>
    public ProtobufMessage Add(int field, ProtobufMessage message) => Add(field, message.Bytes);

    /// <summary>Adds raw bytes.</summary>
    public ProtobufMessage Add(int field, ReadOnlySpan<byte> bytes)
    {
        WriteVarint(Key(field, LengthDelimitedType));
        WriteVarint((ulong)bytes.Length);
        _bytes.Write(bytes);
        return this;
    }

    /// <summary>Adds a number of the type <c>float</c>.</summary>
    public ProtobufMessage AddSingle(int field, float value)
    {
        WriteVarint(Key(field, Fixed32Type));
        BinaryPrimitives.WriteSingleLittleEndian(_bytes.GetSpan(sizeof(float)), value);
        _bytes.Advance(sizeof(float));
        return this;
    }

    /// <summary>Adds a number of the type <c>double</c>.</summary>
    public ProtobufMessage AddDouble(int field, double value)
    {
        WriteVarint(Key(field, Fixed64Type));
        BinaryPrimitives.WriteDoubleLittleEndian(_bytes.GetSpan(sizeof(double)), value);
        _bytes.Advance(sizeof(double));
        return this;
    }

    /// <summary>Begins another message in the same memory.</summary>
    public ProtobufMessage Clear()
    {
        _bytes.ResetWrittenCount();
        return this;
    }

    /// <summary>Adds all fields of another message to this one.</summary>
    public ProtobufMessage Append(ProtobufMessage fields)
    {
        _bytes.Write(fields.Bytes);
        return this;
    }

    /// <summary>Adds numbers as bytes, little-endian and four bytes each whatever the machine.</summary>
    public ProtobufMessage AddLittleEndian(int field, ReadOnlySpan<float> values)
    {
        if (BitConverter.IsLittleEndian)
            return Add(field, MemoryMarshal.AsBytes(values));
        byte[] bytes = new byte[checked(values.Length * sizeof(float))];
        for (int i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), values[i]);
        return Add(field, bytes);
    }

    private static ulong Key(int field, int wireType) => (ulong)field << 3 | (uint)wireType;

    /// <summary>Seven bits a byte, the lowest first; the highest bit says that another byte follows.</summary>
    private void WriteVarint(ulong value)
    {
        Span<byte> span = _bytes.GetSpan(LongestVarint);
        int length = 0;
        for (; value >= 0x80; value >>= 7)
            span[length++] = (byte)(value | 0x80);
        span[length++] = (byte)value;
        _bytes.Advance(length);
    }
}
