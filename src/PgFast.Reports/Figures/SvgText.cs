using System.Globalization;
using System.Text;

namespace PgFast.Reports.Figures;

/// <summary>Makes a figure of what OxyPlot drew: named, scalable, readable aloud, and able to share a page with others.</summary>
/// <remarks>
/// Works on lines, as OxyPlot writes one tag a line with its attributes in double quotes. A document model of XML would do the same and make
/// up a tenth of a native build.
/// </remarks>
internal static class SvgText
{
    private const string Baseline = " dominant-baseline=\"";

    /// <summary>The figure.</summary>
    /// <param name="drawn">The <c>svg</c> element as OxyPlot writes it, indented by two spaces a level.</param>
    /// <param name="name">The figure's name: the beginning of the ids in the picture, which share a page with those of others.</param>
    /// <param name="title">What a screen reader says.</param>
    /// <param name="height">Height in the units of <see cref="FigureStyle.Width"/>.</param>
    public static string Finish(string drawn, string name, string title, double height)
    {
        StringBuilder text = new(drawn.Length);
        using StringReader lines = new(drawn);
        while (lines.ReadLine() is { } line)
        {
            string tag = line.TrimStart(' ');
            // The root comes after the XML declaration, which a picture inside a page must not have.
            if (text.Length == 0 && !tag.StartsWith("<svg ", StringComparison.Ordinal))
                continue;
            text.Append(' ', (line.Length - tag.Length) / 2);
            if (tag.StartsWith("<svg ", StringComparison.Ordinal))
                AppendRoot(text, tag, title, height);
            else if (tag.StartsWith("<text ", StringComparison.Ordinal))
                AppendText(text, tag);
            else
                text.Append(tag.Replace(" id=\"", $" id=\"{name}-", StringComparison.Ordinal).Replace("=\"url(#", $"=\"url(#{name}-", StringComparison.Ordinal)).Append('\n');
        }

        return text.ToString();
    }

    private static void AppendRoot(StringBuilder text, string tag, string title, double height)
    {
        string escaped = title.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
        string label = escaped.Replace("\"", "&quot;", StringComparison.Ordinal);
        text.Append(tag.AsSpan(0, tag.Length - 1));
        text.Append(CultureInfo.InvariantCulture, $" viewBox=\"0 0 {FigureStyle.Width} {height}\" role=\"img\" aria-label=\"{label}\">\n <title>{escaped}</title>\n");
    }

    /// <summary>Writes the vertical alignment as a shift, which every reader of SVG knows; few know it as a property.</summary>
    private static void AppendText(StringBuilder text, string tag)
    {
        // No attribute holds this character: it is written as an entity there.
        int end = tag.IndexOf('>', StringComparison.Ordinal);
        int begin = tag.IndexOf(Baseline, 0, end, StringComparison.Ordinal);
        if (begin < 0)
        {
            text.Append(tag).Append('\n');
            return;
        }

        int value = begin + Baseline.Length, quote = tag.IndexOf('"', value);
        string shift = tag[value..quote] switch
        {
            "hanging" => " dy=\"0.8em\"",
            "middle" => " dy=\"0.35em\"",
            _ => "",
        };
        text.Append(tag, 0, begin).Append(tag, quote + 1, end - quote - 1).Append(shift).Append(tag, end, tag.Length - end).Append('\n');
    }
}
