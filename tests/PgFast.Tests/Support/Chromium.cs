using System.Diagnostics;

namespace PgFast.Tests.Support;

/// <summary>A headless Chromium, where the machine has one.</summary>
internal static class Chromium
{
    // A page takes a second or two; a browser that takes this long hangs.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];

    /// <summary>Path of the program, or null.</summary>
    public static string? Program { get; } = Names
        .SelectMany(name => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Prepend("/usr/bin")
            .Where(directory => directory.Length > 0).Select(directory => Path.Combine(directory, name)))
        .FirstOrDefault(File.Exists);

    /// <summary>Opens a page and returns its document once its scripts have run for a while.</summary>
    /// <param name="page">Path of the page.</param>
    /// <param name="profile">An empty directory for the browser's own files.</param>
    /// <param name="switches">Further arguments.</param>
    /// <returns>The document, and what the browser wrote to its log.</returns>
    public static async Task<(string Document, string Log)> Open(string page, string profile, params string[] switches)
    {
        ProcessStartInfo start = new(Program!) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        string[] arguments =
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--hide-scrollbars", $"--user-data-dir={profile}", "--window-size=1300,1000",
            "--enable-logging=stderr", "--virtual-time-budget=3000", "--dump-dom", .. switches, new Uri(Path.GetFullPath(page)).AbsoluteUri,
        ];
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        Assert.Equal(0, process.ExitCode);
        return (await output, await errors);
    }
}

/// <summary>A theory that is reported as skipped where there is no Chromium.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TheoryWithChromiumAttribute : TheoryAttribute
{
    public TheoryWithChromiumAttribute()
    {
        if (Chromium.Program is null)
            Skip = "There is no Chromium on this machine to open a page in.";
    }
}
