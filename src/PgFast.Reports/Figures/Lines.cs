using OxyPlot;
using OxyPlot.Series;
using PgFast.Variance;

namespace PgFast.Reports.Figures;

/// <summary>Lines with markers, and bands of intervals behind them.</summary>
internal static class Lines
{
    /// <summary>A line through points, each marked.</summary>
    public static LineSeries Line(string name, IEnumerable<DataPoint> points, SeriesStyle style)
    {
        bool isStroke = style.Marker is MarkerType.Plus or MarkerType.Cross or MarkerType.Star;
        LineSeries line = new()
        {
            Title = name,
            Color = style.Color,
            StrokeThickness = 1.6,
            MarkerType = style.Marker,
            MarkerSize = isStroke ? 4 : 3.4,
            MarkerFill = isStroke ? OxyColors.Undefined : style.Color,
            MarkerStroke = style.Color,
            MarkerStrokeThickness = isStroke ? 1.6 : 0,
        };
        line.Points.AddRange(points);
        return line;
    }

    /// <summary>The area between the ends of intervals, cut off where the axis ends; points without an interval are left out.</summary>
    public static AreaSeries Band(
        IEnumerable<double> x, IEnumerable<ConfidenceInterval> intervals, OxyColor fill, double minimum, double maximum)
    {
        AreaSeries band = new() { Color = OxyColors.Transparent, Fill = fill, StrokeThickness = 0, RenderInLegend = false };
        foreach ((double at, ConfidenceInterval interval) in x.Zip(intervals))
        {
            if (!interval.IsKnown)
                continue;
            band.Points.Add(new DataPoint(at, Math.Clamp(interval.Low, minimum, maximum)));
            band.Points2.Add(new DataPoint(at, Math.Clamp(interval.High, minimum, maximum)));
        }

        return band;
    }
}
