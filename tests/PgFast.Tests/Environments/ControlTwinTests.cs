using PgFast.Environments;
using PgFast.Randomness;
using PgFast.Reference;
using PgFast.Tests.Golden;
using PgFast.Tests.Support;

namespace PgFast.Tests.Environments;

/// <summary>Lanes against the same formulas in double precision, from states all over the space.</summary>
public class ControlTwinTests
{
    private const int States = 20_000;

    // Largest errors of 50,000 random steps are given below; an allowance is that and a fifth more.

    [Fact]
    public void Acrobot_AtModerateRates_IsItsTwin() =>
        // 4.2e-7, 4.6e-7, 1.3e-6, 2.2e-6.
        AssertSteps<Acrobot>(state => new ReferenceAcrobot(state), RandomStates([MathF.PI, MathF.PI, 5, 9]), Actions(3), [5e-7, 5.5e-7, 1.5e-6, 2.7e-6], 0, Height);

    [Fact]
    public void Acrobot_AtAnyRate_IsWithinAFewLastBitsOfTheState()
    {
        // Near the largest rates a step of 0.2 s magnifies the last bit of a rate hundreds of times. So the measure is what a last bit of
        // each variable changes: the error is within 3.9 times that, and one rounding.
        float[] largest = [MathF.PI, MathF.PI, 4 * MathF.PI, 9 * MathF.PI];
        float[][] states = RandomStates(largest);
        int[] actions = Actions(3);
        StepOutcome outcome = EnvironmentHarness.Step<Acrobot>(16, states, actions);
        for (int i = 0; i < States; i++)
        {
            double[] state = Closeness.ToDouble(states[i]), expected = Next(state, actions[i]);
            double[] change = new double[4];
            for (int moved = 0; moved < 4; moved++)
            {
                double[] other = Next([.. state.Select((value, k) => k == moved ? value + LastBit(moved) : value)], actions[i]);
                for (int variable = 0; variable < 4; variable++)
                    change[variable] += Math.Abs(Difference(other[variable], expected[variable], variable < 2));
            }

            for (int variable = 0; variable < 4; variable++)
            {
                double error = Math.Abs(Difference(outcome.NextStates[i][variable], expected[variable], variable < 2));
                Assert.True(error <= 5 * (change[variable] + LastBit(variable)), $"state {i}, variable {variable}: {error:E2}, a last bit changes {change[variable]:E2}");
            }
        }

        double LastBit(int variable) => largest[variable] * Math.Pow(2, -24);

        static double[] Next(double[] state, int action)
        {
            ReferenceAcrobot twin = new(state);
            twin.Step(action);
            return twin.State;
        }
    }

    [Fact]
    public void MountainCar_AnyState_IsItsTwin() =>
        // 6.3e-8, 4.0e-9: half a last bit each, and little more.
        AssertSteps<MountainCar>(state => new ReferenceMountainCar(state), ValleyStates(), Actions(3), [7.5e-8, 4.8e-9], 0, state => Flag(state, 0.5));

    [Fact]
    public void MountainCarContinuous_AnyStateAndForce_IsItsTwin() =>
        // 6.3e-8, 4.0e-9; reward 3.0e-8, and half a last bit of a reward near 100.
        AssertSteps<MountainCarContinuous>(
            state => new ReferenceMountainCarContinuous(state), ValleyStates(), Forces(2), [7.5e-8, 4.8e-9], 4e-8, state => Flag(state, 0.45));

    [Fact]
    public void Pendulum_AnyStateAndTorque_IsItsTwin() =>
        // 3.0e-7, 3.7e-7, reward 2.0e-6; three turns either way.
        AssertSteps<Pendulum>(state => new ReferencePendulum(state), RandomStates([20, 8]), Forces(3), [3.6e-7, 4.4e-7], 2.4e-6, _ => 1);

    [Fact]
    public void ContinuousCartPole_ForcesWithinTheLimits_IsItsTwin() =>
        // 1.2e-7, 2.5e-7, 1.6e-8, 2.6e-7.
        AssertSteps<ContinuousCartPole>(
            state => new ReferenceContinuousCartPole(state), RandomStates([2.4f, 4, 0.2094f, 4]), Forces(10), [1.4e-7, 3.1e-7, 1.9e-8, 3.2e-7], 0, Track);

    [Fact]
    public void ContinuousCartPole_GoldenStatesUnderOtherForces_IsItsTwin()
    {
        float[][] states = [.. GoldenCartPole.Rows.Select(row => Closeness.ToSingle(row.State))];
        AssertSteps<ContinuousCartPole>(
            state => new ReferenceContinuousCartPole(state), states, [.. Forces(30).Take(states.Length)], [2e-7, 4e-7, 3e-8, 5e-7], 0, Track);
    }

    [Theory]
    [InlineData(-10f, 0)]
    [InlineData(10f, 1)]
    [InlineData(-10.000001f, 0)]
    [InlineData(-25f, 0)]
    [InlineData(1e30f, 1)]
    [InlineData(float.PositiveInfinity, 1)]
    public void ContinuousCartPole_ForceAtOrBeyondALimit_IsTheDiscreteStep(float force, int action)
    {
        float[][] states = [.. GoldenCartPole.Rows.Select(row => Closeness.ToSingle(row.State))];
        StepOutcome discrete = EnvironmentHarness.Step<CartPole>(16, states, [.. states.Select(_ => action)]);
        StepOutcome continuous = EnvironmentHarness.Step<ContinuousCartPole>(16, states, [.. states.Select(_ => BitConverter.SingleToInt32Bits(force))]);
        Bits.AssertEqual(discrete.NextStates, continuous.NextStates, "next state");
        Bits.AssertEqual(discrete.Rewards, continuous.Rewards, "reward");
        Assert.Equal(discrete.Terminated, continuous.Terminated);
    }

    [Fact]
    public void ContinuousCartPole_ForceWithinTheLimits_IsNoneOfTheDiscreteSteps()
    {
        float[][] states = [.. GoldenCartPole.Rows.Select(row => Closeness.ToSingle(row.State))];
        StepOutcome inside = EnvironmentHarness.Step<ContinuousCartPole>(16, states, [.. states.Select(_ => BitConverter.SingleToInt32Bits(9.99f))]);
        StepOutcome limit = EnvironmentHarness.Step<CartPole>(16, states, [.. states.Select(_ => 1)]);
        for (int i = 0; i < states.Length; i++)
            Assert.True(inside.NextStates[i][1] < limit.NextStates[i][1], $"row {i}: a weaker push is to leave the cart slower");
    }

    [Fact]
    public void Reset_AnyEpisode_IsTheTwins()
    {
        AssertReset<Acrobot>(ReferenceAcrobot.Reset, 1.5e-8);
        AssertReset<MountainCar>(ReferenceMountainCar.Reset, 6e-8);
        AssertReset<MountainCarContinuous>(ReferenceMountainCarContinuous.Reset, 6e-8);
        AssertReset<Pendulum>(ReferencePendulum.Reset, 3e-7);
        AssertReset<ContinuousCartPole>(ReferenceContinuousCartPole.Reset, 1e-8);
    }

    /// <summary>
    /// As for recorded steps. Flags may differ where the next state is within rounding of a line, which its margin tells the distance of.
    /// </summary>
    private static void AssertSteps<TEnvironment>(
        Func<double[], ReferenceEnvironment> create, float[][] states, int[] actions, double[] tolerance, double rewardTolerance, Func<double[], double> margin)
        where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
    {
        EnvironmentSpecification specification = TEnvironment.Specification;
        int angles = specification.ObservationSize - specification.StateSize;
        bool everTerminated = false;
        StepOutcome outcome = EnvironmentHarness.Step<TEnvironment>(16, states, actions);
        for (int i = 0; i < states.Length; i++)
        {
            ReferenceEnvironment twin = create(Closeness.ToDouble(states[i]));
            ReferenceStep step = twin.Step(specification.Actions.IsDiscrete ? actions[i] : BitConverter.Int32BitsToSingle(actions[i]));
            double[] next = twin.State, observation = twin.Observation;
            for (int variable = 0; variable < next.Length; variable++)
            {
                double error = Math.Abs(Difference(outcome.NextStates[i][variable], next[variable], variable < angles));
                Assert.True(error <= tolerance[variable], $"{specification.Name} state {i}, variable {variable}: error {error:E3}");
            }

            for (int feature = 0; feature < observation.Length; feature++)
            {
                double error = Math.Abs(outcome.Observations[i][feature] - observation[feature]);
                double bound = feature < 2 * angles ? tolerance[feature / 2] + ClassicControlTests.ElementaryTolerance : tolerance[feature - angles];
                Assert.True(error <= bound, $"{specification.Name} state {i}, feature {feature}: error {error:E3}");
            }

            bool isNearTheEnd = margin(next) < 3e-6;
            Assert.True(step.Terminated == outcome.Terminated[i] || isNearTheEnd, $"{specification.Name} state {i}: terminated is {outcome.Terminated[i]}");
            if (step.Terminated == outcome.Terminated[i])
                Assert.InRange(Math.Abs(outcome.Rewards[i] - step.Reward), 0, rewardTolerance + (rewardTolerance > 0 && step.Terminated ? 4e-6 : 0));
            everTerminated |= step.Terminated;
        }

        Assert.Equal(typeof(TEnvironment) != typeof(Pendulum), everTerminated);
    }

    private static void AssertReset<TEnvironment>(Func<ulong, ulong, ReferenceEnvironment> reset, double tolerance)
        where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
    {
        const ulong Seed = 0x1234_5678_9ABC_DEF0;
        int count = TEnvironment.Specification.ResetWords;
        uint[][] words =
            [.. Enumerable.Range(0, 100).Select(episode => Philox.Generate(Seed, RandomStream.Reset, (ulong)episode, 0)).Select(block => Enumerable.Range(0, count).Select(k => block[k]).ToArray())];
        (float[][] states, float[][] observations) = EnvironmentHarness.Reset<TEnvironment>(8, words);
        for (int episode = 0; episode < words.Length; episode++)
        {
            ReferenceEnvironment twin = reset(Seed, (ulong)episode);
            Assert.All(twin.State.Zip(states[episode]), pair => Assert.Equal(pair.First, pair.Second, tolerance));
            Assert.All(twin.Observation.Zip(observations[episode]), pair => Assert.Equal(pair.First, pair.Second, tolerance + ClassicControlTests.ElementaryTolerance));
        }
    }

    private static float[][] RandomStates(float[] largest)
    {
        Noise noise = new(3);
        return [.. Enumerable.Range(0, States).Select(_ => largest.Select(limit => noise.Next(-limit, limit)).ToArray())];
    }

    /// <summary>All over the valley, some at a wall, some at the largest speed.</summary>
    private static float[][] ValleyStates()
    {
        Noise noise = new(3);
        return [.. Enumerable.Range(0, States).Select(_ => new[] { Math.Clamp(noise.Next(-1.3f, 0.65f), -1.2f, 0.6f), Math.Clamp(noise.Next(-0.08f, 0.08f), -0.07f, 0.07f) })];
    }

    private static int[] Actions(int count)
    {
        Noise noise = new(4);
        return [.. Enumerable.Range(0, States).Select(_ => noise.Next(0, count))];
    }

    private static int[] Forces(float largest) => [.. new Noise(4).Array(States, -largest, largest).Select(BitConverter.SingleToInt32Bits)];

    private static double Height(double[] state) => Math.Abs(-Math.Cos(state[0]) - Math.Cos(state[0] + state[1]) - 1);

    private static double Flag(double[] state, double goal) => Math.Min(Math.Abs(state[0] - goal), Math.Abs(state[1]));

    private static double Track(double[] state) => Math.Min(Math.Abs(Math.Abs(state[0]) - 2.4), Math.Abs(Math.Abs(state[2]) - Math.PI / 15));

    private static double Difference(double value, double other, bool isAngle) =>
        isAngle ? Math.IEEERemainder(value - other, 2 * Math.PI) : value - other;
}
