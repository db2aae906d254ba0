using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;
using PgFast.Reports.Input;

namespace PgFast.Reports.Figures;

/// <summary>The score of every configuration: interquartile mean with its interval, and each seed as a faint dot.</summary>
public static class SweepScores
{
    private const double RowHeight = 30;
    private const double Frame = 100;

    /// <summary>Draws one environment of a sweep.</summary>
    /// <param name="sweep">The sweep.</param>
    /// <param name="environment">The environment's name.</param>
    /// <returns>The figure, or null where no run is finished.</returns>
    public static Figure? Draw(Sweep sweep, string environment)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        (string Label, SweepResult Result)[] rows =
        [
            .. sweep.Configurations.Select(configuration => (configuration.Label, configuration.On(environment)))
                .Where(row => row.Item2 is not null).Select(row => (SweepLabels.OfRow(row.Label), row.Item2!)),
        ];
        if (rows.Length == 0)
            return null;
        string level = NumberText.Percent(sweep.Confidence);
        PlotModel model = Drawing.Model($"Scores on {environment}", $"interquartile mean, {level} intervals; a dot a seed");
        CategoryAxis categories = Drawing.Styled(new CategoryAxis(), AxisPosition.Left, "", hasGrid: false);
        (categories.StartPosition, categories.EndPosition) = (1, 0);
        (categories.MajorTickSize, categories.AxisTickToLabelDistance) = (0, 6);
        categories.Labels.AddRange(rows.Select(row => row.Label));
        model.Axes.Add(categories);
        LinearAxis scores = Drawing.Styled(new LinearAxis(), AxisPosition.Bottom, sweep.ScoreText);
        scores.LabelFormatter = NumberText.Tick;
        scores.IntervalLength = 50;
        (scores.MinimumPadding, scores.MaximumPadding) = (0.05, 0.05);
        model.Axes.Add(scores);
        ScatterSeries seeds = Dots(FigureStyle.Faint(FigureStyle.Single, 70), 2.4);
        ScatterSeries means = Dots(FigureStyle.Single, 4);
        means.MarkerType = MarkerType.Diamond;
        for (int index = 0; index < rows.Length; index++)
        {
            foreach (double score in rows[index].Result.Scores)
                seeds.Points.Add(new ScatterPoint(score, index));
            means.Points.Add(new ScatterPoint(rows[index].Result.InterquartileMean, index));
        }

        model.Series.Add(seeds);
        for (int index = 0; index < rows.Length; index++)
        {
            if (rows[index].Result.InterquartileMeanInterval.IsKnown)
                Bars.AddWhisker(model, index, rows[index].Result.InterquartileMeanInterval, double.MaxValue, double.MinValue);
        }

        model.Series.Add(means);
        string name = $"scores{SweepSelection.Suffix(sweep, environment)}";
        string caption =
            $"{sweep.ScoreText} on {environment}, undiscounted: interquartile mean over seeds with {level} bootstrap intervals, every seed as a dot.";
        return Drawing.Finish(model, name, $"Scores on {environment} by configuration", Captioned(caption), Frame + RowHeight * rows.Length + SweepLabels.ExtraRowHeight([.. rows.Select(row => row.Label)]));
    }

    private static string Captioned(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private static ScatterSeries Dots(OxyColor color, double size) =>
        new() { MarkerType = MarkerType.Circle, MarkerSize = size, MarkerFill = color, MarkerStrokeThickness = 0, RenderInLegend = false };
}
