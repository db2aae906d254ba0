using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;
using PgFast.Reports.Input;

namespace PgFast.Reports.Figures;

/// <summary>tr Σ against batch size on logarithmic axes: a line a baseline with the band of its intervals, and the law 1/B.</summary>
public static class VarianceByBatchSize
{
    private const double Height = 390;

    /// <summary>Draws one estimator of a study.</summary>
    /// <param name="study">The study.</param>
    /// <param name="estimator">The estimator's name.</param>
    /// <returns>The figure, or null where no baseline has numbers at two batch sizes or more.</returns>
    public static Figure? Draw(Study study, string estimator)
    {
        ArgumentNullException.ThrowIfNull(study);
        StudyRow[] rows = [.. study.Rows.Where(row => row.Estimator == estimator && row.HasNumbers && row.Trace > 0)];
        if (rows.Select(row => row.BatchSize).Distinct().Count() < 2)
            return null;
        string title = "Gradient variance against batch size";
        PlotModel model = Drawing.Model(title, $"estimator {estimator}, {Captions.Intervals(study)}");
        int largest = rows.Max(row => row.BatchSize);
        model.Axes.Add(BatchAxis(rows.Min(row => row.BatchSize), largest));
        double minimum = rows.Min(row => row.Trace), maximum = rows.Max(row => row.Trace);
        LogarithmicAxis traces = Drawing.Decades(AxisPosition.Left, "tr Σ, (return / parameter unit)²", minimum, maximum);
        model.Axes.Add(traces);
        string[] baselines = Captions.BaselinesOf(study, rows);
        bool hasLaw = false;
        for (int index = 0; index < baselines.Length; index++)
        {
            StudyRow[] line = [.. rows.Where(row => row.Baseline == baselines[index]).OrderBy(row => row.BatchSize)];
            SeriesStyle style = FigureStyle.Of(baselines[index], index);
            model.Series.Add(Lines.Band(
                line.Select(row => (double)row.BatchSize), line.Select(row => row.TraceInterval), FigureStyle.Faint(style.Color),
                traces.Minimum, traces.Maximum));
            hasLaw |= AddLaw(model, line, style, largest);
            model.Series.Add(Lines.Line(baselines[index], line.Select(row => new DataPoint(row.BatchSize, row.Trace)), style));
        }

        if (hasLaw)
            model.Series.Add(new LineSeries { Title = "law 1/B", Color = FigureStyle.Ink, StrokeThickness = 1, LineStyle = LineStyle.Dash });
        Drawing.AddLegend(model);
        string name = $"variance-{Slug.Of(estimator)}";
        string law = hasLaw ? " Thin dashes are the law 1/B from batch size 1." : "";
        string caption =
            $"Trace of the covariance of the gradient that an update of B episodes uses, {estimator}, on the same episodes for all baselines. "
            + $"Bands are {Captions.Intervals(study)}.{law}{Captions.Missing(study, estimator, null)}";
        return Drawing.Finish(model, name, $"{title}, estimator {estimator}", caption, Height);
    }

    private static bool AddLaw(PlotModel model, StudyRow[] line, SeriesStyle style, int largest)
    {
        // The law is a straight line on these axes; the row that says where it begins may itself lack numbers.
        StudyRow? known = line.FirstOrDefault(row => double.IsFinite(row.LawTrace) && row.LawTrace > 0);
        double start = known is not null ? known.LawTrace * known.BatchSize : line[0].BatchSize == 1 ? line[0].Trace : double.NaN;
        if (double.IsNaN(start))
            return false;
        model.Series.Add(new LineSeries
        {
            // The legend has one entry for all of them.
            RenderInLegend = false,
            Color = style.Color,
            StrokeThickness = 1,
            LineStyle = LineStyle.Dash,
            Points = { new DataPoint(1, start), new DataPoint(largest, start / largest) },
        });
        return true;
    }

    /// <summary>Powers of 2, 4 or 10, whichever suits the range.</summary>
    private static LogarithmicAxis BatchAxis(int smallest, int largest)
    {
        LogarithmicAxis axis = Drawing.Styled(new LogarithmicAxis(), AxisPosition.Bottom, "batch size B, episodes an update");
        double range = (double)largest / smallest;
        axis.Base = range <= 64 ? 2 : range <= 5000 ? 4 : 10;
        // Room for the markers at both ends.
        double margin = Math.Pow(range, 0.03);
        (axis.Minimum, axis.Maximum) = (smallest / margin, largest * margin);
        axis.LabelFormatter = NumberText.CountTick;
        return axis;
    }
}
