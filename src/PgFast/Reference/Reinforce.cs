using PgFast.Randomness;

namespace PgFast.Reference;

/// <summary>What shapes the algorithm. The defaults are the book's box, but for more than one episode an update.</summary>
public sealed record ReinforceOptions
{
    /// <summary>γ in [0, 1].</summary>
    public double Discount { get; init; } = 0.99;

    /// <summary>B, the number of whole episodes an update, at least 1.</summary>
    public int EpisodesPerUpdate { get; init; } = 16;

    /// <summary>α, above 0.</summary>
    public double StepSize { get; init; } = 0.01;

    /// <summary>Which return multiplies the score.</summary>
    public ReferenceEstimator Estimator { get; init; } = ReferenceEstimator.Discounted;

    /// <summary>What is subtracted from the return.</summary>
    public ReferenceBaseline Baseline { get; init; } = ReferenceBaseline.None;

    /// <summary>Whether the weights are standardised over all steps of the batch.</summary>
    public bool Normalize { get; init; }

    /// <summary>β, the weight of the mean entropy of the policy; 0 for none.</summary>
    public double EntropyCoefficient { get; init; }

    /// <summary>The longest gradient that is let through; null for any.</summary>
    public double? ClipNorm { get; init; }
}

/// <summary>What one update did.</summary>
/// <param name="Episodes">The B episodes it was made from.</param>
/// <param name="Weights">ψ [episode][time].</param>
/// <param name="Gradient">[ParameterCount], before clipping.</param>
public sealed record ReinforceUpdate(IReadOnlyList<ReferenceEpisode> Episodes, double[][] Weights, double[] Gradient)
{
    /// <summary>Mean over the episodes of the sum of rewards, not discounted.</summary>
    public double MeanReturn => Episodes.Average(episode => episode.TotalReward);
}

/// <summary>REINFORCE on CartPole-v1, written to be read: the whole algorithm once, in scalar double precision.</summary>
/// <remarks>
/// <para>
/// The code beside "REINFORCE: Monte-Carlo Policy-Gradient Control (episodic)" of Sutton and Barto (2018), section 13.3:
/// </para>
/// <list type="table">
/// <listheader><term>The box</term><description>Here</description></listheader>
/// <item>
/// <term>Input: a differentiable policy parameterization π(a|s, θ)</term>
/// <description><see cref="ReferenceNetwork"/> gives the preferences, <see cref="ReferenceSoftmax"/> the policy (eq. 13.2).</description>
/// </item>
/// <item><term>Algorithm parameter: step size α &gt; 0</term><description><see cref="ReinforceOptions.StepSize"/></description></item>
/// <item>
/// <term>Initialize policy parameter θ</term>
/// <description>Given by the caller; <see cref="ReferenceNetwork.InitialParameters"/> draws one.</description>
/// </item>
/// <item><term>Loop forever (for each episode)</term><description>The caller's loop around <see cref="Update"/>.</description></item>
/// <item>
/// <term>Generate an episode S_0, A_0, R_1, …, S_{T−1}, A_{T−1}, R_T, following π(·|·, θ)</term>
/// <description><see cref="GenerateEpisode"/>, B times with the same θ.</description>
/// </item>
/// <item>
/// <term>G ← Σ_{k=t+1}^{T} γ^{k−t−1} R_k</term>
/// <description><see cref="ReferenceReturns.RewardsToGo"/></description>
/// </item>
/// <item>
/// <term>θ ← θ + α γ^t G ∇ln π(A_t|S_t, θ)</term>
/// <description>
/// The factor γ^t G is <see cref="ReferenceReturns.Weights"/> with <see cref="ReferenceEstimator.Discounted"/>, the score ∇ln π is
/// <see cref="ReferenceSoftmax.LogProbabilityGradient"/> carried back by <see cref="ReferenceNetwork.Backward"/>, their sum over t is
/// <see cref="ReferenceGradient.Compute"/>, and the step is <see cref="ReferenceSgd"/>.
/// </description>
/// </item>
/// </list>
/// <para>
/// Two differences. The box moves θ at every step of the finished episode; here all steps of a batch are summed at the θ that generated
/// them (for B = 1, the episode's sum), which is what makes the sum an unbiased estimate of a gradient. And the sum is averaged over B
/// episodes. Section 13.4 replaces G by G − b(S_t) (eq. 13.11), which changes no expectation as long as b does not depend on the action
/// (eq. 13.10); the baselines of <see cref="ReferenceBaseline"/> come from the other episodes of the batch, which is such a choice.
/// Reward-to-go without γ^t is eq. 13.8, where the book assumes γ = 1 until the box.
/// </para>
/// <para>
/// In Williams (1992), "Simple statistical gradient-following algorithms for connectionist reinforcement learning", the update is
/// Δw = α (r − b) e with the reinforcement r, the reinforcement baseline b and the characteristic eligibility e = ∂ ln g / ∂w; for
/// episodes, Δw = α (r − b) Σ_t e(t), which is <see cref="ReferenceEstimator.Total"/>.
/// </para>
/// <para>
/// Episode i of update n (both from 0) has the id n·B + i. Its random numbers depend on the seed, this id and the step only. The other
/// options, standardisation, entropy bonus, norm clipping, Adam, are later additions of practice and change the estimator. Not thread-safe.
/// </para>
/// </remarks>
public sealed class Reinforce
{
    private readonly ReferenceNetwork _policy;
    private readonly double[] _parameters;
    private readonly IReferenceOptimizer _optimizer;
    private readonly ReinforceOptions _options;
    private readonly ulong _seed;

    /// <summary>A run that stands before its first update.</summary>
    /// <param name="policy">Network of 4 inputs and 2 outputs.</param>
    /// <param name="parameters">Initial θ [ParameterCount]; copied.</param>
    /// <param name="optimizer">Makes the steps; a new one, of the same number of parameters.</param>
    /// <param name="options">What shapes the algorithm.</param>
    /// <param name="seed">Determines all random numbers of the run.</param>
    /// <exception cref="ArgumentException">The parameters do not fit the network, or the network does not fit CartPole.</exception>
    public Reinforce(ReferenceNetwork policy, double[] parameters, IReferenceOptimizer optimizer, ReinforceOptions options, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(options);
        if (policy.Sizes[0] != ReferenceCartPole.ObservationSize || policy.Sizes[^1] != ReferenceCartPole.ActionCount)
        {
            throw new ArgumentException("CartPole needs 4 inputs and 2 outputs.", nameof(policy));
        }

        if (parameters.Length != policy.ParameterCount)
        {
            throw new ArgumentException($"{policy.ParameterCount} parameters are needed.", nameof(parameters));
        }

        _policy = policy;
        _parameters = [.. parameters];
        _optimizer = optimizer;
        _options = options;
        _seed = seed;
    }

    /// <summary>θ as it is now.</summary>
    public IReadOnlyList<double> Parameters => _parameters;

    /// <summary>Number of updates made.</summary>
    public int UpdateCount { get; private set; }

    /// <summary>Generates a batch of episodes and steps θ once.</summary>
    public ReinforceUpdate Update()
    {
        // Generate episodes following π(·|·, θ).
        ulong firstEpisode = (ulong)UpdateCount * (ulong)_options.EpisodesPerUpdate;
        ReferenceEpisode[] episodes = new ReferenceEpisode[_options.EpisodesPerUpdate];
        for (int i = 0; i < episodes.Length; i++)
        {
            episodes[i] = GenerateEpisode(_policy, _parameters, _seed, firstEpisode + (ulong)i);
        }

        // γ^t (G − b), or what the options make of it.
        double[][] rewards = Array.ConvertAll(episodes, episode => episode.Rewards);
        double[][] weights = ReferenceReturns.Weights(rewards, _options.Discount, _options.Estimator, _options.Baseline);
        if (_options.Normalize)
        {
            ReferenceReturns.Standardize(weights);
        }

        // θ ← θ + α γ^t (G − b) ∇ln π(A_t|S_t, θ), summed over the steps and averaged over the episodes.
        double[] gradient = ReferenceGradient.Compute(_policy, _parameters, episodes, weights, _options.EntropyCoefficient);
        double[] clipped = _options.ClipNorm is double maximumNorm ? ReferenceGradient.Clip(gradient, maximumNorm) : gradient;
        _optimizer.Step(_parameters, clipped, _options.StepSize);
        UpdateCount++;
        return new ReinforceUpdate(episodes, weights, gradient);
    }

    /// <summary>Plays one episode to its end.</summary>
    /// <param name="policy">Network of 4 inputs and 2 outputs.</param>
    /// <param name="parameters">θ [ParameterCount].</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="episode">The episode's id.</param>
    /// <remarks>The action of step t is drawn with word t mod 4 of block t / 4 of the episode's action stream.</remarks>
    public static ReferenceEpisode GenerateEpisode(ReferenceNetwork policy, double[] parameters, ulong seed, ulong episode)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ReferenceCartPole environment = ReferenceCartPole.Reset(seed, episode);
        List<double[]> observations = [];
        List<int> actions = [];
        List<double> rewards = [];
        ReferenceStep step = default;
        for (int t = 0; !(step.Terminated || step.Truncated); t++)
        {
            double[] observation = environment.Observation;
            double[] logits = policy.Forward(parameters, observation)[^1];
            double uniform = Philox.Uniform(Philox.Generate(seed, RandomStream.Action, episode, (uint)(t / 4))[t % 4]);
            int action = ReferenceSoftmax.Sample(logits, uniform);
            step = environment.Step(action);

            observations.Add(observation);
            actions.Add(action);
            rewards.Add(step.Reward);
        }

        return new ReferenceEpisode([.. observations], [.. actions], [.. rewards], step.Terminated, step.Truncated);
    }
}
