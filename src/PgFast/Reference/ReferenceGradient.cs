namespace PgFast.Reference;

/// <summary>The policy gradient of a batch of episodes, and the clipping of its norm.</summary>
public static class ReferenceGradient
{
    /// <summary>
    /// Computes (1/B) Σ_i Σ_t ψ_it ∇log π(a_it|s_it) + β · (1/N) Σ_i Σ_t ∇H(π(·|s_it)), for B episodes of N steps altogether.
    /// </summary>
    /// <param name="network">Observation → logits of a softmax policy.</param>
    /// <param name="parameters">θ [ParameterCount].</param>
    /// <param name="episodes">The batch; the observations must fit the network.</param>
    /// <param name="weights">ψ [episode][time].</param>
    /// <param name="entropyCoefficient">β; 0 for none.</param>
    /// <returns>[ParameterCount], the direction of ascent.</returns>
    /// <exception cref="ArgumentException">There is no episode, or a weight does not belong to a step.</exception>
    public static double[] Compute(
        ReferenceNetwork network,
        double[] parameters,
        IReadOnlyList<ReferenceEpisode> episodes,
        IReadOnlyList<double[]> weights,
        double entropyCoefficient = 0.0)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(episodes);
        ArgumentNullException.ThrowIfNull(weights);
        bool fits = weights.Count == episodes.Count && episodes.Zip(weights).All(pair => pair.First.Length == pair.Second.Length);
        if (episodes.Count == 0 || !fits)
        {
            throw new ArgumentException("One weight is needed for every step of at least one episode.", nameof(weights));
        }

        int episodeCount = episodes.Count;
        int stepCount = episodes.Sum(episode => episode.Length);
        double[] gradient = new double[network.ParameterCount];
        for (int i = 0; i < episodeCount; i++)
        {
            for (int t = 0; t < episodes[i].Length; t++)
            {
                double[][] activations = network.Forward(parameters, episodes[i].Observations[t]);
                double[] logits = activations[^1];
                double[] score = ReferenceSoftmax.LogProbabilityGradient(logits, episodes[i].Actions[t]);
                double[] entropy = ReferenceSoftmax.EntropyGradient(logits);
                double[] logitGradient = new double[logits.Length];
                for (int a = 0; a < logits.Length; a++)
                {
                    logitGradient[a] = weights[i][t] * score[a] / episodeCount + entropyCoefficient * entropy[a] / stepCount;
                }

                network.Backward(parameters, activations, logitGradient, gradient);
            }
        }

        return gradient;
    }

    /// <summary>Euclidean norm √(Σ g²) over all parameters.</summary>
    /// <param name="gradient">[ParameterCount].</param>
    public static double Norm(double[] gradient) => Math.Sqrt(gradient.Sum(g => g * g));

    /// <summary>Clips by the global norm: a gradient longer than the maximum keeps its direction and gets that length.</summary>
    /// <param name="gradient">[ParameterCount]; not changed.</param>
    /// <param name="maximumNorm">The longest that is let through, above 0.</param>
    /// <returns>[ParameterCount].</returns>
    public static double[] Clip(double[] gradient, double maximumNorm)
    {
        double norm = Norm(gradient);
        return norm > maximumNorm ? Array.ConvertAll(gradient, g => g * (maximumNorm / norm)) : [.. gradient];
    }
}
