using System.Diagnostics.CodeAnalysis;

namespace PgFast.Cli.Checks;

/// <summary>Whether this build of the program can load assemblies that users built.</summary>
internal static class AssemblyLoading
{
    /// <summary>Why code that loads assemblies is not part of a native build.</summary>
    public const string Reason = "An assembly that is loaded needs all of the library, and a compiler at run time.";

    private const string Switch = "PgFast.Cli.AssemblyLoading";

    /// <summary>True under the .NET runtime; false in a native build, whose compiler then leaves out what is asked for behind it.</summary>
    [FeatureSwitchDefinition(Switch)]
    [FeatureGuard(typeof(RequiresUnreferencedCodeAttribute))]
    [FeatureGuard(typeof(RequiresDynamicCodeAttribute))]
    [SuppressMessage("AOT", "IL4000", Justification = "The analyzer cannot see that the switch is off wherever the guard must be: the project file sets it for native builds.")]
    public static bool IsSupported => !AppContext.TryGetSwitch(Switch, out bool isOn) || isOn;

    /// <exception cref="UsageException">The command line is of the command that is nothing without it.</exception>
    public static void Require(IReadOnlyList<string> arguments)
    {
        if (!IsSupported && arguments.Count > 0 && arguments[0] == "check")
            throw new UsageException("check loads assemblies, which this native build cannot do; the .NET tool can: 'dotnet tool install PgFast.Tool'");
    }
}
