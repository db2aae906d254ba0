using PgFast.Files;
using PgFast.Networks;
using PgFast.Numerics;
using PgFast.Policies;

namespace PgFast.Export;

/// <summary>What all formats need of a policy that is written for others to run.</summary>
internal static class ExportedPolicy
{
    /// <summary>Throws where <see cref="PolicyFile.CreatePolicy"/> would: a description may say what no policy can be.</summary>
    /// <exception cref="ArgumentException">The scaling does not fit the network, or the action scale is not positive and finite.</exception>
    public static void Require(PolicyFile policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        if (policy.ObservationScaling is { } scaling && scaling.Mean.Length != policy.Shape.InputSize)
            throw new ArgumentException($"The network has {policy.Shape.InputSize} inputs, the scaling another number of features.", nameof(policy));
        if (!(policy.ActionScale > 0) || !float.IsFinite(policy.ActionScale))
            throw new ArgumentException($"The action scale is {policy.ActionScale}; it must be positive and finite.", nameof(policy));
    }

    /// <summary>σ where it is a free vector: [dimension], in the environment's unit, the bits that <see cref="Policy.Moments"/> gives.</summary>
    public static float[] FreeDeviation(PolicyFile policy)
    {
        float[] deviation = policy.Parameters[policy.Shape.FreeOutputOffset..].ToArray();
        for (int d = 0; d < deviation.Length; d++)
            deviation[d] = policy.ActionScale * Elementary.Exp(deviation[d]);
        return deviation;
    }

    /// <summary>Weight [out, in] of a layer, row by row.</summary>
    public static ReadOnlySpan<float> Weight(PolicyFile policy, int layer)
    {
        NetworkShape shape = policy.Shape;
        return policy.Parameters[shape.WeightOffset(layer)..shape.BiasOffset(layer)];
    }

    /// <summary>Bias [out] of a layer; empty without biases.</summary>
    public static ReadOnlySpan<float> Bias(PolicyFile policy, int layer) =>
        policy.Parameters.Slice(policy.Shape.BiasOffset(layer), policy.Shape.BiasSizeOf(layer));

    /// <summary>As policy files spell it.</summary>
    public static string ActivationName(PolicyFile policy) => policy.Shape.Activation == Activation.Tanh ? "tanh" : "relu";

    /// <summary>As policy files spell it.</summary>
    public static string HeadName(PolicyFile policy) => policy.Distribution.IsDiscrete ? "softmax" : "gaussian";
}
