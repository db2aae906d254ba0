using PgFast.Environments;
using PgFast.Randomness;
using PgFast.Tests.Support;

namespace PgFast.Tests.Environments;

/// <summary>Starts are uniform over the intervals of the rules, and their components independent.</summary>
/// <remarks>
/// The statistic is Kolmogorov and Smirnov's, the largest distance between the distribution of n numbers and the uniform one. By the
/// inequality of Dvoretzky, Kiefer and Wolfowitz with Massart's constant (1990) it exceeds ε with probability at most 2·exp(−2nε²),
/// whatever n; ε is chosen for 10⁻⁷. With some 80 comparisons a correct generator fails with fewer than 1 in 10⁵ seeds, and the seed is fixed.
/// </remarks>
public class ResetDistributionTests
{
    private const int Episodes = 100_000;
    private const double FalseAlarm = 1e-7;

    private static readonly double Allowed = Math.Sqrt(Math.Log(2 / FalseAlarm) / (2 * Episodes));

    [Fact]
    public void Reset_CartPoleAndItsVariants_IsUniform()
    {
        double[] low = [-0.05, -0.05, -0.05, -0.05], high = [0.05, 0.05, 0.05, 0.05];
        AssertUniform<CartPole>(low, high);
        AssertUniform<ContinuousCartPole>(low, high);
        AssertUniform<CartPoleV0>(low, high);
        AssertUniform<CartPoleSuttonBarto>(low, high);
        AssertUniform<CartPolePuffer>([-0.04, -0.04, -0.04, -0.04, 0], [0.04, 0.04, 0.04, 0.04, 0]);
    }

    [Fact]
    public void Reset_Acrobot_IsUniform() => AssertUniform<Acrobot>([-0.1, -0.1, -0.1, -0.1], [0.1, 0.1, 0.1, 0.1]);

    [Fact]
    public void Reset_MountainCars_IsUniformAndAtRest()
    {
        AssertUniform<MountainCar>([-0.6, 0], [-0.4, 0]);
        AssertUniform<MountainCarContinuous>([-0.6, 0], [-0.4, 0]);
    }

    [Fact]
    public void Reset_Pendulum_IsUniform() => AssertUniform<Pendulum>([-Math.PI, -1], [Math.PI, 1]);

    [Fact]
    public void Distance_OtherDistributions_IsSeen()
    {
        // What the tests above are worth: an interval 2 % too narrow, a density that leans by 4 %, a component that copies another.
        double[] uniform = [.. Starts<CartPole>().Select(state => (state[0] + 0.05) / 0.1)];
        double[] other = [.. Starts<CartPole>().Select(state => (state[1] + 0.05) / 0.1)];
        Assert.True(Distance(uniform) <= Allowed);
        Assert.True(Distance([.. uniform.Select(u => 0.01 + 0.98 * u)]) > Allowed);
        Assert.True(Distance([.. uniform.Select(u => Math.Pow(u, 1.04))]) > Allowed);
        Assert.True(Distance(Turned(uniform, uniform, -1)) > Allowed);
        Assert.True(Distance(Turned(uniform, [.. uniform.Select((u, i) => i % 40 == 0 ? 1 - u : other[i])], 1)) > Allowed);
    }

    private static void AssertUniform<TEnvironment>(double[] low, double[] high) where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
    {
        string name = TEnvironment.Specification.Name;
        float[][] starts = Starts<TEnvironment>();
        List<double[]> uniform = [];
        for (int variable = 0; variable < low.Length; variable++)
        {
            double width = high[variable] - low[variable];
            double[] values = [.. starts.Select(state => state[variable] - low[variable])];
            if (width == 0)
            {
                Assert.All(values, value => Assert.Equal(0, value));
                continue;
            }

            // Rounding to single may reach the end of an interval, and by a last bit pass the number that the rules give for it.
            Assert.InRange(values.Min(), -1e-7, 3e-4 * width);
            Assert.InRange(values.Max(), width - 3e-4 * width, width + 1e-7);
            uniform.Add([.. values.Select(value => value / width)]);
            double distance = Distance(uniform[^1]);
            Assert.True(distance <= Allowed, $"{name}, variable {variable}: distance {distance:E2}, {Allowed:E2} is allowed");
        }

        // Of two independent uniform numbers the sum and the difference are uniform modulo 1; of a copy or a mirror image one is constant.
        foreach ((double[] first, double[] second) in uniform.SelectMany((first, i) => uniform.Skip(i + 1).Select(second => (first, second))))
        {
            Assert.True(Distance(Turned(first, second, 1)) <= Allowed, $"{name}: components sum to something else");
            Assert.True(Distance(Turned(first, second, -1)) <= Allowed, $"{name}: components differ by something else");
        }

        // The same for episodes that follow each other.
        foreach (double[] values in uniform)
            Assert.True(Distance(Turned(values, [.. values.Skip(1), values[0]], -1)) <= Allowed, $"{name}: episodes depend on each other");
    }

    private static float[][] Starts<TEnvironment>() where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
    {
        const ulong Seed = 11;
        int count = TEnvironment.Specification.ResetWords;
        uint[][] words = new uint[Episodes][];
        for (int episode = 0; episode < Episodes; episode++)
        {
            PhiloxBlock block = Philox.Generate(Seed, RandomStream.Reset, (ulong)episode, 0);
            words[episode] = [.. Enumerable.Range(0, count).Select(k => block[k])];
        }

        return EnvironmentHarness.Reset<TEnvironment>(16, words).States;
    }

    /// <summary>first ± second, modulo 1.</summary>
    private static double[] Turned(double[] first, double[] second, int sign) =>
        [.. first.Zip(second, (a, b) => a + sign * b).Select(value => value - Math.Floor(value))];

    /// <summary>Largest distance between the empirical distribution function of the values and that of the uniform distribution on (0, 1).</summary>
    private static double Distance(double[] values)
    {
        double[] sorted = [.. values.Order()];
        double distance = 0;
        for (int i = 0; i < sorted.Length; i++)
            distance = Math.Max(distance, Math.Max((i + 1.0) / sorted.Length - sorted[i], sorted[i] - (double)i / sorted.Length));
        return distance;
    }
}
