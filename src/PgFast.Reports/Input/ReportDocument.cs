using System.Text.Json;

namespace PgFast.Reports.Input;

/// <summary>Reads a JSON document that the command line wrote; whatever is wrong with it is a <see cref="ReportInputException"/> that names the file.</summary>
internal static class ReportDocument
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="read">Makes sense of the document's root.</param>
    /// <exception cref="ReportInputException">It cannot be read, or is not such a document.</exception>
    public static T Load<T>(string path, Func<JsonFields, T> read)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            return Parse(File.ReadAllBytes(path), path, read);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ReportInputException($"'{path}' cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Reads a document.</summary>
    /// <param name="json">UTF-8 text.</param>
    /// <param name="file">What messages call it.</param>
    /// <param name="read">Makes sense of the document's root.</param>
    /// <exception cref="ReportInputException">It is not such a document.</exception>
    public static T Parse<T>(ReadOnlyMemory<byte> json, string file, Func<JsonFields, T> read)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(WithoutMark(json));
            return read(JsonFields.Of(file, "", document.RootElement));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: text with half a surrogate pair.
            throw new ReportInputException($"'{file}' is damaged: {exception.Message}", exception);
        }
    }

    /// <summary>The text without a byte-order mark, which the parser does not take.</summary>
    private static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> json) =>
        json.Span.StartsWith("\uFEFF"u8) ? json[3..] : json;
}
