using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PgFast.Environments;
using PgFast.Files;
using PgFast.Networks;
using PgFast.Reports.Input;
using PgFast.Reports.Pages;
using PgFast.Tests.Cli;
using PgFast.Training;

namespace PgFast.Tests.Reports;

public partial class ReportPageTests
{
    [Theory]
    [InlineData("study", "variance-total", "decomposition")]
    [InlineData("studies", "noise-scale-training-total", "episode")]
    [InlineData("run", "learning-curve", "episode")]
    [InlineData("seeds", "learning-curves", "episode")]
    [InlineData("sweep", "scores", "probability-of-improvement")]
    [InlineData("sweep-large", "scores-cartpole", "probability-of-improvement")]
    public void Create_KindOfDirectory_HasItsFiguresAndNothingFromElsewhere(string kind, string first, string last)
    {
        using TemporaryDirectory directory = new();
        SampleFiles.Write(directory.Root, kind);
        ReportPage page = ReportPage.Create(ReportInput.Load(directory.Root));
        Assert.Equal((first, last), (page.Figures[0], page.Figures[^1]));
        string html = Text(page);
        Assert.Equal(page.Figures, Ids().Matches(html).Select(match => match.Groups[1].Value));
        Assert.All(Addresses().Matches(html), match => Assert.StartsWith("http://www.w3.org/", match.Value));
        Assert.DoesNotContain("src=", html, StringComparison.Ordinal);
        Assert.Equal(page.Content.ToArray(), ReportPage.Create(ReportInput.Load(directory.Root)).Content.ToArray());
    }

    [Fact]
    public void Create_TextOfFiles_IsEscaped()
    {
        const string Attack = "<script>alert(1)</script>\"'&";
        using TemporaryDirectory directory = new();
        JsonObject study = SampleFiles.Study();
        foreach (string name in (string[])["environment", "policy", "parameterHash", "network", "activation"])
            study[name] = Attack;
        foreach (JsonNode? row in study["rows"]!.AsArray())
        {
            row!["estimator"] = row["estimator"] + Attack;
            row["baseline"] = row["baseline"] + Attack;
            row["note"] = row["note"] is null ? null : Attack;
        }

        File.WriteAllText(directory.At("study.json"), study.ToJsonString());
        SampleFiles.WriteRun(directory.Root, 1, 5);
        File.WriteAllText(directory.At("config.json"), new JsonObject { ["environment"] = Attack, [Attack] = Attack }.ToJsonString());
        string html = Text(ReportPage.Create(ReportInput.Load(directory.Root)));
        Assert.DoesNotContain("<script>alert", html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_RowWithoutNumbers_ShowsItsNoteAndNoNumber()
    {
        using TemporaryDirectory directory = new();
        JsonObject study = SampleFiles.Study();
        JsonNode row = study["rows"]![0]!;
        (row["note"], row["trace"]) = ("too few batches", 1234.5);
        study["rows"] = new JsonArray(row.DeepClone());
        File.WriteAllText(directory.At("study.json"), study.ToJsonString());
        string html = Text(ReportPage.Create(ReportInput.Load(directory.Root)));
        Assert.Contains(">too few batches<", html, StringComparison.Ordinal);
        Assert.DoesNotContain("1,234", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<figure", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_OpenInterval_SaysThatItIsOpen()
    {
        using TemporaryDirectory directory = new();
        SampleFiles.Write(directory.Root, "study");
        Assert.Contains(", ∞)</span>", Text(ReportPage.Create(ReportInput.Load(directory.Root))), StringComparison.Ordinal);
    }

    [Fact]
    public void Create_RunOfAnotherEnvironment_HasNoEpisode()
    {
        using TemporaryDirectory directory = new();
        SampleFiles.WriteRun(directory.Root, 1, 5);
        File.WriteAllText(directory.At("config.json"), "{\"environment\":\"acrobot\"}");
        Assert.Equal(["learning-curve"], ReportPage.Create(ReportInput.Load(directory.Root)).Figures);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public void Simulate_AnyPolicy_IsTheFirstEpisodeOfAnEvaluation(ulong seed)
    {
        foreach (int updates in (int[])[0, 6])
        {
            using Trainer<CartPole> trainer = new(new TrainerOptions { Seed = seed, Threads = 1 });
            for (int update = 0; update < updates; update++)
                trainer.Update();
            PolicyFile file = new(trainer.Shape, trainer.Parameters) { Seed = seed };
            using Trainer<CartPole> fresh = new(new TrainerOptions { Seed = seed + 1, Threads = 1 });
            fresh.SetParameters(file.Parameters);
            Assert.Equal(fresh.Evaluate(1).MeanReturn, CartPoleEpisode.Simulate(file).Steps);
        }
    }

    [Fact]
    public void Simulate_PolicyOfOtherShape_IsRefused()
    {
        NetworkShape shape = new(6, [], 3, Activation.Relu);
        Assert.Throws<ArgumentException>(() => CartPoleEpisode.Simulate(new PolicyFile(shape, new float[shape.ParameterCount])));
    }

    [Theory]
    [InlineData("study.json", "{\"rows\":")]
    [InlineData("config.json", "no JSON")]
    [InlineData("config.json", "[1]")]
    [InlineData("metrics.csv", "")]
    [InlineData("metrics.csv", "update,episodes\n1,2\n")]
    [InlineData("metrics.csv", "update,environmentSteps,meanReturn\n1,64\n")]
    [InlineData("metrics.csv", "update,environmentSteps,meanReturn\n1,64,NaN\n")]
    [InlineData("metrics.csv", "update,environmentSteps,meanReturn\n1,64,20\n2,32,20\n")]
    [InlineData("policy.safetensors", "no policy")]
    public void Load_DamagedFile_NamesIt(string file, string content)
    {
        using TemporaryDirectory directory = new();
        SampleFiles.Write(directory.Root, "studies");
        File.WriteAllText(directory.At(file), content);
        ReportInputException exception = Assert.Throws<ReportInputException>(() => ReportInput.Load(directory.Root));
        Assert.Contains(file, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_SeedDirectories_AreInOrderOfTheirNumbers()
    {
        using TemporaryDirectory directory = new();
        foreach (int seed in (int[])[10, 9, 2])
            SampleFiles.WriteRun(directory.At($"seed-{seed}"), seed, 3);
        Directory.CreateDirectory(directory.At("seed-x"));
        Directory.CreateDirectory(directory.At("seed-1"));
        Assert.Equal(["seed-2", "seed-9", "seed-10"], ReportInput.Load(directory.Root).Seeds.Select(run => run.Name));
    }

    private static string Text(ReportPage page) => Encoding.UTF8.GetString(page.Content.Span);

    [GeneratedRegex("<figure id=\"([^\"]+)\"")]
    private static partial Regex Ids();

    [GeneratedRegex("[a-z]+://[^\"' <]*")]
    private static partial Regex Addresses();
}
