using System.Text.RegularExpressions;
using PgFast.Tests.Cli;
using PgFast.Tests.Support;

namespace PgFast.Tests.Determinism;

/// <summary>The JSON of a study is the same to the last digit at every width and without instruction sets, but for the times.</summary>
[Collection(CliTestGroup.Name)]
public partial class StudyInstructionSetTests
{
    private static readonly Dictionary<string, string> Runs = new()
    {
        ["relu"] = "cartpole --episodes 600 --batch-sizes 1,4 --pilot 100",
        ["tanh, standardised"] = "cartpole --hidden 12 --activation tanh --normalize on --episodes 300 --batch-sizes 2 --pilot 60",
        ["two layers"] = "cartpole --hidden 9,17 --episodes 300 --batch-sizes 1,3 --pilot 60",
        ["bandit"] = "bandit --episodes 600 --batch-sizes 1,4 --pilot 100",
        ["value"] = "cartpole --baselines value --episodes 300 --batch-sizes 1,3 --pilot 60",
        ["corridor, nested resets"] = "corridor --episodes 300 --batch-sizes 1 --pilot 60 --decompose 64",
    };

    public static TheoryData<string> Names => [.. Runs.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void StudyJson_EveryWidthAndThreadCount_IsTheSame(string name)
    {
        string natural = Study(name);
        foreach (int width in Widths.All)
            Assert.Equal(natural, Study(name, ("PGFAST_LANES", $"{width}")));
        foreach (int threads in new[] { 2, 8 })
            Assert.Equal(natural, Run($"{Runs[name]} --threads {threads}"));
    }

    [TheoryWithVector512]
    [MemberData(nameof(Names))]
    public void StudyJson_WithoutAvx512_IsTheSame(string name)
    {
        Assert.Equal("8", LanesWith("DOTNET_EnableAVX512"));
        Assert.Equal(Study(name), Study(name, ("DOTNET_EnableAVX512", "0")));
    }

    [TheoryWithVector256]
    [MemberData(nameof(Names))]
    public void StudyJson_WithoutAvx2AndFma_IsTheSame(string name)
    {
        Assert.Equal("4", LanesWith("DOTNET_EnableAVX2"));
        Assert.Equal(Study(name), Study(name, ("DOTNET_EnableAVX2", "0")));
    }

    private static string Study(string name, params (string Name, string Value)[] environment) => Run($"{Runs[name]} --threads 1", environment);

    private static string Run(string arguments, params (string Name, string Value)[] environment)
    {
        CliResult result = Pgfast.Run($"variance {arguments} --timing off --json", environment: environment);
        // Progress may be on standard error, where arithmetic in software makes it slow.
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("\"trace\": ", result.Output, StringComparison.Ordinal);
        return Seconds().Replace(result.Output, "");
    }

    /// <summary>Lanes in use with an instruction set switched off: the switch took effect.</summary>
    private static string LanesWith(string variable) =>
        Pgfast.Run("describe --json", environment: (variable, "0")).Json().GetProperty("laneWidth").GetRawText();

    [GeneratedRegex("\"seconds\": [^,\n]+,?")]
    private static partial Regex Seconds();
}
