using PgFast.Cli.Output;

namespace PgFast.Cli.Sweeps;

/// <summary>What a sweep would run.</summary>
internal static class SweepPreview
{
    public static void Print(SweepDefinition definition, bool json)
    {
        if (json)
        {
            PrintJson(definition);
            return;
        }

        Console.WriteLine($"{Terminal.Strong(definition.Name)}  {Terminal.Count(definition.Runs)} runs");
        Console.WriteLine($"  environments    {string.Join(", ", definition.Environments.Select(environment => environment.Name))}");
        Console.WriteLine($"  seeds           {Terminal.Count(definition.Seeds.Count)}");
        Console.WriteLine(
            definition.EnvironmentSteps is { } steps
                ? $"  a run           {Terminal.Count(steps)} env-steps, together {Terminal.Number(definition.Runs * (double)steps, "N0")}"
                : $"  a run           {Terminal.Count(definition.Updates!.Value)} updates");
        Console.WriteLine($"  configurations  {Terminal.Count(definition.Configurations.Count)}");
        for (int index = 0; index < definition.Configurations.Count; index++)
            Console.WriteLine($"    {definition.Configurations[index].Label}{(index == definition.Reference ? "  (reference)" : "")}");
    }

    private static void PrintJson(SweepDefinition definition) => JsonText.Print(json =>
    {
        json.WriteStartObject();
        json.WriteString("name", definition.Name);
        json.WriteNumber("runs", definition.Runs);
        json.WriteNumber("seeds", definition.Seeds.Count);
        json.WriteStartArray("environments");
        foreach (string environment in definition.Environments.Select(entry => entry.Name))
            json.WriteStringValue(environment);
        json.WriteEndArray();
        json.WriteStartArray("configurations");
        foreach (string label in definition.Configurations.Select(configuration => configuration.Label))
            json.WriteStringValue(label);
        json.WriteEndArray();
        json.WriteEndObject();
    });
}
