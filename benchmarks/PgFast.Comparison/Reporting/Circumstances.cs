using System.Diagnostics;
using PgFast.Measurement;

namespace PgFast.Comparison.Reporting;

/// <summary>Where figures are from.</summary>
/// <param name="Machine">The machine and process.</param>
/// <param name="Cpu">What the CPU is called.</param>
/// <param name="Commit">Of the sources that were measured.</param>
/// <param name="PyTorch">Versions; null where it did not take part.</param>
/// <param name="Options">The options as they were given, each after a space.</param>
internal sealed record Circumstances(MachineDescription Machine, string Cpu, string Commit, string? PyTorch, string Options)
{
    /// <summary>Of this process.</summary>
    public static Circumstances Current(ComparisonOptions options, string? pyTorch, string repository)
    {
        MachineDescription machine = MachineDescription.Current();
        // The version that was measured names its commit; it is a result of that commit only if the sources are unchanged.
        string commit = machine.Version.Split('+') is [_, { Length: > 12 } hash] ? hash[..12] : "unknown";
        if (HasChanges(repository))
            commit += " with local changes";
        return new Circumstances(machine, options.Cpu ?? machine.Cpu, commit, pyTorch, options.Given);
    }

    /// <summary>The CPU as the name of a folder.</summary>
    public string FolderName => string.Join(
        '-',
        string.Concat(Cpu.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : ' ')).Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static bool HasChanges(string repository)
    {
        string[] arguments =
            ["-C", repository, "status", "--porcelain", "--", "src", "benchmarks/PgFast.Comparison", "Directory.Packages.props", "Directory.Build.props"];
        try
        {
            using Process git = Process.Start(new ProcessStartInfo("git", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            string output = git.StandardOutput.ReadToEnd();
            git.WaitForExit();
            return output.Length > 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
