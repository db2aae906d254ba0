namespace PgFast.Cli.Output;

/// <summary>A plain table of measurements: the first columns are words, aligned to the left, the others numbers.</summary>
internal static class BenchTable
{
    private const int Words = 3;

    /// <param name="headings">One a column.</param>
    /// <param name="rows">Cells, and whether the row stands out.</param>
    public static void Print(string[] headings, IReadOnlyList<(string[] Cells, bool IsStrong)> rows)
    {
        int[] widths = [.. headings.Select((heading, column) => rows.Select(row => row.Cells[column].Length).Append(heading.Length).Max())];
        Console.WriteLine(Terminal.Faint(Line(headings)));
        foreach ((string[] cells, bool isStrong) in rows)
            Console.WriteLine(isStrong ? Terminal.Strong(Line(cells)) : Line(cells));

        string Line(string[] cells) => string.Join(
            "  ", cells.Select((cell, column) => column < Words ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))).TrimEnd();
    }
}
