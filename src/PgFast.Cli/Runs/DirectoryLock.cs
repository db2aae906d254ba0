namespace PgFast.Cli.Runs;

/// <summary>Keeps a second process out of a directory that one writes: their rows and states would mix.</summary>
/// <remarks>
/// The system's own lock on a file: it ends with the process, however that ends, and what a killed one leaves of the file holds nobody up. Readers, such as <c>report</c>, do not ask for it.
/// </remarks>
internal sealed class DirectoryLock : IDisposable
{
    public const string Name = "run.lock";

    private readonly FileStream? _file;

    private DirectoryLock(FileStream? file) => _file = file;

    /// <summary>Takes the directory until the object is disposed.</summary>
    /// <param name="path">The directory; where there is none, there is nothing to take.</param>
    /// <exception cref="UsageException">Another process has it, or it cannot be written.</exception>
    public static DirectoryLock Take(string path)
    {
        if (!Directory.Exists(path))
            return new DirectoryLock(null);
        string name = Path.Combine(path, Name);
        try
        {
            FileStream file = new(name, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
            if (File.Exists(name))
                return new DirectoryLock(file);
            // The other process ended between our opening its file and locking it, and has removed it.
            file.Dispose();
            return Take(path);
        }
        catch (IOException exception) when (File.Exists(name))
        {
            throw new UsageException($"'{path}' is being written by another process, which must end first ({exception.Message})");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"'{path}' must be a directory that can be written: {exception.Message}");
        }
    }

    public void Dispose() => _file?.Dispose();
}
