using System.Text;
using PgFast.Files;

namespace PgFast.Cli.Sweeps;

/// <summary>Where a sweep's runs and results are. A directory that is there already is gone on with.</summary>
internal sealed class SweepDirectory
{
    private const string RunsName = "runs";

    /// <summary>Names of the copies of sweep files: what a sweep's directory is known by.</summary>
    private const string Copies = "sweep.*.txt";

    private readonly string _runs;

    private SweepDirectory(string path)
    {
        Path = path;
        _runs = System.IO.Path.Combine(path, RunsName);
    }

    public string Path { get; }

    /// <summary>What the directory is called.</summary>
    public string Name => System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(Path)));

    /// <summary>Makes the directory, or finds what an earlier call left; keeps a copy of the file beside the runs.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="file">The sweep file.</param>
    /// <param name="text">Its content.</param>
    /// <exception cref="UsageException">It is no directory of a sweep, or cannot be made or written.</exception>
    public static SweepDirectory Open(string path, string file, string text)
    {
        SweepDirectory directory = new(path);
        try
        {
            if (IsForeign(path))
                throw new UsageException($"--out must name a new directory, or one that a sweep made, to go on with it; '{path}' is neither");
            Directory.CreateDirectory(path);
            AtomicFile.Write(directory.PathOf($"sweep{System.IO.Path.GetExtension(file).ToLowerInvariant()}.txt"), Encoding.UTF8.GetBytes(text));
            Directory.CreateDirectory(directory._runs);
            return directory;
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UsageException($"--out must name a directory that can be made and written; '{path}' cannot: {exception.Message}");
        }
    }

    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>The run of that name if it is finished; a file that is damaged, or that holds another run, counts as none.</summary>
    public SweepRun? Find(string key, string environment, ulong seed, int points)
    {
        string path = System.IO.Path.Combine(_runs, SweepKey.FileOf(key, seed));
        SweepRun? run = File.Exists(path) ? SweepRunFile.Read(File.ReadAllBytes(path), points) : null;
        return run is not null && run.Environment == environment && run.Seed == seed ? run : null;
    }

    /// <summary>Keeps a finished run: from here on nothing loses it.</summary>
    public void Add(string key, SweepRun run) =>
        AtomicFile.Write(System.IO.Path.Combine(_runs, SweepKey.FileOf(key, run.Seed)), SweepRunFile.Write(run));

    /// <summary>A directory with something in it is a sweep's if a copy of a sweep file is; other programs have directories named runs too.</summary>
    private static bool IsForeign(string path) => File.Exists(path)
        || (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any() && !Directory.EnumerateFiles(path, Copies).Any());
}
