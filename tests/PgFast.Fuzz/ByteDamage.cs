using System.Buffers.Binary;

namespace PgFast.Fuzz;

/// <summary>Damage that knows nothing of the format: what disks, networks and interrupted copies do.</summary>
internal static class ByteDamage
{
    private static readonly ulong[] Lengths = [0, 1, 7, 8, 100_000_000, 100_000_001, int.MaxValue, uint.MaxValue, long.MaxValue, ulong.MaxValue];

    /// <summary>A file damaged so often.</summary>
    public static DamagedFile Create(Seed seed, Random random, int times)
    {
        byte[] bytes = [.. seed.Bytes];
        List<string> done = [];
        for (int i = 0; i < times; i++)
            done.Add(Once(ref bytes, random));
        return new DamagedFile(seed, bytes, $"bytes: {string.Join(", ", done)}");
    }

    private static string Once(ref byte[] bytes, Random random)
    {
        int place = random.Next(bytes.Length + 1), length = random.Next(1, 65);
        int end = Math.Min(bytes.Length, place + length);
        switch (random.Next(8))
        {
            case 0 when place < bytes.Length:
                bytes[place] ^= (byte)(1 << random.Next(8));
                return $"bit of {place} flipped";
            case 1 when place < bytes.Length:
                bytes[place] = (byte)random.Next(256);
                return $"byte {place} replaced";
            case 2:
                bytes = bytes[..place];
                return $"cut at {place}";
            case 3:
                byte[] more = new byte[length];
                random.NextBytes(more);
                bytes = [.. bytes[..place], .. more, .. bytes[place..]];
                return $"{length} bytes put in at {place}";
            case 4:
                bytes = [.. bytes[..place], .. bytes[end..]];
                return $"bytes {place} to {end} taken out";
            case 5:
                bytes = [.. bytes[..end], .. bytes[place..end], .. bytes[end..]];
                return $"bytes {place} to {end} doubled";
            case 6:
                bytes.AsSpan(place..end).Clear();
                return $"bytes {place} to {end} zeroed";
            case 7 when bytes.Length >= sizeof(ulong):
                ulong claimed = random.Next(2) == 0
                    ? Lengths[random.Next(Lengths.Length)]
                    : BinaryPrimitives.ReadUInt64LittleEndian(bytes) + (ulong)random.Next(-9, 10);
                BinaryPrimitives.WriteUInt64LittleEndian(bytes, claimed);
                return $"header length {claimed}";
            default:
                return "nothing";
        }
    }
}
