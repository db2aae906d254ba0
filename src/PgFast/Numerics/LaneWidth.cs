using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace PgFast.Numerics;

/// <summary>Something that is done once the lane width is known: the outermost call of a computation.</summary>
/// <typeparam name="TResult">What it returns.</typeparam>
public interface ILaneVisitor<TResult>
{
    /// <summary>Does it with lanes of type <typeparamref name="TLanes"/>.</summary>
    /// <typeparam name="TLanes">The lane vector chosen.</typeparam>
    TResult Visit<TLanes>() where TLanes : unmanaged, ILanes<TLanes>;
}

/// <summary>Chooses the lane vector, once, at the outermost call. The width changes speed and nothing else.</summary>
public static class LaneWidth
{
    /// <summary>Environment variable that forces 16, 8, 4 or 1 lanes; a width wider than the CPU's is emulated, correctly and slowly.</summary>
    public const string EnvironmentVariable = "PGFAST_LANES";

    private const string Switch = "PgFast.ForcedLaneWidth";

    /// <summary>Lanes a register in use: 16 (512 bits), 8 (256), 4 (128) or 1 (no vectors).</summary>
    /// <exception cref="InvalidOperationException">The environment variable holds something else than 16, 8, 4 or 1, or a width that the program was compiled without.</exception>
    public static int Count => Parse(Environment.GetEnvironmentVariable(EnvironmentVariable));

    /// <summary>
    /// Whether the environment variable can choose. A program that is compiled ahead of time may set the switch <c>PgFast.ForcedLaneWidth</c> to false: it then has the code
    /// of one width, not of four.
    /// </summary>
    [FeatureSwitchDefinition(Switch)]
    private static bool CanBeForced => !AppContext.TryGetSwitch(Switch, out bool isOn) || isOn;

    /// <summary>Widest width that the CPU (and the runtime's switches) accelerate.</summary>
    public static int Accelerated =>
        Vector512.IsHardwareAccelerated ? 16 : Vector256.IsHardwareAccelerated ? 8 : Vector128.IsHardwareAccelerated ? 4 : 1;

    /// <summary>Whether there are 32 vector registers (AVX-512, which gives its narrower forms as many, and ARM64) and not 16: a constant in compiled code.</summary>
    internal static bool HasManyRegisters => Vector512.IsHardwareAccelerated || AdvSimd.Arm64.IsSupported;

    /// <summary>Calls the visitor with the lane vector in use.</summary>
    /// <typeparam name="TVisitor">A struct, so that the call is direct.</typeparam>
    /// <typeparam name="TResult">What the visitor returns.</typeparam>
    /// <exception cref="InvalidOperationException">As for <see cref="Count"/>.</exception>
    public static TResult Dispatch<TVisitor, TResult>(TVisitor visitor) where TVisitor : struct, ILaneVisitor<TResult>
    {
        int count = Count;
        if (CanBeForced)
        {
            return count switch
            {
                16 => visitor.Visit<Lanes16>(),
                8 => visitor.Visit<Lanes8>(),
                4 => visitor.Visit<Lanes4>(),
                _ => visitor.Visit<Lanes1>(),
            };
        }

        // Constants of the compiler: the other branches are no part of the program.
        if (Vector512.IsHardwareAccelerated)
            return visitor.Visit<Lanes16>();
        if (Vector256.IsHardwareAccelerated)
            return visitor.Visit<Lanes8>();
        return Vector128.IsHardwareAccelerated ? visitor.Visit<Lanes4>() : visitor.Visit<Lanes1>();
    }

    private static int Parse(string? text) => text switch
    {
        null or "" => Accelerated,
        "16" or "8" or "4" or "1" when !CanBeForced => text == Accelerated.ToString(CultureInfo.InvariantCulture)
            ? Accelerated
            : throw new InvalidOperationException($"{EnvironmentVariable} is '{text}'; this program was compiled for {Accelerated} lanes alone."),
        "16" => 16,
        "8" => 8,
        "4" => 4,
        "1" => 1,
        _ => throw new InvalidOperationException($"{EnvironmentVariable} is '{text}'; allowed are 16, 8, 4 and 1."),
    };
}
