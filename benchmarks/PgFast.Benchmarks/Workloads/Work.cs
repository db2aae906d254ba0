using System.Globalization;
using System.Text.RegularExpressions;
using PgFast.Benchmarks.Configs;
using PgFast.Numerics;

namespace PgFast.Benchmarks.Workloads;

/// <summary>What one invocation of a benchmark does; it is the same in every invocation.</summary>
/// <param name="EnvironmentSteps">Steps of live lanes.</param>
/// <param name="Episodes">Whole episodes that these steps make up, or 0.</param>
/// <param name="Batches">Batches of an update that these episodes make up, or 0.</param>
/// <param name="MultiplyAddsPerStep">Useful multiply-adds of the network a step, or 0.</param>
/// <remarks>
/// The measured process says it on its standard output, where the columns find it. The engine is deterministic, so fixed episodes under
/// fixed parameters are a fixed number of steps; <see cref="Verify"/> holds it to that.
/// </remarks>
internal sealed partial record Work(long EnvironmentSteps, long Episodes, long Batches, long MultiplyAddsPerStep)
{
    /// <summary>Lanes of a register in the measured process.</summary>
    public long Lanes { get; private init; } = LaneWidth.Count;

    /// <summary>Tells the reporting process; called once, in the set-up.</summary>
    /// <exception cref="InvalidOperationException">The measured process does not have the vector width that its job is for.</exception>
    public Work Announce()
    {
        WidthJobs.Verify();
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"// Work: {EnvironmentSteps} steps, {Episodes} episodes, {Batches} batches, ")
            + string.Create(CultureInfo.InvariantCulture, $"{MultiplyAddsPerStep} multiply-adds a step, {Lanes} lanes"));
        return this;
    }

    /// <summary>Checks the last invocation, in the clean-up.</summary>
    /// <param name="environmentSteps">What it did; 0 if it was never invoked.</param>
    /// <exception cref="InvalidOperationException">It did something else, so the columns would be wrong.</exception>
    public void Verify(long environmentSteps)
    {
        if (environmentSteps != 0 && environmentSteps != EnvironmentSteps)
            throw new InvalidOperationException($"An invocation made {environmentSteps} steps; {EnvironmentSteps} were announced.");
    }

    /// <summary>Reads a line of the measured process.</summary>
    /// <param name="line">Any line.</param>
    /// <returns>Null if it is something else.</returns>
    public static Work? Parse(string line)
    {
        Match match = Line().Match(line);
        return match.Success
            ? new Work(Number(match, 1), Number(match, 2), Number(match, 3), Number(match, 4)) { Lanes = Number(match, 5) }
            : null;
    }

    [GeneratedRegex("^// Work: ([0-9]+) steps, ([0-9]+) episodes, ([0-9]+) batches, ([0-9]+) multiply-adds a step, ([0-9]+) lanes$")]
    private static partial Regex Line();

    private static long Number(Match match, int group) => long.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);
}
