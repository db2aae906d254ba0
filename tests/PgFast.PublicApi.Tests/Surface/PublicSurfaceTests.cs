using System.Reflection;
using PgFast.Reports.Figures;
using PgFast.Training;
using PublicApiGenerator;

namespace PgFast.PublicApi.Tests.Surface;

/// <summary>The public surface is a text that a person approved: a change of it shows in the review as a change of the text.</summary>
public class PublicSurfaceTests
{
    public static TheoryData<string, string> Surfaces => new()
    {
        { "PgFast.approved.txt", typeof(Trainer).Assembly.GetName().Name! },
        { "PgFast.Reports.approved.txt", typeof(StudyPlots).Assembly.GetName().Name! },
    };

    [Theory]
    [MemberData(nameof(Surfaces))]
    public void Surface_OfTheLibrary_IsTheApprovedOne(string file, string assembly)
    {
        string surface = Assembly.Load(assembly).GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false }).ReplaceLineEndings("\n").TrimEnd() + "\n";
        string path = Repository.PathOf("tests", "PgFast.PublicApi.Tests", "Surface", file);
        string approved = File.Exists(path) ? File.ReadAllText(path).ReplaceLineEndings("\n") : "";
        if (surface == approved)
            return;
        string received = Path.ChangeExtension(Path.ChangeExtension(path, null), ".received.txt");
        File.WriteAllText(received, surface);
        Assert.Fail($"The public surface has changed at: {FirstDifference(approved, surface)}. If that is meant, replace {file} by {Path.GetFileName(received)}, which lies beside it.");
    }

    private static string FirstDifference(string approved, string surface)
    {
        string[] before = approved.Split('\n'), after = surface.Split('\n');
        int line = 0;
        while (line < before.Length && line < after.Length && before[line] == after[line])
            line++;
        return line < after.Length ? $"line {line + 1}, '{after[line].Trim()}'" : $"line {line + 1}, its end";
    }
}
