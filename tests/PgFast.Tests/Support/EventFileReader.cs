using System.Buffers.Binary;
using System.Text;

namespace PgFast.Tests.Support;

/// <summary>Reads TensorBoard's event files by the formats' descriptions alone: shares no line with what writes them.</summary>
internal static class EventFileReader
{
    /// <summary>An event: its numbers by name, or what else it is.</summary>
    public sealed record Event(double WallTime, long Step, string? FileVersion, long? SessionStatus, IReadOnlyDictionary<string, float> Scalars);

    /// <summary>All events of a directory's files in the order of names; every record must be whole and have its checksums.</summary>
    public static IReadOnlyList<Event> ReadDirectory(string directory) =>
        [.. Directory.GetFiles(directory, "events.out.tfevents.*").Order(StringComparer.Ordinal).SelectMany(path => Read(File.ReadAllBytes(path)))];

    public static IReadOnlyList<Event> Read(byte[] file)
    {
        List<Event> events = [];
        for (int at = 0; at < file.Length;)
        {
            int length = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at, 8)));
            Assert.Equal(Masked(file.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 8, 4)));
            ReadOnlySpan<byte> data = file.AsSpan(at + 12, length);
            Assert.Equal(Masked(data), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 12 + length, 4)));
            events.Add(EventOf(data));
            at += 16 + length;
        }

        return events;
    }

    /// <summary>CRC-32C bit by bit, the reflected polynomial 0x1EDC6F41.</summary>
    public static uint Crc32C(ReadOnlySpan<byte> data)
    {
        uint crc = 0xFFFFFFFF;
        foreach (byte value in data)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82F63B78 : crc >> 1;
        }

        return ~crc;
    }

    private static uint Masked(ReadOnlySpan<byte> data)
    {
        uint crc = Crc32C(data);
        return unchecked((crc >> 15 | crc << 17) + 0xA282EAD8);
    }

    private static Event EventOf(ReadOnlySpan<byte> data)
    {
        double time = double.NaN;
        long step = 0;
        long? status = null;
        string? version = null;
        Dictionary<string, float> scalars = [];
        while (!data.IsEmpty)
        {
            (int field, ulong number, byte[] bytes) = Next(ref data);
            switch (field)
            {
                case 1: time = BitConverter.UInt64BitsToDouble(number); break;
                case 2: step = (long)number; break;
                case 3: version = Encoding.UTF8.GetString(bytes); break;
                case 5: AddScalars(bytes, scalars); break;
                case 7: ReadOnlySpan<byte> session = bytes; status = (long)Next(ref session).Number; break;
                default: Assert.Fail($"An event has no use for field {field} here."); break;
            }
        }

        return new Event(time, step, version, status, scalars);
    }

    private static void AddScalars(ReadOnlySpan<byte> summary, Dictionary<string, float> scalars)
    {
        while (!summary.IsEmpty)
        {
            (int field, _, byte[] value) = Next(ref summary);
            Assert.Equal(1, field);
            ReadOnlySpan<byte> rest = value;
            string? tag = null;
            float? number = null;
            while (!rest.IsEmpty)
            {
                (int inner, ulong bits, byte[] text) = Next(ref rest);
                if (inner == 1)
                    tag = Encoding.UTF8.GetString(text);
                else if (inner == 2)
                    number = BitConverter.UInt32BitsToSingle((uint)bits);
                else
                    Assert.Fail($"A value has no use for field {inner} here.");
            }

            scalars.Add(tag!, number!.Value);
        }
    }

    private static (int Field, ulong Number, byte[] Bytes) Next(ref ReadOnlySpan<byte> data)
    {
        ulong key = Varint(ref data), number = 0;
        byte[] bytes = [];
        int size;
        switch (key & 7)
        {
            case 0:
                number = Varint(ref data);
                return ((int)(key >> 3), number, bytes);
            case 1:
                number = BinaryPrimitives.ReadUInt64LittleEndian(data);
                size = 8;
                break;
            case 2:
                size = checked((int)Varint(ref data));
                bytes = data[..size].ToArray();
                break;
            case 5:
                number = BinaryPrimitives.ReadUInt32LittleEndian(data);
                size = 4;
                break;
            default:
                throw new FormatException($"Wire type {key & 7}.");
        }

        data = data[size..];
        return ((int)(key >> 3), number, bytes);
    }

    private static ulong Varint(ref ReadOnlySpan<byte> data)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte part = data[0];
            data = data[1..];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return value;
        }
    }
}
