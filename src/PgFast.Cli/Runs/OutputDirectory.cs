namespace PgFast.Cli.Runs;

/// <summary>Makes the directories of <c>--out</c>: they are there with all their first files, or not at all, whenever the process dies.</summary>
internal static class OutputDirectory
{
    /// <summary>Refuses a directory that is there already: a run never mixes with another.</summary>
    /// <exception cref="UsageException">Something has that name.</exception>
    public static void RequireAbsent(string path)
    {
        if (Path.Exists(path))
            throw new UsageException($"--out must name a directory that does not exist yet; '{path}' does");
    }

    /// <summary>Makes a directory under a temporary name beside its place, has it filled, renames it.</summary>
    /// <param name="path">Its place.</param>
    /// <param name="fill">Writes its first files into the directory that it is given.</param>
    /// <exception cref="UsageException">It exists, or cannot be made or written.</exception>
    public static void Make(string path, Action<string> fill)
    {
        RequireAbsent(path);
        string? staging = null;
        try
        {
            string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
            string parent = Path.GetDirectoryName(full) ?? throw new ArgumentException("it is a root");
            staging = Path.Combine(parent, $".{Path.GetFileName(full)}.{Guid.NewGuid():N}.tmp");
            Directory.CreateDirectory(staging);
            fill(staging);
            Directory.Move(staging, full);
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            if (Directory.Exists(staging))
                Directory.Delete(staging, recursive: true);
            throw new UsageException($"--out must name a directory that can be made and written; '{path}' cannot: {exception.Message}");
        }
    }

    /// <summary>Removes what a process that was killed was about to put in its place, in a directory that is gone on with.</summary>
    /// <param name="path">The directory.</param>
    public static void RemoveLeftovers(string path)
    {
        foreach (string file in Directory.GetFiles(path, ".*.tmp"))
            File.Delete(file);
        foreach (string directory in Directory.GetDirectories(path, ".*.tmp"))
            Directory.Delete(directory, recursive: true);
    }
}
