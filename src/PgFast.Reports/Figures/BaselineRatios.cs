using OxyPlot;
using PgFast.Reports.Input;
using PgFast.Variance;

namespace PgFast.Reports.Figures;

/// <summary>The variance with each baseline over that without, as bars with interval whiskers.</summary>
public static class BaselineRatios
{
    /// <summary>Draws one estimator of a study, at the smallest batch size at which all baselines that have a ratio have one.</summary>
    /// <param name="study">The study.</param>
    /// <param name="estimator">The estimator's name.</param>
    /// <returns>The figure, or null where there is no ratio.</returns>
    public static Figure? Draw(Study study, string estimator)
    {
        ArgumentNullException.ThrowIfNull(study);
        StudyRow[] rows =
        [
            .. study.Rows.Where(row => row.Estimator == estimator && row.HasNumbers && row.RatioInterval.IsKnown && row.RatioToNone >= 0),
        ];
        if (!rows.Any(IsCompared))
            return null;
        int batchSize = Captions.BatchSizeOf(rows.Where(IsCompared));
        Bar[] bars =
        [
            .. rows.Where(row => row.BatchSize == batchSize).Select((row, index) => new Bar(
                row.Baseline, row.RatioToNone, IsCompared(row) ? row.RatioInterval : ConfidenceInterval.None, FigureStyle.Of(row.Baseline, index).Color)),
        ];
        string title = "Variance with a baseline over that without";
        PlotModel model = Drawing.Model(title, $"estimator {estimator}, B = {batchSize}, {Captions.Intervals(study)}");
        Bars.Add(model, bars, "tr Σ over that of none", reference: 1);
        string name = $"ratio-{Slug.Of(estimator)}";
        string caption =
            $"Ratio of the gradient's variance to that without a baseline, {estimator}, batch size {batchSize}, on the same episodes. "
            + $"Whiskers are paired {Captions.Intervals(study)}; less is better, the dashed line is no gain.{Captions.Missing(study, estimator, batchSize)}";
        return Drawing.Finish(model, name, $"{title}, estimator {estimator}", caption, Bars.HeightOf(bars.Length));
    }

    /// <summary>The row of none itself is the reference.</summary>
    private static bool IsCompared(StudyRow row) => row.Baseline != "none";
}
