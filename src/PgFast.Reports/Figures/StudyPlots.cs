using System.Globalization;
using System.Text;
using PgFast.Files;
using PgFast.Reports.Input;

namespace PgFast.Reports.Figures;

/// <summary>All figures of variance studies, to put on a page or to write as files.</summary>
public static class StudyPlots
{
    /// <summary>Figures of one study: by estimator, variance against batch size, baseline ratios and efficiency; and the decomposition.</summary>
    /// <param name="study">The study.</param>
    /// <returns>Those for which the study has data, each under a name of its own.</returns>
    public static IReadOnlyList<Figure> Of(Study study)
    {
        ArgumentNullException.ThrowIfNull(study);
        List<Figure?> figures = [];
        foreach (string estimator in Estimators([study]))
        {
            figures.Add(VarianceByBatchSize.Draw(study, estimator));
            figures.Add(BaselineRatios.Draw(study, estimator));
            figures.Add(EfficiencyBars.Draw(study, estimator));
        }

        figures.Add(DecompositionBars.Draw([study]));
        return [.. figures.OfType<Figure>()];
    }

    /// <summary>Figures that need several studies: noise scale and trace along training by estimator, and the decompositions.</summary>
    /// <param name="set">The studies.</param>
    /// <returns>Those for which there are data; none for a single study.</returns>
    public static IReadOnlyList<Figure> AlongTrainingOf(StudySet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        if (set.Studies.Count < 2)
            return [];
        List<Figure?> figures = [];
        foreach (string estimator in Estimators(set.Studies))
        {
            figures.Add(AlongTraining.NoiseScale(set, estimator));
            figures.Add(AlongTraining.Trace(set, estimator));
        }

        figures.Add(DecompositionBars.Draw(set.Studies));
        return [.. figures.OfType<Figure>()];
    }

    /// <summary>Writes every figure as a file <c>NAME.svg</c>; the figures of several studies lie beside those along training, with
    /// the update in front of their names.</summary>
    /// <param name="directory">Where to; must exist. Files of the same names are replaced, each in one piece.</param>
    /// <param name="set">The studies; see <see cref="StudyFile"/> for how to get them from what <c>pgfast variance --json</c> prints.</param>
    /// <returns>The names of the files, in the order of writing.</returns>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">A file must not be written.</exception>
    public static IReadOnlyList<string> WriteTo(string directory, StudySet set)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(set);
        List<(string Name, string Svg)> files = [.. AlongTrainingOf(set).Select(figure => (figure.Name, figure.Svg))];
        for (int index = 0; index < set.Studies.Count; index++)
        {
            string prefix = set.Studies.Count == 1
                ? ""
                : string.Create(CultureInfo.InvariantCulture, $"update-{set.Studies[index].Update ?? index:D9}-");
            files.AddRange(Of(set.Studies[index]).Select(figure => (prefix + figure.Name, figure.Svg)));
        }

        List<string> written = [];
        foreach ((string name, string svg) in files)
        {
            string file = $"{name}.svg";
            AtomicFile.Write(Path.Combine(directory, file), Encoding.UTF8.GetBytes(svg));
            written.Add(file);
        }

        return written;
    }

    /// <summary>Writes every figure of one study.</summary>
    /// <inheritdoc cref="WriteTo(string, StudySet)"/>
    /// <param name="directory">Where to; must exist. Files of the same names are replaced, each in one piece.</param>
    /// <param name="study">The study.</param>
    public static IReadOnlyList<string> WriteTo(string directory, Study study) => WriteTo(directory, StudySet.Of(study));

    private static IEnumerable<string> Estimators(IEnumerable<Study> studies) =>
        studies.SelectMany(study => study.Rows).Select(row => row.Estimator).Distinct();
}
