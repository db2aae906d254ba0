using System.Globalization;

namespace PgFast.Files;

/// <summary>Numbers of a checkpoint as text in its metadata: written, and read back; what is wrong is an error that names the entry.</summary>
/// <param name="metadata">The metadata.</param>
internal sealed class CheckpointText(IReadOnlyDictionary<string, string> metadata)
{
    /// <summary>The entry that names the format.</summary>
    public const string FormatKey = "checkpoint";

    private const string Prefix = "checkpoint.";
    private const string OptionPrefix = "checkpoint.option.";
    private const string NotePrefix = "checkpoint.note.";

    /// <summary>Characters; the sizes of a hundred hidden layers have fewer.</summary>
    private const int LongestOption = 1000;

    /// <summary>The key of an entry in the metadata.</summary>
    public static string KeyOf(string key) => Prefix + key;

    public static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    public static string Text(ulong value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>The shortest digits that read back as the same numbers.</summary>
    public static string Text(IEnumerable<double> values) => string.Join(' ', values.Select(value => value.ToString("R", CultureInfo.InvariantCulture)));

    /// <summary>Adds a run's options and its writer's notes.</summary>
    public static void Add(
        Dictionary<string, string> metadata, IEnumerable<KeyValuePair<string, string>> options, IEnumerable<KeyValuePair<string, string>> notes)
    {
        foreach ((string name, string option) in options)
            metadata[OptionPrefix + name] = option;
        foreach ((string name, string note) in notes)
            metadata[NotePrefix + name] = note;
    }

    /// <exception cref="SafeTensorsException">The file is of another format, or no checkpoint.</exception>
    public void RequireFormat(string expected)
    {
        if (metadata.GetValueOrDefault(FormatKey) is not { } format)
            throw new SafeTensorsException("The file holds a policy at most, no checkpoint: the metadata entry 'checkpoint' is missing.");
        if (format != expected)
            throw new SafeTensorsException($"The checkpoint's format is '{format}'; '{expected}' can be read.");
    }

    /// <summary>The run's options.</summary>
    /// <exception cref="SafeTensorsException">One is text that no option has, and that no message should repeat.</exception>
    public KeyValuePair<string, string>[] Options() => [.. Under(OptionPrefix).Select(RequireText)];

    /// <summary>The writer's notes.</summary>
    public Dictionary<string, string> Notes() => new(Under(NotePrefix));

    /// <exception cref="SafeTensorsException">It is missing, or no whole number from 0 to the maximum.</exception>
    public long Count(string key, long maximum = long.MaxValue) =>
        long.TryParse(TextOf(key), NumberStyles.None, CultureInfo.InvariantCulture, out long count) && count <= maximum
            ? count
            : throw new SafeTensorsException($"The checkpoint's {key} should be a whole number from 0 to {maximum}; it is '{TextOf(key)}'.");

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
    private IEnumerable<KeyValuePair<string, string>> Under(string prefix) => metadata
        .Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal))
        .Select(entry => KeyValuePair.Create(entry.Key[prefix.Length..], entry.Value));

    private static KeyValuePair<string, string> RequireText(KeyValuePair<string, string> option) =>
        option.Value.Length <= LongestOption && !option.Value.Any(char.IsControl)
            ? option
            : throw new SafeTensorsException($"The checkpoint's option {option.Key} holds text that no option has.");

    private string TextOf(string key) =>
        metadata.GetValueOrDefault(Prefix + key) ?? throw new SafeTensorsException($"The metadata entry '{Prefix}{key}' is missing.");
}
