using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using PgFast.Reports.Figures;
using PgFast.Reports.Input;
using PgFast.Reports.Pages;
using PgFast.Tests.Cli;

namespace PgFast.Tests.Reports;

public class SweepFigureTests
{
    private const string Attack = "<script>alert(1)</script>\"'&";

    [Fact]
    public void On_OneEnvironment_HasAFigureForEverything()
    {
        Sweep sweep = SampleSweeps.Parse(SampleSweeps.Small());
        IReadOnlyList<Figure> figures = SweepPlots.On(sweep, "cartpole");
        Assert.Equal(["scores", "learning-curves", "sensitivity-lr", "entropy"], figures.Select(figure => figure.Name));
        Assert.Equal("probability-of-improvement", ImprovementBars.Draw(sweep)?.Name);
        Assert.Empty(SweepPlots.On(sweep, "nowhere"));
        Assert.Equal(figures, SweepPlots.On(SampleSweeps.Parse(SampleSweeps.Small()), "cartpole"));
        foreach (SweepConfiguration configuration in sweep.Configurations)
        {
            Assert.Contains(configuration.Label, TextOf(figures[0]), StringComparison.Ordinal);
            Assert.Contains(configuration.Label, TextOf(figures[1]), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void WriteTo_SeveralEnvironments_TellsTheirFilesApart()
    {
        using TemporaryDirectory directory = new();
        IReadOnlyList<string> files = SweepPlots.WriteTo(directory.Root, SampleSweeps.Parse(SampleSweeps.Large()));
        Assert.Equal(
            [
                "scores-cartpole.svg", "learning-curves-cartpole.svg", "sensitivity-gamma-cartpole.svg", "entropy-cartpole.svg", "scores-lunar-lander.svg",
                "learning-curves-lunar-lander.svg", "sensitivity-gamma-lunar-lander.svg", "entropy-lunar-lander.svg", "probability-of-improvement.svg",
            ],
            files);
        Assert.Equal(files.Order(), Directory.GetFiles(directory.At("plots")).Select(path => Path.GetFileName(path)).Order());
    }

    [Fact]
    public void Curves_TooManyConfigurations_ShowsTheReferenceAndTheBest()
    {
        Sweep sweep = SampleSweeps.Parse(SampleSweeps.Large());
        Figure curves = SweepCurves.Returns(sweep, "cartpole")!, scores = SweepScores.Draw(sweep, "cartpole")!;
        Assert.EndsWith(" Of 12 configurations the reference and the best 5 are shown.", curves.Caption, StringComparison.Ordinal);
        Assert.EndsWith(" Of 12 configurations the reference and the best 5 are shown.", SweepCurves.Entropies(sweep, "cartpole")!.Caption, StringComparison.Ordinal);
        // Later configurations are better.
        for (int index = 0; index < 12; index++)
        {
            string label = sweep.Configurations[index].Label;
            Assert.Equal(index is 0 or >= 7, TextOf(curves).Contains(label, StringComparison.Ordinal));
            Assert.Contains(label, TextOf(scores), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(6, false)]
    [InlineData(7, true)]
    public void Curves_AsManyAsThereIsRoomFor_AreAllShown(int configurations, bool isLimited)
    {
        string[] values = [.. Enumerable.Range(1, configurations).Select(value => $"{value}")];
        Figure curves = SweepCurves.Returns(SampleSweeps.Parse(SampleSweeps.Document(["corridor"], ("batch", values))), "corridor")!;
        Assert.Equal(isLimited, curves.Caption.Contains("are shown", StringComparison.Ordinal));
        Assert.Equal(6, values.Count(value => curves.Svg.Contains($">batch {value}</text>", StringComparison.Ordinal)));
    }

    [Fact]
    public void Curves_ReferenceAmongTheBest_MakesRoomForOneMore()
    {
        JsonObject document = SampleSweeps.Large();
        document["reference"] = (string)SampleSweeps.At(document, 11)["label"]!;
        Sweep sweep = SampleSweeps.Parse(document);
        string text = TextOf(SweepCurves.Returns(sweep, "cartpole")!);
        Assert.Equal(
            Enumerable.Range(6, 6), Enumerable.Range(0, 12).Where(index => text.Contains(sweep.Configurations[index].Label, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("lr", new[] { "0.1", "0.2", "0.3" }, true)]
    [InlineData("lr", new[] { "2^-9", "2^-6", "1e-5" }, true)]
    [InlineData("entropy", new[] { "0", "1", "10", "100" }, true)]
    [InlineData("lr", new[] { "0.1", "0.2" }, false)]
    [InlineData("baseline", new[] { "none", "mean", "time" }, false)]
    [InlineData("hidden", new[] { "none", "32", "64" }, false)]
    [InlineData("hidden", new[] { "16", "32,32", "64" }, false)]
    public void Sensitivity_IsForNumbersAlone(string option, string[] values, bool isDrawn)
    {
        Sweep sweep = SampleSweeps.Parse(SampleSweeps.Document(["corridor"], (option, values)));
        Assert.Equal(isDrawn ? [$"sensitivity-{option}"] : [], SweepSensitivity.Draw(sweep, "corridor").Select(figure => figure.Name));
    }

    [Fact]
    public void Sensitivity_SeveralAxes_DrawsALineForEachCombinationOfTheOthers()
    {
        Sweep sweep = SampleSweeps.Parse(SampleSweeps.Document(
            ["corridor"], ("variant", ["plain", "with value"]), ("batch", ["8", "16", "32"]), ("lr", ["0.1", "1", "10", "100"]), ("gamma", ["1"])));
        // Eight lines for the batch size would be too many; six for the step size are not.
        Figure figure = Assert.Single(SweepSensitivity.Draw(sweep, "corridor"));
        Assert.Equal("sensitivity-lr", figure.Name);
        foreach (string line in (string[])["plain, batch 8", "plain, batch 32", "with value, batch 16"])
            Assert.Contains($">{line}</text>", figure.Svg, StringComparison.Ordinal);
        Assert.Contains("lr, log scale", figure.Svg, StringComparison.Ordinal);
    }

    [Fact]
    public void Draw_NameTooLongForItsLines_KeepsBothEnds()
    {
        string name = string.Join(' ', Enumerable.Range(100, 90).Select(word => $"word{word}")) + new string('w', 90);
        Sweep sweep = SampleSweeps.Parse(SampleSweeps.Document(["corridor"], ("variant", [name, "other\nname"]), ("batch", ["8", "16", "32"])));
        foreach (Figure figure in (Figure[])[.. SweepPlots.On(sweep, "corridor"), ImprovementBars.Draw(sweep)!])
        {
            string text = TextOf(figure);
            Assert.Contains("word100", text, StringComparison.Ordinal);
            Assert.Contains("…", text, StringComparison.Ordinal);
            Assert.Contains("other name", text, StringComparison.Ordinal);
            Assert.DoesNotContain("word150", text, StringComparison.Ordinal);
            // Nothing is as wide as the picture.
            Assert.All(XElement.Parse(figure.Svg).Descendants().Where(line => line.Name.LocalName == "text"), line => Assert.InRange(line.Value.Length, 0, 60));
        }

        Assert.Equal(2, TextOf(SweepScores.Draw(sweep, "corridor")!).Split("batch 16").Length - 1);
    }

    [Fact]
    public void Draw_NothingToCompare_HasNoFigure()
    {
        JsonObject document = SampleSweeps.Document(["corridor"], ("batch", ["8"]));
        Assert.Null(ImprovementBars.Draw(SampleSweeps.Parse(document)));
        foreach (string name in (string[])["interquartileMean", "low", "high"])
            SampleSweeps.At(document, 0)["results"]![0]!["entropies"]![name] = new JsonArray();
        Assert.Null(SweepCurves.Entropies(SampleSweeps.Parse(document), "corridor"));
        SampleSweeps.At(document, 0)["results"] = new JsonArray();
        Sweep sweep = SampleSweeps.Parse(document);
        Assert.Empty(SweepPlots.On(sweep, "corridor"));
        Assert.Contains("no run is finished", Page(sweep), StringComparison.Ordinal);
    }

    [Fact]
    public void Draw_ExtremeNumbers_EndsWithAPicture()
    {
        JsonObject document = SampleSweeps.Small();
        JsonNode first = SampleSweeps.At(document, 0)["results"]![0]!, second = SampleSweeps.At(document, 1)["results"]![0]!;
        (first["scores"], first["interquartileMean"], first["interquartileMeanInterval"]) = (new JsonArray(), null, null);
        (second["scores"], second["interquartileMean"], second["interquartileMeanInterval"]) = (new JsonArray(-1e30, 1e30), 1e30, new JsonArray(-1e30, 1e30));
        Sweep sweep = SampleSweeps.Parse(document);
        Assert.All(SweepPlots.On(sweep, "cartpole"), figure => XElement.Parse(figure.Svg));
        Assert.StartsWith("<!DOCTYPE html>", Page(sweep), StringComparison.Ordinal);
    }

    [Fact]
    public void TextOfFiles_IsEscapedAndStaysInTheDirectory()
    {
        JsonObject document = SampleSweeps.Document(
            [Attack, $"../{Attack}"], ($"variant{Attack}", [$"a{Attack}", $"../b{Attack}"]), ($"../{Attack}", ["1", "2", "3"]));
        (document["name"], document["description"], document["score"]) = (Attack, Attack, Attack);
        Sweep sweep = SampleSweeps.Parse(document);
        using TemporaryDirectory directory = new();
        Directory.CreateDirectory(directory.At("inner"));
        foreach (string file in SweepPlots.WriteTo(directory.At("inner"), sweep))
        {
            Assert.Matches("^[a-z0-9-]+[.]svg$", file);
            string svg = File.ReadAllText(directory.At($"inner/plots/{file}"));
            Assert.DoesNotContain("<script", svg, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("&lt;script&gt;", svg, StringComparison.Ordinal);
            XElement.Parse(svg);
        }

        Assert.Single(Directory.EnumerateFileSystemEntries(directory.Root));
        string html = Page(sweep);
        Assert.DoesNotContain("<script>alert", html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Page_Sweep_HasItsTablesAndFigures()
    {
        Sweep sweep = SampleSweeps.Parse(SampleSweeps.Large());
        ReportPage page = ReportPage.Create(new ReportInput("here", null, null, [], sweep));
        Assert.Equal(
            [.. sweep.Environments.SelectMany(environment => SweepPlots.On(sweep, environment)).Select(figure => figure.Name), "probability-of-improvement"],
            page.Figures);
        string html = Encoding.UTF8.GetString(page.Content.Span);
        Assert.Equal(1 + 2 * sweep.Configurations.Count, html.Split("<td class=\"name\">").Length);
        Assert.Contains("<td>150.0<span>[138, 159]</span></td><td>151.5<span>[130, 168]</span></td><td>124.0</td><td>–</td><td>2 of 5</td><td>1 of 5</td>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("are finished", html, StringComparison.Ordinal);
        JsonObject unfinished = SampleSweeps.Large();
        unfinished["finishedRuns"] = 119;
        Assert.Contains("119 of 120 runs are finished", Page(SampleSweeps.Parse(unfinished)), StringComparison.Ordinal);
    }

    /// <summary>What can be read in a figure; labels may be broken into lines.</summary>
    private static string TextOf(Figure figure) =>
        string.Join(' ', XElement.Parse(figure.Svg).Descendants().Where(element => element.Name.LocalName == "text").Select(line => line.Value));

    private static string Page(Sweep sweep) => Encoding.UTF8.GetString(ReportPage.Create(new ReportInput("here", null, null, [], sweep)).Content.Span);
}
