using System.CommandLine;
using System.CommandLine.Invocation;
using PgFast.Measurement;

namespace PgFast.Cli.Output;

/// <summary>Prints the version alone.</summary>
internal sealed class VersionAction : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        Console.Out.WriteLine(MachineDescription.PgFastVersion());
        return ExitCode.Done;
    }
}
