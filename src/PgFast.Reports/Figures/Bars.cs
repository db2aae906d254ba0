using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;
using PgFast.Variance;

namespace PgFast.Reports.Figures;

/// <summary>A bar to draw.</summary>
/// <param name="Label">Stands left of it.</param>
/// <param name="Value">Its length, at least 0.</param>
/// <param name="Interval">The whisker; unknown for none.</param>
/// <param name="Color">Its colour.</param>
internal readonly record struct Bar(string Label, double Value, ConfidenceInterval Interval, OxyColor Color);

/// <summary>Horizontal bars, as their names are long; the value beside each.</summary>
internal static class Bars
{
    private const double RowHeight = 34;
    private const double Frame = 104;

    /// <summary>Bars whose lengths differ by more than this are drawn on a logarithmic axis.</summary>
    private const double LongestToShortest = 20;

    /// <summary>Height of a picture of so many bars.</summary>
    public static double HeightOf(int bars) => Frame + RowHeight * bars;

    /// <summary>Adds axes, bars, whiskers and values.</summary>
    /// <param name="model">Where to.</param>
    /// <param name="bars">From top to bottom.</param>
    /// <param name="axisTitle">What the length is.</param>
    /// <param name="reference">Where a dashed line stands; NaN for none.</param>
    public static void Add(PlotModel model, IReadOnlyList<Bar> bars, string axisTitle, double reference)
    {
        double end = bars.Max(End);
        Add(model, bars, axisTitle, reference, end, StartOf(bars, end));
    }

    /// <summary>Bars of probabilities: the axis goes from 0 to 1 whatever they are.</summary>
    public static void AddUnit(PlotModel model, IReadOnlyList<Bar> bars, string axisTitle, double reference) =>
        Add(model, bars, axisTitle, reference, end: 1, start: 0);

    private static void Add(PlotModel model, IReadOnlyList<Bar> bars, string axisTitle, double reference, double end, double start)
    {
        AddAxes(model, bars.Select(bar => bar.Label), axisTitle, Math.Max(end, double.IsNaN(reference) ? 0 : reference), start);
        BarSeries series = new() { BarWidth = 0.62, StrokeThickness = 0, RenderInLegend = false, BaseValue = start };
        foreach (Bar bar in bars)
            series.Items.Add(new BarItem(bar.Value) { Color = bar.Color });
        model.Series.Add(series);
        if (!double.IsNaN(reference))
        {
            model.Annotations.Add(new LineAnnotation
            {
                Type = LineAnnotationType.Vertical,
                X = reference,
                Color = FigureStyle.Ink,
                LineStyle = LineStyle.Dash,
                StrokeThickness = 1,
                Layer = AnnotationLayer.BelowSeries,
            });
        }

        for (int index = 0; index < bars.Count; index++)
        {
            if (bars[index].Interval.IsKnown)
                AddWhisker(model, index, bars[index].Interval, end, start);
            AddText(model, index, End(bars[index]), NumberText.Short(bars[index].Value, 3));
        }
    }

    /// <summary>
    /// A category axis from top to bottom and a value axis from 0, or a logarithmic one from <paramref name="start"/> if that is positive, with
    /// room for text beside the longest bar.
    /// </summary>
    public static void AddAxes(PlotModel model, IEnumerable<string> labels, string axisTitle, double end, double start = 0)
    {
        CategoryAxis categories = Drawing.Styled(new CategoryAxis(), AxisPosition.Left, "", hasGrid: false);
        (categories.StartPosition, categories.EndPosition) = (1, 0);
        categories.GapWidth = 0.3;
        categories.MajorTickSize = 0;
        categories.AxisTickToLabelDistance = 6;
        categories.Labels.AddRange(labels);
        model.Axes.Add(categories);
        if (start > 0)
        {
            LogarithmicAxis decades = Drawing.Styled(new LogarithmicAxis(), AxisPosition.Bottom, axisTitle + ", log scale");
            (decades.Minimum, decades.Maximum) = (start, end * Math.Pow(end / start, 0.22));
            decades.LabelFormatter = NumberText.Tick;
            decades.MinorTickSize = 0;
            model.Axes.Add(decades);
            return;
        }

        LinearAxis values = Drawing.Styled(new LinearAxis(), AxisPosition.Bottom, axisTitle);
        (values.Minimum, values.Maximum) = (0, end > 0 ? 1.22 * end : 1);
        values.LabelFormatter = NumberText.Tick;
        values.IntervalLength = 50;
        model.Axes.Add(values);
    }

    /// <summary>A line between the ends of an interval, with a mark at each.</summary>
    public static void AddWhisker(PlotModel model, int index, ConfidenceInterval interval, double limit, double start = 0)
    {
        const double Cap = 0.14;
        double low = Math.Max(start, interval.Low), high = Math.Min(interval.High, limit);
        LineSeries whisker = new() { Color = FigureStyle.Ink, StrokeThickness = 1.3, RenderInLegend = false };
        whisker.Points.AddRange(
        [
            new DataPoint(low, index - Cap), new DataPoint(low, index + Cap), new DataPoint(low, index), new DataPoint(high, index),
            new DataPoint(high, index - Cap), new DataPoint(high, index + Cap),
        ]);
        model.Series.Add(whisker);
    }

    /// <summary>Writes text right of a bar's end.</summary>
    public static void AddText(PlotModel model, int index, double end, string text) => model.Annotations.Add(new TextAnnotation
    {
        Text = text,
        TextPosition = new DataPoint(end, index),
        Offset = new ScreenVector(5, 0),
        TextHorizontalAlignment = HorizontalAlignment.Left,
        TextVerticalAlignment = VerticalAlignment.Middle,
        Stroke = OxyColors.Undefined,
        StrokeThickness = 0,
    });

    /// <summary>
    /// Where bars begin: 0, or, where some would be too short to be seen beside the longest, the power of ten below the shortest, on a
    /// logarithmic axis.
    /// </summary>
    private static double StartOf(IReadOnlyList<Bar> bars, double end)
    {
        double shortest = bars.Min(bar => bar.Interval.IsKnown ? Math.Min(bar.Value, bar.Interval.Low) : bar.Value);
        return shortest > 0 && shortest < end / LongestToShortest ? Math.Pow(10, Math.Floor(Math.Log10(shortest / 2))) : 0;
    }

    private static double End(Bar bar) =>
        bar.Interval.IsKnown && double.IsFinite(bar.Interval.High) ? Math.Max(bar.Value, bar.Interval.High) : bar.Value;
}
