using PgFast.Cli.Sweeps;

namespace PgFast.Tests.Cli;

/// <summary>Every sweep file of docs/pitfalls: in the program, sound, and explained on a page of its own.</summary>
public class ReadyExperimentTests
{
    private static readonly string Pitfalls = Path.Combine(Repository(), "docs", "pitfalls");

    public static TheoryData<string> Names => [.. Directory.GetFiles(Pitfalls, "*.toml").Select(path => Path.GetFileNameWithoutExtension(path))];

    [Fact]
    public void Names_AreThoseOfTheFiles()
    {
        Assert.NotEmpty(ReadyExperiments.Names);
        Assert.Equal(Directory.GetFiles(Pitfalls, "*.toml").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal), ReadyExperiments.Names);
        Assert.Null(ReadyExperiments.Find("nowhere"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Experiment_IsTheFileAndCanBeRun(string name)
    {
        string text = File.ReadAllText(Path.Combine(Pitfalls, $"{name}.toml"));
        Assert.Equal(text, ReadyExperiments.Find(name));
        SweepDefinition sweep = SweepReader.Read($"{name}.toml", text);
        Assert.Equal(name, sweep.Name);
        Assert.False(string.IsNullOrWhiteSpace(sweep.Description));
        // Fewer seeds tell little apart: docs/statistics.md.
        Assert.InRange(sweep.Seeds.Count, 10, 1000);
        Assert.InRange(sweep.Configurations.Count, 2, 100);
        SweepExecution.RequireMemory(sweep, threads: 2);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Experiment_HasAPageThatNamesItsCommand(string name)
    {
        string page = Path.Combine(Pitfalls, $"{name}.md");
        Assert.True(File.Exists(page), $"docs/pitfalls/{name}.md is missing");
        Assert.Matches($@"(?m)^[ \t]*pgfast sweep {name}\b|`pgfast sweep {name}\b", File.ReadAllText(page));
    }

    private static string Repository()
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "PgFast.sln")))
            directory = directory.Parent;
        return directory?.FullName ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }
}
