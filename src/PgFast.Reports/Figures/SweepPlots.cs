using System.Text;
using PgFast.Files;
using PgFast.Reports.Input;

namespace PgFast.Reports.Figures;

/// <summary>All figures of a sweep, to put on a page or to write as files.</summary>
public static class SweepPlots
{
    /// <summary>The subdirectory that the files go to.</summary>
    public const string DirectoryName = "plots";

    /// <summary>Figures of one environment: scores, learning curves, sensitivity to numbers, entropy.</summary>
    /// <param name="sweep">The sweep.</param>
    /// <param name="environment">The environment's name.</param>
    /// <returns>Those for which there are data, each under a name of its own.</returns>
    public static IReadOnlyList<Figure> On(Sweep sweep, string environment)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        Figure?[] figures =
        [
            SweepScores.Draw(sweep, environment), SweepCurves.Returns(sweep, environment), .. SweepSensitivity.Draw(sweep, environment),
            SweepCurves.Entropies(sweep, environment),
        ];
        return [.. figures.OfType<Figure>()];
    }

    /// <summary>Writes every figure as a file <c>plots/NAME.svg</c>.</summary>
    /// <param name="directory">The sweep's directory; must exist. Files of the same names are replaced, each in one piece.</param>
    /// <param name="sweep">The sweep.</param>
    /// <returns>The names of the files, in the order of writing.</returns>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">A file must not be written.</exception>
    public static IReadOnlyList<string> WriteTo(string directory, Sweep sweep)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(sweep);
        string plots = Path.Combine(directory, DirectoryName);
        Directory.CreateDirectory(plots);
        List<Figure> figures = [.. sweep.Environments.SelectMany(environment => On(sweep, environment))];
        if (ImprovementBars.Draw(sweep) is { } bars)
            figures.Add(bars);
        foreach (Figure figure in figures)
            AtomicFile.Write(Path.Combine(plots, $"{figure.Name}.svg"), Encoding.UTF8.GetBytes(figure.Svg));
        return [.. figures.Select(figure => $"{figure.Name}.svg")];
    }
}
