using System.Globalization;
using OxyPlot;
using OxyPlot.Axes;
using PgFast.Reports.Input;

namespace PgFast.Reports.Figures;

/// <summary>Score against a number that the grid varies, such as the step size: a line for each combination of the other axes.</summary>
public static class SweepSensitivity
{
    private const double Height = 350;
    private const int FewestValues = 3;

    /// <summary>Numbers that span more than this are drawn on a logarithmic axis.</summary>
    private const double WidestLinear = 8;

    /// <summary>Draws one environment for every axis of at least three numbers.</summary>
    /// <param name="sweep">The sweep.</param>
    /// <param name="environment">The environment's name.</param>
    public static IReadOnlyList<Figure> Draw(Sweep sweep, string environment)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        return [.. Enumerable.Range(0, sweep.Axes.Count).Select(axis => Draw(sweep, environment, axis)).OfType<Figure>()];
    }

    private static Figure? Draw(Sweep sweep, string environment, int axis)
    {
        double[] numbers = [.. sweep.Axes[axis].Values.Select(NumberOf)];
        if (numbers.Length < FewestValues || numbers.Any(double.IsNaN))
            return null;
        var lines = sweep.Configurations
            .Where(configuration => configuration.On(environment) is not null)
            .GroupBy(configuration => Others(sweep, configuration, axis))
            .Select(group => (Name: group.Key, Points: group.OrderBy(configuration => NumberOf(configuration.Place[axis])).ToArray()))
            .Where(line => line.Points.Length > 1)
            .ToArray();
        if (lines.Length is 0 or > SweepSelection.MostLines)
            return null;
        string option = sweep.Axes[axis].Name, level = NumberText.Percent(sweep.Confidence);
        string title = $"Score by {option} on {environment}";
        PlotModel model = Drawing.Model(title, $"interquartile mean, {level} intervals");
        model.Axes.Add(NumberAxis(option, numbers));
        LinearAxis scores = Drawing.Styled(new LinearAxis(), AxisPosition.Left, sweep.ScoreText);
        scores.LabelFormatter = NumberText.Tick;
        (scores.MinimumPadding, scores.MaximumPadding) = (0.05, 0.06);
        model.Axes.Add(scores);
        if (lines.Length > 1)
            Drawing.AddLegend(model);
        for (int index = 0; index < lines.Length; index++)
        {
            SeriesStyle style = FigureStyle.Of(lines[index].Name, index);
            SweepResult[] results = [.. lines[index].Points.Select(configuration => configuration.On(environment)!)];
            double[] x = [.. lines[index].Points.Select(configuration => NumberOf(configuration.Place[axis]))];
            model.Series.Add(Lines.Band(
                x, results.Select(result => result.InterquartileMeanInterval), FigureStyle.Faint(style.Color), double.MinValue, double.MaxValue));
            model.Series.Add(Lines.Line(SweepLabels.OfLegend(lines[index].Name), x.Zip(results, (at, result) => new DataPoint(at, result.InterquartileMean)), style));
        }

        string caption = $"How the {sweep.ScoreText} depends on {option}: interquartile mean over {NumberText.Count(sweep.Seeds)} seeds, {level} bootstrap intervals.";
        return Drawing.Finish(
            model, $"sensitivity-{Slug.Of(option)}{SweepSelection.Suffix(sweep, environment)}", title, caption,
            Height + (lines.Length > 1 ? SweepLabels.ExtraLegendHeight(lines.Select(line => line.Name)) : 0));
    }

    private static Axis NumberAxis(string option, double[] numbers)
    {
        double low = numbers.Min(), high = numbers.Max();
        if (low > 0 && high / low > WidestLinear)
        {
            LogarithmicAxis decades = Drawing.Styled(new LogarithmicAxis(), AxisPosition.Bottom, $"{option}, log scale");
            double margin = Math.Pow(high / low, 0.04);
            (decades.Minimum, decades.Maximum) = (low / margin, high * margin);
            decades.LabelFormatter = NumberText.Tick;
            return decades;
        }

        LinearAxis axis = Drawing.Styled(new LinearAxis(), AxisPosition.Bottom, option);
        (axis.MinimumPadding, axis.MaximumPadding) = (0.04, 0.04);
        axis.LabelFormatter = NumberText.Tick;
        return axis;
    }

    /// <summary>The values on the other axes, of those that vary.</summary>
    private static string Others(Sweep sweep, SweepConfiguration configuration, int axis)
    {
        string name = string.Join(
            ", ", Enumerable.Range(0, sweep.Axes.Count).Where(other => other != axis && sweep.Axes[other].Values.Count > 1)
                .Select(other => sweep.Axes[other].Name == "variant" ? configuration.Place[other] : $"{sweep.Axes[other].Name} {configuration.Place[other]}"));
        return name.Length > 0 ? name : sweep.ScoreText;
    }

    private static double NumberOf(string text) =>
        text.StartsWith("2^", StringComparison.Ordinal) && int.TryParse(text.AsSpan(2), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int exponent)
            ? Math.ScaleB(1, exponent)
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value : double.NaN;
}
