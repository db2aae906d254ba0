namespace PgFast.Reference;

/// <summary>The softmax policy π(a) = exp(z_a) / Σ_b exp(z_b) over the action preferences z (logits) of one observation.</summary>
/// <remarks>
/// Sutton and Barto (2018), eq. 13.2. Everything is computed from log-probabilities, with the largest logit subtracted before any
/// exponential, so that logits of any finite size give finite results. Thread-safe.
/// </remarks>
public static class ReferenceSoftmax
{
    /// <summary>log π(a) = z_a − max − log Σ_b exp(z_b − max), in nats.</summary>
    /// <param name="logits">z [actions], finite.</param>
    /// <returns>[actions], each at most 0.</returns>
    public static double[] LogProbabilities(double[] logits)
    {
        double max = logits.Max();
        double logSum = Math.Log(logits.Sum(z => Math.Exp(z - max)));
        return Array.ConvertAll(logits, z => z - max - logSum);
    }

    /// <summary>π(a) = exp(log π(a)).</summary>
    /// <param name="logits">z [actions], finite.</param>
    /// <returns>[actions].</returns>
    public static double[] Probabilities(double[] logits) => Array.ConvertAll(LogProbabilities(logits), Math.Exp);

    /// <summary>Entropy H = −Σ_a π(a) log π(a), in nats.</summary>
    /// <param name="logits">z [actions], finite.</param>
    public static double Entropy(double[] logits) => -LogProbabilities(logits).Sum(logP => Math.Exp(logP) * logP);

    /// <summary>Gradient of log π(action) with respect to the logits: ∂ log π(a) / ∂z_b = 1{a = b} − π(b).</summary>
    /// <param name="logits">z [actions], finite.</param>
    /// <param name="action">a, from 0 to actions − 1.</param>
    /// <returns>[actions].</returns>
    /// <remarks>
    /// For linear preferences its product with the features is the eligibility vector of Sutton and Barto (2018), eq. 13.9; Williams (1992)
    /// calls it the characteristic eligibility.
    /// </remarks>
    public static double[] LogProbabilityGradient(double[] logits, int action)
    {
        double[] gradient = Array.ConvertAll(Probabilities(logits), p => -p);
        gradient[action] += 1.0;
        return gradient;
    }

    /// <summary>Gradient of the entropy with respect to the logits: ∂H / ∂z_b = −π(b) (log π(b) + H).</summary>
    /// <param name="logits">z [actions], finite.</param>
    /// <returns>[actions].</returns>
    public static double[] EntropyGradient(double[] logits)
    {
        double entropy = Entropy(logits);
        return Array.ConvertAll(LogProbabilities(logits), logP => -Math.Exp(logP) * (logP + entropy));
    }

    /// <summary>Turns a uniform number into an action distributed as π.</summary>
    /// <param name="logits">z [actions], finite.</param>
    /// <param name="uniform">u, strictly between 0 and 1.</param>
    /// <returns>
    /// For two actions: 1 where u &lt; π(1) = 1 / (1 + exp(−(z_1 − z_0))), else 0. For any other number: the smallest a with
    /// u · Σ_b exp(z_b − max) &lt; Σ_{b≤a} exp(z_b − max), or the last action if rounding leaves none.
    /// </returns>
    /// <remarks>Two actions are a case of their own because one comparison does; note that there the low u choose action 1.</remarks>
    public static int Sample(double[] logits, double uniform)
    {
        if (logits.Length == 2)
        {
            return uniform < 1.0 / (1.0 + Math.Exp(-(logits[1] - logits[0]))) ? 1 : 0;
        }

        double max = logits.Max();
        double[] exponentials = Array.ConvertAll(logits, z => Math.Exp(z - max));
        double threshold = uniform * exponentials.Sum();
        double cumulative = 0.0;
        for (int action = 0; action < logits.Length - 1; action++)
        {
            cumulative += exponentials[action];
            if (threshold < cumulative)
            {
                return action;
            }
        }

        return logits.Length - 1;
    }
}
