using PgFast.Randomness;
using PgFast.Reference;
using PgFast.Tests.Golden;

namespace PgFast.Tests.Reference;

/// <summary>Classic control in double precision against every recorded step of Gymnasium's.</summary>
public class ReferenceControlTests
{
    // Same formulas in the same precision; elementary functions and the order of a few products may differ in the last bits, which the
    // Acrobot near its largest rates carries to 1e-11 in a step.
    private const double Tolerance = 1e-10;

    private static readonly Dictionary<string, Func<double[], int, ReferenceEnvironment>> Environments = new()
    {
        ["Acrobot-v1"] = (state, time) => new ReferenceAcrobot(state, time),
        ["MountainCar-v0"] = (state, time) => new ReferenceMountainCar(state, time),
        ["MountainCarContinuous-v0"] = (state, time) => new ReferenceMountainCarContinuous(state, time),
        ["Pendulum-v1"] = (state, time) => new ReferencePendulum(state, time),
    };

    public static TheoryData<string> Names => [.. Environments.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Step_FromEveryGoldenState_IsTheGoldenStep(string name)
    {
        foreach (GoldenStep row in GoldenEnvironment.Load(name))
        {
            ReferenceEnvironment environment = Environments[name](row.State, row.Kind == GoldenRowKind.Trajectory ? row.Time : 0);
            ReferenceStep step = environment.Step(row.Action);
            AssertClose(row.NextState, environment.State);
            AssertClose(row.Observation.Length == 0 ? row.NextState : row.Observation, environment.Observation);
            Assert.Equal(row.Reward, step.Reward, Tolerance);
            Assert.Equal((row.Terminated, row.Truncated), (step.Terminated, step.Truncated));
        }
    }

    [Theory]
    [InlineData("Acrobot-v1", 3275, true, true)]
    [InlineData("MountainCar-v0", 1885, true, true)]
    [InlineData("MountainCarContinuous-v0", 4193, true, true)]
    [InlineData("Pendulum-v1", 2220, false, true)]
    public void Rows_OfTheGoldenFile_CoverTheFlags(string name, int rows, bool terminated, bool truncated)
    {
        IReadOnlyList<GoldenStep> steps = GoldenEnvironment.Load(name);
        Assert.Equal(rows, steps.Count);
        Assert.Equal((terminated, truncated), (steps.Any(row => row.Terminated), steps.Any(row => row.Truncated)));
    }

    [Fact]
    public void ContinuousCartPole_ForcesOfTheDiscreteActions_AreTheGoldenSteps()
    {
        foreach (GoldenTransition row in GoldenCartPole.Rows)
        {
            ReferenceContinuousCartPole environment = new(row.State, row.Kind == GoldenRowKind.Trajectory ? row.Time : 0);
            ReferenceStep step = environment.Step(row.Action == 1 ? 10.0 : -10.0);
            AssertClose(row.NextState, environment.State);
            Assert.Equal(new ReferenceStep(row.Reward, row.Terminated, row.Truncated), step);
        }
    }

    [Theory]
    [InlineData(0.5, 0.0, true)]
    [InlineData(0.4999999, 0.0, false)]
    [InlineData(0.6, -0.0001, false)]
    public void MountainCar_AtTheFlag_TerminatesUnlessItMovesBack(double reached, double velocity, bool expected)
    {
        // A start from which the push leads to just that position and velocity.
        double start = reached - velocity;
        ReferenceMountainCar environment = new([start, velocity + 0.0025 * Math.Cos(3.0 * start)]);
        Assert.Equal(expected, environment.Step(1).Terminated);
        Assert.Equal(velocity, environment.State[1], 1e-15);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Step_AfterTheEnd_Throws(string name)
    {
        ReferenceEnvironment environment = Environments[name]([.. GoldenEnvironment.Load(name)[0].State], 998);
        Assert.True(environment.Step(1).Truncated);
        Assert.Throws<InvalidOperationException>(() => environment.Step(1));
    }

    [Theory]
    [InlineData(-1.0)]
    [InlineData(0.5)]
    [InlineData(3.0)]
    [InlineData(double.NaN)]
    public void Step_NoIndexOfAnAction_Throws(double action)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReferenceAcrobot(new double[4]).Step(action));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ReferenceMountainCar(new double[2]).Step(action));
    }

    [Fact]
    public void State_OfAnotherSize_Throws()
    {
        Assert.Throws<ArgumentException>(() => new ReferenceAcrobot(new double[6]));
        Assert.Throws<ArgumentException>(() => new ReferencePendulum(new double[3]));
    }

    [Fact]
    public void Reset_AnyEpisode_UsesTheWordsInOrder()
    {
        const ulong Seed = 0x1234_5678_9ABC_DEF0;
        const ulong Episode = (7UL << 32) + 3;
        PhiloxBlock words = Philox.Generate(Seed, RandomStream.Reset, Episode, 0);
        double[] uniform = [.. Enumerable.Range(0, 4).Select(i => (double)Philox.Uniform(words[i]))];
        AssertClose([.. uniform.Select(u => 0.2 * u - 0.1)], ReferenceAcrobot.Reset(Seed, Episode).State);
        AssertClose([0.2 * uniform[0] - 0.6, 0.0], ReferenceMountainCar.Reset(Seed, Episode).State);
        AssertClose([0.2 * uniform[0] - 0.6, 0.0], ReferenceMountainCarContinuous.Reset(Seed, Episode).State);
        AssertClose([(2.0 * uniform[0] - 1.0) * Math.PI, 2.0 * uniform[1] - 1.0], ReferencePendulum.Reset(Seed, Episode).State);
        AssertClose([.. uniform.Select(u => 0.1 * u - 0.05)], ReferenceContinuousCartPole.Reset(Seed, Episode).State);
    }

    private static void AssertClose(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], Tolerance);
    }
}
