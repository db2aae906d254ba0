using System.Text;
using System.Text.Json;
using PgFast.Reports.Input;
using PgFast.Reports.Pages;
using PgFast.Tests.Cli;
using PgFast.Tests.Support;

namespace PgFast.Tests.Reports;

/// <summary>The page in a real browser: every figure drawn, nothing cut off, no error.</summary>
[Collection(CliTestGroup.Name)]
public class BrowserTests
{
    /// <summary>A common width of phones.</summary>
    private const int Phone = 390;

    private const int Desktop = 1200;

    /// <summary>The smallest text that is read with ease on a phone, pixels.</summary>
    private const double SmallestText = 12;

    // Axes, ticks and grid alone are more shapes than this.
    private const int FewestShapes = 8;

    [TheoryWithChromium]
    [InlineData("study", Phone)]
    [InlineData("study", Desktop)]
    [InlineData("studies", Phone)]
    [InlineData("run", Phone)]
    [InlineData("seeds", Phone)]
    [InlineData("sweep", Phone)]
    [InlineData("sweep", Desktop)]
    [InlineData("sweep-large", Phone)]
    public async Task Page_InChromium_DrawsEveryFigureWithoutError(string kind, int width)
    {
        using TemporaryDirectory directory = new();
        (ReportPage page, JsonElement result) = await Open(directory, kind, width);
        Assert.Empty(result.GetProperty("errors").EnumerateArray());
        Assert.Equal(width, result.GetProperty("windowWidth").GetInt32());
        Assert.True(result.GetProperty("pageWidth").GetInt32() <= width, "the page is wider than the window");
        JsonElement[] figures = [.. result.GetProperty("figures").EnumerateArray()];
        Assert.Equal(page.Figures, figures.Select(figure => figure.GetProperty("id").GetString()!));
        Assert.All(figures, figure => AssertDrawn(figure, width));
        Assert.Equal(page.Figures.Contains("episode"), result.GetProperty("hasMoved").GetBoolean());
    }

    [TheoryWithChromium]
    [InlineData("--force-prefers-reduced-motion")]
    public async Task Page_ReaderWantsLessMotion_LeavesThePoleAlone(string wish)
    {
        using TemporaryDirectory directory = new();
        (_, JsonElement result) = await Open(directory, "run", Phone, wish);
        Assert.False(result.GetProperty("hasMoved").GetBoolean());
        Assert.Equal("step 0 of 500", result.GetProperty("step").GetString());
    }

    /// <summary>Opens the page of a sample directory, with a script that measures it.</summary>
    private static async Task<(ReportPage Page, JsonElement Result)> Open(
        TemporaryDirectory directory, string kind, int width, params string[] switches)
    {
        SampleFiles.Write(directory.At("data"), kind);
        ReportPage page = ReportPage.Create(ReportInput.Load(directory.At("data")));
        string html = Encoding.UTF8.GetString(page.Content.Span);
        string probe = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Reports", "probe.js"));
        string probed = html.Replace("<head>\n", $"<head>\n<script>{probe}</script>\n", StringComparison.Ordinal);
        Assert.NotEqual(html, probed);
        (string message, string log) = await Chromium.Open(probed, width, directory.At("profile"), switches);
        Assert.DoesNotContain("CONSOLE", log, StringComparison.Ordinal);
        using JsonDocument parsed = JsonDocument.Parse(message);
        return (page, parsed.RootElement.Clone());
    }

    private static void AssertDrawn(JsonElement figure, int width)
    {
        string id = figure.GetProperty("id").GetString()!;
        bool isEpisode = id == "episode";
        Assert.True(figure.GetProperty("width").GetDouble() > 300, $"{id} is narrow");
        Assert.True(figure.GetProperty("height").GetDouble() > 100, $"{id} is flat");
        int shapes = figure.GetProperty("shapes").GetInt32();
        Assert.True(shapes >= (isEpisode ? 4 : FewestShapes), $"{id} has only {shapes} shapes");
        Assert.True(figure.GetProperty("clipped").GetArrayLength() == 0, $"{id} cuts off {figure.GetProperty("clipped")}");
        Assert.Equal(isEpisode, figure.GetProperty("smallest").ValueKind == JsonValueKind.Null);
        if (!isEpisode)
            Assert.True(figure.GetProperty("smallest").GetDouble() >= SmallestText, $"{id} has small text at a width of {width}");
    }
}
