using PgFast.Environments;
using PgFast.Randomness;
using PgFast.Reference;
using PgFast.Tests.Golden;
using PgFast.Tests.Support;

namespace PgFast.Tests.Environments;

public class CartPoleTests
{
    // One step in single precision, from a state that is itself rounded to single where it comes from a trajectory: a few last bits of
    // states of up to 4 m and 4 m/s, and of the accelerations times 0.02 s.
    private const double OneStepTolerance = 1e-6;

    // One rounding of a number below 0.05, and one of the uniform number that it is made of.
    private const double ResetTolerance = 1e-8;

    private static readonly float[][] GoldenStates = [.. GoldenCartPole.Rows.Select(row => Closeness.ToSingle(row.State))];
    private static readonly int[] GoldenActions = [.. GoldenCartPole.Rows.Select(row => row.Action)];

    public static TheoryData<int> AllWidths => Widths.Rows;

    [Theory]
    [MemberData(nameof(AllWidths))]
    public void Step_FromEveryGoldenState_ReachesTheGoldenNextState(int width)
    {
        IReadOnlyList<GoldenTransition> rows = GoldenCartPole.Rows;
        StepOutcome outcome = EnvironmentHarness.Step<CartPole>(width, GoldenStates, GoldenActions);
        for (int i = 0; i < rows.Count; i++)
        {
            for (int variable = 0; variable < 4; variable++)
            {
                double error = Math.Abs(outcome.NextStates[i][variable] - rows[i].NextState[variable]);
                Assert.True(error <= OneStepTolerance, $"row {i}, variable {variable}: error {error:E2}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(AllWidths))]
    public void Step_FromEveryGoldenState_GivesTheGoldenFlagAndReward(int width)
    {
        IReadOnlyList<GoldenTransition> rows = GoldenCartPole.Rows;
        StepOutcome outcome = EnvironmentHarness.Step<CartPole>(width, GoldenStates, GoldenActions);
        for (int i = 0; i < rows.Count; i++)
        {
            Assert.True(rows[i].Terminated == outcome.Terminated[i], $"row {i}: terminated is {outcome.Terminated[i]}");
            Assert.Equal(rows[i].Reward, outcome.Rewards[i]);
        }
    }

    [Theory]
    [MemberData(nameof(AllWidths))]
    public void Step_AtEveryWidth_GivesTheSameBits(int width)
    {
        Noise noise = new(7);
        float[][] states = [.. GoldenStates, .. noise.Rows(4096, 4, -3f, 3f)];
        int[] actions = [.. GoldenActions, .. Enumerable.Range(0, 4096).Select(_ => noise.Next(0, 2))];
        StepOutcome widest = EnvironmentHarness.Step<CartPole>(16, states, actions);
        StepOutcome outcome = EnvironmentHarness.Step<CartPole>(width, states, actions);
        Bits.AssertEqual(widest.NextStates, outcome.NextStates, "next state");
        Bits.AssertEqual(widest.Rewards, outcome.Rewards, "reward");
        Assert.Equal(widest.Terminated, outcome.Terminated);
    }

    [Theory]
    [MemberData(nameof(AllWidths))]
    public void Step_InPlace_GivesTheSameBits(int width)
    {
        StepOutcome apart = EnvironmentHarness.Step<CartPole>(width, GoldenStates, GoldenActions);
        StepOutcome inPlace = EnvironmentHarness.Step<CartPole>(width, GoldenStates, GoldenActions, inPlace: true);
        Bits.AssertEqual(apart.NextStates, inPlace.NextStates, "next state");
        Assert.Equal(apart.Terminated, inPlace.Terminated);
    }

    [Theory]
    [InlineData(2.4f, 0f, false)]
    [InlineData(-2.4f, 0f, false)]
    [InlineData(2.4000003f, 0f, true)]
    [InlineData(-2.4000003f, 0f, true)]
    [InlineData(0f, 0.20943950f, false)]
    [InlineData(0f, -0.20943950f, false)]
    [InlineData(0f, 0.20943953f, true)]
    [InlineData(0f, -0.20943953f, true)]
    public void Step_AtALimit_TerminatesStrictlyBeyondIt(float x, float theta, bool expected)
    {
        // Without velocity the positions of the next state are those of this one.
        Assert.Equal([expected], EnvironmentHarness.Step<CartPole>(16, [[x, 0, theta, 0]], [0]).Terminated);
    }

    [Theory]
    [MemberData(nameof(AllWidths))]
    public void Step_FromTheZeroState_IsFinite(int width)
    {
        StepOutcome outcome = EnvironmentHarness.Step<CartPole>(width, [new float[4], new float[4]], [0, 1]);
        foreach (float[] state in outcome.NextStates)
            Assert.All(state, value => Assert.True(float.IsFinite(value)));
        Assert.Equal([false, false], outcome.Terminated);
    }

    [Theory]
    [MemberData(nameof(AllWidths))]
    public void Reset_AnyEpisode_IsTheReferenceReset(int width)
    {
        const ulong Seed = 0x1234_5678_9ABC_DEF0;
        uint[][] words = [.. Enumerable.Range(0, 100).Select(episode => ResetWords(Seed, (ulong)episode))];
        (float[][] states, _) = EnvironmentHarness.Reset<CartPole>(width, words);
        for (int episode = 0; episode < words.Length; episode++)
        {
            double[] expected = ReferenceCartPole.Reset(Seed, (ulong)episode).Observation;
            for (int variable = 0; variable < 4; variable++)
                Assert.Equal(expected[variable], states[episode][variable], ResetTolerance);
        }
    }

    [Fact]
    public void Reset_AtEveryWidth_GivesTheSameBits()
    {
        uint[][] words = [.. Enumerable.Range(0, 333).Select(episode => ResetWords(3, (ulong)episode)), [0, uint.MaxValue, 1, 1u << 31]];
        float[][] widest = EnvironmentHarness.Reset<CartPole>(16, words).States;
        foreach (int width in Widths.All)
            Bits.AssertEqual(widest, EnvironmentHarness.Reset<CartPole>(width, words).States, $"{width} lanes");
    }

    [Fact]
    public void Reset_ManyEpisodes_IsUniformInTheInterval()
    {
        const int Episodes = 20_000;
        const double Limit = 0.05;
        // Five standard errors: a correct generator fails once in two million seeds, and the seed is fixed.
        const double StandardErrors = 5;
        uint[][] words = [.. Enumerable.Range(0, Episodes).Select(episode => ResetWords(11, (ulong)episode)), new uint[4]];
        words[^1] = [0, 0, uint.MaxValue, uint.MaxValue];
        float[][] states = EnvironmentHarness.Reset<CartPole>(16, words).States;
        Assert.All(states, state => Assert.All(state, value => Assert.InRange(value, -(float)Limit, (float)Limit)));
        double variance = Limit * Limit / 3;
        for (int variable = 0; variable < 4; variable++)
        {
            double[] values = [.. states.Take(Episodes).Select(state => (double)state[variable])];
            Assert.InRange(values.Average(), -StandardErrors * Math.Sqrt(variance / Episodes), StandardErrors * Math.Sqrt(variance / Episodes));
            // A uniform square has variance 4/45 of its fourth power of the limit.
            double squares = values.Average(value => value * value);
            double error = Math.Sqrt(4.0 / 45 * Math.Pow(Limit, 4) / Episodes);
            Assert.InRange(squares, variance - StandardErrors * error, variance + StandardErrors * error);
            double product = values.Select((value, i) => value * states[i][(variable + 1) % 4]).Average();
            Assert.InRange(product, -StandardErrors * variance / Math.Sqrt(Episodes), StandardErrors * variance / Math.Sqrt(Episodes));
        }
    }

    [Fact]
    public void Specification_OfCartPole_IsGymnasiums()
    {
        EnvironmentSpecification specification = CartPole.Specification;
        specification.Validate();
        Assert.Equal("CartPole-v1", specification.Name);
        Assert.Equal(4, specification.ObservationSize);
        Assert.Equal(ActionSpace.Discrete(2), specification.Actions);
        Assert.Equal(ReferenceCartPole.StepLimit, specification.MaximumEpisodeSteps);
        Assert.Equal(475, specification.SolvedReturn);
    }

    private static uint[] ResetWords(ulong seed, ulong episode)
    {
        PhiloxBlock block = Philox.Generate(seed, RandomStream.Reset, episode, 0);
        return [block.Word0, block.Word1, block.Word2, block.Word3];
    }
}
