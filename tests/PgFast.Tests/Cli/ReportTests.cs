using System.Text.Json;
using PgFast.Files;
using PgFast.Networks;
using PgFast.Tests.Reports;

namespace PgFast.Tests.Cli;

[Collection(CliTestGroup.Name)]
public class ReportTests
{
    [Fact]
    public void Report_RunOfTheCommandLine_MakesAPage()
    {
        using TemporaryDirectory directory = new();
        Assert.Equal(0, Pgfast.Run("train cartpole --updates 8 --eval-episodes 10 --out run", directory.Root).ExitCode);
        CliResult result = Pgfast.Run("report run --json", directory.Root);
        Assert.Equal(0, result.ExitCode);
        Assert.Empty(result.Error);
        Assert.Equal(Path.Combine("run", "report.html"), result.Json().GetProperty("report").GetString());
        Assert.Equal(["learning-curve", "episode"], Figures(result));
        Assert.StartsWith("<!DOCTYPE html>", File.ReadAllText(directory.At("run/report.html")));
    }

    [Fact]
    public void Report_SeedsOfTheCommandLine_MakesAPage()
    {
        using TemporaryDirectory directory = new();
        Assert.Equal(0, Pgfast.Run("train cartpole --updates 4 --eval-episodes 10 --seeds 3 --out runs", directory.Root).ExitCode);
        Assert.Equal(["learning-curves", "episode"], Figures(Pgfast.Run("report runs --out page.html --json", directory.Root)));
        Assert.True(File.Exists(directory.At("page.html")));
        Assert.False(File.Exists(directory.At("runs/report.html")));
    }

    [Fact]
    public void Report_Study_ReplacesAnOlderPage()
    {
        using TemporaryDirectory directory = new();
        SampleFiles.Write(directory.At("study"), "study");
        File.WriteAllText(directory.At("study/report.html"), "old");
        CliResult result = Pgfast.Run("report study", directory.Root);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("variance-reward-to-go", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', result.Output);
        Assert.Contains("What was studied", File.ReadAllText(directory.At("study/report.html")), StringComparison.Ordinal);
        Assert.Equal(2, Directory.EnumerateFileSystemEntries(directory.At("study")).Count());
    }

    [Theory]
    [InlineData("report", "directory is missing", "DIR")]
    [InlineData("report nowhere", "DIR must name a directory that exists", "nowhere")]
    [InlineData("report empty", "nothing to report on", "study.json")]
    [InlineData("report damaged", "damaged", "study.json")]
    [InlineData("report misfit", "cannot act", "4 observations and 2 actions")]
    [InlineData("report good --out", "--out needs a value", ".html")]
    [InlineData("report good --out good/study.json", "--out must be", ".html")]
    [InlineData("report good --out nowhere/page.html", "--out must be", "directory that exists")]
    [InlineData("report good --ot x", "unknown option '--ot'", "did you mean '--out'?")]
    [InlineData("report good twice", "unexpected argument 'twice'", "--help")]
    public void Report_BadInput_ExitsTwoWithOneLineAndWritesNothing(string arguments, string names, string allows)
    {
        using TemporaryDirectory directory = new();
        Directory.CreateDirectory(directory.At("empty"));
        SampleFiles.Write(directory.At("good"), "study");
        SampleFiles.Write(directory.At("damaged"), "run");
        File.WriteAllText(directory.At("damaged/study.json"), "{\"rows\":[");
        SampleFiles.Write(directory.At("misfit"), "run");
        NetworkShape shape = new(6, [], 3, Activation.Relu);
        new PolicyFile(shape, new float[shape.ParameterCount]).Save(directory.At("misfit/policy.safetensors"));
        string[] before = Entries(directory);
        CliResult result = Pgfast.Run(arguments, directory.Root);
        Assert.Equal(2, result.ExitCode);
        Assert.Empty(result.Output);
        string line = Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("pgfast: ", line);
        Assert.Contains(names, line);
        Assert.Contains(allows, line);
        Assert.Equal(before, Entries(directory));
    }

    private static string[] Entries(TemporaryDirectory directory) =>
        [.. Directory.EnumerateFileSystemEntries(directory.Root, "*", SearchOption.AllDirectories).Order()];

    private static IEnumerable<string?> Figures(CliResult result) =>
        result.Json().GetProperty("figures").EnumerateArray().Select((JsonElement name) => name.GetString());
}
