using OxyPlot;
using OxyPlot.Axes;
using PgFast.Reports.Input;
using PgFast.Variance;

namespace PgFast.Reports.Figures;

/// <summary>A number of several studies against the update of their policies, on a logarithmic axis: a line a baseline, with bands.</summary>
public static class AlongTraining
{
    private const double Height = 370;

    /// <summary>Draws the noise scale of one estimator.</summary>
    /// <param name="set">Studies of policies at different updates.</param>
    /// <param name="estimator">The estimator's name.</param>
    /// <returns>The figure, or null where fewer than two studies have numbers.</returns>
    public static Figure? NoiseScale(StudySet set, string estimator) => Draw(
        set, estimator, "noise-scale", "Noise scale along training", "noise scale B·tr Σ/‖G‖², episodes",
        "The noise scale: the batch size at which signal and noise of the gradient are equal.",
        row => (row.NoiseScale, row.NoiseScaleInterval));

    /// <summary>Draws the trace of one estimator.</summary>
    /// <param name="set">Studies of policies at different updates.</param>
    /// <param name="estimator">The estimator's name.</param>
    /// <returns>The figure, or null where fewer than two studies have numbers.</returns>
    public static Figure? Trace(StudySet set, string estimator) => Draw(
        set, estimator, "trace", "Gradient variance along training", "tr Σ, (return / parameter unit)²",
        "Trace of the covariance of the gradient.", row => (row.Trace, row.TraceInterval));

    private static Figure? Draw(
        StudySet set, string estimator, string kind, string title, string axisTitle, string meaning,
        Func<StudyRow, (double Value, ConfidenceInterval Interval)> measure)
    {
        ArgumentNullException.ThrowIfNull(set);
        (double Update, StudyRow Row)[] rows =
        [
            .. set.Studies.Where(study => study.Update is not null).OrderBy(study => study.Update).SelectMany(
                study => study.Rows
                    .Where(row => row.Estimator == estimator && row.HasNumbers && measure(row).Value > 0 && measure(row).Interval.IsKnown)
                    .Select(row => ((double)study.Update!.Value, row))),
        ];
        if (rows.Length == 0)
            return null;
        int batchSize = Captions.BatchSizeOf(rows.Select(row => row.Row));
        rows = [.. rows.Where(row => row.Row.BatchSize == batchSize)];
        if (rows.Select(row => row.Update).Distinct().Count() < 2)
            return null;

        string intervals = Captions.Intervals(set.Studies[0]);
        PlotModel model = Drawing.Model(title, $"estimator {estimator}, B = {batchSize}, {intervals}");
        LinearAxis updates = Drawing.Styled(new LinearAxis(), AxisPosition.Bottom, "update");
        updates.LabelFormatter = NumberText.CountTick;
        updates.IntervalLength = 55;
        (updates.MinimumPadding, updates.MaximumPadding) = (0.03, 0.03);
        model.Axes.Add(updates);
        LogarithmicAxis values = Drawing.Decades(
            AxisPosition.Left, axisTitle, rows.Min(row => measure(row.Row).Value), rows.Max(row => measure(row.Row).Value));
        model.Axes.Add(values);
        string[] baselines = Captions.BaselinesOf(set.Studies[0], rows.Select(row => row.Row));
        for (int index = 0; index < baselines.Length; index++)
        {
            (double Update, StudyRow Row)[] line = [.. rows.Where(row => row.Row.Baseline == baselines[index])];
            SeriesStyle style = FigureStyle.Of(baselines[index], index);
            model.Series.Add(Lines.Band(
                line.Select(row => row.Update), line.Select(row => measure(row.Row).Interval), FigureStyle.Faint(style.Color),
                values.Minimum, values.Maximum));
            model.Series.Add(Lines.Line(baselines[index], line.Select(row => new DataPoint(row.Update, measure(row.Row).Value)), style));
        }

        Drawing.AddLegend(model);
        string name = $"{kind}-training-{Slug.Of(estimator)}";
        bool isOpen = rows.Any(row => measure(row.Row).Interval.High > values.Maximum || measure(row.Row).Interval.Low < values.Minimum);
        string caption =
            $"{meaning} Estimator {estimator}, batch size {batchSize}. Bands are {intervals}"
            + (isOpen ? "; one that meets the edge goes on beyond it." : ".");
        return Drawing.Finish(model, name, $"{title}, estimator {estimator}", caption, Height);
    }
}
