using System.Globalization;
using System.Text.RegularExpressions;
using PgFast.Cli.Runs;
using PgFast.Files;
using PgFast.Networks;

namespace PgFast.Cli.Studies;

/// <summary>The policies that a run kept on its way.</summary>
internal static partial class Checkpoints
{
    private const string Folder = "checkpoints";
    private const string Pattern = "policy-*.safetensors";

    /// <summary>Reads all of them.</summary>
    /// <param name="option">The option that names the directory, with its hyphens.</param>
    /// <param name="directory">A run's directory, or the one that holds the files.</param>
    /// <param name="activation">The activation to assume where a file names none.</param>
    /// <returns>By update, as the file says or else its name; those of unknown update last, by name.</returns>
    /// <exception cref="UsageException">There are none, or one cannot be read.</exception>
    public static IReadOnlyList<(string Path, PolicyFile File, long? Update)> Load(string option, string directory, Activation? activation)
    {
        List<(string Path, PolicyFile File, long? Update)> files = [];
        foreach (string path in Find(option, directory))
        {
            PolicyFile file = SavedPolicy.Load(option, path, activation);
            files.Add((path, file, file.Update ?? NumberIn(Path.GetFileName(path))));
        }

        return [.. files.OrderBy(file => file.Update ?? long.MaxValue).ThenBy(file => file.Path, StringComparer.Ordinal)];
    }

    private static string[] Find(string option, string directory)
    {
        if (!Directory.Exists(directory))
            throw new UsageException($"{option} must name a directory that exists; '{directory}' does not");
        try
        {
            string inner = Path.Combine(directory, Folder);
            string[] paths = Directory.Exists(inner) ? Directory.GetFiles(inner, Pattern) : [];
            if (paths.Length == 0)
                paths = Directory.GetFiles(directory, Pattern);
            return paths.Length > 0
                ? paths
                : throw new UsageException($"{option} must name a directory with files {Pattern}, itself or in {Folder}/; '{directory}' has none");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{option} must name a directory that can be read; '{directory}' cannot: {exception.Message}");
        }
    }

    private static long? NumberIn(string name)
    {
        Match match = Number().Match(name);
        return long.TryParse(match.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
    }

    [GeneratedRegex(@"^policy-(\d+)\.safetensors$")]
    private static partial Regex Number();
}
