namespace PgFast.Reports.Figures;

/// <summary>Labels over several lines, where one line would leave no room for the plot.</summary>
internal static class WrappedText
{
    private const string Cut = "…";

    private static readonly TextMeasure Measure = new();

    /// <summary>Breaks after commas, at other spaces only where a part is too long by itself.</summary>
    /// <param name="text">What to break.</param>
    /// <param name="width">Width of a line, in the units of <see cref="FigureStyle.Width"/>.</param>
    /// <param name="mostLines">At least 2; of more lines the first and the last stay.</param>
    public static string Of(string text, double width, int mostLines)
    {
        string[] parts = text.ReplaceLineEndings(" ").Split(", ");
        List<string> lines = [];
        foreach (string unit in parts.SelectMany((part, index) => Units(index < parts.Length - 1 ? part + ',' : part, width)))
        {
            if (lines.Count > 0 && WidthOf($"{lines[^1]} {unit}") <= width)
                lines[^1] += ' ' + unit;
            else
                lines.Add(unit);
        }

        bool isCut = lines.Count > mostLines;
        if (isCut)
            lines.RemoveRange(mostLines - 1, lines.Count - mostLines);
        return string.Join('\n', lines.Select((line, index) => WidthOf(line) > width || (isCut && index == mostLines - 2) ? Beginning(line, width) : line));
    }

    private static string[] Units(string part, double width) => WidthOf(part) <= width ? [part] : part.Split(' ');

    /// <summary>As much of the text as fits with the sign that it goes on.</summary>
    private static string Beginning(string text, double width)
    {
        int length = text.Length;
        while (length > 0 && (WidthOf(text[..length] + Cut) > width || char.IsHighSurrogate(text[length - 1])))
            length--;
        return text[..length] + Cut;
    }

    private static double WidthOf(string text) => Measure.MeasureText(text, FigureStyle.Font, FigureStyle.FontSize, fontWeight: 400).Width;
}
