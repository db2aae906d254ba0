using System.Diagnostics;

namespace PgFast.Tests.Support;

/// <summary>The machine's C compiler, where it has one.</summary>
internal static class CCompiler
{
    // A program of a few hundred lines compiles in a second; one that takes this long hangs.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly string[] Warnings = ["-Wall", "-Wextra", "-pedantic", "-Werror"];

    /// <summary>Path of the program, or null.</summary>
    public static string? Program { get; } = Find("cc", "gcc", "clang");

    /// <summary>Path of the C++ compiler, or null.</summary>
    public static string? CppProgram { get; } = Find("c++", "g++", "clang++");

    /// <summary>Compiles a C99 source to a program; any warning is an error.</summary>
    public static void Compile(string source, string program) => Run(Program!, ["-std=c99", .. Warnings, "-O1", source, "-o", program, "-lm"]);

    /// <summary>Checks that a source is C++ just as well; any warning is an error.</summary>
    public static void CheckCpp(string source) => Run(CppProgram!, ["-x", "c++", "-std=c++11", .. Warnings, "-fsyntax-only", source]);

    /// <summary>Runs a program on some bytes and returns what it writes.</summary>
    public static byte[] Run(string program, string[] arguments, byte[]? input = null)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        using MemoryStream output = new();
        Task reading = process.StandardOutput.BaseStream.CopyToAsync(output);
        process.StandardInput.BaseStream.Write(input ?? []);
        process.StandardInput.Close();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} did not end.");
        }

        reading.Wait();
        Assert.True(process.ExitCode == 0, $"{Path.GetFileName(program)} {string.Join(' ', arguments)}: {errors.Result}");
        return output.ToArray();
    }

    private static string? Find(params string[] names) => OperatingSystem.IsWindows() ? null : names
        .SelectMany(name => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Prepend("/usr/bin")
            .Where(directory => directory.Length > 0).Select(directory => Path.Combine(directory, name)))
        .FirstOrDefault(File.Exists);
}

/// <summary>A theory that is reported as skipped where there is no C compiler.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TheoryWithCompilerAttribute : TheoryAttribute
{
    public TheoryWithCompilerAttribute()
    {
        if (CCompiler.Program is null)
            Skip = "There is no C compiler on this machine.";
    }
}

/// <summary>A theory that is reported as skipped where there is no C++ compiler.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TheoryWithCppCompilerAttribute : TheoryAttribute
{
    public TheoryWithCppCompilerAttribute()
    {
        if (CCompiler.CppProgram is null)
            Skip = "There is no C++ compiler on this machine.";
    }
}
