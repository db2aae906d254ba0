using OxyPlot;
using PgFast.Reports.Input;
using PgFast.Variance;

namespace PgFast.Reports.Figures;

/// <summary>What a baseline buys a second: 1 / (variance × time), relative to no baseline, as bars.</summary>
public static class EfficiencyBars
{
    /// <summary>Draws one estimator of a study, at the smallest batch size at which all baselines that have an efficiency have one.</summary>
    /// <param name="study">The study.</param>
    /// <param name="estimator">The estimator's name.</param>
    /// <returns>The figure, or null where times were not measured.</returns>
    public static Figure? Draw(Study study, string estimator)
    {
        ArgumentNullException.ThrowIfNull(study);
        StudyRow[] rows = [.. study.Rows.Where(row => row.Estimator == estimator && row.HasNumbers && row.Efficiency > 0)];
        if (rows.Length == 0)
            return null;
        int batchSize = Captions.BatchSizeOf(rows);
        rows = [.. rows.Where(row => row.BatchSize == batchSize)];
        if (rows.Length < 2 || rows.FirstOrDefault(row => row.Baseline == "none") is not { Efficiency: double none })
            return null;
        Bar[] bars =
        [
            .. rows.Select((row, index) => new Bar(
                row.Baseline, row.Efficiency / none, ConfidenceInterval.None, FigureStyle.Of(row.Baseline, index).Color)),
        ];
        string title = "What a baseline buys a second";
        PlotModel model = Drawing.Model(title, $"estimator {estimator}, B = {batchSize}");
        Bars.Add(model, bars, "1 / (tr Σ × time), none = 1", reference: 1);
        string name = $"efficiency-{Slug.Of(estimator)}";
        string caption =
            $"Efficiency 1 / (variance × time) relative to no baseline, {estimator}, batch size {batchSize}. "
            + $"More is better; times are measured and have no interval.{Captions.Missing(study, estimator, batchSize)}";
        return Drawing.Finish(model, name, $"{title}, estimator {estimator}", caption, Bars.HeightOf(bars.Length));
    }
}
