using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;
using PgFast.Reports.Input;

namespace PgFast.Reports.Figures;

/// <summary>Learning curves of a sweep's configurations: interquartile mean over seeds, with the band of its intervals.</summary>
public static class SweepCurves
{
    private const double Height = 340;

    /// <summary>Draws the returns on one environment.</summary>
    /// <param name="sweep">The sweep.</param>
    /// <param name="environment">The environment's name.</param>
    /// <returns>The figure, or null where no run is finished.</returns>
    public static Figure? Returns(Sweep sweep, string environment)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        return Draw(
            sweep, environment, result => result.Returns, "learning-curves", $"Learning curves on {environment}", "mean return, reward",
            "Mean undiscounted return of each update's batch");
    }

    /// <summary>Draws the policies' entropy on one environment.</summary>
    /// <param name="sweep">The sweep.</param>
    /// <param name="environment">The environment's name.</param>
    /// <returns>The figure, or null where no run is finished.</returns>
    public static Figure? Entropies(Sweep sweep, string environment)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        return Draw(
            sweep, environment, result => result.Entropies, "entropy", $"Entropy of the policy on {environment}", "entropy, nats",
            "Mean entropy of the policy over each update's steps");
    }

    private static Figure? Draw(
        Sweep sweep, string environment, Func<SweepResult, SweepBand> bandOf, string name, string title, string axisTitle, string what)
    {
        SweepConfiguration[] shown = [.. SweepSelection.On(sweep, environment).Where(configuration => bandOf(configuration.On(environment)!).InterquartileMean.Count > 1)];
        if (shown.Length == 0)
            return null;
        string level = NumberText.Percent(sweep.Confidence);
        PlotModel model = Drawing.Model(title, $"interquartile mean of {NumberText.Count(sweep.Seeds)} seeds, {level} intervals");
        LinearAxis place = Drawing.Styled(new LinearAxis(), AxisPosition.Bottom, sweep.EnvironmentSteps is null ? "updates" : "environment steps");
        (place.Minimum, place.Maximum) = (0, 1.02 * sweep.Points[^1]);
        place.LabelFormatter = NumberText.CountTick;
        place.IntervalLength = 60;
        model.Axes.Add(place);
        LinearAxis values = Drawing.Styled(new LinearAxis(), AxisPosition.Left, axisTitle);
        values.LabelFormatter = NumberText.Tick;
        (values.MinimumPadding, values.MaximumPadding) = (0.03, 0.06);
        model.Axes.Add(values);
        Drawing.AddLegend(model);
        for (int index = 0; index < shown.Length; index++)
        {
            SweepBand band = bandOf(shown[index].On(environment)!);
            OxyColor color = FigureStyle.Of(shown[index].Label, index).Color;
            model.Series.Add(Lines.Band(sweep.Points, band.Intervals, FigureStyle.Faint(color), double.MinValue, double.MaxValue));
            LineSeries line = new() { Title = SweepLabels.OfLegend(shown[index].Label), Color = color, StrokeThickness = 1.6, LineStyle = StyleOf(index) };
            line.Points.AddRange(sweep.Points.Zip(band.InterquartileMean, (x, y) => new DataPoint(x, y)));
            model.Series.Add(line);
        }

        string caption = $"{what}: interquartile mean over seeds, {level} bootstrap intervals.{SweepSelection.Remark(sweep, environment, shown.Length)}";
        return Drawing.Finish(
            model, $"{name}{SweepSelection.Suffix(sweep, environment)}", title, caption, Height + SweepLabels.ExtraLegendHeight(shown.Select(configuration => configuration.Label)));
    }

    /// <summary>Lines that look alike in grey differ by their dashes.</summary>
    private static LineStyle StyleOf(int index) => (index % 3) switch { 0 => LineStyle.Solid, 1 => LineStyle.Dash, _ => LineStyle.DashDot };
}
