namespace PgFast.Reference;

/// <summary>The diagonal Gaussian policy a_d ~ N(μ_d, σ_d²) over the outputs of one observation: all μ, then all log σ.</summary>
/// <remarks>Sutton and Barto (2018), section 13.7, with σ = exp(output). Actions are not clipped. Thread-safe.</remarks>
public static class ReferenceGaussian
{
    /// <summary>log π(a) = Σ_d (−½ ((a_d − μ_d)/σ_d)² − log σ_d − ½ log 2π), in nats.</summary>
    /// <param name="outputs">[2·dimension]: μ, then log σ; finite.</param>
    /// <param name="action">a [dimension].</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static double LogProbability(double[] outputs, double[] action)
    {
        Check(outputs, action);
        double sum = 0.0;
        for (int d = 0; d < action.Length; d++)
        {
            double logDeviation = outputs[action.Length + d];
            double standardised = (action[d] - outputs[d]) / Math.Exp(logDeviation);
            sum -= 0.5 * standardised * standardised + logDeviation + 0.5 * Math.Log(2.0 * Math.PI);
        }

        return sum;
    }

    /// <summary>Entropy H = Σ_d (log σ_d + ½ log 2πe), in nats.</summary>
    /// <param name="outputs">[2·dimension]: μ, then log σ; finite.</param>
    public static double Entropy(double[] outputs)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        return outputs.Skip(outputs.Length / 2).Sum(logDeviation => logDeviation + 0.5 * Math.Log(2.0 * Math.PI * Math.E));
    }

    /// <summary>Gradient of log π(action) with respect to the outputs: (a − μ)/σ² for μ, ((a − μ)/σ)² − 1 for log σ.</summary>
    /// <param name="outputs">[2·dimension]: μ, then log σ; finite.</param>
    /// <param name="action">a [dimension].</param>
    /// <returns>[2·dimension].</returns>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    /// <remarks>Williams (1992), section 6, gives both as characteristic eligibilities, there by σ itself.</remarks>
    public static double[] LogProbabilityGradient(double[] outputs, double[] action)
    {
        Check(outputs, action);
        double[] gradient = new double[outputs.Length];
        for (int d = 0; d < action.Length; d++)
        {
            double deviation = Math.Exp(outputs[action.Length + d]);
            double standardised = (action[d] - outputs[d]) / deviation;
            gradient[d] = standardised / deviation;
            gradient[action.Length + d] = standardised * standardised - 1.0;
        }

        return gradient;
    }

    /// <summary>Gradient of the entropy with respect to the outputs: 0 for μ, 1 for log σ.</summary>
    /// <param name="outputs">[2·dimension].</param>
    /// <returns>[2·dimension].</returns>
    public static double[] EntropyGradient(double[] outputs)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        return [.. outputs.Select((_, index) => index < outputs.Length / 2 ? 0.0 : 1.0)];
    }

    private static void Check(double[] outputs, double[] action)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentNullException.ThrowIfNull(action);
        if (outputs.Length != 2 * action.Length)
        {
            throw new ArgumentException("There is a mean and a log σ for every component of an action.", nameof(outputs));
        }
    }
}
