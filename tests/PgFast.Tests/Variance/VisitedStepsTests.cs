using PgFast.Environments;
using PgFast.Networks;
using PgFast.Policies;
using PgFast.Tests.Support;
using PgFast.Variance;

namespace PgFast.Tests.Variance;

/// <summary>Which steps are drawn.</summary>
public class VisitedStepsTests
{
    // Fixed seeds; by chance alone one frequency in 16,000 is further off.
    private const double StandardErrors = 4;

    [Fact]
    public void Draw_Chain_IsUniformOverVisitedSteps()
    {
        const int Count = 40_000;
        PolicyCase policy = PolicyCase.Random(new NetworkShape(4, [], 3, Activation.Relu), 1, seed: 41);
        double[][] visits = Chain<ThreeActions>.Solve(policy, 1).Visits;
        (float[] states, int[] times) = Draw<Chain<ThreeActions>>(policy, Count);
        int cells = 0;
        for (int time = 0; time < visits.Length; time++)
        {
            for (int state = 0; state < Chain<ThreeActions>.States; state++)
            {
                double expected = visits[time][state];
                double share = Enumerable.Range(0, Count).Count(
                    i => times[i] == time && BitConverter.SingleToInt32Bits(states[i * 5]) == state) / (double)Count;
                double error = Math.Sqrt(expected * (1 - expected) / Count);
                Assert.True(Math.Abs(share - expected) <= StandardErrors * error, $"state {state} at {time}: {share}, {expected} is right");
                cells += expected > 0 ? 1 : 0;
            }
        }

        Assert.True(cells > 15, "the chain is visited at many states and times");
        // The observation follows the state.
        Assert.All(Enumerable.Range(0, Count), i => Assert.Equal(1, states[i * 5 + 1 + BitConverter.SingleToInt32Bits(states[i * 5])]));
    }

    [Fact]
    public void Draw_MorePasses_NeverRepeatsAStart()
    {
        PolicyCase policy = PolicyCase.Random(new NetworkShape(4, [8], 2, Activation.Relu), 1, seed: 42);
        (float[] states, int[] times) = Draw<CartPole>(policy, 300);
        Assert.Equal(300, Enumerable.Range(0, 300).Select(i => states[i * 4]).Distinct().Count());
        Assert.InRange(times.Max(), 10, 499);
    }

    /// <summary>[draw][SavedSize] states and their times, drawn in several passes.</summary>
    private static (float[] States, int[] Times) Draw<TEnvironment>(PolicyCase policy, int count)
        where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
    {
        using NetworkParameters parameters = NestedHarness.Parameters(policy);
        using NetworkKernels network = NetworkKernels.Create(parameters, keepsActivations: false);
        network.Refresh();
        using PolicyHead head = PolicyHead.Create(ActionDistribution.Softmax(policy.Shape.OutputSize));
        BatchedEnvironment environment = BatchedEnvironment.Create<TEnvironment>();
        using NestedLanes lanes = new(environment, network, head) { Seed = 5 };
        VisitedSteps steps = new(lanes, environment.Specification.MaximumEpisodeSteps);
        float[] states = new float[count * lanes.SavedSize];
        int[] times = new int[count];
        ulong nextTry = 0;
        for (int pass = 0; pass < 4; pass++)
        {
            int from = count / 4 * pass;
            steps.Draw(ref nextTry, count / 4, states.AsSpan(from * lanes.SavedSize), times.AsSpan(from), CancellationToken.None);
        }

        return (states, times);
    }
}
