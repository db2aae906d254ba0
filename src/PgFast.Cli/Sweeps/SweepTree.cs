using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tomlyn;
using Tomlyn.Model;
using Tomlyn.Parsing;

namespace PgFast.Cli.Sweeps;

/// <summary>A sweep file as a tree, the same whether it is TOML or JSON.</summary>
internal static class SweepTree
{
    /// <summary>The formats, by the ending of the file's name.</summary>
    public static readonly string[] Extensions = [".toml", ".json"];

    /// <summary>Parses a file's text.</summary>
    /// <param name="path">Its ending tells the format; stands in messages.</param>
    /// <param name="text">The content.</param>
    /// <exception cref="UsageException">The text is not in the format; the message has the line and the column.</exception>
    public static JsonObject Parse(string path, string text) =>
        Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase) ? ParseJson(path, text) : ParseToml(path, text);

    private static JsonObject ParseToml(string path, string text)
    {
        try
        {
            // The strict parser knows keys that are defined twice; the table alone would keep the last.
            SyntaxParser.ParseStrict(text, path, validate: true);
            return Table(TomlSerializer.Deserialize(text, SweepToml.Default.TomlTable)!, path, "");
        }
        catch (TomlException exception)
        {
            string reason = exception.Diagnostics.Count > 0 ? exception.Diagnostics[0].Message : exception.Message;
            string place = exception.Line is { } line ? $"line {line}, column {exception.Column}: " : "";
            throw new UsageException($"'{path}' is not TOML: {place}{reason.Trim()}");
        }
    }

    private static JsonObject ParseJson(string path, string text)
    {
        JsonDocumentOptions options = new() { AllowDuplicateProperties = false, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };
        try
        {
            JsonObject tree = JsonNode.Parse(text, documentOptions: options) as JsonObject
                ?? throw new UsageException($"'{path}' must hold a JSON object");
            ReadTexts(tree);
            return tree;
        }
        catch (InvalidOperationException exception)
        {
            throw new UsageException($"'{path}' is not JSON: {exception.Message}");
        }
        catch (JsonException exception)
        {
            string place = exception.LineNumber is { } line ? $"line {line + 1}, column {exception.BytePositionInLine + 1}: " : "";
            throw new UsageException($"'{path}' is not JSON: {place}{Reason(exception)}");
        }
    }

    /// <summary>Half a character, such as \ud800, is grammatical and yet no text: it throws where it is read, which is better done at once.</summary>
    private static void ReadTexts(JsonNode? node)
    {
        if (node is JsonValue value && value.GetValueKind() == JsonValueKind.String)
            _ = value.GetValue<string>();
        IEnumerable<JsonNode?> children = node switch { JsonObject table => table.Select(pair => pair.Value), JsonArray list => list, _ => [] };
        foreach (JsonNode? child in children)
            ReadTexts(child);
    }

    /// <summary>The message without the position, which is in the line already.</summary>
    private static string Reason(JsonException exception)
    {
        int position = exception.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        int path = exception.Message.IndexOf(" Path:", StringComparison.Ordinal);
        int end = path >= 0 ? path : position;
        return end >= 0 ? exception.Message[..end] : exception.Message;
    }

    private static JsonObject Table(TomlTable table, string path, string place) =>
        new(table.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)Node(pair.Value, path, place.Length == 0 ? pair.Key : $"{place}.{pair.Key}"))));

    private static JsonNode Node(object value, string path, string place) => value switch
    {
        TomlTable table => Table(table, path, place),
        TomlTableArray tables => new JsonArray([.. tables.Select((table, index) => Table(table, path, $"{place}[{index}]"))]),
        TomlArray array => new JsonArray([.. array.Select((element, index) => Node(element!, path, $"{place}[{index}]"))]),
        bool flag => JsonValue.Create(flag),
        string text => JsonValue.Create(text),
        long whole => JsonValue.Create(whole),
        double number when double.IsFinite(number) => JsonValue.Create(number),
        _ => throw new UsageException(string.Create(
            CultureInfo.InvariantCulture, $"'{path}': {place} must be a finite number, a text, true, false or a list of them, not {value}")),
    };
}
