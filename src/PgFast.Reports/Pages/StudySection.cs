using System.Globalization;
using PgFast.Reports.Figures;
using PgFast.Reports.Input;

namespace PgFast.Reports.Pages;

/// <summary>What was studied, the rows, and the figures.</summary>
internal static class StudySection
{
    /// <summary>How many characters of a hash tell it apart where there is no room for all.</summary>
    private const int ShortHash = 12;

    public static void Add(Html html, StudySet set)
    {
        if (set.Studies.Count == 1)
            AddOne(html, set.Studies[0]);
        else
            AddSeveral(html, set);
    }

    private static void AddOne(Html html, Study study)
    {
        html.Element("h2", "What was studied").Facts(Facts(study));
        AddWarning(html, study);
        html.Element("h2", "Gradient variance by estimator, baseline and batch size");
        RowTable.Add(html, study);
        html.Element("h2", "Figures").Pictures(StudyPlots.Of(study));
    }

    private static void AddSeveral(Html html, StudySet set)
    {
        Study last = set.Studies[^1];
        html.Element("h2", "What was studied");
        html.Facts(
        [
            ("environment", set.Environment), ("run", set.Run), ("policies", NumberText.Count(set.Studies.Count)), ("network", last.Network),
            ("activation", last.Activation), ("discount γ", NumberText.Chosen(last.Discount)), ("confidence", PercentOf(last.Confidence)),
        ]);
        html.Raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Policies studied\">\n<table>\n<thead><tr>");
        html.Raw("<th>update</th><th>episodes</th><th>mean return</th><th>mean length</th><th class=\"name\">parameters</th>");
        html.Raw("</tr></thead>\n<tbody>\n");
        foreach (Study study in set.Studies)
        {
            html.Raw($"<tr><td>{NumberText.Count(study.Update)}</td><td>{NumberText.Count(study.Episodes)}</td>");
            html.Raw($"<td>{NumberText.Short(study.MeanReturn)}</td><td>{NumberText.Short(study.MeanEpisodeLength)}</td>");
            html.Raw($"<td class=\"name\">{Html.Escape(Shortened(study.ParameterHash))}</td></tr>\n");
        }

        html.Raw("</tbody>\n</table>\n</div>\n");
        IReadOnlyList<Figure> along = StudyPlots.AlongTrainingOf(set);
        if (along.Count > 0)
            html.Element("h2", "Along training").Pictures(along);
        html.Element("h2", $"Gradient variance {NameOf(last, set.Studies.Count - 1)}").Facts(Facts(last));
        // The splits of all studies are in a figure above.
        html.Pictures(StudyPlots.Of(last with { Decompositions = [] }));
        html.Element("h2", "Rows of every policy");
        for (int index = 0; index < set.Studies.Count; index++)
        {
            html.Raw(ReferenceEquals(set.Studies[index], last) ? "<details open>" : "<details>");
            html.Element("summary", $"Rows {NameOf(set.Studies[index], index)}");
            AddWarning(html, set.Studies[index]);
            RowTable.Add(html, set.Studies[index]);
            html.Raw("</details>\n");
        }
    }

    private static void AddWarning(Html html, Study study)
    {
        if (study.Interrupted)
            html.Element("p class=\"warning\"", "The study was interrupted: its numbers are about the episodes that were done.");
    }

    private static string NameOf(Study study, int index) => study.Update is { } update
        ? string.Create(CultureInfo.InvariantCulture, $"at update {update:N0}")
        : string.Create(CultureInfo.InvariantCulture, $"of study {index + 1}");

    private static (string Name, string? Value)[] Facts(Study study) =>
    [
        ("environment", study.Environment),
        ("policy", study.Policy ?? "fresh initialisation"),
        ("update", NumberText.Count(study.Update)),
        ("network", study.Network),
        ("activation", study.Activation),
        ("parameters", NumberText.Count(study.ParameterCount)),
        ("parameter hash", study.ParameterHash),
        ("episodes", NumberText.Count(study.Episodes)),
        ("environment steps", NumberText.Count(study.EnvironmentSteps)),
        ("mean return", NumberText.Short(study.MeanReturn)),
        ("mean episode length", NumberText.Short(study.MeanEpisodeLength)),
        ("pilot episodes for baselines", NumberText.Count(study.PilotEpisodes)),
        ("discount γ", NumberText.Chosen(study.Discount)),
        ("returns standardised", study.Normalize ? "yes, in each batch" : "no"),
        ("confidence", PercentOf(study.Confidence)),
        ("seed", study.Seed?.ToString(CultureInfo.InvariantCulture)),
        ("wall time", double.IsNaN(study.Seconds) ? null : $"{NumberText.Short(study.Seconds, 3)} s"),
    ];

    private static string? PercentOf(double fraction) => double.IsNaN(fraction) ? null : NumberText.Percent(fraction);

    private static string Shortened(string? hash) =>
        hash is null ? NumberText.Missing : hash.Length <= ShortHash ? hash : hash[..ShortHash] + "…";
}
