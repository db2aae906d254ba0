using PgFast.Environments;
using PgFast.Networks;
using PgFast.Numerics;
using PgFast.Tests.Support;
using PgFast.Variance;

namespace PgFast.Tests.Variance;

/// <summary>The width is the process's: these tests run when no others do.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public static class ForcedWidthTestGroup
{
    public const string Name = "Forced width";
}

/// <summary>The split depends on its arguments alone.</summary>
[Collection(ForcedWidthTestGroup.Name)]
public class NestedDeterminismTests
{
    private static readonly PolicyCase Relu = PolicyCase.Random(new NetworkShape(4, [9], 2, Activation.Relu), 1, seed: 31, weightScale: 0.5f);
    private static readonly PolicyCase Tanh = PolicyCase.Random(new NetworkShape(4, [7, 5], 2, Activation.Tanh), 1, seed: 32, weightScale: 0.5f);
    private static readonly PolicyCase Drifting = PolicyCase.Random(new NetworkShape(3, [6], 3, Activation.Tanh), 1, seed: 33);

    [Theory]
    [InlineData(1, 16)]
    [InlineData(3, 16)]
    [InlineData(1, 8)]
    [InlineData(2, 8)]
    [InlineData(3, 4)]
    [InlineData(1, 1)]
    public void Run_AnyThreadsAndWidth_SameBits(int threads, int width)
    {
        // Of the 24 numbers of a pair of baselines, 6 are shared: Σ_s and Σ_τ with their intervals. All others differ.
        long[] expected = Measure(2, null);
        Assert.Equal(3 * (24 - 6), expected.Distinct().Count());
        Assert.Equal(expected, Measure(threads, width));
    }

    private static long[] Measure(int threads, int? width)
    {
        string? before = Environment.GetEnvironmentVariable(LaneWidth.EnvironmentVariable);
        try
        {
            if (width is int lanes)
                Environment.SetEnvironmentVariable(LaneWidth.EnvironmentVariable, $"{lanes}");
            VarianceDecomposition[] splits =
            [
                .. NestedHarness.Run<CartPole>(Relu, 100, 0.99, threads: threads),
                .. NestedHarness.Run<CartPole>(Tanh, 77, 1, threads: threads),
                .. NestedHarness.Run<Drift>(Drifting, 64, 0.9, threads: threads),
            ];
            return
            [
                .. splits.SelectMany(split => NestedHarness.Values(split)
                    .Concat(NestedHarness.Intervals(split).SelectMany(interval => new[] { interval.Low, interval.High })))
                    .Select(BitConverter.DoubleToInt64Bits),
            ];
        }
        finally
        {
            Environment.SetEnvironmentVariable(LaneWidth.EnvironmentVariable, before);
        }
    }
}
