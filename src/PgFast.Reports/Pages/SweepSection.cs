using PgFast.Reports.Figures;
using PgFast.Reports.Input;
using PgFast.Variance;

namespace PgFast.Reports.Pages;

/// <summary>What a sweep compared, its table and its figures.</summary>
internal static class SweepSection
{
    public static void Add(Html html, Sweep sweep)
    {
        html.Element("h2", $"Sweep {sweep.Name}");
        if (sweep.Description is not null)
            html.Element("p", sweep.Description);
        html.Facts(
        [
            ("environments", string.Join(", ", sweep.Environments)),
            ("configurations", NumberText.Count(sweep.Configurations.Count)),
            ("seeds", NumberText.Count(sweep.Seeds)),
            ("runs", NumberText.Count(sweep.FinishedRuns)),
            ("a run", sweep.EnvironmentSteps is null ? $"{NumberText.Count(sweep.Updates)} updates" : $"{NumberText.Count(sweep.EnvironmentSteps)} environment steps"),
            ("score", sweep.ScoreText),
            ("fresh episodes of a score", sweep.Score == "curve" ? null : NumberText.Count(sweep.EvaluationEpisodes)),
            ("reference", sweep.Reference),
            ("confidence", NumberText.Percent(sweep.Confidence)),
        ]);
        if (sweep.FinishedRuns < sweep.Runs)
        {
            html.Element(
                "p class=\"warning\"",
                $"{NumberText.Count(sweep.FinishedRuns)} of {NumberText.Count(sweep.Runs)} runs are finished: the numbers are about those.");
        }

        Figure? bars = ImprovementBars.Draw(sweep);
        foreach (string environment in sweep.Environments)
        {
            html.Element("h2", $"Results on {environment}");
            AddTable(html, sweep, environment);
            html.Pictures(sweep.Environments.Count == 1 && bars is not null ? [.. SweepPlots.On(sweep, environment), bars] : SweepPlots.On(sweep, environment));
        }

        // Over several environments it is about none of them.
        if (sweep.Environments.Count > 1 && bars is not null)
            html.Element("h2", "Probability of improvement").Pictures([bars]);
    }

    private static void AddTable(Html html, Sweep sweep, string environment)
    {
        bool hasScale = sweep.Environments.Count > 1 && sweep.Configurations.Any(configuration => !double.IsNaN(configuration.Scaled));
        html.Raw($"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Scores on {Html.Escape(environment)}\">\n<table>\n<thead><tr>");
        html.Raw("<th class=\"name\">configuration</th><th>IQM</th><th>median</th><th>worst seed</th><th>P(better)<small>than the reference</small></th>");
        html.Raw($"<th>solved</th><th>diverged</th>{(hasScale ? "<th>IQM<small>all environments, scaled</small></th>" : "")}</tr></thead>\n<tbody>\n");
        foreach (SweepConfiguration configuration in sweep.Configurations)
        {
            html.Raw($"<tr><td class=\"name\">{Html.Escape(configuration.Label)}</td>");
            if (configuration.On(environment) is not { } result)
            {
                html.Raw($"<td class=\"note\" colspan=\"{(hasScale ? 7 : 6)}\"><div>no run is finished</div></td></tr>\n");
                continue;
            }

            Cell(html, result.InterquartileMean, result.InterquartileMeanInterval);
            Cell(html, result.Median, result.MedianInterval);
            html.Raw($"<td>{NumberText.Short(result.Scores.Count == 0 ? double.NaN : result.Scores.Min())}</td>");
            Cell(html, result.Improvement, result.ImprovementInterval, digits: 2);
            html.Raw($"<td>{(result.Solved is null ? NumberText.Missing : $"{result.Solved} of {result.Runs}")}</td><td>{result.Diverged} of {result.Runs}</td>");
            if (hasScale)
                Cell(html, configuration.Scaled, configuration.ScaledInterval);
            html.Raw("</tr>\n");
        }

        html.Raw("</tbody>\n</table>\n</div>\n");
        html.Element(
            "p",
            $"IQM: interquartile mean of the {sweep.ScoreText} over seeds, without the lowest and the highest quarter (Agarwal et al. 2021). P(better): "
            + "probability that a run scores higher than one of the reference. In brackets: stratified bootstrap intervals at a level of "
            + $"{NumberText.Percent(sweep.Confidence)}.");
    }

    private static void Cell(Html html, double value, ConfidenceInterval interval, int digits = 4) => html.Raw(
        interval.IsKnown ? $"<td>{NumberText.Short(value, digits)}<span>{NumberText.Of(interval)}</span></td>" : $"<td>{NumberText.Missing}</td>");
}
