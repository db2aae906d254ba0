using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PgFast.Cli.Sweeps;

/// <summary>Reads the keys of one table of a sweep file; what is wrong is said with the file and the key.</summary>
/// <param name="file">The file, for messages.</param>
/// <param name="name">The table's name, for messages; empty at the top.</param>
/// <param name="table">The table.</param>
internal sealed class SweepTable(string file, string name, JsonObject table)
{
    public IEnumerable<string> Keys => table.Select(pair => pair.Key);

    public string File => file;

    public JsonNode this[string key] => table[key] ?? throw Wrong(key, "a value");

    public bool Has(string key) => table.ContainsKey(key);

    /// <summary>Refuses keys that mean nothing.</summary>
    /// <exception cref="UsageException">There is one; the message suggests the nearest that exists.</exception>
    public void RequireKnown(IReadOnlyCollection<string> known)
    {
        foreach (string key in Keys)
        {
            if (!known.Contains(key))
                throw new UsageException($"'{file}': unknown key '{PathOf(key)}'{CommandLine.Suggestion(key, known)}; keys are {string.Join(", ", known)}");
        }
    }

    public string? Text(string key)
    {
        if (!Has(key))
            return null;
        return this[key] is JsonValue value && value.GetValueKind() == JsonValueKind.String && !string.IsNullOrWhiteSpace(value.GetValue<string>())
            ? value.GetValue<string>()
            : throw Wrong(key, "a text");
    }

    /// <summary>A text or a list of texts, none twice; null where there is no such key.</summary>
    public string[]? Texts(string key)
    {
        if (!Has(key))
            return null;
        JsonNode[] nodes = this[key] is JsonArray array ? [.. array.Select(element => element ?? throw Wrong(key, "texts"))] : [this[key]];
        string[] texts = [.. nodes.Select(node => node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : throw Wrong(key, "a text or a list of texts"))];
        if (texts.Length == 0)
            throw Wrong(key, "a text or a list of texts that is not empty");
        RequireDistinct(key, texts);
        return texts;
    }

    public long? Whole(string key, long minimum, long maximum)
    {
        if (!Has(key))
            return null;
        string allowed = string.Create(CultureInfo.InvariantCulture, $"a whole number from {minimum:N0} to {maximum:N0}");
        if (maximum == long.MaxValue)
            allowed = string.Create(CultureInfo.InvariantCulture, $"a whole number of at least {minimum:N0}");
        return TryWhole(this[key], out long whole) && whole >= minimum && whole <= maximum ? whole : throw Wrong(key, allowed);
    }

    public double? Number(string key, Func<double, bool> isAllowed, string allowed)
    {
        if (!Has(key))
            return null;
        return this[key] is JsonValue value && value.GetValueKind() == JsonValueKind.Number && isAllowed(DoubleOf(value))
            ? DoubleOf(value)
            : throw Wrong(key, allowed);
    }

    /// <summary>A table under this one; null where there is none.</summary>
    public SweepTable? Table(string key)
    {
        if (!Has(key))
            return null;
        return new SweepTable(file, PathOf(key), this[key] as JsonObject ?? throw Wrong(key, "a table"));
    }

    /// <summary>A list of tables under this one; empty where there is none.</summary>
    public IReadOnlyList<SweepTable> Tables(string key)
    {
        if (!Has(key))
            return [];
        if (this[key] is not JsonArray { Count: > 0 } array)
            throw Wrong(key, "a list of tables that is not empty");
        return [.. array.Select((element, index) => new SweepTable(file, $"{PathOf(key)}[{index}]", element as JsonObject ?? throw Wrong(key, "a list of tables")))];
    }

    /// <summary>A value as the command line would spell it: true is on, a list has commas, an empty list is none.</summary>
    public string Setting(string key, JsonNode node) => node switch
    {
        JsonArray array when array.Any(element => element is null or JsonArray or JsonObject) => throw Wrong(key, "a value or a flat list"),
        JsonArray array => array.Count == 0 ? "none" : string.Join(',', array.Select(element => Scalar(key, element!))),
        _ => Scalar(key, node),
    };

    /// <summary>The key with the tables that it is in.</summary>
    public string PathOf(string key) => name.Length == 0 ? key : $"{name}.{key}";

    public UsageException Wrong(string key, string allowed)
    {
        if (!Has(key))
            return new UsageException($"'{file}': {PathOf(key)} is missing; it must be {allowed}");
        string found = table[key] switch
        {
            null => "null",
            JsonArray { Count: 0 } => "an empty list",
            JsonNode node => node.ToJsonString() is { Length: > 40 } text ? $"{text[..40]}…" : node.ToJsonString(),
        };
        return new UsageException($"'{file}': {PathOf(key)} must be {allowed}, not {found}");
    }

    public void RequireDistinct(string key, IReadOnlyList<string> values)
    {
        string? twice = values.GroupBy(value => value, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1)?.Key;
        if (twice is not null)
            throw new UsageException($"'{file}': {PathOf(key)} lists {twice} twice");
    }

    /// <summary>A whole number, also one such as 2e5.</summary>
    public static bool TryWhole(JsonNode node, out long whole)
    {
        whole = 0;
        if (node.GetValueKind() != JsonValueKind.Number)
            return false;
        if (node.AsValue().TryGetValue(out whole))
            return true;
        double number = DoubleOf(node.AsValue());
        if (number != Math.Floor(number) || Math.Abs(number) > 1e18)
            return false;
        whole = (long)number;
        return true;
    }

    private static double DoubleOf(JsonValue value) => double.Parse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture);

    private string Scalar(string key, JsonNode node) => node.GetValueKind() switch
    {
        JsonValueKind.True => "on",
        JsonValueKind.False => "off",
        JsonValueKind.String => node.GetValue<string>().Trim(),
        JsonValueKind.Number => Number(node),
        _ => throw Wrong(key, "a number, a text, true or false"),
    };

    /// <summary>One spelling of a number, however the file writes it: 0.00001 is 1e-5.</summary>
    private static string Number(JsonNode node)
    {
        if (TryWhole(node, out long whole))
            return whole.ToString(CultureInfo.InvariantCulture);
        string text = DoubleOf(node.AsValue()).ToString("R", CultureInfo.InvariantCulture);
        int place = text.IndexOf('E', StringComparison.Ordinal);
        return place < 0 ? text : string.Create(CultureInfo.InvariantCulture, $"{text[..place]}e{int.Parse(text.AsSpan(place + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)}");
    }
}
