using System.Buffers.Binary;
using System.Text;
using System.Text.RegularExpressions;

namespace PgFast.Fuzz;

/// <summary>Damage to the header's text, with a length that is true again: what faulty or hostile writers make.</summary>
internal static partial class HeaderDamage
{
    private static readonly string[] Numbers =
    [
        "0", "-1", "1", "3", "8", "0.5", "1e2", "1e999", "-0", "2147483647", "2147483648", "4294967296", "4611686018427387904",
        "9223372036854775807", "9223372036854775808", "123456789012345678901234567890", "null", "true", "\"4\"", "[]", "{}",
    ];

    private static readonly string[] Texts =
    [
        "", "F64", "BF16", "I32", "f32", "__metadata__", "policy.0.weight", "policy.7.bias", "policy.log_std", "value.0.weight", "adam.first", "checkpoint.value",
        "relu", "tanh", "swish", "softmax", "gaussian", "total", "pgfast-checkpoint-2", "pgfast-policy-9", "-1", "0", "1e300", "NaN", "∞", "9223372036854775807",
        "9223372036854775808", "0 0 0", "\\ud800", "\\u0000", "\\u001b[2J", "\\\"", "\\x", "a\u00A0b", "1 1",
    ];

    /// <summary>A file whose header was damaged so often.</summary>
    public static DamagedFile Create(Seed seed, Random random, int times)
    {
        int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(seed.Bytes);
        string header = Encoding.UTF8.GetString(seed.Bytes, sizeof(ulong), length);
        List<string> done = [];
        for (int i = 0; i < times; i++)
            done.Add(Once(ref header, random));
        byte[] text = Encoding.UTF8.GetBytes(header);
        byte[] bytes = new byte[sizeof(ulong) + text.Length + seed.Bytes.Length - sizeof(ulong) - length];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)text.Length);
        text.CopyTo(bytes, sizeof(ulong));
        seed.Bytes.AsSpan(sizeof(ulong) + length).CopyTo(bytes.AsSpan(sizeof(ulong) + text.Length));
        return new DamagedFile(seed, bytes, $"header: {string.Join(", ", done)}");
    }

    private static string Once(ref string header, Random random)
    {
        switch (random.Next(6))
        {
            case 0 or 1:
                return Replace(ref header, NumberPattern(), Numbers[random.Next(Numbers.Length)], random);
            case 2 or 3:
                return Replace(ref header, TextPattern(), $"\"{Texts[random.Next(Texts.Length)]}\"", random);
            case 4:
                // Deep nesting must not exhaust the stack, nor a long list the memory.
                string deep = random.Next(3) switch
                {
                    0 => new string('[', random.Next(1, 5_000)),
                    1 => string.Concat(Enumerable.Repeat("{\"a\":", random.Next(1, 200))),
                    _ => $"[{string.Join(',', Enumerable.Repeat("1", random.Next(1, 2_000)))}]",
                };
                return Replace(ref header, NumberPattern(), deep, random);
            default:
                int place = random.Next(header.Length), end = Math.Min(header.Length, place + random.Next(1, 100));
                string part = header[place..end];
                header = random.Next(2) == 0 ? header.Remove(place, part.Length) : header.Insert(end, part);
                return $"'{part}' taken out or doubled";
        }
    }

    private static string Replace(ref string header, Regex pattern, string by, Random random)
    {
        MatchCollection matches = pattern.Matches(header);
        if (matches.Count == 0)
            return "nothing";
        Match match = matches[random.Next(matches.Count)];
        header = string.Concat(header.AsSpan(0, match.Index), by, header.AsSpan(match.Index + match.Length));
        return $"{match.Value} at {match.Index} → {(by.Length > 60 ? by[..60] : by)}";
    }

    [GeneratedRegex("(?<=[\\[,:])[0-9]+(?=[\\],}])")]
    private static partial Regex NumberPattern();

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex TextPattern();
}
