using PgFast.Environments;
using PgFast.Tests.Golden;
using PgFast.Tests.Support;

namespace PgFast.Tests.Environments;

/// <summary>Every recorded step of Gymnasium's classic control, within what single precision allows; flags exactly.</summary>
public class ClassicControlTests
{
    // Within what tests/golden/README.md allows one step of plain float32, for the state in order; exceptions say why.

    // A sine or cosine of our own is within 2.1 last bits of a number up to 1.
    internal const double ElementaryTolerance = 1.3e-7;

    // README: 1.1e-7, a figure rounded down. Recorded states are rounded to single before the step, positions beyond ±1 by up to 6e-8;
    // the exact step from there, rounded once more, is 1.121e-7 off already.
    private const double PositionTolerance = 1.13e-7;

    private static readonly double[] NearTheLargestRates = [6e-6, 7e-6, 5e-5, 1e-4];

    public static TheoryData<int> AllWidths => Widths.Rows;

    [Theory]
    [MemberData(nameof(AllWidths))]
    public void Acrobot_GoldenSteps_AreReached(int width) => AssertSteps<Acrobot>(
        width, "Acrobot-v1", angles: 2, row => row.Kind == GoldenRowKind.Broad ? NearTheLargestRates : [9e-7, 9e-7, 9e-7, 9e-7], _ => 0);

    [Theory]
    [MemberData(nameof(AllWidths))]
    public void MountainCar_GoldenSteps_AreReached(int width) =>
        AssertSteps<MountainCar>(width, "MountainCar-v0", angles: 0, _ => [PositionTolerance, 7e-9], _ => 0);

    [Theory]
    [MemberData(nameof(AllWidths))]
    public void MountainCarContinuous_GoldenSteps_AreReached(int width) => AssertSteps<MountainCarContinuous>(
        // README: 7e-9 for the velocity; the exact step from a rounded state is 7.021e-9 off in one row. And half a last bit of a reward
        // near 100 comes on top of 3e-8.
        width, "MountainCarContinuous-v0", angles: 0, _ => [PositionTolerance, 7.03e-9],
        row => 3e-8 + Math.Abs(row.Reward) * Math.Pow(2, -24));

    [Theory]
    [MemberData(nameof(AllWidths))]
    public void Pendulum_GoldenSteps_AreReached(int width) => AssertSteps<Pendulum>(
        width, "Pendulum-v1", angles: 1, row => row.Kind == GoldenRowKind.Trajectory ? [7e-6, 3e-6] : [5e-7, 3e-7],
        row => row.Kind == GoldenRowKind.Trajectory ? 4e-5 : 4e-6);

    [Fact]
    public void AllEnvironments_AtEveryWidth_HaveTheSameBits()
    {
        AssertSameBits<Acrobot>("Acrobot-v1");
        AssertSameBits<MountainCar>("MountainCar-v0");
        AssertSameBits<MountainCarContinuous>("MountainCarContinuous-v0");
        AssertSameBits<Pendulum>("Pendulum-v1");
        AssertSameBits<ContinuousCartPole>("CartPole-v1");
        AssertSameBits<CartPolePuffer>("CartPole-v1", extraState: 1);
        AssertSameBits<CartPoleSuttonBarto>("CartPole-v1");
    }

    [Theory]
    [MemberData(nameof(AllWidths))]
    public void ContinuousAction_NaN_ShowsInTheState(int width)
    {
        // Clipping must not turn a broken policy's action into an ordinary one.
        int[] action = [BitConverter.SingleToInt32Bits(float.NaN)];
        Assert.True(float.IsNaN(EnvironmentHarness.Step<Pendulum>(width, [[0.1f, 0]], action).NextStates[0][1]));
        Assert.True(float.IsNaN(EnvironmentHarness.Step<MountainCarContinuous>(width, [[-0.5f, 0]], action).NextStates[0][1]));
        Assert.True(float.IsNaN(EnvironmentHarness.Step<ContinuousCartPole>(width, [[0, 0, 0, 0]], action).NextStates[0][1]));
    }

    [Fact]
    public void CartPoleSuttonBarto_AllGoldenSteps_RewardTheFallAlone()
    {
        float[][] states = [.. GoldenCartPole.Rows.Select(row => Closeness.ToSingle(row.State))];
        StepOutcome outcome = EnvironmentHarness.Step<CartPoleSuttonBarto>(8, states, [.. GoldenCartPole.Rows.Select(row => row.Action)]);
        Assert.Contains(true, outcome.Terminated);
        for (int i = 0; i < states.Length; i++)
            Assert.Equal(outcome.Terminated[i] ? -1f : 0f, outcome.Rewards[i]);
    }

    [Theory]
    [InlineData(0f, 0f, 1f)]
    [InlineData(198f, 0f, 1f)]
    [InlineData(199f, 0f, 0f)]
    [InlineData(10f, 0.3f, 0f)]
    public void CartPolePuffer_LastStep_IsNotRewarded(float stepsBefore, float angle, float expected)
    {
        StepOutcome outcome = EnvironmentHarness.Step<CartPolePuffer>(16, [[0, 0, angle, 0, stepsBefore]], [1]);
        Assert.Equal(expected, outcome.Rewards[0]);
        Assert.Equal(stepsBefore + 1, outcome.NextStates[0][4]);
        Assert.Equal(outcome.NextStates[0][..4], outcome.Observations[0]);
    }

    [Fact]
    public void GaussianBandit_AnyAction_EndsWithMinusTheSquaredDistance()
    {
        float[] actions = [-3, 0, 0.5f, 2];
        StepOutcome outcome = EnvironmentHarness.Step<GaussianBandit>(4, [.. actions.Select(_ => new[] { 1f })], [.. actions.Select(BitConverter.SingleToInt32Bits)]);
        Assert.Equal([-12.25f, -0.25f, 0f, -2.25f], outcome.Rewards);
        Assert.All(outcome.Terminated, Assert.True);
    }

    [Fact]
    public void AllEnvironments_FromTheZeroState_AreFinite()
    {
        AssertFiniteFromZero<Acrobot>();
        AssertFiniteFromZero<MountainCar>();
        AssertFiniteFromZero<MountainCarContinuous>();
        AssertFiniteFromZero<Pendulum>();
        AssertFiniteFromZero<ContinuousCartPole>();
        AssertFiniteFromZero<CartPolePuffer>();
        AssertFiniteFromZero<GaussianBandit>();
    }

    /// <summary>The first variables may be angles, which the observation shows as cosine and sine before it shows the rest as they are.</summary>
    private static void AssertSteps<TEnvironment>(
        int width, string name, int angles, Func<GoldenStep, double[]> tolerance, Func<GoldenStep, double> rewardTolerance)
        where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
    {
        IReadOnlyList<GoldenStep> rows = GoldenEnvironment.Load(name);
        StepOutcome outcome = EnvironmentHarness.Step<TEnvironment>(width, [.. rows.Select(row => Closeness.ToSingle(row.State))], Actions<TEnvironment>(rows));
        for (int i = 0; i < rows.Count; i++)
        {
            double[] allowed = tolerance(rows[i]);
            for (int variable = 0; variable < allowed.Length; variable++)
            {
                double error = outcome.NextStates[i][variable] - rows[i].NextState[variable];
                AssertWithin(allowed[variable], variable < angles ? Math.IEEERemainder(error, 2 * Math.PI) : error, $"variable {variable}");
            }

            // Where the observation is the state, nothing is recorded for it.
            double[] expected = rows[i].Observation.Length == 0 ? rows[i].NextState : rows[i].Observation;
            for (int feature = 0; feature < expected.Length; feature++)
            {
                double bound = feature < 2 * angles ? allowed[feature / 2] + ElementaryTolerance : allowed[feature - angles];
                AssertWithin(bound, outcome.Observations[i][feature] - expected[feature], $"feature {feature}");
            }

            AssertWithin(rewardTolerance(rows[i]), outcome.Rewards[i] - rows[i].Reward, "reward");
            Assert.True(rows[i].Terminated == outcome.Terminated[i], $"{name} row {i}: terminated is {outcome.Terminated[i]}");

            void AssertWithin(double bound, double error, string what) => Assert.True(
                Math.Abs(error) <= bound, $"{name} row {i} ({rows[i].Kind}), {what}: error {error:E3}, {bound:E3} is allowed");
        }
    }

    private static void AssertSameBits<TEnvironment>(string name, int extraState = 0) where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
    {
        IReadOnlyList<GoldenStep> rows = GoldenEnvironment.Load(name);
        float[][] states = [.. rows.Select(row => Closeness.ToSingle([.. row.State, .. new double[extraState]]))];
        int[] actions = Actions<TEnvironment>(rows);
        StepOutcome widest = EnvironmentHarness.Step<TEnvironment>(16, states, actions);
        uint[][] words = Words(200, Math.Max(1, TEnvironment.Specification.ResetWords));
        float[][] starts = EnvironmentHarness.Reset<TEnvironment>(16, words).States;
        foreach (int width in Widths.All)
        {
            foreach (bool inPlace in new[] { false, true })
            {
                StepOutcome outcome = EnvironmentHarness.Step<TEnvironment>(width, states, actions, inPlace);
                Bits.AssertEqual(widest.NextStates, outcome.NextStates, $"{name}: next state at {width} lanes");
                Bits.AssertEqual(widest.Observations, outcome.Observations, $"{name}: observation at {width} lanes");
                Bits.AssertEqual(widest.Rewards, outcome.Rewards, $"{name}: reward at {width} lanes");
                Assert.Equal(widest.Terminated, outcome.Terminated);
            }

            Bits.AssertEqual(starts, EnvironmentHarness.Reset<TEnvironment>(width, words).States, $"{name}: start at {width} lanes");
        }
    }

    private static void AssertFiniteFromZero<TEnvironment>() where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
    {
        EnvironmentSpecification specification = TEnvironment.Specification;
        int[] actions = specification.Actions.IsDiscrete
            ? [.. Enumerable.Range(0, specification.Actions.Size)]
            : [.. new[] { 0f, -5f, 1e3f }.Select(BitConverter.SingleToInt32Bits)];
        StepOutcome outcome = EnvironmentHarness.Step<TEnvironment>(16, [.. actions.Select(_ => new float[specification.StateSize])], actions);
        foreach (float[] values in (float[][])[.. outcome.NextStates, .. outcome.Observations, outcome.Rewards])
            Assert.All(values, value => Assert.True(float.IsFinite(value), specification.Name));
    }

    private static uint[][] Words(int episodes, int words)
    {
        Noise noise = new(5);
        return [.. Enumerable.Range(0, episodes).Select(_ => Enumerable.Range(0, words).Select(_ => (uint)noise.Next(0, int.MaxValue) << 1 | (uint)noise.Next(0, 2)).ToArray())];
    }

    private static int[] Actions<TEnvironment>(IReadOnlyList<GoldenStep> rows) where TEnvironment : struct, IBatchedEnvironment<TEnvironment> =>
        TEnvironment.Specification.Actions.IsDiscrete
            ? [.. rows.Select(row => (int)row.Action)]
            : [.. rows.Select(row => BitConverter.SingleToInt32Bits((float)row.Action))];
}
