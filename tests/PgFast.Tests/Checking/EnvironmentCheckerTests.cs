using PgFast.Checking;
using PgFast.Environments;
using PgFast.Randomness;
using PgFast.Tests.Support;

namespace PgFast.Tests.Checking;

/// <summary>The checker finds every fault it is for, in an environment that has that one alone, and none in those that are right.</summary>
public class EnvironmentCheckerTests
{
    [Fact]
    public void Check_BuiltInEnvironments_Pass()
    {
        EnvironmentCheck[] checks =
        [
            EnvironmentChecker.Check<CartPole>(300), EnvironmentChecker.Check<ContinuousCartPole>(300), EnvironmentChecker.Check<Acrobot>(100),
            EnvironmentChecker.Check<MountainCar>(300), EnvironmentChecker.Check<MountainCarContinuous>(300), EnvironmentChecker.Check<Pendulum>(300),
            EnvironmentChecker.Check<ShortCorridor>(100), EnvironmentChecker.Check<SoftmaxBandit>(100), EnvironmentChecker.Check<GaussianBandit>(100),
            EnvironmentChecker.Check<CartPoleV0>(300), EnvironmentChecker.Check<CartPoleSuttonBarto>(300), EnvironmentChecker.Check<CartPolePuffer>(300),
        ];
        Assert.All(checks, check => Assert.True(check.Passed, string.Join('\n', check.Problems)));
        Assert.Equal(300 * 64, checks[0].Steps);
        Assert.True(checks[0].Terminations > 100);
        Assert.Equal((1f, 1f), (checks[0].SmallestReward, checks[0].LargestReward));
    }

    [Fact]
    public void Check_UsersEnvironments_Pass()
    {
        EnvironmentChecker.Check<Drift>(200).ThrowIfFailed();
        EnvironmentChecker.CheckScalar<ScalarCartPole>(200).ThrowIfFailed();
        EnvironmentChecker.CheckScalar<ScalarPoint>(200).ThrowIfFailed();
        EnvironmentChecker.Check<Broken<NoFault>>(200).ThrowIfFailed();
    }

    [Fact]
    public void Check_EveryFault_IsNamed()
    {
        Expect<ResetUnwritten>("everything written", "Reset leaves row 1 of the state unwritten");
        Expect<StepUnwritten>("everything written", "row 1 of the observation");
        Expect<RewardUnwritten>("everything written", "row 0 of the reward");
        Expect<Overrun>("memory bounds", "reward");
        Expect<NonFinite>("finite numbers", "feature 0 of the observation in lane");
        Expect<NonFiniteReward>("finite numbers", "the reward NaN in lane");
        Expect<IdleNonFinite>("idle lanes", "all-zero state");
        Expect<CountsCalls>("determinism", "second Step");
        Expect<LooksAtNeighbour>("independent lanes", "one lane further");
        Expect<DependsOnWidth>("same bits at every width", "vectors of 8 lanes");
        Expect<StoresEarly>("state in place", "row 0");
        Expect<FlagsBeyondLanes>("terminal flags", "does not exist");
        Expect<Allocates>("no allocation", "16 steps of 64 lanes");
        Expect<Throws>("no exceptions", "Step throws in lane 0 (episode 0, step 0): InvalidOperationException: the simulation is out of order");
    }

    [Fact]
    public void Check_StaticStateSharedByThreads_IsFound() => Expect<SharesState>("thread safety", "4 threads");

    [Fact]
    public void Check_SpecificationThatIsMadeAnew_IsNamed()
    {
        EnvironmentCheck check = EnvironmentChecker.CheckScalar<Restless>();
        Assert.Equal("specification", Assert.Single(check.Problems).Rule);
        EnvironmentException exception = Assert.Throws<EnvironmentException>(check.ThrowIfFailed);
        Assert.Contains("Restless: specification:", exception.Message, StringComparison.Ordinal);
        Assert.Same(check, exception.Check);
    }

    [Fact]
    public void CheckScalar_RowsThatNobodyWrites_AreNamed()
    {
        // An adapter that lends the same memory to every lane hides them: the row holds what an earlier lane left there, or zero.
        ExpectScalar<Careless<ResetUnwritten>>("everything written", "Reset leaves row 1 of the state unwritten in lane 0");
        ExpectScalar<Careless<StepUnwritten>>("everything written", "Step leaves row 1 of the observation unwritten in lane 0 (episode 0, step 0)");
        EnvironmentChecker.CheckScalar<Careless<NoFault>>(200).ThrowIfFailed();
    }

    [Fact]
    public void CheckScalar_Exception_IsReportedWithItsPlace() =>
        ExpectScalar<Careless<Throws>>("no exceptions", "Step throws in lane 3 (episode 3, step 5): InvalidOperationException: out of order");

    [Fact]
    public void CheckScalar_ExceptionOfAStaticConstructor_IsTheUsersOwn()
    {
        EnvironmentCheck check = EnvironmentChecker.CheckScalar<Unborn>();
        Assert.Equal(("Unborn", "no exceptions", "FormatException: no such table"), (check.Name, Assert.Single(check.Problems).Rule, check.Problems[0].Message));
    }

    [Fact]
    public void Check_NoEpisodeEnds_SaysSo()
    {
        EnvironmentCheck brief = EnvironmentChecker.Check<Pendulum>(150), whole = EnvironmentChecker.Check<Pendulum>(200);
        Assert.True(brief.Passed);
        Assert.StartsWith("no episode ended within 150 steps", brief.Note, StringComparison.Ordinal);
        Assert.Null(whole.Note);
        string[] lines = brief.ToString().Split('\n');
        Assert.StartsWith("Pendulum-v1: passed (9600 steps, 0 episodes, 0 of them to a terminal state, rewards from -", lines[0], StringComparison.Ordinal);
        Assert.Equal(brief.Note, Assert.Single(lines[1..]));
        Assert.EndsWith("everything written: Step leaves row 1 of the observation unwritten in lane 0 (episode 0, step 0)", EnvironmentChecker.Check<Broken<StepUnwritten>>(9).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Check_NoSteps_Throws() => Assert.Throws<ArgumentOutOfRangeException>(() => EnvironmentChecker.Check<CartPole>(0));

    private static void Expect<TFault>(string rule, string message) where TFault : struct, IFault
    {
        EnvironmentCheck check = EnvironmentChecker.Check<Broken<TFault>>(100);
        Assert.Contains(check.Problems, problem => problem.Rule == rule && problem.Message.Contains(message, StringComparison.Ordinal));
        // One fault, one rule; a step that is not finite or not the same twice cannot be compared in other ways.
        if (TFault.Fault is not (Fault.CountsCalls or Fault.Overrun))
            Assert.True(check.Problems.Count == 1, string.Join('\n', check.Problems));
    }

    private static void ExpectScalar<TScalar>(string rule, string message) where TScalar : struct, IScalarEnvironment<TScalar>
    {
        EnvironmentProblem problem = Assert.Single(EnvironmentChecker.CheckScalar<TScalar>(100).Problems);
        Assert.Equal((rule, message), (problem.Rule, problem.Message));
    }

    /// <summary>Counts its steps, and has at most one fault.</summary>
    private readonly struct Careless<TFault> : IScalarEnvironment<Careless<TFault>> where TFault : struct, IFault
    {
        public static EnvironmentSpecification Specification { get; } = new("Careless", 2, 2, false, ActionSpace.Discrete(2), 30, 1, null);

        public static void Reset(ReadOnlySpan<uint> randomWords, Span<float> state, Span<float> observation)
        {
            state[0] = 0;
            if (TFault.Fault != Fault.ResetUnwritten)
                state[1] = Philox.Uniform(randomWords[0]);
            (observation[0], observation[1]) = (0, 1);
        }

        public static bool Step(Span<float> state, ScalarAction action, Span<float> observation, out float reward)
        {
            if (TFault.Fault == Fault.Throws && state[0] == 5 && state[1] == OfTheFourth)
                throw new InvalidOperationException("out of order");
            state[0]++;
            observation[0] = 0.1f * state[0];
            if (TFault.Fault != Fault.StepUnwritten)
                observation[1] = state[1];
            reward = action.Index;
            return false;
        }

        /// <summary>What the episode with the id 3 starts with, in a check with the default seed.</summary>
        private static float OfTheFourth { get; } = Philox.Uniform(Philox.Generate(1, RandomStream.Reset, 3, 0)[0]);
    }

    private readonly struct Unborn : IScalarEnvironment<Unborn>
    {
        public static EnvironmentSpecification Specification { get; } = FromTable();

        public static void Reset(ReadOnlySpan<uint> randomWords, Span<float> state, Span<float> observation) => state.Clear();

        public static bool Step(Span<float> state, ScalarAction action, Span<float> observation, out float reward)
        {
            reward = 0;
            return false;
        }

        private static EnvironmentSpecification FromTable() => throw new FormatException("no such table");
    }

    private readonly struct Restless : IScalarEnvironment<Restless>
    {
        public static EnvironmentSpecification Specification => CartPole.Specification with { Name = "Restless" };

        public static void Reset(ReadOnlySpan<uint> randomWords, Span<float> state, Span<float> observation) => state.Clear();

        public static bool Step(Span<float> state, ScalarAction action, Span<float> observation, out float reward)
        {
            reward = 0;
            return false;
        }
    }
}

