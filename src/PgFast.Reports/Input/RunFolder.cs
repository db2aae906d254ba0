using System.Text.Json;
using PgFast.Files;

namespace PgFast.Reports.Input;

/// <summary>Reads the directory that <c>pgfast train --out</c> writes; each of its files may be missing.</summary>
internal static class RunFolder
{
    private const string ConfigurationName = "config.json";
    private const string PolicyName = "policy.safetensors";

    /// <returns>The run, or null where the directory has no file of a run.</returns>
    /// <exception cref="ReportInputException">A file cannot be read or is damaged.</exception>
    public static Run? Load(string path)
    {
        string configuration = Path.Combine(path, ConfigurationName);
        string metrics = Path.Combine(path, MetricsFile.Name);
        string policyPath = Path.Combine(path, PolicyName);
        bool hasConfiguration = File.Exists(configuration), hasMetrics = File.Exists(metrics), hasPolicy = File.Exists(policyPath);
        if (!hasConfiguration && !hasMetrics && !hasPolicy)
            return null;
        Run run = new() { Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path))) };
        if (hasConfiguration)
            run = Configured(run, configuration);
        if (hasMetrics)
            run = run with { Updates = MetricsFile.Load(metrics) };
        if (hasPolicy)
        {
            PolicyFile policy = LoadPolicy(policyPath);
            run = run with { Policy = policy, Environment = run.Environment ?? policy.Environment };
        }

        return run;
    }

    private static Run Configured(Run run, string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            JsonFields fields = JsonFields.Of(path, "", document.RootElement);
            return run with
            {
                Environment = fields.Text("environment"),
                Target = fields.Number("target"),
                Options = [.. document.RootElement.EnumerateObject().Select(option => KeyValuePair.Create(option.Name, TextOf(option.Value)))],
            };
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new ReportInputException($"'{path}' is damaged: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ReportInputException($"'{path}' cannot be read: {exception.Message}", exception);
        }
    }

    private static PolicyFile LoadPolicy(string path)
    {
        try
        {
            return PolicyFile.Load(path);
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new ReportInputException($"'{path}' is no policy that can be read: {exception.Message}", exception);
        }
    }

    private static string TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => "none",
        JsonValueKind.True => "on",
        JsonValueKind.False => "off",
        JsonValueKind.String => value.GetString() ?? "",
        JsonValueKind.Array => value.GetArrayLength() == 0 ? "none" : string.Join(", ", value.EnumerateArray().Select(TextOf)),
        _ => value.GetRawText(),
    };
}
