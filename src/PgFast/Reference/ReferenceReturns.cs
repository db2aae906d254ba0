namespace PgFast.Reference;

/// <summary>Which return multiplies the score ∇log π(a_t|s_t).</summary>
public enum ReferenceEstimator
{
    /// <summary>G_0, the return of the whole episode, at every step (Williams 1992, episodic REINFORCE).</summary>
    Total,

    /// <summary>G_t, the return from step t on. What practice uses; with γ &lt; 1 not the gradient of the discounted objective.</summary>
    RewardToGo,

    /// <summary>γ^t G_t: the gradient of the discounted objective, and the book's box.</summary>
    Discounted,
}

/// <summary>
/// What is subtracted from the return. Every choice leaves the episode's own return out, so none moves the mean of the gradient.
/// </summary>
public enum ReferenceBaseline
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The mean of G_0 over the other episodes of the batch.</summary>
    Mean,

    /// <summary>The mean, over the other episodes still running at t, of the return that the estimator uses at t (G_t, or G_0 for the
    /// total return).</summary>
    Time,
}

/// <summary>Returns G_t and the weights ψ_t that multiply the scores.</summary>
/// <remarks>
/// G_t = Σ_{k≥t} γ^{k−t} r_k, with r_k the reward that follows action k (Sutton and Barto 2018, eq. 3.8; they write R_{k+1}). An episode
/// simply ends where it was cut by the step limit: plain REINFORCE has no value function to bootstrap from. Thread-safe.
/// </remarks>
public static class ReferenceReturns
{
    /// <summary>Weights whose standard deviation is not above this are only centred: they are equal but for rounding.</summary>
    public const double MinimumDeviation = 1e-8;

    /// <summary>Returns G_t for every step, from the recursion G_t = r_t + γ·G_{t+1} (eq. 3.9).</summary>
    /// <param name="rewards">r [time].</param>
    /// <param name="discount">γ in [0, 1].</param>
    /// <returns>[time].</returns>
    public static double[] RewardsToGo(double[] rewards, double discount)
    {
        ArgumentNullException.ThrowIfNull(rewards);
        double[] returns = new double[rewards.Length];
        double next = 0.0;
        for (int t = rewards.Length - 1; t >= 0; t--)
        {
            next = rewards[t] + discount * next;
            returns[t] = next;
        }

        return returns;
    }

    /// <summary>
    /// The weight ψ of every step: the return that the estimator credits to it minus the baseline, and all that times γ^t for
    /// <see cref="ReferenceEstimator.Discounted"/>.
    /// </summary>
    /// <param name="rewards">[episode][time]: the rewards of a batch of whole episodes.</param>
    /// <param name="discount">γ in [0, 1].</param>
    /// <param name="estimator">Which return.</param>
    /// <param name="baseline">Which baseline b. It is 0 where there is no other episode to average over.</param>
    /// <returns>[episode][time].</returns>
    public static double[][] Weights(
        IReadOnlyList<double[]> rewards, double discount, ReferenceEstimator estimator, ReferenceBaseline baseline)
    {
        ArgumentNullException.ThrowIfNull(rewards);
        double[][] rewardsToGo = [.. rewards.Select(r => RewardsToGo(r, discount))];

        // The return that the estimator credits to step t of an episode.
        double ReturnAt(double[] toGo, int t) => estimator == ReferenceEstimator.Total ? toGo[0] : toGo[t];

        double[][] weights = new double[rewards.Count][];
        for (int i = 0; i < rewards.Count; i++)
        {
            double[][] others = [.. rewardsToGo.Where((_, j) => j != i)];
            weights[i] = new double[rewards[i].Length];
            for (int t = 0; t < weights[i].Length; t++)
            {
                double b = baseline switch
                {
                    ReferenceBaseline.Mean => MeanOrZero(others.Select(toGo => toGo[0])),
                    ReferenceBaseline.Time => MeanOrZero(others.Where(toGo => t < toGo.Length).Select(toGo => ReturnAt(toGo, t))),
                    _ => 0.0,
                };
                double factor = estimator == ReferenceEstimator.Discounted ? Math.Pow(discount, t) : 1.0;
                weights[i][t] = factor * (ReturnAt(rewardsToGo[i], t) - b);
            }
        }

        return weights;
    }

    /// <summary>Standardises weights over all steps of the batch: subtracts their mean, divides by their standard deviation.</summary>
    /// <param name="weights">[episode][time], overwritten.</param>
    /// <remarks>
    /// The deviation is the population's, √(Σ(ψ − mean)² / N) over the N steps. Where it is not above <see cref="MinimumDeviation"/> the
    /// weights are divided by 1. This is another estimator, and a biased one: mean and deviation contain the episode's own return.
    /// </remarks>
    public static void Standardize(IReadOnlyList<double[]> weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        double[] all = [.. weights.SelectMany(w => w)];
        if (all.Length == 0)
        {
            return;
        }

        double mean = all.Average();
        double deviation = Math.Sqrt(all.Average(w => (w - mean) * (w - mean)));
        double divisor = deviation > MinimumDeviation ? deviation : 1.0;
        foreach (double[] episode in weights)
        {
            for (int t = 0; t < episode.Length; t++)
            {
                episode[t] = (episode[t] - mean) / divisor;
            }
        }
    }

    private static double MeanOrZero(IEnumerable<double> values) => values.DefaultIfEmpty(0.0).Average();
}
