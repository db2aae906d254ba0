using System.Text.Json;
using PgFast.Cli.Options;
using PgFast.Cli.Output;
using PgFast.Training;

namespace PgFast.Cli.Runs;

/// <summary>The options that shape the algorithm, as members of a JSON object; seed and threads are their writer's.</summary>
internal static class OptionsJson
{
    public static void Write(Utf8JsonWriter json, TrainerOptions options)
    {
        json.WriteStartArray("hidden");
        foreach (int size in options.HiddenSizes)
            json.WriteNumberValue(size);
        json.WriteEndArray();
        json.WriteBoolean("bias", options.HasBias);
        json.WriteString("activation", Values.NameOf(Names.Activations, options.Activation));
        json.WriteString("init", Values.NameOf(Names.Initializations, options.Initialization));
        json.WriteNumber("outputScale", options.OutputScale);
        json.WriteString("estimator", Values.NameOf(Names.Estimators, options.Estimator));
        json.WriteString("baseline", Values.NameOf(Names.Baselines, options.Baseline));
        json.WriteBoolean("normalize", options.NormalizeReturns);
        json.WriteNumber("rewardScale", options.RewardScale);
        json.WriteNumber("gamma", options.Discount);
        json.WriteNumber("batch", options.BatchSize);
        json.WriteString("optimizer", Values.NameOf(Names.Optimizers, options.Optimizer));
        json.WriteNumber("lr", options.StepSize);
        json.WriteNumber("lrFinal", options.FinalStepSizeFactor);
        json.WriteWhole("lrUpdates", options.ScheduledUpdates);
        json.WriteWhole("lrEnvSteps", options.ScheduledEnvironmentSteps);
        json.WriteNumber("momentum", options.Momentum);
        json.WriteNumber("entropy", options.EntropyCoefficient);
        json.WriteFinite("clipNorm", options.MaximumGradientNorm);
        json.WriteBoolean("normalizeObservations", options.NormalizeObservations);
        json.WriteString("sigma", Values.NameOf(Names.StandardDeviations, options.StandardDeviation));
        json.WriteNumber("sigmaStart", options.InitialStandardDeviation);
        json.WriteNumber("actionScale", options.ActionScale);
        json.WriteStartArray("valueHidden");
        foreach (int size in options.ValueHiddenSizes)
            json.WriteNumberValue(size);
        json.WriteEndArray();
        json.WriteString("valueActivation", Values.NameOf(Names.Activations, options.ValueActivation));
        json.WriteString("valueOptimizer", Values.NameOf(Names.Optimizers, options.ValueOptimizer));
        json.WriteNumber("valueLr", options.ValueStepSize);
        json.WriteNumber("valueMinibatches", options.ValueMinibatches);
        json.WriteNumber("valuePasses", options.ValuePasses);
        json.WriteBoolean("bootstrap", options.Bootstraps);
    }
}
