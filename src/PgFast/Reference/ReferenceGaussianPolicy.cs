namespace PgFast.Reference;

/// <summary>A network whose outputs are a Gaussian's μ, and log σ either as further outputs (a head) or as parameters of their own.</summary>
/// <remarks>The parameters θ are those of the network, then log σ [dimension] if it is free. Thread-safe.</remarks>
/// <param name="network">Observation → μ, or μ and log σ.</param>
/// <param name="freeSize">Number of free log σ: the dimension of an action, or 0 for a head.</param>
public sealed class ReferenceGaussianPolicy(ReferenceNetwork network, int freeSize)
{
    /// <summary>Length of θ.</summary>
    public int ParameterCount => network.ParameterCount + freeSize;

    /// <summary>μ, then log σ, for an observation.</summary>
    /// <param name="parameters">θ [ParameterCount].</param>
    /// <param name="observation">[inputs].</param>
    /// <returns>[2·dimension].</returns>
    public double[] Outputs(double[] parameters, double[] observation)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return [.. network.Forward(parameters[..network.ParameterCount], observation)[^1], .. parameters[network.ParameterCount..]];
    }

    /// <summary>Adds weight·∇log π(action) + entropyWeight·∇H by θ to a gradient.</summary>
    /// <param name="parameters">θ [ParameterCount].</param>
    /// <param name="observation">[inputs].</param>
    /// <param name="action">[dimension].</param>
    /// <param name="weight">Factor on the score.</param>
    /// <param name="entropyWeight">Factor on the entropy's gradient.</param>
    /// <param name="gradient">[ParameterCount]; accumulated into.</param>
    public void AddGradient(
        double[] parameters, double[] observation, double[] action, double weight, double entropyWeight, double[] gradient)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(gradient);
        double[] own = parameters[..network.ParameterCount];
        double[][] activations = network.Forward(own, observation);
        double[] outputs = [.. activations[^1], .. parameters[own.Length..]];
        double[] score = ReferenceGaussian.LogProbabilityGradient(outputs, action);
        double[] entropy = ReferenceGaussian.EntropyGradient(outputs);
        double[] byOutputs = [.. score.Zip(entropy, (s, h) => weight * s + entropyWeight * h)];
        double[] byNetwork = new double[own.Length];
        network.Backward(own, activations, byOutputs[..activations[^1].Length], byNetwork);
        for (int i = 0; i < own.Length; i++)
        {
            gradient[i] += byNetwork[i];
        }

        for (int d = 0; d < freeSize; d++)
        {
            gradient[own.Length + d] += byOutputs[activations[^1].Length + d];
        }
    }
}
