using System.Globalization;

namespace PgFast.Reports.Input;

/// <summary>One update of a run.</summary>
/// <param name="Update">Its number.</param>
/// <param name="EnvironmentSteps">Environment steps up to it.</param>
/// <param name="MeanReturn">Mean return of its batch.</param>
public readonly record struct UpdateRow(long Update, long EnvironmentSteps, double MeanReturn);

/// <summary>Reads <c>metrics.csv</c>, a row an update; columns are found by the names in the heading.</summary>
public static class MetricsFile
{
    /// <summary>Name of the file in a run directory.</summary>
    public const string Name = "metrics.csv";

    /// <summary>Reads a file.</summary>
    /// <param name="path">Where it is.</param>
    /// <returns>The rows, in ascending order of environment steps; none for a run without an update.</returns>
    /// <exception cref="ReportInputException">It cannot be read, or a row is not whole.</exception>
    public static IReadOnlyList<UpdateRow> Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            return Parse(File.ReadLines(path), path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ReportInputException($"'{path}' cannot be read: {exception.Message}", exception);
        }
    }

    private static List<UpdateRow> Parse(IEnumerable<string> lines, string file)
    {
        List<UpdateRow> rows = [];
        string[]? heading = null;
        int update = 0, steps = 0, meanReturn = 0, number = 0;
        foreach (string line in lines)
        {
            number++;
            string[] cells = line.Split(',');
            if (heading is null)
            {
                heading = cells;
                update = Column(cells, "update", file);
                steps = Column(cells, "environmentSteps", file);
                meanReturn = Column(cells, "meanReturn", file);
                continue;
            }

            if (cells.Length != heading.Length
                || !long.TryParse(cells[update], NumberStyles.None, CultureInfo.InvariantCulture, out long count)
                || !long.TryParse(cells[steps], NumberStyles.None, CultureInfo.InvariantCulture, out long environmentSteps)
                || !double.TryParse(cells[meanReturn], NumberStyles.Float, CultureInfo.InvariantCulture, out double mean)
                || !double.IsFinite(mean)
                || (rows.Count > 0 && environmentSteps < rows[^1].EnvironmentSteps))
            {
                throw new ReportInputException($"'{file}' is damaged: line {number} is no whole row that follows the one before it");
            }

            rows.Add(new UpdateRow(count, environmentSteps, mean));
        }

        return heading is null ? throw new ReportInputException($"'{file}' is damaged: it is empty") : rows;
    }

    private static int Column(string[] heading, string name, string file) =>
        Array.IndexOf(heading, name) is >= 0 and int column
            ? column
            : throw new ReportInputException($"'{file}' is damaged: its heading lacks the column {name}");
}
