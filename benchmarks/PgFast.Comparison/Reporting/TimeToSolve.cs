using OxyPlot;
using OxyPlot.Series;
using PgFast.Reports.Figures;
using PgFast.Variance;

namespace PgFast.Comparison.Reporting;

/// <summary>The chart of the README: how long each implementation trains until CartPole-v1 is solved, on a logarithmic scale.</summary>
internal static class TimeToSolve
{
    private const string Title = "Time to solve CartPole-v1";
    private const double RoomForText = 2;

    /// <summary>Least distance of ticks, in the picture's units: that of two words such as "100 ms".</summary>
    private const double TickDistance = 40;

    /// <summary>Draws it.</summary>
    /// <param name="rows">PgFast first; those without a solved run are left out.</param>
    /// <param name="cpu">What the CPU is called.</param>
    /// <returns>The text of an SVG file.</returns>
    public static string Draw(IReadOnlyList<Row> rows, string cpu)
    {
        Row[] shown = [.. rows.Where(row => row.Solved > 0).OrderBy(row => row.SecondsToSolve.Median)];
        PlotModel model = Drawing.Model(Title, $"one thread of {cpu}, median and range");
        double end = shown.Max(row => row.SecondsToSolve.Maximum);
        // A hair below the power of ten, so that rounding does not lose its tick; and room for text beside the longest bar.
        double start = 0.9999 * Math.Pow(10, Math.Floor(Math.Log10(shown.Min(row => row.SecondsToSolve.Minimum))));
        Bars.AddAxes(model, shown.Select(row => row.Contender.Name), "training time", RoomForText * end, start);
        (model.Axes[^1].LabelFormatter, model.Axes[^1].IntervalLength) = (Numbers.Seconds, TickDistance);

        BarSeries bars = new() { BarWidth = 0.5, StrokeThickness = 0, BaseValue = start, RenderInLegend = false };
        foreach (Row row in shown)
        {
            // PgFast stands out by colour, and in grey print by being darker.
            bars.Items.Add(new BarItem(row.SecondsToSolve.Median) { Color = row.Contender.Key == "engine" ? FigureStyle.Single : FigureStyle.Parts[^1] });
        }

        model.Series.Add(bars);
        for (int index = 0; index < shown.Length; index++)
        {
            Spread seconds = shown[index].SecondsToSolve;
            Bars.AddWhisker(model, index, new ConfidenceInterval(seconds.Minimum, seconds.Maximum), end, start);
            Bars.AddText(model, index, seconds.Maximum, Numbers.Seconds(seconds.Median));
        }

        return Drawing.Finish(model, "time-to-solve", Title, "", Bars.HeightOf(shown.Length)).Svg;
    }
}
