using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using BenchmarkDotNet.Jobs;
using PgFast.Numerics;

namespace PgFast.Benchmarks.Configs;

/// <summary>A job for each vector width that this machine has.</summary>
/// <remarks>
/// Instruction sets are switched off, not lanes narrowed alone: all of the program is as such a processor runs it. A job tells the measured process
/// what it must find; if a switch had no effect, as those of older runtimes have none now, its cases fail instead of measuring another width.
/// </remarks>
internal static class WidthJobs
{
    /// <summary>Name of the job whose multiply-adds are emulated: very slow.</summary>
    public const string Emulated = "128 bits, no FMA";

    private const string ExpectedWidth = "PGFAST_BENCHMARK_WIDTH";

    private static readonly EnvironmentVariable WithoutAvx512 = new("DOTNET_EnableAVX512", "0");

    /// <summary>The widths of this machine, widest first.</summary>
    /// <param name="job">What the jobs have in common.</param>
    public static Job[] From(Job job)
    {
        List<Job> jobs = [];
        if (Vector512.IsHardwareAccelerated)
            jobs.Add(Width(job, "512 bits"));
        if (Vector256.IsHardwareAccelerated)
            jobs.Add(Width(job, "256 bits", WithoutAvx512));
        // Multiply-adds stay in hardware where the runtime is asked for narrow vectors; without AVX2 it does without FMA too, and emulates them.
        jobs.Add(Width(job, "128 bits", WithoutAvx512, new("DOTNET_PreferredVectorBitWidth", "128")));
        if (Vector256.IsHardwareAccelerated)
            jobs.Add(Width(job, Emulated, new EnvironmentVariable("DOTNET_EnableAVX2", "0")));
        return [.. jobs];
    }

    /// <summary>Checks, in the measured process, that it is what its job says.</summary>
    /// <exception cref="InvalidOperationException">It has another width, or multiply-adds of another kind.</exception>
    public static void Verify()
    {
        string? expected = Environment.GetEnvironmentVariable(ExpectedWidth);
        if (expected is not null && expected != Actual())
            throw new InvalidOperationException($"A job of {expected} is measured by a process of {Actual()}: the runtime's switches have other names or no effect.");
    }

    private static string Actual()
    {
        bool isFused = Fma.IsSupported || AdvSimd.IsSupported;
        return $"{32 * LaneWidth.Count} bits{(isFused ? "" : ", no FMA")}";
    }

    private static Job Width(Job job, string name, params EnvironmentVariable[] switches) =>
        job.WithEnvironmentVariables([.. switches, new EnvironmentVariable(ExpectedWidth, name)]).WithId(name);
}
