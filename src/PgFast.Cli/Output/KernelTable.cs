using PgFast.Cli.Options;
using PgFast.Measurement;
using PgFast.Numerics;

namespace PgFast.Cli.Output;

/// <summary>What <c>pgfast bench --kernels</c> prints.</summary>
internal static class KernelTable
{
    private static readonly string[] Headings = ["network", "activation", "kernel", "cycles/step", "multiply-adds alone"];

    public static void Print(IReadOnlyList<KernelCost> kernels, bool isJson)
    {
        if (isJson)
        {
            PrintJson(kernels);
            return;
        }

        BenchTable.Print(Headings, [.. kernels.Select(cost => (Cells(cost), false))]);
        Console.WriteLine(
            $"cycles an environment step at {LaneWidth.Count} lanes; a cycle is the time of two multiply-adds of a register, measured in turns with each kernel");
    }

    private static void PrintJson(IReadOnlyList<KernelCost> kernels) => JsonText.Print(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("laneWidth", LaneWidth.Count);
        json.WriteStartArray("kernels");
        foreach (KernelCost cost in kernels)
        {
            json.WriteStartObject();
            json.WriteString("network", cost.Network);
            json.WriteString("activation", Values.NameOf(Names.Activations, cost.Activation));
            json.WriteString("kernel", NameOf(cost.Kernel));
            json.WriteNumber("cyclesPerStep", cost.CyclesPerStep);
            json.WriteNumber("multiplyAddCyclesPerStep", cost.MultiplyAddCyclesPerStep);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static string[] Cells(KernelCost cost) =>
    [
        cost.Network,
        Values.NameOf(Names.Activations, cost.Activation),
        NameOf(cost.Kernel),
        Terminal.Number(cost.CyclesPerStep, "0.00"),
        cost.MultiplyAddCyclesPerStep == 0 ? "" : Terminal.Number(cost.MultiplyAddCyclesPerStep, "0.00"),
    ];

    private static string NameOf(Kernel kernel) => kernel switch
    {
        Kernel.Forward => "forward",
        Kernel.Sampling => "sampling",
        Kernel.Physics => "physics",
        Kernel.RandomWords => "random-words",
        Kernel.Rollout => "rollout",
        Kernel.Returns => "returns",
        Kernel.Score => "score",
        Kernel.Gradient => "gradient",
        Kernel.Recording => "recording",
        Kernel.Update => "update",
        _ => throw new ArgumentOutOfRangeException(nameof(kernel), kernel, null),
    };
}
