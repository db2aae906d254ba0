using System.Globalization;

namespace PgFast.Files;

/// <summary>Numbers of a checkpoint as text in its metadata: written, and read back; what is wrong is an error that names the entry.</summary>
/// <param name="metadata">The metadata.</param>
internal sealed class CheckpointText(IReadOnlyDictionary<string, string> metadata)
{
    private const string Prefix = "checkpoint.";

    /// <summary>The key of an entry in the metadata.</summary>
    public static string KeyOf(string key) => Prefix + key;

    public static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    public static string Text(ulong value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>The shortest digits that read back as the same numbers.</summary>
    public static string Text(IEnumerable<double> values) => string.Join(' ', values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)));

    /// <exception cref="SafeTensorsException">It is missing, or no whole number of at least 0.</exception>
    public long Count(string key) =>
        long.TryParse(TextOf(key), NumberStyles.None, CultureInfo.InvariantCulture, out long count)
            ? count
            : throw new SafeTensorsException($"The checkpoint's {key} should be a whole number of at least 0; it is '{TextOf(key)}'.");

    /// <exception cref="SafeTensorsException">It is missing, or not so many numbers that are allowed.</exception>
    public double[] Numbers(string key, int count, Func<double, bool> isAllowed)
    {
        string text = TextOf(key);
        string[] parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != count)
            throw new SafeTensorsException($"The checkpoint's {key} should be {count} numbers; it is {parts.Length}.");
        double[] numbers = new double[count];
        for (int i = 0; i < count; i++)
        {
            if (!double.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i]) || !isAllowed(numbers[i]))
                throw new SafeTensorsException($"The checkpoint's {key} holds '{parts[i]}', which is no number that it may hold.");
        }

        return numbers;
    }

    /// <summary>The entries whose keys begin so, without that beginning.</summary>
    public IEnumerable<KeyValuePair<string, string>> Under(string prefix) => metadata
        .Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal))
        .Select(entry => KeyValuePair.Create(entry.Key[prefix.Length..], entry.Value));

    private string TextOf(string key) =>
        metadata.GetValueOrDefault(Prefix + key) ?? throw new SafeTensorsException($"The metadata entry '{Prefix}{key}' is missing.");
}
