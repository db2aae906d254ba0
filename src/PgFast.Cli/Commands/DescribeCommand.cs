using System.CommandLine;
using PgFast.Cli.Options;
using PgFast.Cli.Output;
using PgFast.Measurement;
using PgFast.Numerics;

namespace PgFast.Cli.Commands;

/// <summary><c>pgfast describe</c>: what throughput depends on besides the code.</summary>
internal sealed class DescribeCommand
{
    private readonly Flag _json = CommonOptions.Json();

    public static Command Create()
    {
        DescribeCommand describe = new();
        Command command = new("describe", "Shows CPU, vector width in use, runtime and versions.") { describe._json };
        command.SetAction(describe.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        CommandLine.CheckLaneWidth();
        MachineDescription machine = MachineDescription.Current();
        if (parsed.GetValue(_json))
            PrintJson(machine);
        else
            Print(machine);
        return ExitCode.Done;
    }

    private static void Print(MachineDescription machine)
    {
        bool forced = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(LaneWidth.EnvironmentVariable));
        (string Name, string Value)[] rows =
        [
            ("cpu", $"{machine.Cpu} ({machine.Architecture})"),
            ("cores", Terminal.Count(machine.Cores)),
            ("vectors", machine.AcceleratedBits == 0 ? "none accelerated" : $"accelerated up to {machine.AcceleratedBits} bits"),
            ("lanes in use", $"{machine.LaneWidth}{(forced ? $", forced by {LaneWidth.EnvironmentVariable}" : "")}"),
            ("multiply-add", machine.IsFusedMultiplyAddInHardware ? "fused in hardware" : "emulated: same results, very slow"),
            ("runtime", machine.Runtime),
            ("system", machine.OperatingSystem),
            ("pgfast", machine.Version),
        ];
        foreach ((string name, string value) in rows)
            Console.WriteLine($"{Terminal.Faint(name.PadRight(14))}{value}");
    }

    private static void PrintJson(MachineDescription machine) => JsonText.Print(json =>
    {
        json.WriteStartObject();
        json.WriteString("cpu", machine.Cpu);
        json.WriteString("architecture", machine.Architecture);
        json.WriteNumber("cores", machine.Cores);
        json.WriteStartArray("acceleratedBits");
        for (int bits = 128; bits <= machine.AcceleratedBits; bits *= 2)
            json.WriteNumberValue(bits);
        json.WriteEndArray();
        json.WriteNumber("laneWidth", machine.LaneWidth);
        json.WriteBoolean("fusedMultiplyAddInHardware", machine.IsFusedMultiplyAddInHardware);
        json.WriteString("runtime", machine.Runtime);
        json.WriteString("operatingSystem", machine.OperatingSystem);
        json.WriteString("version", machine.Version);
        json.WriteEndObject();
    });
}
