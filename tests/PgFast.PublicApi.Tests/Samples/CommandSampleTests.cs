using System.Text.RegularExpressions;

namespace PgFast.PublicApi.Tests.Samples;

/// <summary>Commands in the pages: all name commands and options that there are; those of the first hour are run.</summary>
public partial class CommandSampleTests
{
    private const string FirstHour = "docs/first-hour.md";

    private static readonly Dictionary<string, string> HelpByCommand = new(StringComparer.Ordinal);

    public static TheoryData<string> Pages => [.. MarkdownSample.Pages().Where(page => Commands(page).Any())];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Commands_OfAPage_HaveOptionsThatThereAre(string page)
    {
        using Workspace workspace = new();
        Assert.All(Commands(page), command =>
        {
            string help = Help(workspace, command[0]);
            Assert.All(command.Where(word => OptionPattern().IsMatch(word)), option => Assert.Contains($"{option} ", help.ReplaceLineEndings(" "), StringComparison.Ordinal));
        });
    }

    [Fact]
    public void Commands_OfTheFirstHour_Run()
    {
        using Workspace workspace = new();
        string[][] commands = [.. Commands(FirstHour)];
        Assert.True(commands.Length >= 5, $"{FirstHour} should show the commands of a first hour.");
        Assert.All(commands, command =>
        {
            (int exitCode, string output) = workspace.Pgfast(command);
            Assert.True(exitCode == 0, $"pgfast {string.Join(' ', command)} ended with {exitCode}:\n{output}");
        });
    }

    /// <summary>The words after <c>pgfast</c> in the blocks of commands; a comment is left out, and so are lines with placeholders.</summary>
    private static IEnumerable<string[]> Commands(string page) => MarkdownSample.Of(page)
        .Where(sample => sample.Language is "text" or "sh")
        .SelectMany(sample => sample.Text.Split('\n'))
        .Select(line => line.Split(" #")[0].Trim())
        .Where(line => line.StartsWith("pgfast ", StringComparison.Ordinal) && !line.Contains('['))
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..]);

    private static string Help(Workspace workspace, string command)
    {
        lock (HelpByCommand)
        {
            if (HelpByCommand.TryGetValue(command, out string? known))
                return known;
            (int exitCode, string output) = workspace.Pgfast(command, "--help");
            Assert.True(exitCode == 0, $"There is no command {command}: {output}");
            return HelpByCommand[command] = output;
        }
    }

    [GeneratedRegex("^--[a-z-]+$")]
    private static partial Regex OptionPattern();
}
