using System.Text.Json;

namespace PgFast.Cli.Runs;

/// <summary>Members of a JSON object of which somebody may have made something else: what is wrong is said with their name.</summary>
internal static class JsonMembers
{
    /// <summary>A member that must be there.</summary>
    /// <exception cref="FormatException">It is not, or there is no object.</exception>
    public static JsonElement Member(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out JsonElement member) ? member : throw new FormatException($"'{name}' is missing");

    /// <summary>The value of a member that must be there.</summary>
    /// <param name="json">The object.</param>
    /// <param name="name">The member's.</param>
    /// <param name="read">Such as <c>value => value.GetSingle()</c>.</param>
    /// <exception cref="FormatException">It is not there, or is of another type or size.</exception>
    public static T Member<T>(this JsonElement json, string name, Func<JsonElement, T> read)
    {
        JsonElement member = json.Member(name);
        try
        {
            return read(member);
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException)
        {
            throw new FormatException($"'{name}' cannot be {member.GetRawText()}", exception);
        }
    }
}
