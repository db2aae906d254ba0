using PgFast.Reference;

namespace PgFast.Tests.Reference;

/// <summary>Expected gradients, exactly: a task so small that every batch of two episodes can be listed with its probability.</summary>
public class ReferenceUnbiasednessTests
{
    private const double Discount = 0.7;
    private const int Horizon = 4;

    // Central differences err by about the square of their step, the sum over 225 batches by much less.
    private const double DifferenceStep = 1e-5;
    private const double Tolerance = 1e-9;

    private static readonly ReferenceNetwork Policy = new([3, 3, 2], ReferenceActivation.Tanh);
    private static readonly double[] Parameters = Policy.InitialParameters(77);

    public static TheoryData<ReferenceEstimator, ReferenceBaseline> EveryPair
    {
        get
        {
            TheoryData<ReferenceEstimator, ReferenceBaseline> pairs = [];
            foreach (ReferenceEstimator estimator in Enum.GetValues<ReferenceEstimator>())
            {
                foreach (ReferenceBaseline baseline in Enum.GetValues<ReferenceBaseline>())
                {
                    pairs.Add(estimator, baseline);
                }
            }

            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(EveryPair))]
    public void ExpectedGradient_WithoutDiscount_IsTheGradientOfTheObjective(ReferenceEstimator estimator, ReferenceBaseline baseline) =>
        Assert.InRange(Distance(ExpectedGradient(1.0, estimator, baseline), ObjectiveGradient(1.0)), 0.0, Tolerance);

    [Theory]
    [InlineData(ReferenceEstimator.Total, ReferenceBaseline.None)]
    [InlineData(ReferenceEstimator.Total, ReferenceBaseline.Mean)]
    [InlineData(ReferenceEstimator.Total, ReferenceBaseline.Time)]
    [InlineData(ReferenceEstimator.Discounted, ReferenceBaseline.None)]
    [InlineData(ReferenceEstimator.Discounted, ReferenceBaseline.Mean)]
    [InlineData(ReferenceEstimator.Discounted, ReferenceBaseline.Time)]
    public void ExpectedGradient_TotalOrDiscounted_IsTheGradientOfTheDiscountedObjective(
        ReferenceEstimator estimator, ReferenceBaseline baseline) =>
        Assert.InRange(Distance(ExpectedGradient(Discount, estimator, baseline), ObjectiveGradient(Discount)), 0.0, Tolerance);

    [Fact]
    public void ExpectedGradient_DiscountedRewardToGo_IsAnotherVectorButTheSameForEveryBaseline()
    {
        double[] none = ExpectedGradient(Discount, ReferenceEstimator.RewardToGo, ReferenceBaseline.None);
        double[] mean = ExpectedGradient(Discount, ReferenceEstimator.RewardToGo, ReferenceBaseline.Mean);
        double[] time = ExpectedGradient(Discount, ReferenceEstimator.RewardToGo, ReferenceBaseline.Time);
        Assert.InRange(Distance(none, mean), 0.0, Tolerance);
        Assert.InRange(Distance(none, time), 0.0, Tolerance);
        Assert.InRange(Distance(none, ObjectiveGradient(Discount)), 0.1, double.PositiveInfinity);
    }

    [Fact]
    public void Episodes_AllListed_HaveProbabilityOne() =>
        Assert.Equal(1.0, Episodes(Parameters).Sum(entry => entry.Probability), 1e-14);

    private static double[] ExpectedGradient(double discount, ReferenceEstimator estimator, ReferenceBaseline baseline)
    {
        double[] expected = new double[Policy.ParameterCount];
        List<(ReferenceEpisode Episode, double Probability)> episodes = Episodes(Parameters);
        foreach ((ReferenceEpisode first, double firstProbability) in episodes)
        {
            foreach ((ReferenceEpisode second, double secondProbability) in episodes)
            {
                double[][] weights = ReferenceReturns.Weights([first.Rewards, second.Rewards], discount, estimator, baseline);
                double[] gradient = ReferenceGradient.Compute(Policy, Parameters, [first, second], weights);
                for (int k = 0; k < expected.Length; k++)
                {
                    expected[k] += firstProbability * secondProbability * gradient[k];
                }
            }
        }

        return expected;
    }

    private static double[] ObjectiveGradient(double discount)
    {
        double[] gradient = new double[Policy.ParameterCount];
        for (int k = 0; k < gradient.Length; k++)
        {
            double[] moved = [.. Parameters];
            moved[k] = Parameters[k] + DifferenceStep;
            double above = Objective(moved, discount);
            moved[k] = Parameters[k] - DifferenceStep;
            gradient[k] = (above - Objective(moved, discount)) / (2.0 * DifferenceStep);
        }

        return gradient;
    }

    private static double Objective(double[] parameters, double discount) =>
        Episodes(parameters).Sum(entry => entry.Probability * ReferenceReturns.RewardsToGo(entry.Episode.Rewards, discount)[0]);

    /// <summary>
    /// Two states, two actions; the action is the next state. Rewards differ by state, action and time. Action 1 in state 1 ends the
    /// episode, as does the horizon.
    /// </summary>
    private static List<(ReferenceEpisode Episode, double Probability)> Episodes(double[] parameters)
    {
        List<(ReferenceEpisode, double)> complete = [];
        Extend(state: 0, probability: 1.0, observations: [], actions: [], rewards: []);
        return complete;

        void Extend(int state, double probability, double[][] observations, int[] actions, double[] rewards)
        {
            int t = actions.Length;
            double[] observation = [1.0, state, t];
            double[] probabilities = ReferenceSoftmax.Probabilities(Policy.Forward(parameters, observation)[^1]);
            for (int action = 0; action < 2; action++)
            {
                double reward = state + 2.0 * action - 3.0 * state * action + 0.5 * t;
                double[][] allObservations = [.. observations, observation];
                int[] allActions = [.. actions, action];
                double[] allRewards = [.. rewards, reward];
                double joint = probability * probabilities[action];
                bool terminated = state == 1 && action == 1;
                if (terminated || t + 1 == Horizon)
                {
                    complete.Add((new ReferenceEpisode(allObservations, allActions, allRewards, terminated, t + 1 == Horizon), joint));
                }
                else
                {
                    Extend(action, joint, allObservations, allActions, allRewards);
                }
            }
        }
    }

    private static double Distance(double[] left, double[] right) => left.Zip(right, (l, r) => Math.Abs(l - r)).Max();
}
