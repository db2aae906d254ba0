using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace PgFast.Measurement;

/// <summary>What a throughput figure depends on besides the code: processor, vector widths, runtime, versions.</summary>
public sealed record MachineDescription
{
    /// <summary>The processor's name as the system gives it.</summary>
    public required string Cpu { get; init; }

    /// <summary>Processors that this process may use.</summary>
    public required int Cores { get; init; }

    /// <summary>The processor's architecture, such as <c>x64</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>Bits of the widest register that the CPU and the runtime's switches accelerate: 512, 256, 128 or 0.</summary>
    public required int AcceleratedBits { get; init; }

    /// <summary>Lanes in use: 16, 8, 4 or 1.</summary>
    public required int LaneWidth { get; init; }

    /// <summary>Whether multiply-adds are one instruction; otherwise they are emulated: same result, some 200 times slower.</summary>
    public required bool IsFusedMultiplyAddInHardware { get; init; }

    /// <summary>The .NET runtime.</summary>
    public required string Runtime { get; init; }

    /// <summary>The operating system.</summary>
    public required string OperatingSystem { get; init; }

    /// <summary>PgFast's version.</summary>
    public required string Version { get; init; }

    /// <summary>Describes this machine and process.</summary>
    /// <exception cref="InvalidOperationException">The environment variable that forces a lane width holds no width.</exception>
    public static MachineDescription Current() => new()
    {
        Cpu = CpuName(),
        Cores = Environment.ProcessorCount,
        Architecture = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(),
        AcceleratedBits =
            Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0,
        LaneWidth = Numerics.LaneWidth.Count,
        IsFusedMultiplyAddInHardware = Fma.IsSupported || AdvSimd.IsSupported,
        Runtime = RuntimeInformation.FrameworkDescription,
        OperatingSystem = RuntimeInformation.OSDescription,
        Version = PgFastVersion(),
    };

    /// <summary>PgFast's version.</summary>
    public static string PgFastVersion()
    {
        Assembly assembly = typeof(MachineDescription).Assembly;
        string? version = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        return version ?? assembly.GetName().Version?.ToString() ?? "unknown";
    }

    private static string CpuName()
    {
        const string Unknown = "unknown";
        try
        {
            if (System.OperatingSystem.IsLinux() && ProcessorList.Name(File.ReadLines("/proc/cpuinfo")) is string name)
                return name;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Unknown;
        }

        return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? Brand() ?? Unknown;
    }

    /// <summary>The name that x86 processors give themselves.</summary>
    private static string? Brand()
    {
        const int FirstLeaf = unchecked((int)0x80000002);
        if (!X86Base.IsSupported || (uint)X86Base.CpuId(unchecked((int)0x80000000), 0).Eax < unchecked((uint)FirstLeaf + 2))
            return null;
        Span<int> words = stackalloc int[12];
        for (int leaf = 0; leaf < 3; leaf++)
            (words[4 * leaf], words[4 * leaf + 1], words[4 * leaf + 2], words[4 * leaf + 3]) = X86Base.CpuId(FirstLeaf + leaf, 0);
        return System.Text.Encoding.ASCII.GetString(MemoryMarshal.AsBytes(words)).Trim('\0', ' ');
    }
}
