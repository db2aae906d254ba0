using PgFast.Fuzz;

namespace PgFast.Tests.Files;

/// <summary>The first of the damaged files that <c>tests/PgFast.Fuzz</c> makes; a million take it a minute or two.</summary>
public class DamagedFileTests
{
    private const int Files = 20_000;

    [Fact]
    public void Load_DamagedFiles_EachIsReadAsItsBytesSayOrGivesATypedError()
    {
        Campaign campaign = new(0, Files, 1);
        campaign.Run();
        Assert.True(campaign.Failures.Count == 0, string.Join(Environment.NewLine, campaign.Failures));
        // All kinds of files must have been met, or the above says little.
        string[] outcomes =
        [
            "no safetensors", "no policy, no checkpoint", "policy, no checkpoint", "policy, checkpoint of another run", "policy, checkpoint that diverges",
            "policy, checkpoint that goes on", "no textbook checkpoint", "textbook checkpoint of other runs", "textbook checkpoint that goes on",
        ];
        Assert.All(outcomes, outcome => Assert.True(campaign.Tally[outcome] > 0, $"None of {Files} files was: {outcome}."));
    }

    [Fact]
    public void Create_SameNumber_GivesTheSameFile()
    {
        using Corpus corpus = new();
        Mutator mutator = new(corpus);
        for (long number = 0; number < 200; number++)
        {
            DamagedFile file = mutator.Create(number);
            Assert.Equal(file.Bytes, mutator.Create(number).Bytes);
        }
    }
}
