using System.Globalization;
using System.Text.Json;
using PgFast.Cli.Output;
using PgFast.Files;
using PgFast.Measurement;
using PgFast.Training;

namespace PgFast.Cli.Runs;

/// <summary>What a run leaves behind: <c>config.json</c>, <c>metrics.csv</c>, <c>policy.safetensors</c>.</summary>
internal sealed class RunDirectory : IRunObserver, IDisposable
{
    public const string PolicyName = "policy.safetensors";

    private readonly string _path;
    private readonly StreamWriter _metrics;

    private RunDirectory(string path, StreamWriter metrics)
    {
        _path = path;
        _metrics = metrics;
    }

    /// <summary>Refuses a directory that is there already: a run never mixes with another.</summary>
    /// <exception cref="UsageException">Something has that name.</exception>
    public static void RequireAbsent(string path)
    {
        if (Path.Exists(path))
            throw new UsageException($"--out must name a directory that does not exist yet; '{path}' does");
    }

    /// <summary>Makes the directory and what describes the run.</summary>
    /// <exception cref="UsageException">It exists, or cannot be made or written.</exception>
    public static RunDirectory Create(string path, string environment, TrainerOptions options, RunPlan plan)
    {
        RequireAbsent(path);
        try
        {
            Directory.CreateDirectory(path);
            AtomicFile.Write(Path.Combine(path, "config.json"), Config(environment, options, plan));
            StreamWriter metrics = new(Path.Combine(path, "metrics.csv"));
            metrics.Write("update,episodes,environmentSteps,meanReturn,meanLength,entropy,gradientNorm,seconds\n");
            metrics.Flush();
            return new RunDirectory(path, metrics);
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UsageException($"--out must name a directory that can be made and written; '{path}' cannot: {exception.Message}");
        }
    }

    public void Updated(in UpdateResult update, Trainer trainer, double trainSeconds)
    {
        // Doubles are formatted so that they read back as the same number.
        _metrics.Write(string.Create(
            CultureInfo.InvariantCulture,
            $"{update.Update},{trainer.EpisodeCount},{trainer.EnvironmentSteps},{update.MeanReturn},{update.MeanLength},"));
        _metrics.Write(string.Create(CultureInfo.InvariantCulture, $"{update.Entropy},{update.GradientNorm},{trainSeconds}\n"));
    }

    /// <summary>Saves the trainer's policy, replacing an earlier one in one piece.</summary>
    public void SavePolicy(string environment, Trainer trainer) =>
        new PolicyFile(trainer.Shape, trainer.Parameters)
        {
            Environment = environment,
            Seed = trainer.Options.Seed,
            Update = trainer.UpdateCount,
        }.Save(Path.Combine(_path, PolicyName));

    public void Dispose() => _metrics.Dispose();

    private static byte[] Config(string environment, TrainerOptions options, RunPlan plan) => JsonText.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("environment", environment);
        json.WriteStartArray("hidden");
        foreach (int size in options.HiddenSizes)
            json.WriteNumberValue(size);
        json.WriteEndArray();
        json.WriteString("activation", Options.Values.NameOf(Options.Names.Activations, options.Activation));
        json.WriteString("init", Options.Values.NameOf(Options.Names.Initializations, options.Initialization));
        json.WriteNumber("outputScale", options.OutputScale);
        json.WriteString("estimator", Options.Values.NameOf(Options.Names.Estimators, options.Estimator));
        json.WriteString("baseline", Options.Values.NameOf(Options.Names.Baselines, options.Baseline));
        json.WriteBoolean("normalize", options.NormalizeReturns);
        json.WriteNumber("gamma", options.Discount);
        json.WriteNumber("batch", options.BatchSize);
        json.WriteString("optimizer", Options.Values.NameOf(Options.Names.Optimizers, options.Optimizer));
        json.WriteNumber("lr", options.StepSize);
        json.WriteNumber("momentum", options.Momentum);
        json.WriteNumber("entropy", options.EntropyCoefficient);
        WriteBudget(json, "clipNorm", float.IsFinite(options.MaximumGradientNorm), w => w.WriteNumberValue(options.MaximumGradientNorm));
        json.WriteNumber("seed", options.Seed);
        json.WriteNumber("threads", options.Threads);
        WriteBudget(json, "target", plan.Target is not null, w => w.WriteNumberValue(plan.Target!.Value));
        json.WriteBoolean("stopsWhenSolved", plan.StopsWhenSolved);
        WriteBudget(json, "updates", plan.MaximumUpdates < long.MaxValue, w => w.WriteNumberValue(plan.MaximumUpdates));
        WriteBudget(json, "envSteps", plan.MaximumEnvironmentSteps < long.MaxValue, w => w.WriteNumberValue(plan.MaximumEnvironmentSteps));
        json.WriteNumber("evalEpisodes", plan.EvaluationEpisodes);
        json.WriteString("version", MachineDescription.PgFastVersion());
        json.WriteEndObject();
    });

    private static void WriteBudget(Utf8JsonWriter json, string name, bool isSet, Action<Utf8JsonWriter> write)
    {
        json.WritePropertyName(name);
        if (isSet)
            write(json);
        else
            json.WriteNullValue();
    }
}
