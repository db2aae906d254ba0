using PgFast.Comparison.Vectorized;
using PgFast.Reference;
using PgFast.Tests.Golden;
using PgFast.Training;

namespace PgFast.Tests.Comparison;

/// <summary>The vectorised implementation that the engine is compared with computes the same thing as the reference.</summary>
public class VectorReinforceTests
{
    /// <summary>Single precision, one step, from a state rounded to it.</summary>
    private const double StepTolerance = 1e-6;

    /// <summary>Sums of some thousand products in single precision, relative to the largest component.</summary>
    private const double GradientTolerance = 1e-4;

    /// <summary>An update or two at an initial policy: episodes of some twenty steps.</summary>
    private static readonly TrainerOptions Options = new() { Seed = 5, Threads = 1 };

    private static readonly ReferenceNetwork Network = new([4, 32, 2], ReferenceActivation.Relu);

    [Fact]
    public void StepOnce_RecordedTransitions_AreGymnasiums()
    {
        IReadOnlyList<GoldenTransition> rows = GoldenCartPole.Rows;
        VectorRollout rollout = new(rows.Count);
        (float[] State, bool Ended)[] steps = rollout.StepOnce(
            [.. rows.Select(row => Array.ConvertAll(row.State, value => (float)value))], [.. rows.Select(row => row.Action)]);
        for (int i = 0; i < rows.Count; i++)
        {
            Assert.Equal(rows[i].Terminated, steps[i].Ended);
            for (int feature = 0; feature < 4; feature++)
                Assert.InRange(steps[i].State[feature] - rows[i].NextState[feature], -StepTolerance, StepTolerance);
        }
    }

    [Fact]
    public void Gradient_RecordedBatches_IsPyTorchs()
    {
        GoldenPolicyGradient golden = GoldenPolicyGradient.Load("softmax_4_32_2_relu");
        VectorNetwork network = new();
        Array.ConvertAll(golden.Parameters, value => (float)value).CopyTo(network.Parameters, 0);
        foreach (GoldenBatch batch in golden.Batches)
        {
            float[] Feature(int index) => [.. batch.Observations.Select(row => (float)row[index])];
            Features features = new(Feature(0), Feature(1), Feature(2), Feature(3));
            float[] logits = new float[batch.Count], gradient = new float[VectorNetwork.ParameterCount];
            network.Forward(features, logits);
            // ∂ log π(a|s) / ∂z = a − σ(z).
            float[] derivative = [.. logits.Select((z, i) => (float)(batch.Weights[i] * (batch.Actions[i] - 1 / (1 + Math.Exp(-z)))))];
            network.Gradient(features, derivative, gradient);
            AssertClose(batch.WeightedLogProbabilityGradient, gradient);
        }
    }

    [Fact]
    public void Run_InitialPolicy_GivesWholeEpisodes()
    {
        VectorReinforce reinforce = new(Options);
        reinforce.Update();
        ReferenceEpisode[] episodes = EpisodesOf(reinforce.Rollout);
        Assert.Equal(Options.BatchSize, episodes.Length);
        Assert.Equal(episodes.Average(episode => episode.Length), reinforce.Rollout.MeanReturn, 9);
        foreach (ReferenceEpisode episode in episodes)
        {
            Assert.All(episode.Observations[0], value => Assert.InRange(value, -0.05, 0.05));
            for (int t = 0; t < episode.Length; t++)
            {
                ReferenceCartPole environment = new(episode.Observations[t], t);
                ReferenceStep step = environment.Step(episode.Actions[t]);
                Assert.Equal(t == episode.Length - 1, step.Terminated || step.Truncated);
                if (t + 1 < episode.Length)
                    Assert.All(environment.Observation.Zip(episode.Observations[t + 1]), pair => Assert.InRange(pair.First - pair.Second, -StepTolerance, StepTolerance));
            }
        }
    }

    [Fact]
    public void Update_OfABatch_IsTheReferences()
    {
        VectorReinforce reinforce = new(Options);
        double[] parameters = Array.ConvertAll(reinforce.Network.Parameters, value => (double)value);
        reinforce.Update();
        ReferenceEpisode[] episodes = EpisodesOf(reinforce.Rollout);
        double[][] weights = ReferenceReturns.Weights(
            Array.ConvertAll(episodes, episode => episode.Rewards), Options.Discount, ReferenceEstimator.RewardToGo, ReferenceBaseline.None);
        ReferenceReturns.Standardize(weights);
        double[] gradient = ReferenceGradient.Compute(Network, parameters, episodes, weights);
        AssertClose(gradient, reinforce.Gradient);

        // Adam's first step is ±α: it is compared where the gradient is far enough from 0 to have a sign.
        new ReferenceAdam(Network.ParameterCount).Step(parameters, Array.ConvertAll(reinforce.Gradient.ToArray(), value => (double)value), Options.StepSize);
        for (int i = 0; i < parameters.Length; i++)
            Assert.InRange(reinforce.Network.Parameters[i] - parameters[i], -1e-5, 1e-5);
    }

    [Fact]
    public void Update_UntilSolved_SolvesTheSameWayTwice()
    {
        (VectorReinforce first, VectorReinforce second) = (new(Options), new(Options));
        int updates = 0;
        double meanReturn = 0;
        while (meanReturn < 475 && updates++ < 300)
        {
            (double batchReturn, long steps) = first.Update();
            Assert.Equal((batchReturn, steps), second.Update());
            meanReturn = batchReturn >= 475 ? first.Evaluate(1000) : 0;
            if (batchReturn >= 475)
                Assert.Equal(meanReturn, second.Evaluate(1000));
        }

        Assert.True(meanReturn >= 475, $"Not solved after {updates} updates.");
        Assert.Equal(first.Network.Parameters, second.Network.Parameters);
    }

    private static ReferenceEpisode[] EpisodesOf(VectorRollout rollout)
    {
        List<(double[] Observation, int Action)>[] steps = [.. Enumerable.Range(0, Options.BatchSize).Select(_ => new List<(double[], int)>())];
        Features features = rollout.Features;
        for (int i = 0; i < rollout.Steps; i++)
        {
            double[] observation = [features.Position[i], features.Velocity[i], features.Angle[i], features.Rate[i]];
            steps[rollout.EpisodeOfStep[i]].Add((observation, rollout.Scores[i] > 0 ? 1 : 0));
        }

        return
        [
            .. steps.Select(episode => new ReferenceEpisode(
                [.. episode.Select(step => step.Observation)], [.. episode.Select(step => step.Action)], [.. episode.Select(_ => 1.0)],
                Terminated: episode.Count < VectorRollout.StepLimit, Truncated: episode.Count == VectorRollout.StepLimit)),
        ];
    }

    private static void AssertClose(double[] expected, ReadOnlySpan<float> actual)
    {
        double scale = expected.Max(Math.Abs);
        Assert.Equal(expected.Length, actual.Length);
        Assert.True(scale > 0, "There is nothing to compare.");
        for (int i = 0; i < expected.Length; i++)
            Assert.InRange((actual[i] - expected[i]) / scale, -GradientTolerance, GradientTolerance);
    }
}
