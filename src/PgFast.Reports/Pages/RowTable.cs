using PgFast.Reports.Input;
using PgFast.Variance;

namespace PgFast.Reports.Pages;

/// <summary>The rows of a study as a table.</summary>
internal static class RowTable
{
    private const int NumberColumns = 7;

    public static void Add(Html html, Study study)
    {
        html.Raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Rows of the study\">\n<table>\n<thead><tr>");
        html.Raw("<th class=\"name\">estimator</th><th class=\"name\">baseline</th><th>B<small>episodes</small></th>");
        html.Raw("<th>tr Σ<small>(return/unit)²</small></th><th>ratio to none</th><th>noise scale<small>episodes</small></th>");
        html.Raw("<th>SNR<small>‖G‖²/tr Σ</small></th><th>cosine</th><th>bias<small>of ‖∇J‖</small></th>");
        html.Raw("<th>efficiency<small>1/(tr Σ·s)</small></th></tr></thead>\n<tbody>\n");
        foreach (StudyRow row in study.Rows)
            Add(html, row);
        html.Raw("</tbody>\n</table>\n</div>\n");
        html.Element("p", Explanation(study));
    }

    private static void Add(Html html, StudyRow row)
    {
        html.Raw($"<tr><td class=\"name\">{Html.Escape(row.Estimator)}</td><td class=\"name\">{Html.Escape(row.Baseline)}</td>");
        html.Raw($"<td>{NumberText.Count(row.BatchSize)}</td>");
        if (row.HasNumbers)
        {
            Cell(html, row.Trace, row.TraceInterval);
            Cell(html, row.RatioToNone, row.RatioInterval);
            NoiseScale(html, row);
            Cell(html, row.SignalToNoise);
            Cell(html, row.CosineBetween, row.CosineBetweenInterval);
            Cell(html, row.Bias, row.BiasInterval);
            Cell(html, row.Efficiency);
        }
        else
        {
            html.Raw($"<td class=\"note\" colspan=\"{NumberColumns}\"><div>{Html.Escape(row.Note ?? "no interval")}</div></td>");
        }

        html.Raw("</tr>\n");
    }

    private static void Cell(Html html, double value) => html.Raw($"<td>{NumberText.Short(value)}</td>");

    /// <summary>A number that should have an interval is not shown without one.</summary>
    private static void Cell(Html html, double value, ConfidenceInterval interval) => html.Raw(
        interval.IsKnown ? $"<td>{NumberText.Short(value)}<span>{NumberText.Of(interval)}</span></td>" : $"<td>{NumberText.Missing}</td>");

    /// <summary>Where ‖G‖² is estimated at 0 or less there is no noise scale, but there may be a lower bound.</summary>
    private static void NoiseScale(Html html, StudyRow row)
    {
        if (double.IsNaN(row.NoiseScale) && double.IsPositiveInfinity(row.NoiseScaleInterval.High))
            html.Raw($"<td>∞<span>{NumberText.Of(row.NoiseScaleInterval)}</span></td>");
        else
            Cell(html, row.NoiseScale, row.NoiseScaleInterval);
    }

    private static string Explanation(Study study)
    {
        string level = double.IsNaN(study.Confidence) ? "" : $" at a level of {NumberText.Percent(study.Confidence)}";
        return "tr Σ: trace of the covariance of the gradient of an update of B episodes. Noise scale: the batch size at which signal and noise "
            + "are equal. SNR: ‖G‖² over tr Σ at that batch size. Cosine: between gradients of independent batches. Bias: distance of the "
            + $"expectation from ∇J. Efficiency: precision bought a second. In brackets: intervals{level}; those of ratios are paired.";
    }
}
