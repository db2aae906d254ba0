using System.Diagnostics;

namespace PgFast.PublicApi.Tests.Samples;

/// <summary>An empty directory in which a user's programs and commands run, deleted at the end.</summary>
internal sealed class Workspace : IDisposable
{
    private const int LongestMilliseconds = 120_000;

    /// <summary>Makes it.</summary>
    public Workspace() => Directory = System.IO.Directory.CreateTempSubdirectory("pgfast-sample-").FullName;

    /// <summary>Where programs start, and where their files are.</summary>
    public string Directory { get; }

    /// <summary>Runs <c>pgfast</c>.</summary>
    public (int ExitCode, string Output) Pgfast(params IEnumerable<string> arguments) => Dotnet([Path.Combine(AppContext.BaseDirectory, "pgfast.dll"), .. arguments]);

    /// <summary>Runs an assembly that lies beside the tests and needs what they need.</summary>
    public (int ExitCode, string Output) Run(string assembly)
    {
        string tests = Path.Combine(AppContext.BaseDirectory, "PgFast.PublicApi.Tests");
        return Dotnet(["exec", "--depsfile", $"{tests}.deps.json", "--runtimeconfig", $"{tests}.runtimeconfig.json", assembly]);
    }

    /// <summary>Runs a program until it ends.</summary>
    /// <param name="program">Its name.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>Exit code, and standard output and error together, with line ends of one character.</returns>
    public (int ExitCode, string Output) Start(string program, params IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(program, arguments) { WorkingDirectory = Directory, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromMilliseconds(LongestMilliseconds)).GetAwaiter().GetResult();
        if (!process.WaitForExit(LongestMilliseconds))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end.");
        }

        return (process.ExitCode, (output + error.GetAwaiter().GetResult()).ReplaceLineEndings("\n"));
    }

    /// <inheritdoc/>
    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);

    private (int ExitCode, string Output) Dotnet(IEnumerable<string> arguments) => Start("dotnet", arguments);
}
