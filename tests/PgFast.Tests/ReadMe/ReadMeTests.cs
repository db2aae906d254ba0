using PgFast.Environments;
using PgFast.Policies;
using PgFast.Training;

namespace PgFast.Tests.ReadMe;

/// <summary>The README's C# sample is the body of a test: it compiles, runs, and is compared with the README word for word.</summary>
public class ReadMeTests
{
    private const string Begin = "// sample:start";
    private const string End = "// sample:end";

    [Fact]
    public void Sample_Run_SolvesCartPoleAndActs()
    {
        // sample:start
        using var trainer = new Trainer<CartPole>(new TrainerOptions
        {
            HiddenSizes = [32],
            BatchSize = 64,
            StepSize = 0.03f,
            Seed = 1,
        });

        UpdateResult update = trainer.Update();                  // one batch of episodes, one gradient step
        TrainingResult result = trainer.TrainUntil(475);         // until 1,000 fresh episodes have this mean return

        using Policy policy = trainer.CreatePolicy();            // a copy that acts, without allocating
        float[] observation = [0.01f, 0f, -0.02f, 0f];           // cart position and velocity, pole angle and velocity
        int action = policy.MostProbableAction(observation);     // 0 pushes left, 1 pushes right
        Console.WriteLine($"{result.Solved} after {result.Updates} updates: {trainer.ParameterHash()}, action {action}");
        // sample:end

        Assert.Equal(1, update.Update);
        Assert.True(result.Solved);
        Assert.True(result.Evaluation.MeanReturn >= 475);
        Assert.InRange(action, 0, 1);
    }

    [Fact]
    public void ReadMe_CodeBlock_IsTheTest()
    {
        string source = File.ReadAllText(Path.Combine(Repository(), "tests", "PgFast.Tests", "ReadMe", "ReadMeTests.cs"));
        Assert.Equal(Dedent(Between(source, Begin + "\n", "        " + End)), Between(ReadMe(), "```csharp\n", "```").Split("\n\n", 2)[1]);
    }

    [Fact]
    public void ReadMe_UsingsOfTheSample_AreThoseOfTheTest()
    {
        string[] usings = Between(ReadMe(), "```csharp\n", "```").Split("\n\n", 2)[0].Split('\n');
        Assert.Equal(["using PgFast.Environments;", "using PgFast.Policies;", "using PgFast.Training;"], usings);
    }

    [Fact]
    public void ReadMe_Commands_AreTheTwoThatDoEverything()
    {
        Assert.Contains("\ndotnet run -c Release --project src/PgFast.Cli -- train cartpole\n", ReadMe());
        Assert.Contains("\ndotnet test -c Release\n", ReadMe());
        Assert.Contains("<!-- numbers:start -->", ReadMe());
        Assert.Contains("<!-- numbers:end -->", ReadMe());
    }

    [Theory]
    [InlineData("numbers")]
    [InlineData("collection")]
    [InlineData("variance")]
    public void ReadMe_Numbers_AreLinesOfRecordedResults(string block)
    {
        string[] table =
        [
            .. Between(ReadMe(), $"<!-- {block}:start -->\n", $"<!-- {block}:end -->").Split('\n')
                .Where(line => line.TrimStart().StartsWith('|')),
        ];
        Assert.True(table.Length >= 3, $"The block {block} has no table: a heading, a rule and a row at least.");
        string results = Path.Combine(Repository(), "benchmarks", "results");
        HashSet<string> recorded = Directory.Exists(results)
            ? [.. Directory.EnumerateFiles(results, "*.md", SearchOption.AllDirectories).SelectMany(File.ReadLines)]
            : [];
        Assert.All(table, line => Assert.True(recorded.Contains(line), $"No file under benchmarks/results has the line: {line}"));
    }

    [Fact]
    public void PackageReadMe_Sample_IsThatOfTheReadMe() =>
        Assert.Equal(Between(ReadMe(), "```csharp\n", "```"), Between(PackageReadMe("PgFast"), "```csharp\n", "```"));

    /// <summary>A relative link leads nowhere on the page of a package.</summary>
    [Theory]
    [InlineData("PgFast")]
    [InlineData("PgFast.Cli")]
    public void PackageReadMe_Links_AreNotRelative(string project) => Assert.DoesNotMatch(@"\]\((?!https?://)", PackageReadMe(project));

    private static string PackageReadMe(string project) =>
        File.ReadAllText(Path.Combine(Repository(), "src", project, "PACKAGE.md")).ReplaceLineEndings("\n");

    private static string ReadMe() => File.ReadAllText(Path.Combine(Repository(), "README.md")).ReplaceLineEndings("\n");

    private static string Repository()
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "PgFast.sln")))
            directory = directory.Parent;
        return directory?.FullName ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }

    private static string Between(string text, string begin, string end)
    {
        Assert.Contains(begin, text, StringComparison.Ordinal);
        int from = text.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        return text[from..text.IndexOf(end, from, StringComparison.Ordinal)];
    }

    private static string Dedent(string text)
    {
        IEnumerable<string> lines = text.ReplaceLineEndings("\n").Split('\n');
        return string.Join('\n', lines.Select(line => line.StartsWith("        ", StringComparison.Ordinal) ? line[8..] : line));
    }
}
