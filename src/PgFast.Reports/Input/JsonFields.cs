using System.Text.Json;
using PgFast.Variance;

namespace PgFast.Reports.Input;

/// <summary>Reads fields of a JSON object; a wrong type is an error that names the file and the field, a missing one is not.</summary>
/// <param name="file">Name of the file, for messages.</param>
/// <param name="path">Where in the document the object is, for messages; empty at the root.</param>
/// <param name="value">The object.</param>
internal readonly struct JsonFields(string file, string path, JsonElement value)
{
    /// <exception cref="ReportInputException">The value is not an object.</exception>
    public static JsonFields Of(string file, string path, JsonElement value) =>
        value.ValueKind == JsonValueKind.Object
            ? new JsonFields(file, path, value)
            : throw new ReportInputException($"'{file}' is damaged: {(path.Length == 0 ? "the document" : path)} must be an object");

    public string? Text(string name) => Find(name) is not { } field
        ? null
        : field.ValueKind == JsonValueKind.String ? field.GetString() : throw Damaged(name, "text");

    public string RequiredText(string name) => Text(name) ?? throw Damaged(name, "text");

    public bool Flag(string name) => Find(name) is { } field
        && (field.ValueKind is JsonValueKind.True or JsonValueKind.False ? field.GetBoolean() : throw Damaged(name, "true or false"));

    public double Number(string name) => Find(name) is { } field ? NumberOf(field, name) : double.NaN;

    public long? Count(string name) => Find(name) is not { } field
        ? null
        : field.ValueKind == JsonValueKind.Number && field.TryGetInt64(out long count) && count >= 0
            ? count
            : throw Damaged(name, "a whole number");

    public ulong? Seed(string name) => Find(name) is not { } field
        ? null
        : field.ValueKind == JsonValueKind.Number && field.TryGetUInt64(out ulong seed) ? seed : throw Damaged(name, "a whole number");

    /// <summary>A pair whose open upper end is written as null; null as a whole where there is no interval.</summary>
    public ConfidenceInterval Interval(string name)
    {
        if (Find(name) is not { } field)
            return ConfidenceInterval.None;
        if (field.ValueKind != JsonValueKind.Array || field.GetArrayLength() != 2)
            throw Damaged(name, "a pair of numbers, or null");
        double low = field[0].ValueKind == JsonValueKind.Null ? double.NegativeInfinity : NumberOf(field[0], name);
        double high = field[1].ValueKind == JsonValueKind.Null ? double.PositiveInfinity : NumberOf(field[1], name);
        return low <= high ? new ConfidenceInterval(low, high) : throw Damaged(name, "a pair in ascending order");
    }

    /// <summary>The objects of an array; none where there is no such field.</summary>
    public IEnumerable<JsonFields> Objects(string name)
    {
        if (Find(name) is not { } field)
            return [];
        if (field.ValueKind != JsonValueKind.Array)
            throw Damaged(name, "an array");
        string parent = Place(name);
        string from = file;
        return field.EnumerateArray().Select((element, index) => Of(from, $"{parent}[{index}]", element)).ToArray();
    }

    /// <summary>The object of that name.</summary>
    public JsonFields Object(string name) => Find(name) is { } field ? Of(file, Place(name), field) : throw Damaged(name, "an object");

    /// <summary>The texts of an array.</summary>
    public string[] Texts(string name)
    {
        if (Find(name) is not { ValueKind: JsonValueKind.Array } field || field.EnumerateArray().Any(element => element.ValueKind != JsonValueKind.String))
            throw Damaged(name, "an array of texts");
        return [.. field.EnumerateArray().Select(element => element.GetString()!)];
    }

    /// <summary>The numbers of an array.</summary>
    public double[] Numbers(string name)
    {
        if (Find(name) is not { ValueKind: JsonValueKind.Array } field)
            throw Damaged(name, "an array of numbers");
        JsonFields self = this;
        return [.. field.EnumerateArray().Select(element => self.NumberOf(element, name))];
    }

    public bool Has(string name) => Find(name) is not null;

    public ReportInputException Damaged(string name, string allowed) => new($"'{file}' is damaged: {Place(name)} must be {allowed}");

    private double NumberOf(JsonElement field, string name) =>
        field.ValueKind == JsonValueKind.Number && field.TryGetDouble(out double number) && double.IsFinite(number)
            ? number
            : throw Damaged(name, "a number, or null");

    private string Place(string name) => path.Length == 0 ? name : $"{path}.{name}";

    private JsonElement? Find(string name) =>
        value.TryGetProperty(name, out JsonElement field) && field.ValueKind != JsonValueKind.Null ? field : null;
}
