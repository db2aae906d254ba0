using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;
using PgFast.Reports.Input;

namespace PgFast.Reports.Figures;

/// <summary>Mean return of the batches against environment steps: of one run, or the median and bands of several seeds.</summary>
public static class LearningCurve
{
    private const double Height = 330;

    /// <summary>Points of a curve: more than a picture of this size can show apart.</summary>
    private const int Points = 300;

    /// <summary>Draws one run.</summary>
    /// <param name="run">The run.</param>
    /// <returns>The figure, or null for a run of fewer than two updates.</returns>
    public static Figure? Draw(Run run)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (run.Updates.Count < 2)
            return null;
        UpdateRow[][] bins = [.. Bins(run.Updates, Points)];
        bool isBinned = bins.Any(bin => bin.Length > 1);
        PlotModel model = Model("Learning curve", isBinned ? "mean and range of neighbouring updates" : "", run.Updates[^1].EnvironmentSteps);
        if (isBinned)
        {
            model.Series.Add(Band(
                bins.Select(bin => (Centre(bin), bin.Min(row => row.MeanReturn), bin.Max(row => row.MeanReturn))), alpha: 45));
        }

        model.Series.Add(Curve("mean return of a batch", bins.Select(bin => new DataPoint(Centre(bin), bin.Average(row => row.MeanReturn)))));
        AddTarget(model, run.Target);
        string merged = isBinned ? $" Each point is the mean of up to {bins.Max(bin => bin.Length)} updates, the band their range." : "";
        string caption = $"Mean undiscounted return of each update's batch, sampled from the policy before the update.{merged}";
        return Drawing.Finish(model, "learning-curve", "Learning curve: mean return against environment steps", caption, Height);
    }

    /// <summary>Draws several runs that differ in their seed.</summary>
    /// <param name="runs">The runs.</param>
    /// <returns>The figure, or null where fewer than two runs have an update.</returns>
    public static Figure? Draw(IReadOnlyList<Run> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        Run[] begun = [.. runs.Where(run => run.Updates.Count > 0)];
        if (begun.Length < 2)
            return null;
        long first = begun.Max(run => run.Updates[0].EnvironmentSteps), last = begun.Max(run => run.Updates[^1].EnvironmentSteps);
        if (last <= first)
            return null;
        List<(double Steps, double[] Sorted)> columns = [];
        for (int point = 0; point < Points; point++)
        {
            double steps = first + (last - first) * (double)point / (Points - 1);
            columns.Add((steps, [.. begun.Select(run => ReturnAt(run.Updates, steps)).Order()]));
        }

        PlotModel model = Model("Learning curves over seeds", $"median, quartiles and range of {begun.Length} seeds", last);
        model.Series.Add(Band(columns.Select(column => (column.Steps, column.Sorted[0], column.Sorted[^1])), alpha: 28, "range"));
        model.Series.Add(Band(
            columns.Select(column => (column.Steps, Quantile(column.Sorted, 0.25), Quantile(column.Sorted, 0.75))), alpha: 80, "quartiles"));
        model.Series.Add(Curve("median", columns.Select(column => new DataPoint(column.Steps, Quantile(column.Sorted, 0.5)))));
        AddTarget(model, begun[0].Target);
        string caption =
            $"Mean undiscounted return of each update's batch over {begun.Length} seeds: median, quartiles, and the range in the faint band. "
            + "A run that has ended keeps its last value.";
        return Drawing.Finish(
            model, "learning-curves", "Learning curves over seeds: mean return against environment steps", caption, Height);
    }

    private static PlotModel Model(string title, string subtitle, long last)
    {
        PlotModel model = Drawing.Model(title, subtitle);
        LinearAxis steps = Drawing.Styled(new LinearAxis(), AxisPosition.Bottom, "environment steps");
        (steps.Minimum, steps.Maximum) = (0, Math.Max(1, last) * 1.02);
        steps.LabelFormatter = NumberText.CountTick;
        steps.IntervalLength = 60;
        model.Axes.Add(steps);
        LinearAxis returns = Drawing.Styled(new LinearAxis(), AxisPosition.Left, "mean return, reward");
        returns.LabelFormatter = NumberText.Tick;
        (returns.MinimumPadding, returns.MaximumPadding) = (0.03, 0.06);
        model.Axes.Add(returns);
        Drawing.AddLegend(model);
        return model;
    }

    private static void AddTarget(PlotModel model, double target)
    {
        if (double.IsNaN(target))
            return;
        // A series and not an annotation, so that the legend explains it and the axis reaches it.
        double end = model.Axes[0].Maximum;
        model.Series.Add(new LineSeries
        {
            Title = $"target {NumberText.Short(target, 3)}",
            Color = FigureStyle.Ink,
            StrokeThickness = 1,
            LineStyle = LineStyle.Dash,
            Points = { new DataPoint(0, target), new DataPoint(end, target) },
        });
    }

    private static LineSeries Curve(string name, IEnumerable<DataPoint> points)
    {
        LineSeries curve = new() { Title = name, Color = FigureStyle.Single, StrokeThickness = 1.6 };
        curve.Points.AddRange(points);
        return curve;
    }

    private static AreaSeries Band(IEnumerable<(double X, double Low, double High)> points, byte alpha, string? name = null)
    {
        AreaSeries band = new()
        {
            Title = name,
            Color = OxyColors.Transparent,
            Fill = FigureStyle.Faint(FigureStyle.Single, alpha),
            StrokeThickness = 0,
            RenderInLegend = name is not null,
        };
        foreach ((double x, double low, double high) in points)
        {
            band.Points.Add(new DataPoint(x, low));
            band.Points2.Add(new DataPoint(x, high));
        }

        return band;
    }

    /// <summary>Consecutive rows in at most so many groups of equal size.</summary>
    private static IEnumerable<UpdateRow[]> Bins(IReadOnlyList<UpdateRow> rows, int count) => rows.Chunk((rows.Count + count - 1) / count);

    private static double Centre(UpdateRow[] bin) => bin.Average(row => (double)row.EnvironmentSteps);

    /// <summary>The return at a number of steps: linear between updates, the last one after the end.</summary>
    private static double ReturnAt(IReadOnlyList<UpdateRow> rows, double steps)
    {
        int low = 0, high = rows.Count - 1;
        if (steps >= rows[high].EnvironmentSteps)
            return rows[high].MeanReturn;
        // Invariant: rows[low] is at or before the steps, rows[high] after them.
        while (high - low > 1)
        {
            int middle = (low + high) / 2;
            if (rows[middle].EnvironmentSteps <= steps)
                low = middle;
            else
                high = middle;
        }

        double fraction = (steps - rows[low].EnvironmentSteps) / (rows[high].EnvironmentSteps - rows[low].EnvironmentSteps);
        return double.Lerp(rows[low].MeanReturn, rows[high].MeanReturn, Math.Clamp(fraction, 0, 1));
    }

    private static double Quantile(double[] sorted, double fraction)
    {
        double place = fraction * (sorted.Length - 1);
        int below = (int)place;
        return double.Lerp(sorted[below], sorted[Math.Min(below + 1, sorted.Length - 1)], place - below);
    }
}
