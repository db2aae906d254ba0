using System.Text.Json;
using PgFast.Cli.Options;
using PgFast.Training;

namespace PgFast.Cli.Runs;

/// <summary>Reads options back as <see cref="OptionsJson"/> writes them.</summary>
internal static class OptionsReader
{
    /// <param name="json">An object that has all members.</param>
    /// <exception cref="FormatException">A member is missing, or is not what is allowed; the message names it.</exception>
    public static TrainerOptions Read(JsonElement json) => new()
    {
        HiddenSizes = json.Member("hidden", Sizes),
        HasBias = json.Member("bias", value => value.GetBoolean()),
        Activation = Named(json, "activation", Names.Activations),
        Initialization = Named(json, "init", Names.Initializations),
        OutputScale = json.Member("outputScale", value => value.GetSingle()),
        Estimator = Named(json, "estimator", Names.Estimators),
        Baseline = Named(json, "baseline", Names.Baselines),
        NormalizeReturns = json.Member("normalize", value => value.GetBoolean()),
        RewardScale = json.Member("rewardScale", value => value.GetSingle()),
        Discount = json.Member("gamma", value => value.GetSingle()),
        BatchSize = json.Member("batch", value => value.GetInt32()),
        Optimizer = Named(json, "optimizer", Names.Optimizers),
        StepSize = json.Member("lr", value => value.GetSingle()),
        FinalStepSizeFactor = json.Member("lrFinal", value => value.GetSingle()),
        ScheduledUpdates = Whole(json, "lrUpdates"),
        ScheduledEnvironmentSteps = Whole(json, "lrEnvSteps"),
        Momentum = json.Member("momentum", value => value.GetSingle()),
        EntropyCoefficient = json.Member("entropy", value => value.GetSingle()),
        MaximumGradientNorm = json.Member("clipNorm", value => value.ValueKind == JsonValueKind.Number ? value.GetSingle() : float.PositiveInfinity),
        NormalizeObservations = json.Member("normalizeObservations", value => value.GetBoolean()),
        StandardDeviation = Named(json, "sigma", Names.StandardDeviations),
        InitialStandardDeviation = json.Member("sigmaStart", value => value.GetSingle()),
        ActionScale = json.Member("actionScale", value => value.GetSingle()),
        ValueHiddenSizes = json.Member("valueHidden", Sizes),
        ValueActivation = Named(json, "valueActivation", Names.Activations),
        ValueOptimizer = Named(json, "valueOptimizer", Names.Optimizers),
        ValueStepSize = json.Member("valueLr", value => value.GetSingle()),
        ValueMinibatches = json.Member("valueMinibatches", value => value.GetInt32()),
        ValuePasses = json.Member("valuePasses", value => value.GetInt32()),
        Bootstraps = json.Member("bootstrap", value => value.GetBoolean()),
        Seed = json.Member("seed", value => value.GetUInt64()),
    };

    /// <summary>A whole number, or null.</summary>
    public static long? Whole(JsonElement json, string name) =>
        json.Member<long?>(name, value => value.ValueKind == JsonValueKind.Number ? value.GetInt64() : null);

    private static int[] Sizes(JsonElement json) => [.. json.EnumerateArray().Select(size => size.GetInt32())];

    private static T Named<T>(JsonElement json, string name, IReadOnlyList<(string Name, T Value)> choices)
    {
        string? text = json.Member(name, value => value.GetString());
        foreach ((string candidate, T value) in choices)
        {
            if (candidate == text)
                return value;
        }

        throw new FormatException($"'{name}' is '{text}', which is no {string.Join(" and no ", choices.Select(choice => choice.Name))}");
    }
}
