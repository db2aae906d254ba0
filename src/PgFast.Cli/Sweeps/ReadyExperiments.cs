using System.Reflection;
using PgFast.Cli.Output;

namespace PgFast.Cli.Sweeps;

/// <summary>The sweep files that come with the program: the classic pitfalls, one page each in docs/pitfalls.</summary>
internal static class ReadyExperiments
{
    private const string Prefix = "sweep/";
    private const string Ending = ".toml";

    private static readonly Assembly Assembly = typeof(ReadyExperiments).Assembly;

    public static IReadOnlyList<string> Names { get; } =
    [
        .. Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..^Ending.Length])
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The text of the experiment of that name, or null.</summary>
    public static string? Find(string name)
    {
        string? known = Names.FirstOrDefault(candidate => string.Equals(candidate, name, StringComparison.OrdinalIgnoreCase));
        if (known is null)
            return null;
        using StreamReader reader = new(Assembly.GetManifestResourceStream($"{Prefix}{known}{Ending}")!);
        return reader.ReadToEnd();
    }

    public static void Print(bool json)
    {
        SweepDefinition[] all = [.. Names.Select(name => SweepReader.Read(name + Ending, Find(name)!))];
        if (!json)
        {
            foreach ((string name, SweepDefinition definition) in Names.Zip(all))
                Console.WriteLine($"{Terminal.Strong(name)}  {Terminal.Count(definition.Runs)} runs\n  {definition.Description}");
            return;
        }

        JsonText.Print(writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("experiments");
            foreach ((string name, SweepDefinition definition) in Names.Zip(all))
            {
                writer.WriteStartObject();
                writer.WriteString("name", name);
                writer.WriteString("description", definition.Description);
                writer.WriteNumber("runs", definition.Runs);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        });
    }
}
