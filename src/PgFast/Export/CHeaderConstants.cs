using System.Globalization;
using PgFast.Files;
using PgFast.Measurement;
using PgFast.Networks;
using PgFast.Training;

namespace PgFast.Export;

/// <summary>The first part of a C header: where it comes from, sizes, and all numbers.</summary>
internal static class CHeaderConstants
{
    public static void Add(CHeaderText text, PolicyFile policy)
    {
        AddOrigin(text, policy);
        text.Add("#ifndef $POLICY_H\n#define $POLICY_H\n\n#include <math.h>\n");
        text.Add(string.Create(CultureInfo.InvariantCulture, $"#define $OBSERVATION_SIZE {policy.Shape.InputSize}"));
        string size = policy.Distribution.IsDiscrete ? "ACTION_COUNT" : "ACTION_SIZE";
        text.Add(string.Create(CultureInfo.InvariantCulture, $"#define ${size} {policy.Distribution.Size}\n"));
        if (policy.ObservationScaling is { } scaling)
        {
            text.AddArray("observation_mean", scaling.Mean);
            text.AddArray("observation_deviation", scaling.Deviation);
        }

        NetworkShape shape = policy.Shape;
        for (int layer = 0; layer < shape.LayerCount; layer++)
        {
            bool isMerged = policy.Distribution.MergesOutputs && layer == shape.LayerCount - 1;
            ReadOnlySpan<float> weight = ExportedPolicy.Weight(policy, layer), bias = ExportedPolicy.Bias(policy, layer);
            text.AddArray($"weight_{layer}", isMerged ? Difference(weight) : weight);
            if (shape.HasBias)
                text.AddArray($"bias_{layer}", isMerged ? Difference(bias) : bias);
        }

        if (policy.Distribution.FreeOutputs > 0)
            text.AddArray("deviation", ExportedPolicy.FreeDeviation(policy));
    }

    private static void AddOrigin(CHeaderText text, PolicyFile policy)
    {
        bool isDiscrete = policy.Distribution.IsDiscrete;
        text.Add("/*");
        text.AddComment("A policy, to act with.");
        text.AddComment("");
        text.AddComment($"Made by PgFast {MachineDescription.PgFastVersion()}.");
        text.AddComment($"Environment: {policy.Environment ?? "unknown"}");
        text.AddComment($"Network: {policy.Shape}, {ExportedPolicy.ActivationName(policy)}, {ExportedPolicy.HeadName(policy)}");
        text.AddComment($"Parameter hash: {Trainer.ParameterHashOf(policy.Parameters)}");
        text.AddComment("");
        text.AddComment("C99 or C++; needs math.h alone. Observations and actions are in the environment's units. No function keeps a state.");
        text.AddComment(isDiscrete
            ? "Probabilities agree with the engine's up to rounding."
            : "Moments agree with the engine's up to rounding; actions are not clipped to any limits.");
        text.Add(" */");
    }

    /// <summary>Output 1 − output 0: all that a softmax over two actions depends on.</summary>
    private static float[] Difference(ReadOnlySpan<float> outputs)
    {
        float[] difference = new float[outputs.Length / 2];
        for (int i = 0; i < difference.Length; i++)
            difference[i] = outputs[difference.Length + i] - outputs[i];
        return difference;
    }
}
