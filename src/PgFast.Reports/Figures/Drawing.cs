using System.Globalization;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;

namespace PgFast.Reports.Figures;

/// <summary>What every figure has: a model with title and axes in the common style, and the way from there to SVG.</summary>
internal static class Drawing
{
    /// <summary>An empty figure.</summary>
    /// <param name="title">First line, bold.</param>
    /// <param name="subtitle">Second line.</param>
    public static PlotModel Model(string title, string subtitle) => new()
    {
        Title = title,
        TitleFontSize = 13,
        TitleFontWeight = 700,
        TitlePadding = 4,
        TitleHorizontalAlignment = TitleHorizontalAlignment.CenteredWithinView,
        Subtitle = subtitle,
        SubtitleFontSize = FigureStyle.FontSize,
        ClipTitle = false,
        DefaultFont = FigureStyle.Font,
        DefaultFontSize = FigureStyle.FontSize,
        TextColor = FigureStyle.Ink,
        Background = FigureStyle.Paper,
        PlotAreaBorderColor = FigureStyle.Ink,
        PlotAreaBorderThickness = new OxyThickness(1, 0, 0, 1),
        Padding = new OxyThickness(4, 4, 12, 4),
        Culture = CultureInfo.InvariantCulture,
    };

    /// <summary>Gives an axis the common style.</summary>
    public static T Styled<T>(T axis, AxisPosition position, string title, bool hasGrid = true) where T : Axis
    {
        axis.Position = position;
        axis.Title = title;
        axis.TicklineColor = FigureStyle.Ink;
        axis.MinorTicklineColor = FigureStyle.Ink;
        axis.MajorGridlineStyle = hasGrid ? LineStyle.Solid : LineStyle.None;
        axis.MajorGridlineColor = FigureStyle.Grid;
        axis.MinorTickSize = 0;
        axis.MajorTickSize = 4;
        axis.TickStyle = TickStyle.Outside;
        axis.AxisTitleDistance = position == AxisPosition.Left ? 6 : 4;
        axis.AxisTickToLabelDistance = 3;
        axis.ClipTitle = false;
        return axis;
    }

    /// <summary>A logarithmic axis over positive data, whole decades wide where that adds little.</summary>
    public static LogarithmicAxis Decades(AxisPosition position, string title, double minimum, double maximum)
    {
        LogarithmicAxis axis = Styled(new LogarithmicAxis(), position, title);
        axis.LabelFormatter = NumberText.Tick;
        // At least two labelled decades, or there is no scale to read.
        double low = Math.Floor(Math.Log10(minimum) + 0.02), high = Math.Ceiling(Math.Log10(maximum) - 0.02);
        // A hair wider, so that rounding does not lose the ticks at the ends.
        (axis.Minimum, axis.Maximum) = (0.9999 * Math.Pow(10, low), 1.0001 * Math.Pow(10, Math.Max(high, low + 1)));
        axis.MinorTickSize = 2;
        return axis;
    }

    /// <summary>Adds a legend below the plot.</summary>
    public static void AddLegend(PlotModel model) => model.Legends.Add(new Legend
    {
        LegendPlacement = LegendPlacement.Outside,
        LegendPosition = LegendPosition.BottomCenter,
        LegendOrientation = LegendOrientation.Horizontal,
        LegendFontSize = FigureStyle.FontSize,
        LegendSymbolLength = 22,
        LegendSymbolMargin = 4,
        LegendItemSpacing = 14,
        LegendLineSpacing = 4,
        LegendPadding = 0,
        LegendMargin = 4,
        LegendBorderThickness = 0,
        AllowUseFullExtent = true,
    });

    /// <summary>Draws the model as a figure.</summary>
    public static Figure Finish(PlotModel model, string name, string title, string caption, double height) =>
        new(name, title, caption, SvgText.Finish(SvgContext.Draw(model, FigureStyle.Width, height), name, title, height));
}
