using System.Text.Json;
using PgFast.Cli.Options;
using PgFast.Training;

namespace PgFast.Cli.Runs;

/// <summary>Reads options back as <see cref="OptionsJson"/> writes them.</summary>
internal static class OptionsReader
{
    /// <param name="json">An object that has all members.</param>
    /// <exception cref="InvalidOperationException">A member has another type than it should.</exception>
    /// <exception cref="KeyNotFoundException">A member is missing.</exception>
    /// <exception cref="FormatException">A number or a name is not one that is allowed.</exception>
    public static TrainerOptions Read(JsonElement json) => new()
    {
        HiddenSizes = Sizes(json.GetProperty("hidden")),
        HasBias = json.GetProperty("bias").GetBoolean(),
        Activation = Named(json, "activation", Names.Activations),
        Initialization = Named(json, "init", Names.Initializations),
        OutputScale = json.GetProperty("outputScale").GetSingle(),
        Estimator = Named(json, "estimator", Names.Estimators),
        Baseline = Named(json, "baseline", Names.Baselines),
        NormalizeReturns = json.GetProperty("normalize").GetBoolean(),
        RewardScale = json.GetProperty("rewardScale").GetSingle(),
        Discount = json.GetProperty("gamma").GetSingle(),
        BatchSize = json.GetProperty("batch").GetInt32(),
        Optimizer = Named(json, "optimizer", Names.Optimizers),
        StepSize = json.GetProperty("lr").GetSingle(),
        FinalStepSizeFactor = json.GetProperty("lrFinal").GetSingle(),
        ScheduledUpdates = Whole(json, "lrUpdates"),
        ScheduledEnvironmentSteps = Whole(json, "lrEnvSteps"),
        Momentum = json.GetProperty("momentum").GetSingle(),
        EntropyCoefficient = json.GetProperty("entropy").GetSingle(),
        MaximumGradientNorm = json.GetProperty("clipNorm") is { ValueKind: JsonValueKind.Number } norm ? norm.GetSingle() : float.PositiveInfinity,
        NormalizeObservations = json.GetProperty("normalizeObservations").GetBoolean(),
        StandardDeviation = Named(json, "sigma", Names.StandardDeviations),
        InitialStandardDeviation = json.GetProperty("sigmaStart").GetSingle(),
        ActionScale = json.GetProperty("actionScale").GetSingle(),
        ValueHiddenSizes = Sizes(json.GetProperty("valueHidden")),
        ValueActivation = Named(json, "valueActivation", Names.Activations),
        ValueOptimizer = Named(json, "valueOptimizer", Names.Optimizers),
        ValueStepSize = json.GetProperty("valueLr").GetSingle(),
        ValueMinibatches = json.GetProperty("valueMinibatches").GetInt32(),
        ValuePasses = json.GetProperty("valuePasses").GetInt32(),
        Bootstraps = json.GetProperty("bootstrap").GetBoolean(),
        Seed = json.GetProperty("seed").GetUInt64(),
    };

    /// <summary>A whole number, or null.</summary>
    public static long? Whole(JsonElement json, string name) =>
        json.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? number.GetInt64() : null;

    private static int[] Sizes(JsonElement json) => [.. json.EnumerateArray().Select(size => size.GetInt32())];

    private static T Named<T>(JsonElement json, string name, IReadOnlyList<(string Name, T Value)> choices)
    {
        string? text = json.GetProperty(name).GetString();
        foreach ((string candidate, T value) in choices)
        {
            if (candidate == text)
                return value;
        }

        throw new FormatException($"'{name}' is '{text}', which is no {string.Join(" and no ", choices.Select(choice => choice.Name))}");
    }
}
