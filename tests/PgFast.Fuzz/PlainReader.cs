using System.Text.Json;

namespace PgFast.Fuzz;

/// <summary>Safetensors read once more, on a document tree and without a thought of speed, straight from the format's rules: what the loader is held to.</summary>
internal static class PlainReader
{
    private const string MetadataKey = "__metadata__";

    /// <summary>The tensors by name, or null where a rule is broken.</summary>
    public static Dictionary<string, (long[] Shape, byte[] Bytes)>? Read(byte[] file, out Dictionary<string, string> metadata)
    {
        metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        if (file.Length < 8)
            return null;
        ulong length = BitConverter.ToUInt64(file, 0);
        if (length > 100_000_000 || length > (ulong)file.Length - 8 || length == 0 || file[8] != '{')
            return null;
        try
        {
            using JsonDocument header = JsonDocument.Parse(file.AsMemory(8, (int)length));
            return Tensors(header.RootElement, file.AsSpan(8 + (int)length), metadata);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // No JSON, or text that is no text.
            return null;
        }
    }

    private static Dictionary<string, (long[] Shape, byte[] Bytes)>? Tensors(JsonElement header, ReadOnlySpan<byte> data, Dictionary<string, string> metadata)
    {
        Dictionary<string, (long[] Shape, byte[] Bytes)> tensors = new(StringComparer.Ordinal);
        int[] owners = new int[data.Length];
        bool hasMetadata = false;
        foreach (JsonProperty property in header.EnumerateObject())
        {
            if (property.Name == MetadataKey)
            {
                if (hasMetadata || property.Value.ValueKind != JsonValueKind.Object)
                    return null;
                hasMetadata = true;
                foreach (JsonProperty entry in property.Value.EnumerateObject())
                {
                    if (entry.Value.ValueKind != JsonValueKind.String || !metadata.TryAdd(entry.Name, entry.Value.GetString()!))
                        return null;
                }

                continue;
            }

            if (property.Name.Length == 0 || Entry(property.Value) is not var (shape, begin, end) || begin > end || end > data.Length)
                return null;
            // An exact product: shapes are hostile, and 16 axes of 2⁶³ fit no integer.
            System.Numerics.BigInteger places = shape.Aggregate(System.Numerics.BigInteger.One, (product, size) => product * size);
            if (places * 4 != end - begin || shape.Any(size => size > int.MaxValue))
                return null;
            byte[] bytes = data[(int)begin..(int)end].ToArray();
            for (int place = (int)begin; place < end; place++)
                owners[place]++;
            for (int value = 0; value < bytes.Length; value += 4)
            {
                if (!float.IsFinite(BitConverter.ToSingle(bytes, value)))
                    return null;
            }

            if (!tensors.TryAdd(property.Name, (shape, bytes)))
                return null;
        }

        // Every byte belongs to one tensor.
        return owners.All(count => count == 1) ? tensors : null;
    }

    private static (long[] Shape, long Begin, long End)? Entry(JsonElement entry)
    {
        if (entry.ValueKind != JsonValueKind.Object || entry.EnumerateObject().Select(property => property.Name).Order(StringComparer.Ordinal).ToArray() is not ["data_offsets", "dtype", "shape"])
            return null;
        JsonElement type = entry.GetProperty("dtype");
        if (type.ValueKind != JsonValueKind.String || type.GetString() != "F32" || Numbers(entry.GetProperty("shape")) is not { Length: <= 16 } shape)
            return null;
        return Numbers(entry.GetProperty("data_offsets")) is [long begin, long end] ? (shape, begin, end) : null;
    }

    private static long[]? Numbers(JsonElement array)
    {
        if (array.ValueKind != JsonValueKind.Array)
            return null;
        List<long> numbers = [];
        foreach (JsonElement element in array.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.Number || !element.TryGetInt64(out long number) || number < 0)
                return null;
            numbers.Add(number);
        }

        return [.. numbers];
    }
}
