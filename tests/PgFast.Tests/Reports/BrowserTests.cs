using System.Net;
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
    [InlineData("run", Desktop)]
    [InlineData("seeds", Phone)]
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
    [InlineData(true)]
    [InlineData(false)]
    public async Task Page_ReaderWantsLessMotion_LeavesThePoleAlone(bool isReduced)
    {
        using TemporaryDirectory directory = new();
        (_, JsonElement result) = await Open(directory, "run", Phone, isReduced ? ["--force-prefers-reduced-motion"] : []);
        Assert.Equal(!isReduced, result.GetProperty("hasMoved").GetBoolean());
        Assert.Matches(isReduced ? "^step 0 of 500$" : "^step [1-9][0-9]* of 500$", result.GetProperty("step").GetString());
    }

    /// <summary>Opens the page of a sample directory in a frame of that width: windows themselves have a smallest one.</summary>
    private static async Task<(ReportPage Page, JsonElement Result)> Open(
        TemporaryDirectory directory, string kind, int width, params string[] switches)
    {
        SampleFiles.Write(directory.At("data"), kind);
        ReportPage page = ReportPage.Create(ReportInput.Load(directory.At("data")));
        string html = Encoding.UTF8.GetString(page.Content.Span);
        string probe = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Reports", "probe.js"));
        string probed = html.Replace("<head>\n", $"<head>\n<script>{probe}</script>\n", StringComparison.Ordinal);
        Assert.NotEqual(html, probed);
        await File.WriteAllTextAsync(directory.At("page.html"), probed);
        await File.WriteAllTextAsync(
            directory.At("frame.html"),
            $"""
            <!DOCTYPE html><html><body><pre id="probe"></pre>
            <script>addEventListener("message", e => document.getElementById("probe").textContent = e.data);</script>
            <iframe src="page.html" style="width: {width}px; height: 844px; border: 0"></iframe></body></html>
            """);
        (string document, string log) = await Chromium.Open(directory.At("frame.html"), directory.At("profile"), switches);
        Assert.DoesNotContain("CONSOLE", log, StringComparison.Ordinal);
        return (page, ResultOf(document));
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

    private static JsonElement ResultOf(string document)
    {
        const string Begin = "<pre id=\"probe\">";
        int from = document.IndexOf(Begin, StringComparison.Ordinal);
        Assert.True(from >= 0, "the document is not the one that was opened");
        from += Begin.Length;
        string json = WebUtility.HtmlDecode(document[from..document.IndexOf("</pre>", from, StringComparison.Ordinal)]);
        Assert.True(json.Length > 0, "the page did not say what it measured");
        using JsonDocument parsed = JsonDocument.Parse(json);
        return parsed.RootElement.Clone();
    }
}
