using System.Diagnostics;
using PgFast.Files;
using PgFast.Textbook;

namespace PgFast.Cli.Runs;

/// <summary>What runs of the textbook's box leave: <c>config.json</c> and <c>checkpoint.safetensors</c> from the start, <c>learning-curve.csv</c> and <c>runs.csv</c> at the end.</summary>
internal sealed class TextbookDirectory
{
    private const double SaveSeconds = 1;

    /// <summary>The most that saving may take of the time: the state of very long runs is large.</summary>
    private const double SaveShare = 0.05;

    /// <summary>Of a state's file: two sums of an episode, and a number of a run.</summary>
    private const double BytesPerEpisode = 24, BytesPerNumber = 8;

    private readonly string _path;
    private long _lastSave = Stopwatch.GetTimestamp();
    private double _interval = SaveSeconds;

    private TextbookDirectory(string path) => _path = path;

    /// <summary>Makes the directory, with the state before the first episode.</summary>
    /// <exception cref="UsageException">It exists, or cannot be made or written.</exception>
    public static TextbookDirectory Create(string path, string environment, TextbookTrainer trainer)
    {
        RequireSize(trainer);
        OutputDirectory.Make(path, staging =>
        {
            AtomicFile.Write(Path.Combine(staging, RunConfiguration.Name), TextbookFiles.Config(environment, trainer.Options));
            Save(staging, trainer, seconds: 0);
        });
        return new TextbookDirectory(path);
    }

    /// <summary>Goes on in a directory, with the episodes that are asked for now.</summary>
    /// <exception cref="UsageException">A file cannot be written.</exception>
    public static TextbookDirectory GoOn(string path, string environment, TextbookTrainer trainer)
    {
        RequireSize(trainer);
        try
        {
            OutputDirectory.RemoveLeftovers(path);
            AtomicFile.Write(Path.Combine(path, RunConfiguration.Name), TextbookFiles.Config(environment, trainer.Options));
            return new TextbookDirectory(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--resume must name a run's directory that can be written; '{path}' cannot: {exception.Message}");
        }
    }

    /// <summary>Saves the state if the last one is old enough.</summary>
    /// <param name="trainer">Between two calls of <see cref="TextbookTrainer.Advance"/>.</param>
    /// <param name="seconds">Time in episodes.</param>
    /// <exception cref="IOException">It cannot be written; the message names it.</exception>
    public void SaveIfDue(TextbookTrainer trainer, double seconds)
    {
        if (Stopwatch.GetElapsedTime(_lastSave).TotalSeconds >= _interval)
            Save(trainer, seconds);
    }

    /// <summary>Saves the state, replacing the one before in one piece.</summary>
    /// <exception cref="IOException">It cannot be written; the message names it.</exception>
    public void Save(TextbookTrainer trainer, double seconds)
    {
        long begin = Stopwatch.GetTimestamp();
        Save(_path, trainer, seconds);
        _lastSave = Stopwatch.GetTimestamp();
        _interval = Math.Max(SaveSeconds, Stopwatch.GetElapsedTime(begin, _lastSave).TotalSeconds / SaveShare);
    }

    /// <summary>Writes the results.</summary>
    public void Finish(TextbookResult result)
    {
        TextbookFiles.WriteCurve(Path.Combine(_path, "learning-curve.csv"), result);
        TextbookFiles.WriteRuns(Path.Combine(_path, "runs.csv"), result);
    }

    /// <exception cref="UsageException">The state at the end would be larger than a file that can be read back.</exception>
    private static void RequireSize(TextbookTrainer trainer)
    {
        // θ, at most as much of w, and the truncated episodes.
        double bytes = BytesPerEpisode * trainer.Options.Episodes + BytesPerNumber * trainer.Options.Runs * (2.0 * trainer.ParameterCount + 1);
        if (bytes > 0.99 * Array.MaxLength)
            throw new UsageException("--episodes and --runs must leave room for the state in one file of at most 2 GB, or be without --out");
    }

    private static void Save(string directory, TextbookTrainer trainer, double seconds)
    {
        string path = Path.Combine(directory, RunState.CheckpointName);
        RunState.Named(path, () => new TextbookCheckpointFile(trainer.CaptureCheckpoint()) { Notes = RunState.SecondsOf(seconds) }.Save(path));
    }
}
