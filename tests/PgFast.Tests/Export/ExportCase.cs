using PgFast.Environments;
using PgFast.Files;
using PgFast.Networks;
using PgFast.Policies;
using PgFast.Tests.Support;

namespace PgFast.Tests.Export;

/// <summary>A policy to export, and observations to ask it about.</summary>
internal sealed record ExportCase
{
    public required string Name { get; init; }

    public required ActionDistribution Distribution { get; init; }

    public int Inputs { get; init; } = 4;

    public int[] Hidden { get; init; } = [32];

    public Activation Activation { get; init; } = Activation.Relu;

    public bool HasBias { get; init; } = true;

    public bool IsScaled { get; init; }

    public float ActionScale { get; init; } = 1;

    /// <summary>Bound of the output layer's biases: logits as large as that.</summary>
    public float OutputBias { get; init; } = 1;

    public static ExportCase[] All { get; } =
    [
        new() { Name = "two actions", Distribution = ActionDistribution.Softmax(2) },
        new() { Name = "two actions, tanh, scaled", Distribution = ActionDistribution.Softmax(2), Activation = Activation.Tanh, IsScaled = true },
        new() { Name = "two actions, linear without bias", Distribution = ActionDistribution.Softmax(2), Hidden = [], HasBias = false },
        new() { Name = "two actions, large logits", Distribution = ActionDistribution.Softmax(2), Hidden = [], OutputBias = 5000 },
        new() { Name = "three actions", Distribution = ActionDistribution.Softmax(3), Inputs = 6 },
        new() { Name = "three actions, linear, scaled", Distribution = ActionDistribution.Softmax(3), Inputs = 2, Hidden = [], IsScaled = true },
        new() { Name = "three actions, large logits", Distribution = ActionDistribution.Softmax(3), OutputBias = 1e6f },
        new() { Name = "three actions, no bias", Distribution = ActionDistribution.Softmax(3), HasBias = false, Activation = Activation.Tanh },
        new() { Name = "seventeen actions, two layers", Distribution = ActionDistribution.Softmax(17), Hidden = [64, 48], Activation = Activation.Tanh },
        new() { Name = "three actions, two relu layers, scaled", Distribution = ActionDistribution.Softmax(3), Hidden = [5, 70], IsScaled = true },
        new() { Name = "one observation", Distribution = ActionDistribution.Softmax(2), Inputs = 1, Hidden = [1] },
        new() { Name = "gaussian, free", Distribution = ActionDistribution.Gaussian(1), Inputs = 3, ActionScale = 2, IsScaled = true, Activation = Activation.Tanh },
        new() { Name = "gaussian of three, free", Distribution = ActionDistribution.Gaussian(3), Hidden = [16, 24], ActionScale = 0.3f },
        new() { Name = "gaussian, free, linear without bias", Distribution = ActionDistribution.Gaussian(1), Hidden = [], HasBias = false },
        new() { Name = "gaussian, head", Distribution = ActionDistribution.Gaussian(1, StandardDeviationSource.StateDependent), IsScaled = true, ActionScale = 10 },
        new() { Name = "gaussian of three, head", Distribution = ActionDistribution.Gaussian(3, StandardDeviationSource.StateDependent), Activation = Activation.Tanh },
        new()
        {
            Name = "gaussian of three, head, no bias", Distribution = ActionDistribution.Gaussian(3, StandardDeviationSource.StateDependent),
            Hidden = [8, 8], HasBias = false, ActionScale = 0.5f, IsScaled = true,
        },
    ];

    /// <summary>Names, for theories.</summary>
    public static TheoryData<string> Names => [.. All.Select(item => item.Name)];

    public static TheoryData<string> SoftmaxNames => [.. All.Where(item => item.Distribution.IsDiscrete).Select(item => item.Name)];

    public static TheoryData<string> GaussianNames => [.. All.Where(item => !item.Distribution.IsDiscrete).Select(item => item.Name)];

    public static ExportCase Find(string name) => All.Single(item => item.Name == name);

    /// <summary>The policy: random parameters, weights scaled so that outputs are of order 1 for observations of order 1.</summary>
    public PolicyFile Policy()
    {
        NetworkShape shape = Distribution.CreateShape(Inputs, Hidden, Activation, HasBias);
        Noise noise = new((ulong)Name.Length * 1000 + (ulong)shape.ParameterCount);
        float[] parameters = new float[shape.ParameterCount];
        for (int layer = 0; layer < shape.LayerCount; layer++)
        {
            float bound = MathF.Sqrt(3f / shape.InputSizeOf(layer));
            noise.Array(shape.BiasOffset(layer) - shape.WeightOffset(layer), -bound, bound).CopyTo(parameters, shape.WeightOffset(layer));
            float bias = layer == shape.LayerCount - 1 ? OutputBias : bound;
            noise.Array(shape.BiasSizeOf(layer), -bias, bias).CopyTo(parameters, shape.BiasOffset(layer));
        }

        noise.Array(shape.FreeOutputSize, -1, 1).CopyTo(parameters, shape.FreeOutputOffset);
        return new PolicyFile(shape, parameters)
        {
            Distribution = Distribution,
            ObservationScaling = IsScaled ? new ObservationScaling(noise.Array(Inputs, -2, 2), noise.Array(Inputs, 0.05f, 5)) : null,
            ActionScale = ActionScale,
            Environment = "made-up",
            Seed = 7,
            Update = 12,
        };
    }

    /// <summary>[observation][feature]: ordinary ones, then all that is extreme and finite. 64 of them.</summary>
    public float[][] Observations()
    {
        Noise noise = new((ulong)Inputs);
        List<float[]> rows = [.. noise.Rows(36, Inputs, -1.5f, 1.5f)];
        foreach (float value in new[] { 0f, -0f, 1e6f, -1e6f, float.Epsilon, -float.Epsilon, 1e-39f, -1e-39f, 1e3f, -1e3f, 1e-20f, 1f })
            rows.Add([.. Enumerable.Repeat(value, Inputs)]);
        while (rows.Count < 64)
        {
            // One feature far out, the others ordinary.
            float[] row = noise.Array(Inputs, -1.5f, 1.5f);
            row[noise.Next(0, Inputs)] = rows.Count % 2 == 0 ? 1e6f : -1e6f;
            rows.Add(row);
        }

        return [.. rows];
    }
}
