using PgFast.Reports.Figures;
using PgFast.Reports.Input;

namespace PgFast.Reports.Pages;

/// <summary>What was trained, and the learning curve.</summary>
internal static class RunSection
{
    public static void Add(Html html, Run? run, IReadOnlyList<Run> seeds)
    {
        html.Element("h2", "Training");
        Run described = run ?? seeds[0];
        html.Facts([("environment", described.Environment), .. OptionsOf(described, isOneOfMany: run is null)]);
        if (run is not null)
            AddResult(html, run);
        if (seeds.Count > 0)
            AddSeeds(html, seeds);
        // A single seed is a run like any other.
        Run? alone = run ?? (seeds.Count == 1 ? seeds[0] : null);
        Figure?[] figures = [alone is null ? null : LearningCurve.Draw(alone), LearningCurve.Draw(seeds)];
        Figure[] drawn = [.. figures.OfType<Figure>()];
        if (drawn.Length > 0)
            html.Element("h2", "Learning curves").Pictures(drawn);
        else
            html.Element("p", "There are too few updates for a learning curve.");
    }

    private static IEnumerable<(string, string?)> OptionsOf(Run run, bool isOneOfMany) => run.Options
        .Where(option => option.Key != "environment" && !(isOneOfMany && option.Key == "seed"))
        .Select(option => (option.Key, (string?)option.Value));

    private static void AddResult(Html html, Run run)
    {
        if (run.Updates.Count == 0)
            return;
        UpdateRow last = run.Updates[^1];
        html.Element("h3", "Where it stands");
        html.Facts(
        [
            ("updates", NumberText.Count(last.Update)), ("environment steps", NumberText.Count(last.EnvironmentSteps)),
            ("mean return of the last batch", NumberText.Short(last.MeanReturn)),
        ]);
    }

    private static void AddSeeds(Html html, IReadOnlyList<Run> seeds)
    {
        html.Raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Seeds\">\n<table>\n<thead><tr>");
        html.Raw("<th class=\"name\">run</th><th>updates</th><th>environment steps</th><th>mean return<small>last batch</small></th>");
        html.Raw("</tr></thead>\n<tbody>\n");
        foreach (Run seed in seeds)
        {
            UpdateRow? last = seed.Updates.Count == 0 ? null : seed.Updates[^1];
            html.Raw($"<tr><td class=\"name\">{Html.Escape(seed.Name)}</td><td>{NumberText.Count(last?.Update)}</td>");
            html.Raw($"<td>{NumberText.Count(last?.EnvironmentSteps)}</td><td>{NumberText.Short(last?.MeanReturn ?? double.NaN)}</td></tr>\n");
        }

        html.Raw("</tbody>\n</table>\n</div>\n");
    }
}
