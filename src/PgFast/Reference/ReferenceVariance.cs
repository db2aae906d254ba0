namespace PgFast.Reference;

/// <summary>An episode with the scores of its steps.</summary>
/// <param name="Episode">The episode.</param>
/// <param name="Scores">[time][parameter]: z_t = ∇log π(a_t|s_t).</param>
public sealed record ReferenceScoredEpisode(ReferenceEpisode Episode, double[][] Scores)
{
    /// <summary>Computes the scores of an episode's steps.</summary>
    /// <param name="network">Observation → logits of a softmax policy.</param>
    /// <param name="parameters">θ [ParameterCount].</param>
    /// <param name="episode">The episode; its observations must fit the network.</param>
    public static ReferenceScoredEpisode Of(ReferenceNetwork network, double[] parameters, ReferenceEpisode episode)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(episode);
        double[][] scores = new double[episode.Length][];
        for (int t = 0; t < scores.Length; t++)
        {
            scores[t] = new double[network.ParameterCount];
            double[][] activations = network.Forward(parameters, episode.Observations[t]);
            double[] logitScore = ReferenceSoftmax.LogProbabilityGradient(activations[^1], episode.Actions[t]);
            network.Backward(parameters, activations, logitScore, scores[t]);
        }

        return new ReferenceScoredEpisode(episode, scores);
    }

    /// <summary>Σ_t ψ_t z_t: the episode's gradient with the given weights.</summary>
    /// <param name="weights">ψ [time].</param>
    /// <returns>[parameter].</returns>
    public double[] Sum(double[] weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        double[] sum = new double[Scores[0].Length];
        for (int t = 0; t < Scores.Length; t++)
        {
            for (int h = 0; h < sum.Length; h++)
            {
                sum[h] += weights[t] * Scores[t][h];
            }
        }

        return sum;
    }
}

/// <summary>The gradient of one batch of episodes as a variance study defines it, in scalar double precision.</summary>
/// <remarks>
/// g = (1/B) Σ_i Σ_t ψ_it z_it, with ψ_it = p_t·(G − b). G is G_0 for the total return, else G_t; p_t is γ^t for the discounted estimator,
/// else 1. In a batch of several, <see cref="ReferenceStudyBaseline.Mean"/> and <see cref="ReferenceStudyBaseline.Time"/> come from the
/// batch's other episodes; every other baseline is the fixed numbers of <see cref="ReferenceBaselines"/>.
/// </remarks>
public static class ReferenceVariance
{
    /// <summary>The gradient of a batch.</summary>
    /// <param name="batch">Its episodes, at least one.</param>
    /// <param name="discount">γ in [0, 1].</param>
    /// <param name="estimator">Which return.</param>
    /// <param name="baseline">What is subtracted from it.</param>
    /// <param name="given">Fixed baselines.</param>
    /// <param name="standardizes">Whether the weights are standardised over the steps of the batch.</param>
    /// <returns>[parameter].</returns>
    /// <exception cref="ArgumentException">Weights that differ from parameter to parameter cannot be standardised.</exception>
    public static double[] BatchGradient(
        IReadOnlyList<ReferenceScoredEpisode> batch,
        double discount,
        ReferenceEstimator estimator,
        ReferenceStudyBaseline baseline,
        ReferenceBaselines given,
        bool standardizes = false)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(given);
        bool isPerParameter = baseline == ReferenceStudyBaseline.OptimalPerParameter;
        if (isPerParameter && standardizes)
        {
            throw new ArgumentException("Every parameter has weights of its own.", nameof(standardizes));
        }

        double[][] weights = Weights(batch, discount, estimator, isPerParameter ? ReferenceStudyBaseline.None : baseline, given);
        if (standardizes)
        {
            ReferenceReturns.Standardize(weights);
        }

        double[] gradient = new double[batch[0].Scores[0].Length];
        for (int i = 0; i < batch.Count; i++)
        {
            double[] own = batch[i].Sum(weights[i]);
            double[] subtracted = batch[i].Sum([.. weights[i].Select((_, t) => Factor(estimator, discount, t))]);
            for (int h = 0; h < gradient.Length; h++)
            {
                double b = isPerParameter ? given.PerParameter[(int)estimator][h] : 0.0;
                gradient[h] += (own[h] - b * subtracted[h]) / batch.Count;
            }
        }

        return gradient;
    }

    /// <summary>ψ [episode][time] of a batch.</summary>
    /// <param name="batch">Its episodes, at least one.</param>
    /// <param name="discount">γ in [0, 1].</param>
    /// <param name="estimator">Which return.</param>
    /// <param name="baseline">What is subtracted from it; not one for every parameter.</param>
    /// <param name="given">Fixed baselines.</param>
    public static double[][] Weights(
        IReadOnlyList<ReferenceScoredEpisode> batch,
        double discount,
        ReferenceEstimator estimator,
        ReferenceStudyBaseline baseline,
        ReferenceBaselines given)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(given);
        double[][] rewards = [.. batch.Select(b => b.Episode.Rewards)];
        if (batch.Count > 1 && baseline is (ReferenceStudyBaseline.Mean or ReferenceStudyBaseline.Time))
        {
            ReferenceBaseline ofBatch = baseline == ReferenceStudyBaseline.Mean ? ReferenceBaseline.Mean : ReferenceBaseline.Time;
            return ReferenceReturns.Weights(rewards, discount, estimator, ofBatch);
        }

        bool isTotal = estimator == ReferenceEstimator.Total;
        double[][] weights = ReferenceReturns.Weights(rewards, discount, estimator, ReferenceBaseline.None);
        for (int i = 0; i < weights.Length; i++)
        {
            double[][] observations = batch[i].Episode.Observations;
            for (int t = 0; t < weights[i].Length; t++)
            {
                double b = baseline switch
                {
                    ReferenceStudyBaseline.Mean => given.Mean,
                    ReferenceStudyBaseline.Time => (isTotal ? given.TimeTotal : given.TimeToGo)[t],
                    ReferenceStudyBaseline.Optimal => given.Optimal[(int)estimator],
                    ReferenceStudyBaseline.Linear => Linear(isTotal ? given.LinearTotal : given.LinearToGo, observations[t], t, given.LastStep),
                    ReferenceStudyBaseline.Value => (isTotal ? given.ValueTotal : given.ValueToGo)?.Of(observations[t], t) ?? 0.0,
                    _ => 0.0,
                };
                weights[i][t] -= Factor(estimator, discount, t) * b;
            }
        }

        return weights;
    }

    /// <summary>p_t: what a baseline of 1 takes off the weight of step t.</summary>
    private static double Factor(ReferenceEstimator estimator, double discount, int t) =>
        estimator == ReferenceEstimator.Discounted ? Math.Pow(discount, t) : 1.0;

    private static double Linear(double[] coefficients, double[] observation, int time, int lastStep) =>
        ReferenceBaselines.Features(observation, time, lastStep).Zip(coefficients, (x, c) => x * c).Sum();
}
