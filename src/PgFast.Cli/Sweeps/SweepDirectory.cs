using System.Text;
using PgFast.Files;

namespace PgFast.Cli.Sweeps;

/// <summary>Where a sweep's runs and results are. A directory that is there already is gone on with.</summary>
internal sealed class SweepDirectory
{
    private const string RunsName = "runs";

    private readonly string _runs;

    private SweepDirectory(string path)
    {
        Path = path;
        _runs = System.IO.Path.Combine(path, RunsName);
    }

    public string Path { get; }

    /// <summary>Makes the directory, or finds what an earlier call left; keeps a copy of the file beside the runs.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="file">The sweep file.</param>
    /// <param name="text">Its content.</param>
    /// <exception cref="UsageException">It is no directory of a sweep, or cannot be made or written.</exception>
    public static SweepDirectory Open(string path, string file, string text)
    {
        SweepDirectory directory = new(path);
        bool isForeign = File.Exists(path) || (Directory.Exists(path) && !Directory.Exists(directory._runs) && Directory.EnumerateFileSystemEntries(path).Any());
        if (isForeign)
            throw new UsageException($"--out must name a new directory, or one that a sweep made, to go on with it; '{path}' is neither");
        try
        {
            Directory.CreateDirectory(directory._runs);
            AtomicFile.Write(directory.PathOf($"sweep{System.IO.Path.GetExtension(file).ToLowerInvariant()}.txt"), Encoding.UTF8.GetBytes(text));
            return directory;
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UsageException($"--out must name a directory that can be made and written; '{path}' cannot: {exception.Message}");
        }
    }

    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>The run of that name if it is finished; a file that is damaged counts as none.</summary>
    public SweepRun? Find(string key, ulong seed, int points)
    {
        string path = System.IO.Path.Combine(_runs, SweepKey.FileOf(key, seed));
        return File.Exists(path) ? SweepRunFile.Read(File.ReadAllBytes(path), points) : null;
    }

    /// <summary>Keeps a finished run: from here on nothing loses it.</summary>
    public void Add(string key, SweepRun run) =>
        AtomicFile.Write(System.IO.Path.Combine(_runs, SweepKey.FileOf(key, run.Seed)), SweepRunFile.Write(run));
}
