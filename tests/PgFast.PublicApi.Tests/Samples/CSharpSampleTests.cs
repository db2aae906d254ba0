namespace PgFast.PublicApi.Tests.Samples;

/// <summary>Every C# block of every page compiles without a warning, runs to its end, and prints what the page says it prints.</summary>
public class CSharpSampleTests
{
    public static TheoryData<string, int> Programs
    {
        get
        {
            TheoryData<string, int> programs = [];
            foreach (string page in MarkdownSample.Pages())
            {
                foreach (IReadOnlyList<MarkdownSample> program in MarkdownSample.Programs(page, "csharp"))
                    programs.Add(page, program[0].Line);
            }

            return programs;
        }
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void Program_OfAPage_CompilesAndRuns(string page, int line)
    {
        IReadOnlyList<MarkdownSample> blocks = MarkdownSample.Programs(page, "csharp").First(program => program[0].Line == line);
        string source = SampleProgram.Compose(blocks);
        string path = Path.Combine(AppContext.BaseDirectory, $"sample-{Path.GetRandomFileName()}.dll");
        try
        {
            Assert.True(SampleProgram.Compile(source, path) is { Count: 0 } messages, $"{page}:{line}\n{string.Join('\n', SampleProgram.Compile(source, path))}\n{source}");
            using Workspace workspace = new();
            (int exitCode, string output) = workspace.Run(path);
            Assert.True(exitCode == 0, $"{page}:{line} ended with {exitCode}:\n{output}");
            if (blocks.Any(block => block.Prints is not null))
            {
                string prints = string.Join('\n', blocks.Select(block => block.Prints).OfType<string>()).TrimEnd();
                Assert.True(prints == output.TrimEnd(), $"{page}:{line} should print\n{prints}\nand prints\n{output}");
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Pages_OfTheRepository_HaveSamples() => Assert.True(Programs.Count >= 5, "The samples were not found.");
}
