using System.Diagnostics;
using System.Globalization;
using System.Text;
using PgFast.Files;
using PgFast.Training;

namespace PgFast.Cli.Runs;

/// <summary>
/// What a run leaves behind: <c>config.json</c>, <c>metrics.csv</c>, <c>policy.safetensors</c>, <c>checkpoint.safetensors</c>, policies from along the run and TensorBoard's events if asked for,
/// and <c>result.json</c> once it has come to its end.
/// </summary>
/// <remarks>
/// Policy and checkpoint are there from the start, and replaced in one piece about once a second; rows are kept back and written whole at the same
/// times. A process that is killed therefore loses about a second, and leaves no part of a row and no part of a file.
/// </remarks>
internal sealed class RunDirectory : IRunObserver, IDisposable
{
    public const string PolicyName = "policy.safetensors";

    /// <summary>Where the policies from along the run are, one file each.</summary>
    public const string CheckpointsName = "checkpoints";

    public const string MetricsName = "metrics.csv";

    private const double SaveSeconds = 1;

    private readonly string _path;
    private readonly string _environment;
    private readonly FileStream _metrics;
    private readonly EventFile? _events;
    private readonly long? _checkpointEvery;
    private readonly StringBuilder _rows = new();
    private long _lastSave;
    private double _seconds;
    private bool _isEnded;

    private RunDirectory(string path, string environment, FileStream metrics, EventFile? events, long? checkpointEvery, double seconds)
    {
        _events = events;
        _seconds = seconds;
        _path = path;
        _environment = environment;
        _metrics = metrics;
        _checkpointEvery = checkpointEvery;
        _lastSave = Stopwatch.GetTimestamp();
    }

    private string PolicyPath => Path.Combine(_path, PolicyName);

    /// <summary>Makes the directory with what describes the run, and its state before the first update.</summary>
    /// <exception cref="UsageException">It exists, or cannot be made or written.</exception>
    public static RunDirectory Create(string path, string environment, Trainer trainer, RunPlan plan)
    {
        OutputDirectory.Make(path, staging =>
        {
            AtomicFile.Write(Path.Combine(staging, RunConfiguration.Name), RunConfiguration.Write(environment, trainer.Options, plan));
            AtomicFile.Write(Path.Combine(staging, MetricsName), "update,episodes,environmentSteps,meanReturn,meanLength,entropy,gradientNorm,seconds\n"u8);
            RunState.SavePolicy(trainer, environment, Path.Combine(staging, PolicyName));
            RunState.SaveCheckpoint(trainer, environment, new RunStart(0, IsEvaluationDue: false), evaluated: 0, Path.Combine(staging, RunState.CheckpointName));
            if (plan.CheckpointEvery is null)
                return;
            Directory.CreateDirectory(Path.Combine(staging, CheckpointsName));
            RunState.SavePolicy(trainer, environment, KeptPath(staging, trainer.UpdateCount));
        });
        try
        {
            // It numbers its files and keeps one open: the directory must have its own name. Going on makes it where it is missing.
            EventFile? events = plan.WritesEvents ? EventFile.Create(Path.Combine(path, RunEvents.DirectoryName)) : null;
            return new RunDirectory(path, environment, OpenMetrics(path), events, plan.CheckpointEvery, seconds: 0);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--out must name a directory that can be made and written; '{path}' cannot: {exception.Message}");
        }
    }

    /// <summary>Goes on in a run's directory: with its budget as it is now, and without the rows of updates that are done again.</summary>
    /// <exception cref="UsageException">A file cannot be read or written.</exception>
    public static RunDirectory GoOn(string path, string environment, Trainer trainer, RunPlan plan, RunStart start)
    {
        FileStream? metrics = null;
        EventFile? events = null;
        try
        {
            metrics = OpenMetrics(path);
            OutputDirectory.RemoveLeftovers(path);
            if (plan.CheckpointEvery is not null)
                Directory.CreateDirectory(Path.Combine(path, CheckpointsName));
            MetricsRows.Cut(metrics, trainer.UpdateCount);
            events = plan.WritesEvents ? EventFile.GoOn(Path.Combine(path, RunEvents.DirectoryName), trainer.UpdateCount) : null;
            // Last, when nothing else can fail any more: what the run came to, and with what budget, is true until it goes on.
            ResultFile.SetAside(path);
            AtomicFile.Write(Path.Combine(path, RunConfiguration.Name), RunConfiguration.Write(environment, trainer.Options, plan));
            ResultFile.RemoveAside(path);
            return new RunDirectory(path, environment, metrics, events, plan.CheckpointEvery, start.Seconds);
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            events?.Dispose();
            metrics?.Dispose();
            ResultFile.PutBack(path);
            throw new UsageException($"--resume must name a run's directory that can be written; '{path}' cannot: {exception.Message}");
        }
    }

    public void Updated(in UpdateResult update, Trainer trainer, double trainSeconds, bool isEvaluationDue)
    {
        // Doubles are formatted so that they read back as the same number.
        _rows.Append(
            CultureInfo.InvariantCulture,
            $"{update.Update},{trainer.EpisodeCount},{trainer.EnvironmentSteps},{update.MeanReturn},{update.MeanLength},");
        _rows.Append(CultureInfo.InvariantCulture, $"{update.Entropy},{update.GradientNorm},{trainSeconds}\n");
        if (_events is not null)
            RunEvents.Add(_events, update, trainer, trainSeconds);
        _seconds = trainSeconds;
        bool isKept = KeepPolicy(trainer);
        if (isKept || Stopwatch.GetElapsedTime(_lastSave).TotalSeconds >= SaveSeconds)
            SaveState(trainer, isEvaluationDue);
    }

    public void Evaluated(EvaluationResult evaluation, Trainer trainer)
    {
        if (_events is not null)
            RunEvents.Add(_events, evaluation, trainer.UpdateCount);
    }

    /// <summary>
    /// The state before a final evaluation, which a run with a larger budget would not have made. The evaluation that ended a run is due again: whoever goes on with the run
    /// ends there too, unless they ask for more.
    /// </summary>
    public void Ended(Trainer trainer, EvaluationResult? passed)
    {
        SaveState(trainer, isEvaluationDue: passed is not null, passed?.Episodes ?? 0);
        _isEnded = true;
    }

    /// <summary>Writes what is still to be written, the policy also where the metrics cannot be.</summary>
    /// <param name="trainer">As the run left it.</param>
    /// <param name="run">How it ended.</param>
    /// <returns>What went wrong, or null.</returns>
    public string? Finish(Trainer trainer, RunOutcome run)
    {
        string? rows = Failure(WriteRows);
        if (_isEnded)
            return rows ?? (run.HasEnded ? Failure(() => ResultFile.Save(_path, run)) : null);
        // A divergence was taken back: its state is the one before. Without its rows a state must not be gone on from: an older one can be.
        Action save = rows is null
            ? () => SaveState(trainer, run.IsEvaluationDue)
            : () => RunState.SavePolicy(trainer, _environment, PolicyPath);
        string text = string.Join("; ", new[] { rows, Failure(save) }.OfType<string>());
        return text.Length == 0 ? null : text;
    }

    public void Dispose()
    {
        _metrics.Dispose();
        _events?.Dispose();
    }

    private static string? Failure(Action write)
    {
        try
        {
            write();
            return null;
        }
        catch (Exception exception) when (RunState.IsOfFiles(exception))
        {
            return exception.Message;
        }
    }

    /// <summary>Writes the rows that are complete, or none of them.</summary>
    private void WriteRows()
    {
        _events?.Flush();
        long length = _metrics.Position;
        try
        {
            _metrics.Write(Encoding.UTF8.GetBytes(_rows.ToString()));
            _rows.Clear();
        }
        catch (Exception exception) when (RunState.IsOfFiles(exception))
        {
            // A full disk takes a part of what it is given.
            _metrics.SetLength(length);
            _metrics.Position = length;
            throw new IOException($"'{_metrics.Name}' could not be written: {exception.Message}", exception);
        }
    }

    /// <summary>Saves rows, policy and checkpoint, in this order: rows beyond a checkpoint are cut off when it is gone on with.</summary>
    private void SaveState(Trainer trainer, bool isEvaluationDue, int evaluated = 0)
    {
        WriteRows();
        RunState.SavePolicy(trainer, _environment, PolicyPath);
        RunState.SaveCheckpoint(trainer, _environment, new RunStart(_seconds, isEvaluationDue), evaluated, Path.Combine(_path, RunState.CheckpointName));
        _lastSave = Stopwatch.GetTimestamp();
    }

    /// <summary>Keeps the trainer's policy for good, if its number of updates is due.</summary>
    /// <returns>Whether it was.</returns>
    private bool KeepPolicy(Trainer trainer)
    {
        if (_checkpointEvery is not { } every || trainer.UpdateCount % every != 0)
            return false;
        RunState.SavePolicy(trainer, _environment, KeptPath(_path, trainer.UpdateCount));
        return true;
    }

    /// <summary>Where the policy after so many updates is kept: nine digits, so that the order of names is the order of updates.</summary>
    private static string KeptPath(string path, long updates) =>
        Path.Combine(path, CheckpointsName, string.Create(CultureInfo.InvariantCulture, $"policy-{updates:D9}.safetensors"));

    /// <summary>Without a buffer of its own, so that what is written at once reaches the file at once.</summary>
    private static FileStream OpenMetrics(string path)
    {
        FileStream metrics = new(Path.Combine(path, MetricsName), FileMode.Open, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        metrics.Seek(0, SeekOrigin.End);
        return metrics;
    }
}
