namespace PgFast.PublicApi.Tests.Samples;

/// <summary>Blocks in other languages than C#: C is compiled against an exported header, sweeps are planned, Python is parsed.</summary>
public class OtherSampleTests
{
    private static readonly string[] Known = ["csharp", "c", "toml", "python", "sh", "text", "xml", "json"];

    public static TheoryData<string, int> Sweeps => Blocks("toml");

    public static TheoryData<string, int> CPrograms => Blocks("c");

    public static TheoryData<string, int> PythonPrograms => Blocks("python");

    [Theory]
    [MemberData(nameof(Sweeps))]
    public void Sweep_OfAPage_IsPlanned(string page, int line)
    {
        using Workspace workspace = new();
        File.WriteAllText(Path.Combine(workspace.Directory, "sweep.toml"), Text(page, line));
        (int exitCode, string output) = workspace.Pgfast("sweep", "sweep.toml", "--dry-run");
        Assert.True(exitCode == 0, output);
    }

    [Theory]
    [MemberData(nameof(CPrograms))]
    public void CProgram_OfAPage_CompilesAndRuns(string page, int line)
    {
        if (!CanStart("cc"))
            return;
        using Workspace workspace = new();
        File.WriteAllText(Path.Combine(workspace.Directory, "main.c"), Text(page, line));
        Expect(workspace.Pgfast("train", "cartpole", "--updates", "2", "--out", "run"));
        Expect(workspace.Pgfast("export", "run", "--format", "c", "--name", "cartpole", "--out", "cartpole.h"));
        Expect(workspace.Start("cc", "-std=c99", "-Wall", "-Wextra", "-Werror", "main.c", "-o", "main", "-lm"));
        Expect(workspace.Start(Path.Combine(workspace.Directory, "main")));
    }

    [Theory]
    [MemberData(nameof(PythonPrograms))]
    public void PythonProgram_OfAPage_IsPython(string page, int line)
    {
        if (!CanStart("python3"))
            return;
        using Workspace workspace = new();
        File.WriteAllText(Path.Combine(workspace.Directory, "sample.py"), Text(page, line));
        Expect(workspace.Start("python3", "-m", "py_compile", "sample.py"));
    }

    [Fact]
    public void Blocks_OfAllPages_AreInLanguagesThatTestsKnow() => Assert.All(
        MarkdownSample.Pages().SelectMany(MarkdownSample.Of), sample => Assert.True(Known.Contains(sample.Language), $"{sample}: nothing tests '{sample.Language}'."));

    /// <summary>Blocks of a language, with those that go on from them.</summary>
    private static TheoryData<string, int> Blocks(string language)
    {
        TheoryData<string, int> blocks = [];
        foreach (string page in MarkdownSample.Pages())
        {
            foreach (IReadOnlyList<MarkdownSample> program in MarkdownSample.Programs(page, language))
                blocks.Add(page, program[0].Line);
        }

        return blocks;
    }

    private static string Text(string page, int line)
    {
        string language = MarkdownSample.Of(page).First(sample => sample.Line == line).Language;
        return string.Join('\n', MarkdownSample.Programs(page, language).First(program => program[0].Line == line).Select(sample => sample.Text));
    }

    private static void Expect((int ExitCode, string Output) result) => Assert.True(result.ExitCode == 0, result.Output);

    private static bool CanStart(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(directory => File.Exists(Path.Combine(directory, program)));
}
