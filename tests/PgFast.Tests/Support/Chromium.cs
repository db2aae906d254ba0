using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PgFast.Tests.Support;

/// <summary>A headless Chromium, where the machine has one.</summary>
/// <remarks>
/// Pages come from a listener of this process and tell their results to it, in real time: the browser's own ways of printing a document
/// run on a clock that may end before it has drawn a single frame of an animation.
/// </remarks>
internal static class Chromium
{
    // A page takes some seconds on a busy machine; a browser that takes this long hangs.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];

    /// <summary>Path of the program, or null.</summary>
    public static string? Program { get; } = Names
        .SelectMany(name => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Prepend("/usr/bin")
            .Where(directory => directory.Length > 0).Select(directory => Path.Combine(directory, name)))
        .FirstOrDefault(File.Exists);

    /// <summary>Opens a page in a frame, as windows have a smallest width, and waits for the text that it posts to its parent.</summary>
    /// <param name="page">The page.</param>
    /// <param name="width">Width of the frame, pixels.</param>
    /// <param name="profile">An empty directory for the browser's own files.</param>
    /// <param name="switches">Further arguments.</param>
    /// <returns>The text, and what the browser wrote to its log.</returns>
    public static async Task<(string Message, string Log)> Open(string page, int width, string profile, params string[] switches)
    {
        string address = $"http://127.0.0.1:{FreePort()}/";
        using HttpListener listener = new();
        listener.Prefixes.Add(address);
        listener.Start();
        using Process process = Start(address, profile, switches);
        Task<string> output = process.StandardOutput.ReadToEndAsync(), log = process.StandardError.ReadToEndAsync();
        string message;
        try
        {
            message = await Serve(listener, page, width).WaitAsync(Patience);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }

        await output;
        return (message, await log);
    }

    private static Process Start(string address, string profile, string[] switches)
    {
        ProcessStartInfo start = new(Program!) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        string[] arguments =
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--hide-scrollbars", $"--user-data-dir={profile}", "--window-size=1300,1000",
            "--enable-logging=stderr", .. switches, address,
        ];
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    /// <summary>Answers requests until one brings the message.</summary>
    private static async Task<string> Serve(HttpListener listener, string page, int width)
    {
        string frame =
            $$"""
            <!DOCTYPE html><html><head><link rel="icon" href="data:,"></head><body>
            <script>addEventListener("message", e => fetch("message", { method: "POST", body: e.data }));</script>
            <iframe src="page" style="width: {{width}}px; height: 844px; border: 0"></iframe></body></html>
            """;
        while (true)
        {
            HttpListenerContext context = await listener.GetContextAsync();
            string path = context.Request.Url!.AbsolutePath;
            if (path == "/message")
            {
                using StreamReader reader = new(context.Request.InputStream, Encoding.UTF8);
                string message = await reader.ReadToEndAsync();
                context.Response.Close();
                return message;
            }

            context.Response.ContentType = "text/html; charset=utf-8";
            context.Response.StatusCode = path is "/" or "/page" ? 200 : 404;
            context.Response.Close(Encoding.UTF8.GetBytes(path == "/page" ? page : frame), willBlock: false);
        }
    }

    private static int FreePort()
    {
        using TcpListener probe = new(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
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
