using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using PgFast.Reports.Figures;
using PgFast.Reports.Input;
using PgFast.Tests.Cli;

namespace PgFast.Tests.Reports;

public partial class FigureTests
{
    private static readonly string[] OneStudy =
    [
        "variance-total", "ratio-total", "efficiency-total", "variance-reward-to-go", "ratio-reward-to-go", "efficiency-reward-to-go",
        "variance-discounted", "ratio-discounted", "efficiency-discounted", "decomposition",
    ];

    [Fact]
    public void Of_WholeStudy_HasAFigureForEverything() =>
        Assert.Equal(OneStudy, StudyPlots.Of(Study(SampleFiles.Study(decomposed: true))).Select(figure => figure.Name));

    [Fact]
    public void Of_SameStudyTwice_GivesTheSameBytes()
    {
        JsonObject study = SampleFiles.Study(decomposed: true);
        Assert.Equal(StudyPlots.Of(Study(study)), StudyPlots.Of(Study(study)));
        StudySet set = Set(SampleFiles.Studies(0, 10, 60));
        Assert.Equal(StudyPlots.AlongTrainingOf(set), StudyPlots.AlongTrainingOf(Set(SampleFiles.Studies(0, 10, 60))));
    }

    [Fact]
    public void Of_RowsWithoutNumbers_NamesThemInTheCaptionAlone()
    {
        Figure variance = StudyPlots.Of(Study(SampleFiles.Study()))[0];
        Assert.Contains("mean, time at B = 1 (a batch of one has no other episodes)", variance.Caption, StringComparison.Ordinal);
        Assert.Contains("all baselines at B = 1,024 (too few batches", variance.Caption, StringComparison.Ordinal);
        Assert.DoesNotContain("1,024", variance.Svg, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_BatchSizes_ComparesWhereAllBaselinesHaveNumbers()
    {
        IReadOnlyList<Figure> figures = StudyPlots.Of(Study(SampleFiles.Study()));
        // At batch size 1 mean and time have none.
        Assert.Contains("B = 4", figures[1].Svg, StringComparison.Ordinal);
        Assert.All(SampleFiles.Baselines, baseline => Assert.Contains($">{baseline}</text>", figures[1].Svg, StringComparison.Ordinal));
    }

    [Fact]
    public void Of_StudyWithoutUsableRows_HasNoFigure()
    {
        JsonObject study = SampleFiles.Study();
        foreach (JsonNode? row in study["rows"]!.AsArray())
            row!["note"] = "too few";
        Assert.Empty(StudyPlots.Of(Study(study)));
        study["rows"] = new JsonArray();
        Assert.Empty(StudyPlots.Of(Study(study)));
        Assert.Empty(StudyPlots.AlongTrainingOf(StudySet.Of(Study(study))));
    }

    [Fact]
    public void AlongTrainingOf_Checkpoints_PlotsNoiseScaleAndTrace()
    {
        IReadOnlyList<Figure> figures = StudyPlots.AlongTrainingOf(Set(SampleFiles.Studies(0, 10, 60)));
        Assert.Equal(
            [
                .. SampleFiles.Estimators.SelectMany(name => (string[])[$"noise-scale-training-{name}", $"trace-training-{name}"]),
                "decomposition-training",
            ],
            figures.Select(figure => figure.Name));
        Assert.Contains("goes on beyond it", figures[0].Caption, StringComparison.Ordinal);
    }

    [Fact]
    public void Draw_Runs_TellsOneFromSeveral()
    {
        Run[] runs = [.. Enumerable.Range(1, 3).Select(seed => RunOf(seed, 50))];
        Figure? one = LearningCurve.Draw(runs[0]), several = LearningCurve.Draw(runs);
        Assert.Equal("learning-curve", one?.Name);
        Assert.Equal("learning-curves", several?.Name);
        Assert.Contains("3 seeds", several!.Svg, StringComparison.Ordinal);
        Assert.Contains(">target 475</text>", one!.Svg, StringComparison.Ordinal);
        Assert.Equal(several, LearningCurve.Draw(runs));
        Assert.Null(LearningCurve.Draw(RunOf(1, 0)));
        Assert.Null(LearningCurve.Draw([RunOf(1, 0), RunOf(2, 50)]));
    }

    [Fact]
    public void Draw_LongRun_IsNoLargerThanAShortOneByMuch()
    {
        int few = LearningCurve.Draw(RunOf(1, 600))!.Svg.Length, many = LearningCurve.Draw(RunOf(1, 60_000))!.Svg.Length;
        Assert.InRange(many, 1, 2 * few);
    }

    [Fact]
    public void Svg_EveryFigure_IsWellFormedWithIdsAndColoursOfItsOwn()
    {
        string style = File.ReadAllText(Path.Combine(Repository(), "src", "PgFast.Reports", "Pages", "report.css"));
        HashSet<string> ids = [];
        Figure[] figures =
        [
            .. StudyPlots.Of(Study(SampleFiles.Study(decomposed: true))), .. StudyPlots.AlongTrainingOf(Set(SampleFiles.Studies(0, 10))),
            LearningCurve.Draw(RunOf(1, 50))!, LearningCurve.Draw([RunOf(1, 50), RunOf(2, 50)])!,
            .. SweepPlots.On(SampleSweeps.Parse(SampleSweeps.Large()), "cartpole"), ImprovementBars.Draw(SampleSweeps.Parse(SampleSweeps.Large()))!,
        ];
        foreach (Figure figure in figures)
        {
            XElement root = XElement.Parse(figure.Svg);
            Assert.Equal("svg", root.Name.LocalName);
            Assert.All(root.Descendants().Attributes("id"), id => Assert.True(ids.Add(id.Value), $"{id.Value} is there twice"));
            foreach (Match colour in Colour().Matches(figure.Svg))
            {
                // The parts' yellow is right on dark paper too.
                if (!colour.Value.EndsWith("rgb(240,200,90)", StringComparison.Ordinal))
                    Assert.Contains($"\"{colour.Value}\"", style, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void WriteTo_SeveralStudies_WritesEveryFigure()
    {
        using TemporaryDirectory directory = new();
        IReadOnlyList<string> files = StudyPlots.WriteTo(directory.Root, Set(SampleFiles.Studies(0, 10)));
        Assert.Contains("noise-scale-training-total.svg", files);
        Assert.Contains("update-000000010-variance-discounted.svg", files);
        Assert.Equal(files.Order(), Directory.GetFiles(directory.Root).Select(path => Path.GetFileName(path)).Order());
        Assert.Equal(OneStudy.Select(name => $"{name}.svg"), StudyPlots.WriteTo(directory.Root, Study(SampleFiles.Study(decomposed: true))));
    }

    [Fact]
    public void WriteTo_NamesThatAreNoFileNames_StaysInTheDirectory()
    {
        using TemporaryDirectory directory = new();
        Directory.CreateDirectory(directory.At("inner"));
        JsonObject study = SampleFiles.Study();
        foreach (JsonNode? row in study["rows"]!.AsArray())
            row!["estimator"] = $"../<{row["estimator"]}>";
        IReadOnlyList<string> files = StudyPlots.WriteTo(directory.At("inner"), Study(study));
        Assert.Contains("variance-total.svg", files);
        Assert.Single(Directory.EnumerateFileSystemEntries(directory.Root));
    }

    private static Run RunOf(int seed, int updates)
    {
        using TemporaryDirectory directory = new();
        SampleFiles.WriteRun(directory.Root, seed, updates, withPolicy: false);
        return ReportInput.Load(directory.Root).Run!;
    }

    private static StudySet Set(JsonNode document) => StudyFile.Parse(Encoding.UTF8.GetBytes(document.ToJsonString()));

    private static Study Study(JsonNode document) => Set(document).Studies[0];

    private static string Repository()
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "PgFast.sln")))
            directory = directory.Parent;
        return directory?.FullName ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }

    [GeneratedRegex(@"(?:fill|stroke):rgb\([0-9,]+\)")]
    private static partial Regex Colour();
}
