using System.Reflection;
using System.Text;
using PgFast.Measurement;
using PgFast.Reports.Input;
using PgFast.Training;

namespace PgFast.Reports.Pages;

/// <summary>A report as one HTML file that needs nothing else: pictures, style and script are in it.</summary>
/// <param name="Content">UTF-8 text. The same input gives the same bytes.</param>
/// <param name="Figures">Names of the figures, in order: the ids of the page's <c>figure</c> elements.</param>
public sealed record ReportPage(ReadOnlyMemory<byte> Content, IReadOnlyList<string> Figures)
{
    // The page may load nothing, so that it cannot, whatever the files that it is made of say.
    private const string Policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

    /// <summary>Makes the page.</summary>
    /// <param name="input">What it is about.</param>
    /// <exception cref="ReportInputException">The policy of a CartPole run does not fit CartPole.</exception>
    public static ReportPage Create(ReportInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        Html html = new();
        string title = $"PgFast report: {input.Name}";
        html.Raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        html.Raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        html.Raw($"<meta http-equiv=\"Content-Security-Policy\" content=\"{Policy}\">\n<link rel=\"icon\" href=\"data:,\">\n");
        html.Element("title", title).Raw($"<style>\n{Resource("report.css")}</style>\n</head>\n<body>\n<main>\n").Element("h1", title);
        if (input.Studies is { } studies)
            StudySection.Add(html, studies);
        if (input.Sweep is { } sweep)
            SweepSection.Add(html, sweep);
        if (input.Run is not null || input.Seeds.Count > 0)
            RunSection.Add(html, input.Run, input.Seeds);
        if (Balancing(input) is { } run)
            AddEpisode(html, run);
        html.Element("footer", $"Made by pgfast {MachineDescription.PgFastVersion()}.");
        html.Raw($"</main>\n<script>\n{Resource("report.js")}</script>\n</body>\n</html>\n");
        return new ReportPage(Encoding.UTF8.GetBytes(html.ToString()), html.Figures);
    }

    /// <summary>The run whose policy can be shown at work: that of the directory, or the first seed's.</summary>
    private static Run? Balancing(ReportInput input) => input.Seeds.Prepend(input.Run)
        .FirstOrDefault(run => run is { Policy: not null, Environment: CartPoleEpisode.EnvironmentName });

    private static void AddEpisode(Html html, Run run)
    {
        CartPoleEpisode episode;
        try
        {
            episode = CartPoleEpisode.Simulate(run.Policy!);
        }
        catch (ArgumentException exception)
        {
            throw new ReportInputException($"the policy of {run.Name} cannot act: {exception.Message}", exception);
        }

        EpisodeSection.Add(html, episode, run.Name, Trainer.ParameterHashOf(run.Policy!.Parameters));
    }

    private static string Resource(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The assembly lacks {name}.");
        using StreamReader reader = new(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
