using OxyPlot;
using PgFast.Reports.Input;

namespace PgFast.Reports.Figures;

/// <summary>The probability that a run of a configuration scores higher than one of the reference, as bars beside a half.</summary>
public static class ImprovementBars
{
    /// <summary>Draws a sweep.</summary>
    /// <param name="sweep">The sweep.</param>
    /// <returns>The figure, or null where nothing is compared.</returns>
    public static Figure? Draw(Sweep sweep)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        SweepConfiguration[] rows = [.. sweep.Configurations.Where(configuration => !double.IsNaN(configuration.Improvement))];
        if (rows.Length == 0)
            return null;
        string[] labels = [.. rows.Select(row => SweepLabels.OfRow(row.Label))];
        string level = NumberText.Percent(sweep.Confidence);
        PlotModel model = Drawing.Model("Probability of improvement", $"on {SweepLabels.OfReference(sweep)}, {level} intervals");
        Bars.AddUnit(
            model, [.. rows.Zip(labels, (row, label) => new Bar(label, row.Improvement, row.ImprovementInterval, FigureStyle.Single))],
            "probability of a higher score", reference: 0.5);
        string caption =
            $"Probability that a run of the configuration scores higher than a run of '{sweep.Reference}', ties counted half"
            + $"{(sweep.Environments.Count > 1 ? ", mean over environments" : "")}; {level} bootstrap intervals. An interval that excludes ½ tells the two apart.";
        return Drawing.Finish(model, "probability-of-improvement", "Probability of improvement", caption, Bars.HeightOf(rows.Length) + SweepLabels.ExtraRowHeight(labels));
    }
}
