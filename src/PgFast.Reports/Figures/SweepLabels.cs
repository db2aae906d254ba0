using PgFast.Reports.Input;

namespace PgFast.Reports.Figures;

/// <summary>Labels of configurations in the figures of a sweep: however long, they leave the plot its room.</summary>
internal static class SweepLabels
{
    private const double RowWidth = 130;
    private const int RowLines = 6;

    private const double LegendWidth = 300;
    private const int LegendLines = 2;

    /// <summary>A configuration's label beside a row of a figure.</summary>
    public static string OfRow(string label) => WrappedText.Of(label, RowWidth, RowLines);

    /// <summary>A configuration's label in a legend.</summary>
    public static string OfLegend(string label) => WrappedText.Of(label, LegendWidth, LegendLines);

    /// <summary>The reference's label if it fits beside a few words.</summary>
    public static string OfReference(Sweep sweep)
    {
        const double Width = 200;
        string label = WrappedText.Of(sweep.Reference, Width, mostLines: 2);
        return label == sweep.Reference ? label : "the reference";
    }

    /// <summary>Height that a legend needs beyond its first two lines.</summary>
    public static double ExtraLegendHeight(IEnumerable<string> labels)
    {
        const double Line = 18;
        return Line * Math.Max(0, labels.Sum(label => OfLegend(label).Split('\n').Length) - 2);
    }

    /// <summary>Height that a figure's rows need for their labels beyond the first two lines.</summary>
    public static double ExtraRowHeight(IReadOnlyCollection<string> rowLabels)
    {
        const double Line = 15;
        return rowLabels.Count * Line * Math.Max(0, rowLabels.Max(label => label.Split('\n').Length) - 2);
    }
}
