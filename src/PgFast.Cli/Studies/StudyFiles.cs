using PgFast.Cli.Output;
using PgFast.Cli.Runs;
using PgFast.Files;
using PgFast.Reports.Figures;
using PgFast.Reports.Input;

namespace PgFast.Cli.Studies;

/// <summary>The directory of <c>--out</c>. It is made before the study, so that one that cannot be made costs no time.</summary>
internal sealed class StudyFiles : IDisposable
{
    private readonly string _path;
    private bool _isWritten;

    private StudyFiles(string path) => _path = path;

    /// <summary>Makes the directory.</summary>
    /// <exception cref="UsageException">It exists, or cannot be made.</exception>
    public static StudyFiles Create(string path)
    {
        OutputDirectory.RequireAbsent(path);
        try
        {
            Directory.CreateDirectory(path);
            return new StudyFiles(path);
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UsageException($"--out must name a directory that can be made and written; '{path}' cannot: {exception.Message}");
        }
    }

    /// <summary>Writes the studies in every form.</summary>
    /// <param name="studies">At least one.</param>
    /// <param name="checkpoints">The directory whose policies they are about; null for a single policy.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public void Write(IReadOnlyList<PolicyStudy> studies, string? checkpoints)
    {
        _isWritten = true;
        byte[] document = StudyJson.Write(studies, checkpoints);
        AtomicFile.Write(Path.Combine(_path, "study.json"), document);
        AtomicFile.Write(Path.Combine(_path, "study.csv"), StudyCsv.Write(studies));
        if (Drawing.IsSupported)
            StudyPlots.WriteTo(_path, StudyFile.Parse(document));
    }

    /// <summary>Removes a directory that nothing was written to.</summary>
    public void Dispose()
    {
        if (_isWritten || !Directory.Exists(_path))
            return;
        try
        {
            Directory.Delete(_path);
        }
        catch (IOException)
        {
            // Someone else has put something there meanwhile: it is theirs.
        }
    }
}
