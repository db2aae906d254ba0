using System.Diagnostics;
using System.Globalization;
using System.Text;
using PgFast.Cli.Output;
using PgFast.Files;
using PgFast.Measurement;
using PgFast.Training;

namespace PgFast.Cli.Runs;

/// <summary>What a run leaves behind: <c>config.json</c>, <c>metrics.csv</c>, <c>policy.safetensors</c>, checkpoints if asked for.</summary>
/// <remarks>
/// The policy is there from the start, and replaced in one piece about once a second; rows are kept back and written whole at the same
/// times. A process that is killed therefore loses about a second, and leaves no part of a row and no part of a policy.
/// </remarks>
internal sealed class RunDirectory : IRunObserver, IDisposable
{
    public const string PolicyName = "policy.safetensors";

    /// <summary>Where the policies from along the run are, one file each.</summary>
    public const string CheckpointsName = "checkpoints";

    private const double SaveSeconds = 1;

    private readonly string _path;
    private readonly string _environment;
    private readonly FileStream _metrics;
    private readonly long? _checkpointEvery;
    private readonly StringBuilder _rows = new();
    private long _lastSave;

    private RunDirectory(string path, string environment, FileStream metrics, long? checkpointEvery)
    {
        _path = path;
        _environment = environment;
        _metrics = metrics;
        _checkpointEvery = checkpointEvery;
    }

    private string PolicyPath => Path.Combine(_path, PolicyName);

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
            if (plan.CheckpointEvery is not null)
                Directory.CreateDirectory(Path.Combine(path, CheckpointsName));
            AtomicFile.Write(Path.Combine(path, "config.json"), Config(environment, options, plan));
            // Without a buffer of its own, so that what is written at once reaches the file at once.
            FileStream metrics = new(
                Path.Combine(path, "metrics.csv"), FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
            metrics.Write("update,episodes,environmentSteps,meanReturn,meanLength,entropy,gradientNorm,seconds\n"u8);
            return new RunDirectory(path, environment, metrics, plan.CheckpointEvery);
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UsageException($"--out must name a directory that can be made and written; '{path}' cannot: {exception.Message}");
        }
    }

    public void Started(Trainer trainer)
    {
        SavePolicy(trainer, PolicyPath);
        SaveCheckpoint(trainer);
        _lastSave = Stopwatch.GetTimestamp();
    }

    public void Updated(in UpdateResult update, Trainer trainer, double trainSeconds)
    {
        // Doubles are formatted so that they read back as the same number.
        _rows.Append(
            CultureInfo.InvariantCulture,
            $"{update.Update},{trainer.EpisodeCount},{trainer.EnvironmentSteps},{update.MeanReturn},{update.MeanLength},");
        _rows.Append(CultureInfo.InvariantCulture, $"{update.Entropy},{update.GradientNorm},{trainSeconds}\n");
        SaveCheckpoint(trainer);
        if (Stopwatch.GetElapsedTime(_lastSave).TotalSeconds < SaveSeconds)
            return;
        WriteRows();
        SavePolicy(trainer, PolicyPath);
        _lastSave = Stopwatch.GetTimestamp();
    }

    /// <summary>Writes what is still to be written, the policy also where the metrics cannot be.</summary>
    /// <returns>What went wrong, or null.</returns>
    public string? Finish(Trainer trainer) => Failure(WriteRows) is { } failure
        ? Failure(() => SavePolicy(trainer, PolicyPath)) is { } second ? $"{failure}; {second}" : failure
        : Failure(() => SavePolicy(trainer, PolicyPath));

    public void Dispose() => _metrics.Dispose();

    private static string? Failure(Action write)
    {
        try
        {
            write();
            return null;
        }
        catch (Exception exception) when (IsOfFiles(exception))
        {
            return exception.Message;
        }
    }

    /// <summary>A file that grows beyond what its system or a limit allows is reported as an argument that is out of range.</summary>
    private static bool IsOfFiles(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException;

    /// <summary>Writes the rows that are complete, or none of them.</summary>
    private void WriteRows()
    {
        long length = _metrics.Position;
        try
        {
            _metrics.Write(Encoding.UTF8.GetBytes(_rows.ToString()));
            _rows.Clear();
        }
        catch (Exception exception) when (IsOfFiles(exception))
        {
            // A full disk takes a part of what it is given.
            _metrics.SetLength(length);
            _metrics.Position = length;
            throw new IOException($"'{_metrics.Name}' could not be written: {exception.Message}", exception);
        }
    }

    /// <summary>Keeps the trainer's policy for good, if its number of updates is due.</summary>
    private void SaveCheckpoint(Trainer trainer)
    {
        if (_checkpointEvery is { } every && trainer.UpdateCount % every == 0)
        {
            // Nine digits, so that the order of names is the order of updates.
            string name = string.Create(CultureInfo.InvariantCulture, $"policy-{trainer.UpdateCount:D9}.safetensors");
            SavePolicy(trainer, Path.Combine(_path, CheckpointsName, name));
        }
    }

    /// <summary>Saves the trainer's policy, replacing an earlier file of that name in one piece.</summary>
    private void SavePolicy(Trainer trainer, string path)
    {
        PolicyFile policy = new(trainer.Shape, trainer.Parameters)
        {
            Distribution = trainer.Distribution,
            ObservationScaling = trainer.ObservationScaling,
            ActionScale = trainer.Options.ActionScale,
            Environment = _environment,
            Seed = trainer.Options.Seed,
            Update = trainer.UpdateCount,
            Value = trainer.CreateValueFunction(),
        };
        try
        {
            policy.Save(path);
        }
        catch (Exception exception) when (IsOfFiles(exception))
        {
            throw new IOException($"'{path}' could not be written: {exception.Message}", exception);
        }
    }

    private static byte[] Config(string environment, TrainerOptions options, RunPlan plan) => JsonText.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("environment", environment);
        OptionsJson.Write(json, options);
        json.WriteNumber("seed", options.Seed);
        json.WriteNumber("threads", options.Threads);
        json.WriteFinite("target", plan.Target ?? double.NaN);
        json.WriteBoolean("stopsWhenSolved", plan.StopsWhenSolved);
        json.WriteWhole("updates", plan.MaximumUpdates < long.MaxValue ? plan.MaximumUpdates : null);
        json.WriteWhole("envSteps", plan.MaximumEnvironmentSteps < long.MaxValue ? plan.MaximumEnvironmentSteps : null);
        json.WriteNumber("evalEpisodes", plan.EvaluationEpisodes);
        json.WriteWhole("checkpointEvery", plan.CheckpointEvery);
        json.WriteString("version", MachineDescription.PgFastVersion());
        json.WriteEndObject();
    });
}
