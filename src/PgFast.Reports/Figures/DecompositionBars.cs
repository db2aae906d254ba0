using System.Globalization;
using OxyPlot;
using OxyPlot.Series;
using PgFast.Reports.Input;
using PgFast.Variance;

namespace PgFast.Reports.Figures;

/// <summary>The variance of one step's gradient split by state, action and trajectory, as stacked bars.</summary>
public static class DecompositionBars
{
    private const double Legend = 26;
    private static readonly string[] Parts = ["state", "action", "trajectory"];

    /// <summary>Draws the splits of all studies.</summary>
    /// <param name="studies">The studies, in order of update.</param>
    /// <returns>The figure, or null where there is no split.</returns>
    public static Figure? Draw(IReadOnlyList<Study> studies)
    {
        ArgumentNullException.ThrowIfNull(studies);
        (string Label, VarianceDecomposition Split)[] splits =
        [
            .. studies.SelectMany(study => study.Decompositions.Where(HasNumbers).Select(split => (LabelOf(study, studies.Count), split))),
        ];
        if (splits.Length == 0)
            return null;
        string title = "Where one step's variance comes from";
        PlotModel model = Drawing.Model(title, Captions.Intervals(studies[0]));
        double end = splits.Max(split => Math.Max(Sum(split.Split), Finite(split.Split.TotalInterval.High)));
        Bars.AddAxes(model, splits.Select(split => $"{split.Split.Baseline}{split.Label}"), "tr Σ of one step's gradient", end);
        for (int part = 0; part < Parts.Length; part++)
        {
            BarSeries series = new()
            {
                Title = Parts[part],
                IsStacked = true,
                FillColor = FigureStyle.Parts[part],
                StrokeColor = FigureStyle.Paper,
                StrokeThickness = 1,
                BarWidth = 0.62,
            };
            series.Items.AddRange(splits.Select(split => new BarItem(ValuesOf(split.Split)[part])));
            model.Series.Add(series);
        }

        for (int index = 0; index < splits.Length; index++)
        {
            VarianceDecomposition split = splits[index].Split;
            if (split.TotalInterval.IsKnown)
                Bars.AddWhisker(model, index, split.TotalInterval, end);
            Bars.AddText(model, index, Math.Max(Sum(split), Finite(split.TotalInterval.High)), NumberText.Short(split.Total, 3));
        }

        Drawing.AddLegend(model);
        string caption =
            "Variance over states, over actions within a state, and over what follows (Tucker et al. 2018), measured from "
            + $"{NumberText.Count(splits[0].Split.States)} states. Number and whisker: the total measured directly.";
        string name = studies.Count == 1 ? "decomposition" : "decomposition-training";
        return Drawing.Finish(model, name, title, caption, Bars.HeightOf(splits.Length) + Legend);
    }

    private static bool HasNumbers(VarianceDecomposition split) => ValuesOf(split).All(double.IsFinite) && double.IsFinite(split.Total);

    /// <summary>The parts; estimates of a variance near 0 may fall below it, a bar may not.</summary>
    private static double[] ValuesOf(VarianceDecomposition split) =>
        [Floor(split.State), Floor(split.Action), Floor(split.Trajectory)];

    private static double Floor(double value) => double.IsNaN(value) ? value : Math.Max(0, value);

    private static double Sum(VarianceDecomposition split) => ValuesOf(split).Sum();

    private static double Finite(double value) => double.IsFinite(value) ? value : 0;

    private static string LabelOf(Study study, int count) =>
        count == 1 || study.Update is not { } update ? "" : string.Create(CultureInfo.InvariantCulture, $", update {update:N0}");
}
