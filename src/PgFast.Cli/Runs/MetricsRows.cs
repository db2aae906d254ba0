using System.Globalization;
using System.Text;

namespace PgFast.Cli.Runs;

/// <summary>The rows of <c>metrics.csv</c> when a run is gone on with.</summary>
internal static class MetricsRows
{
    /// <summary>Removes the rows of updates beyond a number, and a row without an end; leaves the stream at its end.</summary>
    /// <param name="metrics">The whole file; readable and writable.</param>
    /// <param name="updates">Updates that the run goes on from.</param>
    public static void Cut(FileStream metrics, long updates)
    {
        byte[] bytes = new byte[metrics.Length];
        metrics.Position = 0;
        metrics.ReadExactly(bytes);
        int end = 0;
        for (int start = 0; start < bytes.Length;)
        {
            int length = bytes.AsSpan(start).IndexOf((byte)'\n') + 1;
            bool isHeader = start == 0;
            if (length == 0 || (!isHeader && !(UpdateOf(bytes.AsSpan(start, length)) <= updates)))
                break;
            start += length;
            end = start;
        }

        metrics.SetLength(end);
        metrics.Position = end;
    }

    private static long? UpdateOf(ReadOnlySpan<byte> row)
    {
        int comma = row.IndexOf((byte)',');
        return comma > 0 && long.TryParse(Encoding.ASCII.GetString(row[..comma]), NumberStyles.None, CultureInfo.InvariantCulture, out long update)
            ? update
            : null;
    }
}
