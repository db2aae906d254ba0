using PgFast.Randomness;
using PgFast.Reference;

namespace PgFast.Tests.Reference;

public class ReinforceTests
{
    private const ulong Seed = 3;
    private static readonly ReferenceNetwork Policy = new([4, 16, 2], ReferenceActivation.Tanh);

    [Fact]
    public void Update_OneEpisodeAndPlainAscent_IsTheBookBox()
    {
        ReinforceOptions options = new() { EpisodesPerUpdate = 1, StepSize = 0.125, Discount = 0.9 };
        double[] initial = Policy.InitialParameters(Seed);
        Reinforce run = New(options, new ReferenceSgd(Policy.ParameterCount));
        ReferenceEpisode episode = run.Update().Episodes[0];

        // θ + α Σ_t γ^t G_t ∇ln π(A_t|S_t, θ), with G_t as the double sum of the box.
        double[] gradient = new double[Policy.ParameterCount];
        for (int t = 0; t < episode.Length; t++)
        {
            double g = 0.0;
            for (int k = t + 1; k <= episode.Length; k++)
            {
                g += Math.Pow(0.9, k - t - 1) * episode.Rewards[k - 1];
            }

            double[][] activations = Policy.Forward(initial, episode.Observations[t]);
            double[] score = ReferenceSoftmax.LogProbabilityGradient(activations[^1], episode.Actions[t]);
            Policy.Backward(initial, activations, Array.ConvertAll(score, s => Math.Pow(0.9, t) * g * s), gradient);
        }

        for (int k = 0; k < initial.Length; k++)
        {
            Assert.Equal(initial[k] + 0.125 * gradient[k], run.Parameters[k], 1e-12); // Sums in another order.
        }
    }

    [Fact]
    public void Update_Second_UsesTheNextEpisodeIds()
    {
        ReinforceOptions options = new() { EpisodesPerUpdate = 3 };
        Reinforce run = New(options, new ReferenceSgd(Policy.ParameterCount));
        run.Update();
        IReadOnlyList<ReferenceEpisode> episodes = run.Update().Episodes;
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(ReferenceCartPole.Reset(Seed, (ulong)(3 + i)).Observation, episodes[i].Observations[0]);
        }

        Assert.Equal(2, run.UpdateCount);
    }

    [Fact]
    public void GenerateEpisode_EveryStep_UsesItsOwnWord()
    {
        double[] parameters = Policy.InitialParameters(Seed);
        ReferenceEpisode episode = Reinforce.GenerateEpisode(Policy, parameters, Seed, 12);
        ReferenceCartPole environment = ReferenceCartPole.Reset(Seed, 12);
        for (int t = 0; t < episode.Length; t++)
        {
            double[] logits = Policy.Forward(parameters, environment.Observation)[^1];
            PhiloxBlock block = Philox.Generate(Seed, RandomStream.Action, 12, (uint)t >> 2);
            uint word = (t & 3) switch { 0 => block.Word0, 1 => block.Word1, 2 => block.Word2, _ => block.Word3 };
            bool right = Philox.Uniform(word) < 1.0 / (1.0 + Math.Exp(logits[0] - logits[1]));
            Assert.Equal(right ? 1 : 0, episode.Actions[t]);
            Assert.Equal(environment.Observation, episode.Observations[t]);
            ReferenceStep step = environment.Step(episode.Actions[t]);
            Assert.Equal(t == episode.Length - 1, step.Terminated || step.Truncated);
        }

        Assert.True(episode.Length > 4, "the episode must span more than one block of words");
    }

    [Fact]
    public void Update_ClipNorm_LimitsTheStep()
    {
        ReinforceOptions options = new() { StepSize = 0.5, ClipNorm = 0.25 };
        Reinforce run = New(options, new ReferenceSgd(Policy.ParameterCount));
        double[] before = [.. run.Parameters];
        double norm = ReferenceGradient.Norm(run.Update().Gradient);
        Assert.True(norm > 0.25, "the gradient must be long enough to be clipped");
        double moved = ReferenceGradient.Norm([.. before.Zip(run.Parameters, (old, now) => now - old)]);
        Assert.Equal(0.5 * 0.25, moved, 1e-14); // Rounding of θ + α·g.
    }

    [Fact]
    public void Update_Normalize_StandardisesTheWeightsOfTheBatch()
    {
        ReinforceOptions options = new() { Normalize = true, Estimator = ReferenceEstimator.RewardToGo };
        double[][] weights = New(options, new ReferenceSgd(Policy.ParameterCount)).Update().Weights;
        double[] all = [.. weights.SelectMany(w => w)];
        Assert.Equal(0.0, all.Average(), 1e-12); // Rounding of some 400 sums.
        Assert.Equal(1.0, all.Average(w => w * w), 1e-12);
    }

    [Fact]
    public void Update_SameSeed_GivesTheSameParameters()
    {
        ReinforceOptions options = new() { Baseline = ReferenceBaseline.Time, EntropyCoefficient = 0.01 };
        Reinforce first = New(options, new ReferenceAdam(Policy.ParameterCount));
        Reinforce second = New(options, new ReferenceAdam(Policy.ParameterCount));
        for (int update = 0; update < 3; update++)
        {
            first.Update();
            second.Update();
        }

        Assert.Equal(first.Parameters, second.Parameters);
    }

    [Theory]
    [InlineData(ReferenceEstimator.RewardToGo, ReferenceBaseline.None, true)]
    [InlineData(ReferenceEstimator.Discounted, ReferenceBaseline.Time, false)]
    public void Update_BoundedNumber_LearnsCartPole(ReferenceEstimator estimator, ReferenceBaseline baseline, bool normalize)
    {
        const int MaximumUpdates = 60;
        ReinforceOptions options = new()
        {
            StepSize = 0.03,
            Estimator = estimator,
            Baseline = baseline,
            Normalize = normalize,
        };
        Reinforce run = New(options, new ReferenceAdam(Policy.ParameterCount));

        double first = run.Update().MeanReturn;
        double best = 0.0;
        while (run.UpdateCount < MaximumUpdates && best <= 150.0)
        {
            best = Math.Max(best, run.Update().MeanReturn);
        }

        Assert.InRange(first, 10.0, 40.0); // An untrained policy lasts about 20 steps.
        Assert.True(best > 150.0, $"the best mean return of {run.UpdateCount} updates is {best}");
    }

    [Fact]
    public void Constructor_NetworkThatDoesNotFitCartPole_Throws()
    {
        ReferenceNetwork network = new([3, 2], ReferenceActivation.Tanh);
        Assert.Throws<ArgumentException>(
            () => new Reinforce(network, new double[network.ParameterCount], new ReferenceSgd(network.ParameterCount), new(), Seed));
    }

    private static Reinforce New(ReinforceOptions options, IReferenceOptimizer optimizer) =>
        new(Policy, Policy.InitialParameters(Seed), optimizer, options, Seed);
}
