using PgFast.Environments;
using PgFast.Tests.Golden;
using PgFast.Tests.Support;

namespace PgFast.Tests.Environments;

/// <summary>Every recorded step of Gymnasium's classic control, within what single precision allows; flags exactly.</summary>
public class ClassicControlTests
{
    // Near the largest rates a step of 0.2 s is so stiff that one last bit of a rate moves an angle by 6e-6: two recorded rows decide.
    private static readonly double[] NearTheLargestRates = [7.5e-6, 7.5e-6, 5e-5, 1e-4];

    public static TheoryData<int> AllWidths => Widths.Rows;

    [Theory]
    [MemberData(nameof(AllWidths))]
    public void Acrobot_GoldenSteps_AreReached(int width) => AssertSteps<Acrobot>(
        width, "Acrobot-v1", [true, true, false, false], kind => kind == GoldenRowKind.Broad ? NearTheLargestRates : [9e-7, 9e-7, 9e-7, 9e-7], _ => 0);

    [Theory]
    [MemberData(nameof(AllWidths))]
    public void MountainCar_GoldenSteps_AreReached(int width) =>
        AssertSteps<MountainCar>(width, "MountainCar-v0", [false, false], _ => [1.15e-7, 7e-9], _ => 0);

    [Theory]
    [MemberData(nameof(AllWidths))]
    public void MountainCarContinuous_GoldenSteps_AreReached(int width) =>
        AssertSteps<MountainCarContinuous>(width, "MountainCarContinuous-v0", [false, false], _ => [1.15e-7, 7.1e-9], _ => 3e-8);

    [Theory]
    [MemberData(nameof(AllWidths))]
    public void Pendulum_GoldenSteps_AreReached(int width) => AssertSteps<Pendulum>(
        width, "Pendulum-v1", [true, false], kind => kind == GoldenRowKind.Trajectory ? [7e-6, 3e-6] : [5e-7, 3e-7],
        kind => kind == GoldenRowKind.Trajectory ? 4e-5 : 4e-6);

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
    [InlineData(-10f, 0)]
    [InlineData(10f, 1)]
    [InlineData(-25f, 0)]
    [InlineData(1e30f, 1)]
    public void ContinuousCartPole_ForceAtOrBeyondALimit_IsTheDiscreteStep(float force, int action)
    {
        float[][] states = [.. GoldenCartPole.Rows.Select(row => Closeness.ToSingle(row.State))];
        StepOutcome discrete = EnvironmentHarness.Step<CartPole>(16, states, [.. states.Select(_ => action)]);
        StepOutcome continuous = EnvironmentHarness.Step<ContinuousCartPole>(16, states, [.. states.Select(_ => BitConverter.SingleToInt32Bits(force))]);
        Bits.AssertEqual(discrete.NextStates, continuous.NextStates, "next state");
        Assert.Equal(discrete.Terminated, continuous.Terminated);
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

    [Fact]
    public void Reset_ManyEpisodes_StaysInTheRangesAndFillsThem()
    {
        AssertReset<Acrobot>([-0.1, -0.1, -0.1, -0.1], [0.1, 0.1, 0.1, 0.1]);
        AssertReset<MountainCar>([-0.6, 0], [-0.4, 0]);
        AssertReset<MountainCarContinuous>([-0.6, 0], [-0.4, 0]);
        AssertReset<Pendulum>([-Math.PI, -1], [Math.PI, 1]);
        AssertReset<CartPolePuffer>([-0.04, -0.04, -0.04, -0.04, 0], [0.04, 0.04, 0.04, 0.04, 0]);
        AssertReset<ContinuousCartPole>([-0.05, -0.05, -0.05, -0.05], [0.05, 0.05, 0.05, 0.05]);
    }

    private static void AssertSteps<TEnvironment>(
        int width, string name, bool[] isAngle, Func<GoldenRowKind, double[]> tolerance, Func<GoldenRowKind, double> rewardTolerance)
        where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
    {
        IReadOnlyList<GoldenStep> rows = GoldenEnvironment.Load(name);
        StepOutcome outcome = EnvironmentHarness.Step<TEnvironment>(width, [.. rows.Select(row => Closeness.ToSingle(row.State))], Actions<TEnvironment>(rows));
        for (int i = 0; i < rows.Count; i++)
        {
            double[] allowed = tolerance(rows[i].Kind);
            for (int variable = 0; variable < allowed.Length; variable++)
            {
                double error = outcome.NextStates[i][variable] - rows[i].NextState[variable];
                error = Math.Abs(isAngle[variable] ? Math.IEEERemainder(error, 2 * Math.PI) : error);
                Assert.True(error <= allowed[variable], $"{name} row {i} ({rows[i].Kind}), variable {variable}: error {error:E2}, {allowed[variable]:E1} is allowed");
            }

            for (int feature = 0; feature < rows[i].Observation.Length; feature++)
            {
                double error = Math.Abs(outcome.Observations[i][feature] - rows[i].Observation[feature]);
                Assert.True(error <= 2 * allowed.Max(), $"{name} row {i}, feature {feature}: error {error:E2}");
            }

            Assert.True(rows[i].Terminated == outcome.Terminated[i], $"{name} row {i}: terminated is {outcome.Terminated[i]}");
            double rewardError = Math.Abs(outcome.Rewards[i] - rows[i].Reward);
            // Half a last bit of the reward itself, which may be near 100, comes on top.
            double allowedReward = rewardTolerance(rows[i].Kind) + (rewardTolerance(rows[i].Kind) > 0 ? Math.Abs(rows[i].Reward) * Math.Pow(2, -24) : 0);
            Assert.True(rewardError <= allowedReward, $"{name} row {i}: reward {outcome.Rewards[i]:R}, expected {rows[i].Reward:R}");
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

    private static void AssertReset<TEnvironment>(double[] low, double[] high) where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
    {
        const int Episodes = 20_000;
        float[][] states = EnvironmentHarness.Reset<TEnvironment>(16, Words(Episodes, TEnvironment.Specification.ResetWords)).States;
        for (int variable = 0; variable < low.Length; variable++)
        {
            double[] values = [.. states.Select(state => (double)state[variable])];
            double width = high[variable] - low[variable];
            Assert.InRange(values.Min(), low[variable] - 1e-7, low[variable] + 0.001 * width + 1e-7);
            Assert.InRange(values.Max(), high[variable] - 0.001 * width - 1e-7, high[variable] + 1e-7);
            // Five standard errors of the mean of a uniform distribution; the words are fixed.
            Assert.InRange(values.Average(), (low[variable] + high[variable]) / 2 - 5 * width / Math.Sqrt(12.0 * Episodes) - 1e-7, (low[variable] + high[variable]) / 2 + 5 * width / Math.Sqrt(12.0 * Episodes) + 1e-7);
        }
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
