namespace PgFast.Files;

/// <summary>Replaces files so that a reader, or a crash, finds either the old content or the new, never a part.</summary>
public static class AtomicFile
{
    /// <summary>Writes under a temporary name in the same directory, flushes to the disk, renames.</summary>
    /// <param name="path">Where to; replaced if it exists.</param>
    /// <param name="content">The whole content.</param>
    /// <exception cref="IOException">It cannot be written; a file that was there before is unchanged.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be written.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = Path.GetFullPath(path);
        string temporary = Path.Combine(
            Path.GetDirectoryName(full) ?? throw new ArgumentException("The path names no file.", nameof(path)),
            $".{Path.GetFileName(full)}.{Guid.NewGuid():N}.tmp");
        try
        {
            using (FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, full, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
