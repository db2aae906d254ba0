using System.Diagnostics.CodeAnalysis;

namespace PgFast.Cli.Output;

/// <summary>Whether this build of the program has what draws figures and pages: a third of the native file, which training does without.</summary>
internal static class Drawing
{
    private const string Switch = "PgFast.Cli.Drawing";

    /// <summary>Commands that are nothing without it.</summary>
    private static readonly string[] Commands = ["sweep", "report", "figure"];

    /// <summary>True under the .NET runtime; in a native build as it was asked for, whose compiler then leaves out what is asked for behind it.</summary>
    [FeatureSwitchDefinition(Switch)]
    public static bool IsSupported => !AppContext.TryGetSwitch(Switch, out bool isOn) || isOn;

    /// <exception cref="UsageException">The command line is of a command that this build has not got.</exception>
    public static void Require(IReadOnlyList<string> arguments)
    {
        if (!IsSupported && arguments.Count > 0 && Commands.Contains(arguments[0]))
            throw new UsageException($"{arguments[0]} is not in this small native build; one of 'scripts/publish-aot.sh --full' has it, and so has the .NET tool: 'dotnet tool install PgFast.Tool'");
    }
}
