using System.Text;
using OxyPlot;

namespace PgFast.Reports.Figures;

/// <summary>OxyPlot's way to SVG, which begins text of several lines at the middle where it is to be around it.</summary>
internal sealed class SvgContext : SvgRenderContext
{
    private SvgContext(Stream stream, double width, double height, OxyColor background)
        : base(stream, width, height, isDocument: false, new TextMeasure(), background, useVerticalTextAlignmentWorkaround: false)
    {
    }

    /// <summary>The model as an <c>svg</c> element: a tag a line, indented by two spaces a level.</summary>
    public static string Draw(IPlotModel model, double width, double height)
    {
        using MemoryStream stream = new();
        using (SvgContext context = new(stream, width, height, model.Background))
        {
            model.Update(updateData: true);
            model.Render(context, new OxyRect(0, 0, width, height));
            context.Complete();
            context.Flush();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <inheritdoc/>
    public override void DrawText(
        ScreenPoint p, string text, OxyColor fill, string fontFamily, double fontSize, double fontWeight, double rotate,
        HorizontalAlignment halign, VerticalAlignment valign, OxySize? maxSize)
    {
        int lines = text?.Split('\n').Length ?? 0;
        if (valign == VerticalAlignment.Middle && rotate == 0 && lines > 1)
            p -= new ScreenVector(0, MeasureText(text!, fontFamily, fontSize, fontWeight).Height * (lines - 1) / (2 * lines));
        base.DrawText(p, text, fill, fontFamily, fontSize, fontWeight, rotate, halign, valign, maxSize);
    }
}
