using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace PgFast.Tests.Cli;

/// <summary>Runs the command line as a user does: as a process of its own.</summary>
internal static class Pgfast
{
    // Far above what any run here takes: it only keeps a hanging process from hanging the suite.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static CliResult Run(string arguments, string? directory = null, params (string Name, string Value)[] environment)
    {
        using Process process = Start(arguments, directory, environment);
        return Finish(process);
    }

    public static Process Start(string arguments, string? directory = null, params (string Name, string Value)[] environment)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "pgfast.dll");
        ProcessStartInfo start = new("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = directory ?? Path.GetTempPath(),
        };
        start.ArgumentList.Add(program);
        foreach (string argument in arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            start.ArgumentList.Add(argument);
        start.Environment.Remove("PGFAST_LANES");
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        return Process.Start(start) ?? throw new InvalidOperationException("The process did not start.");
    }

    /// <summary>Sends a signal, "INT" or "TERM"; not on Windows.</summary>
    public static void Signal(Process process, string signal)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public static CliResult Finish(Process process)
    {
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill();
            throw new TimeoutException("pgfast did not end.");
        }

        return new CliResult(process.ExitCode, output.Result, error.Result);
    }
}

/// <summary>What a process left.</summary>
internal sealed record CliResult(int ExitCode, string Output, string Error)
{
    /// <summary>Standard output as one JSON document; anything else beside it is an error.</summary>
    public JsonElement Json()
    {
        using JsonDocument document = JsonDocument.Parse(Output);
        return document.RootElement.Clone();
    }
}

/// <summary>A directory that is removed at the end.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public TemporaryDirectory() => Root = Directory.CreateTempSubdirectory("pgfast-test-").FullName;

    public string Root { get; }

    public string At(string name) => Path.Combine(Root, name);

    public void Dispose() => Directory.Delete(Root, recursive: true);
}

/// <summary>Tests that start processes run one after another.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public static class CliTestGroup
{
    public const string Name = "Command line";
}
