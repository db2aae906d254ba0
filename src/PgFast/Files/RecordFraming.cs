using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;

namespace PgFast.Files;

/// <summary>TensorFlow's record format: length (8 bytes), its checksum (4), the data, their checksum (4); numbers are little-endian.</summary>
/// <remarks>Checksums are CRC-32C, rotated and shifted by a constant ("masked"), so that a checksum of data that hold checksums is no special case.</remarks>
internal static class RecordFraming
{
    private const int LengthBytes = sizeof(ulong), ChecksumBytes = sizeof(uint);
    private const int HeaderBytes = LengthBytes + ChecksumBytes;
    private const uint MaskDelta = 0xA282_EAD8;

    /// <summary>Appends a record.</summary>
    public static void Append(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> data)
    {
        Span<byte> record = output.GetSpan(HeaderBytes + data.Length + ChecksumBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(record, (ulong)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record[LengthBytes..], Checksum(record[..LengthBytes]));
        data.CopyTo(record[HeaderBytes..]);
        BinaryPrimitives.WriteUInt32LittleEndian(record[(HeaderBytes + data.Length)..], Checksum(data));
        output.Advance(HeaderBytes + data.Length + ChecksumBytes);
    }

    /// <summary>Reads the record at a stream's position.</summary>
    /// <returns>Its data; null where no whole and undamaged record is, with the stream anywhere.</returns>
    public static byte[]? Read(Stream stream)
    {
        Span<byte> header = stackalloc byte[HeaderBytes], checksum = stackalloc byte[ChecksumBytes];
        if (stream.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes || !IsOf(header[LengthBytes..], header[..LengthBytes]))
            return null;
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(header);
        if (length > (ulong)(stream.Length - stream.Position) || length > (ulong)Array.MaxLength)
            return null;
        byte[] data = new byte[length];
        if (stream.ReadAtLeast(data, data.Length, throwOnEndOfStream: false) < data.Length)
            return null;
        return stream.ReadAtLeast(checksum, ChecksumBytes, throwOnEndOfStream: false) == ChecksumBytes && IsOf(checksum, data) ? data : null;
    }

    private static bool IsOf(ReadOnlySpan<byte> checksum, ReadOnlySpan<byte> data) => BinaryPrimitives.ReadUInt32LittleEndian(checksum) == Checksum(data);

    private static uint Checksum(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        for (; data.Length >= sizeof(ulong); data = data[sizeof(ulong)..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
        foreach (byte value in data)
            crc = BitOperations.Crc32C(crc, value);
        return BitOperations.RotateRight(~crc, 15) + MaskDelta;
    }
}
