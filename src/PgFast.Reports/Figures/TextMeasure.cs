using OxyPlot;

namespace PgFast.Reports.Figures;

/// <summary>Measures text without fonts: Helvetica's widths and a margin, as the reader's font may be wider, and a real line height.</summary>
internal sealed class TextMeasure : PdfRenderContext
{
    private const double WidthMargin = 1.06;
    private const double BoldMargin = 1.07;
    private const double LineHeight = 1.25;

    /// <summary>Of a character that is not in the table: about that of a Greek letter.</summary>
    private const int OtherWidth = 610;

    /// <summary>Advance widths of the characters from space to ~ in thousandths of the font size (Adobe's font metrics of Helvetica).</summary>
    private static readonly short[] Widths =
    [
        278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278,
        278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722,
        667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556,
        556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
    ];

    public TextMeasure()
        : base(FigureStyle.Width, FigureStyle.Width, OxyColors.Undefined)
    {
    }

    /// <inheritdoc/>
    public override OxySize MeasureText(string text, string fontFamily, double fontSize, double fontWeight)
    {
        if (string.IsNullOrEmpty(text))
            return OxySize.Empty;
        string[] lines = text.Split('\n');
        double width = lines.Max(line => line.Sum(WidthOf)) / 1000.0 * fontSize;
        return new OxySize(width * WidthMargin * (fontWeight > 500 ? BoldMargin : 1), lines.Length * fontSize * LineHeight);
    }

    private static int WidthOf(char character) => character is >= ' ' and <= '~' ? Widths[character - ' '] : OtherWidth;
}
