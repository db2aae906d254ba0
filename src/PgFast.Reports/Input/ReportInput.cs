using System.Globalization;

namespace PgFast.Reports.Input;

/// <summary>Everything in a directory that a report can be about.</summary>
/// <param name="Name">What the directory is called.</param>
/// <param name="Studies">The variance studies, or null.</param>
/// <param name="Run">The run whose files lie in the directory itself, or null.</param>
/// <param name="Seeds">The runs of its <c>seed-S</c> subdirectories, in ascending order of S.</param>
/// <param name="Sweep">The results of a sweep, or null.</param>
public sealed record ReportInput(string Name, StudySet? Studies, Run? Run, IReadOnlyList<Run> Seeds, Sweep? Sweep = null)
{
    private const string SeedPrefix = "seed-";

    /// <summary>Reads a directory: <c>study.json</c>, <c>sweep.json</c>, the files of a run, subdirectories of seeds, or several of those.</summary>
    /// <param name="directory">Where they are.</param>
    /// <exception cref="ReportInputException">There is no such directory, nothing in it to report on, or a file is damaged.</exception>
    public static ReportInput Load(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        if (!Directory.Exists(directory))
            throw new ReportInputException($"DIR must name a directory that exists; '{directory}' does not");
        string studyPath = Path.Combine(directory, StudyFile.Name);
        StudySet? studies = File.Exists(studyPath) ? StudyFile.Load(studyPath) : null;
        string sweepPath = Path.Combine(directory, SweepFile.Name);
        Sweep? sweep = File.Exists(sweepPath) ? SweepFile.Load(sweepPath) : null;
        Run? run = RunFolder.Load(directory);
        Run[] seeds = [.. SeedFolders(directory).Select(RunFolder.Load).OfType<Run>()];
        if (studies is null && sweep is null && run is null && seeds.Length == 0)
        {
            throw new ReportInputException(
                $"there is nothing to report on in '{directory}': neither {StudyFile.Name}, nor {SweepFile.Name}, nor the files of a run, nor {SeedPrefix}* directories");
        }

        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory)));
        return new ReportInput(name, studies, run, seeds, sweep);
    }

    private static string[] SeedFolders(string directory)
    {
        try
        {
            return Directory.GetDirectories(directory, SeedPrefix + "*")
                .Select(path => (Path: path, Seed: SeedOf(path)))
                .Where(entry => entry.Seed is not null)
                .OrderBy(entry => entry.Seed)
                .Select(entry => entry.Path)
                .ToArray();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ReportInputException($"'{directory}' cannot be read: {exception.Message}", exception);
        }
    }

    private static ulong? SeedOf(string path) =>
        ulong.TryParse(Path.GetFileName(path)[SeedPrefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed)
            ? seed
            : null;
}
