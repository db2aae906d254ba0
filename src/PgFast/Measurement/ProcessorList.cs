using System.Globalization;

namespace PgFast.Measurement;

/// <summary>The processor's name from Linux's <c>/proc/cpuinfo</c>, where x86 kernels give a name and ARM64 kernels two numbers.</summary>
internal static class ProcessorList
{
    private const string ModelName = "model name";
    private const string Implementer = "CPU implementer";
    private const string Part = "CPU part";

    /// <summary>The name of the processors that the lines describe; of cores of several kinds, all kinds in order of appearance.</summary>
    /// <param name="lines">The file's lines, <c>key : value</c>.</param>
    /// <returns>Null if no line says anything about it.</returns>
    public static string? Name(IEnumerable<string> lines)
    {
        List<string> names = [];
        int implementer = -1;
        foreach (string line in lines)
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0)
                continue;
            string key = line[..colon].Trim(), value = line[(colon + 1)..].Trim();
            string? name = null;
            if (key == ModelName && value.Length > 0)
                name = value;
            else if (key == Implementer)
                implementer = Number(value);
            else if (key == Part && implementer >= 0 && Number(value) is >= 0 and int part)
                name = ArmCore(implementer, part);
            if (name is not null && !names.Contains(name))
                names.Add(name);
        }

        return names.Count == 0 ? null : string.Join(" + ", names);
    }

    /// <summary>Numbers are the main ID register's (Arm Architecture Reference Manual, MIDR_EL1); names are the makers'.</summary>
    private static string ArmCore(int implementer, int part) => (implementer, part) switch
    {
        (0x41, 0xd03) => "Arm Cortex-A53",
        (0x41, 0xd05) => "Arm Cortex-A55",
        (0x41, 0xd08) => "Arm Cortex-A72",
        (0x41, 0xd0b) => "Arm Cortex-A76",
        (0x41, 0xd0c) => "Arm Neoverse N1",
        (0x41, 0xd40) => "Arm Neoverse V1",
        (0x41, 0xd41) => "Arm Cortex-A78",
        (0x41, 0xd44) => "Arm Cortex-X1",
        (0x41, 0xd49) => "Arm Neoverse N2",
        (0x41, 0xd4f) => "Arm Neoverse V2",
        (0xc0, 0xac3) => "Ampere-1",
        _ => string.Create(CultureInfo.InvariantCulture, $"ARM64 core 0x{part:x3} of implementer 0x{implementer:x2}"),
    };

    private static int Number(string text) =>
        text.StartsWith("0x", StringComparison.Ordinal)
        && int.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int number) ? number : -1;
}
