using PgFast.Checking;
using PgFast.Environments;
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
        Expect<Throws>("no exceptions", "out of order");
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
    public void Check_NoSteps_Throws() => Assert.Throws<ArgumentOutOfRangeException>(() => EnvironmentChecker.Check<CartPole>(0));

    private static void Expect<TFault>(string rule, string message) where TFault : struct, IFault
    {
        EnvironmentCheck check = EnvironmentChecker.Check<Broken<TFault>>(100);
        Assert.Contains(check.Problems, problem => problem.Rule == rule && problem.Message.Contains(message, StringComparison.Ordinal));
        // One fault, one rule; a step that is not finite or not the same twice cannot be compared in other ways.
        if (TFault.Fault is not (Fault.CountsCalls or Fault.Overrun))
            Assert.True(check.Problems.Count == 1, string.Join('\n', check.Problems));
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

