using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace PgFast.Tests.Layering;

/// <summary>A room of the library knows only the rooms before it.</summary>
public partial class LayeringTests
{
    /// <summary>The order in which data flows.</summary>
    private static readonly string[] Rooms =
    [
        "Telemetry", "Numerics", "Randomness", "Statistics", "Environments", "Networks", "Policies", "Rollouts", "Estimators", "Gradients", "Optimizers", "Variance",
        "Training", "Textbook", "Files", "Agents", "Measurement", "Export",
    ];

    /// <summary>Rooms that stand aside, and all that they may use.</summary>
    private static readonly Dictionary<string, string[]> Aside = new()
    {
        ["Reference"] = ["Randomness"],
        ["Checking"] = ["Numerics", "Randomness", "Environments"],
    };

    [Fact]
    public void Usings_OfEveryFile_PointBackwards()
    {
        List<string> wrong = [];
        foreach ((string room, string file, string text) in Sources())
        {
            foreach (Match match in Mention().Matches(text))
            {
                string used = match.Groups[1].Value;
                if (!IsAllowed(room, used))
                    wrong.Add($"{room}/{file} uses {used}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Distinct()));
    }

    [Fact]
    public void Folders_OfTheLibrary_AreTheKnownRooms()
    {
        string[] rooms = [.. Sources().Select(source => source.Room).Distinct()];
        Assert.All(rooms, room => Assert.True(Rooms.Contains(room) || Aside.ContainsKey(room), $"{room} has no place in the order"));
        Assert.Contains("Training", rooms);
        Assert.True(Sources().Count > 40, "the sources were not found");
    }

    [Fact]
    public void Namespaces_OfEveryFile_AreTheirFolders() =>
        Assert.All(Sources(), source => Assert.Contains($"namespace PgFast.{source.Room};", source.Text, StringComparison.Ordinal));

    [Theory]
    [InlineData("Numerics", "Randomness", false)]
    [InlineData("Telemetry", "Training", false)]
    [InlineData("Training", "Telemetry", true)]
    [InlineData("Policies", "Rollouts", false)]
    [InlineData("Rollouts", "Policies", true)]
    [InlineData("Training", "Reference", false)]
    [InlineData("Reference", "Numerics", false)]
    [InlineData("Reference", "Randomness", true)]
    public void IsAllowed_KnownArrows_SeesTheirDirection(string room, string used, bool expected) => Assert.Equal(expected, IsAllowed(room, used));

    private static bool IsAllowed(string room, string used)
    {
        if (used == room)
            return true;
        if (Aside.TryGetValue(room, out string[]? allowed))
            return allowed.Contains(used);
        int from = Array.IndexOf(Rooms, room), to = Array.IndexOf(Rooms, used);
        return to >= 0 && to < from;
    }

    private static List<(string Room, string File, string Text)> Sources([CallerFilePath] string here = "")
    {
        string root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "src", "PgFast"));
        List<(string, string, string)> sources = [];
        foreach (string path in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories))
        {
            string room = Path.GetRelativePath(root, path).Split(Path.DirectorySeparatorChar)[0];
            if (room is not ("bin" or "obj"))
                sources.Add((room, Path.GetFileName(path), File.ReadAllText(path)));
        }

        return sources;
    }

    [GeneratedRegex(@"^\s*(?:global\s+)?using\s+(?:static\s+)?(?:\w+\s*=\s*)?PgFast\.(\w+)", RegexOptions.Multiline)]
    private static partial Regex Mention();
}
