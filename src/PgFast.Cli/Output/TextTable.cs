using System.Text;

namespace PgFast.Cli.Output;

/// <summary>Columns of numbers for a terminal or a file: no frame, and cut into several tables where one would be too wide.</summary>
/// <param name="headers">One a column; the first column names the rows and stands in every part.</param>
/// <remarks>A cell has a number, aligned to the right, and perhaps its interval, aligned to the left beside it.</remarks>
internal sealed class TextTable(params string[] headers)
{
    private const string Indent = "  ";
    private const string Gap = "  ";

    private readonly List<(string? Title, (string Value, string Interval)[] Cells)> _rows = [];

    /// <summary>The column that begins the second part, so that tables of the same kind are cut alike; 0 for where the first is full.</summary>
    public int Break { get; init; }

    /// <summary>A line between rows that says what the rows below it are about.</summary>
    public void AddTitle(string title) => _rows.Add((title, []));

    public void Add(params (string Value, string Interval)[] cells)
    {
        if (cells.Length != headers.Length)
            throw new ArgumentException($"A row has {headers.Length} cells.", nameof(cells));
        _rows.Add((null, cells));
    }

    /// <param name="output">Where to.</param>
    /// <param name="width">Columns of text that there is room for.</param>
    public void Print(TextWriter output, int width)
    {
        Column[] columns = [.. Enumerable.Range(0, headers.Length).Select(ColumnAt)];
        bool isCut = Indent.Length + columns[0].Width + columns.Skip(1).Sum(column => Gap.Length + column.Width) > width;
        int next = 1;
        while (next < columns.Length)
        {
            if (next > 1)
                output.WriteLine();
            int begin = next, used = Indent.Length + columns[0].Width;
            while (next < columns.Length
                && (next == begin || (used + Gap.Length + columns[next].Width <= width && !(isCut && next == Break))))
            {
                used += Gap.Length + columns[next++].Width;
            }

            Print(output, columns, begin, next);
        }
    }

    private void Print(TextWriter output, Column[] columns, int begin, int end)
    {
        StringBuilder line = new(Indent + headers[0].PadRight(columns[0].Width));
        for (int i = begin; i < end; i++)
            line.Append(Gap).Append(columns[i].Interval > 0 ? headers[i].PadRight(columns[i].Width) : headers[i].PadLeft(columns[i].Width));
        output.WriteLine(Terminal.Faint(line.ToString().TrimEnd()));
        foreach ((string? title, (string Value, string Interval)[] cells) in _rows)
        {
            if (title is not null)
            {
                output.WriteLine($"{Indent}{Terminal.Strong(title)}");
                continue;
            }

            line.Clear().Append(Indent).Append(cells[0].Value.PadRight(columns[0].Width));
            for (int i = begin; i < end; i++)
                line.Append(Gap).Append(columns[i].Text(cells[i]));
            output.WriteLine(line.ToString().TrimEnd());
        }
    }

    private Column ColumnAt(int index)
    {
        IEnumerable<(string Value, string Interval)> cells = _rows.Where(row => row.Title is null).Select(row => row.Cells[index]);
        int value = cells.Select(cell => cell.Value.Length).DefaultIfEmpty().Max();
        int rest = cells.Select(cell => cell.Interval.Length).DefaultIfEmpty().Max();
        return new Column(value, rest, Math.Max(headers[index].Length, value + (rest > 0 ? 1 + rest : 0)));
    }

    private readonly record struct Column(int Value, int Interval, int Width)
    {
        public string Text((string Value, string Interval) cell) =>
            Interval > 0 ? $"{cell.Value.PadLeft(Value)} {cell.Interval}".PadRight(Width) : cell.Value.PadLeft(Width);
    }
}
