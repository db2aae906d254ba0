using System.Globalization;
using PgFast.Cli.Sweeps;
using PgFast.Estimators;
using PgFast.Optimizers;
using PgFast.Training;

namespace PgFast.Tests.Cli;

public class SweepReaderTests
{
    private const string Top = "environment = 'cartpole'\nupdates = 3\n";

    private const string Everything = """
        # Comments are allowed.
        name = "everything"
        description = "One of each."
        environment = ["cartpole", "Corridor"]
        seeds = [7, 3, 5_000_000_000_000_000_001]
        env-steps = 200_000
        eval-episodes = 30
        score = "curve"
        points = 10
        confidence = 0.9
        replicates = 100
        reference = { variant = "PLAIN", lr = 2e-2, optimizer = "Sgd" }
        scale = { cartpole = [9.5, 500], corridor = [-44, -1.5] }
        [options]
        batch = 8
        normalize = false
        hidden = [32, 16]
        value-hidden = []
        baseline = "value"
        [grid]
        lr = [1e-5, 0.02, "2^-7"]
        optimizer = ["adam", "sgd"]
        [[variants]]
        name = "plain"
        [[variants]]
        name = "small, and without bias"
        bias = false
        hidden = "none"
        """;

    private const string EverythingAsJson = """
        {
          // Comments are allowed, and commas at the end.
          "name": "everything", "description": "One of each.", "environment": ["cartpole", "Corridor"],
          "seeds": [7, 3, 5000000000000000001], "env-steps": 2e5, "eval-episodes": 30, "score": "curve", "points": 10, "confidence": 0.90,
          "replicates": 1e2, "reference": { "variant": "PLAIN", "lr": 0.020, "optimizer": "sgd" },
          "scale": { "cartpole": [9.5, 5e2], "corridor": [-44, -1.5] },
          "options": { "batch": 8, "normalize": false, "hidden": [32, 16], "value-hidden": [], "baseline": "value" },
          "grid": { "lr": [0.00001, 2e-2, "2^-7"], "optimizer": ["adam", "sgd"] },
          "variants": [ { "name": "plain" }, { "name": "small, and without bias", "bias": false, "hidden": "none" }, ],
        }
        """;

    private static SweepDefinition WholeFile => Read(Everything);

    [Fact]
    public void Read_TomlAndJson_GiveTheSameDefinition()
    {
        SweepDefinition toml = WholeFile;
        Assert.Equal(Describe(toml), Describe(SweepReader.Read("dir/sweep.JSON", EverythingAsJson)));
        Assert.Equal(3 * 2 * 2, toml.Configurations.Count);
        Assert.Equal(toml.Configurations.Count * 2 * 3, toml.Runs);
    }

    [Fact]
    public void Read_Everything_IsAsTheFileSays()
    {
        SweepDefinition sweep = WholeFile;
        Assert.Equal(("everything", "One of each."), (sweep.Name, sweep.Description));
        Assert.Equal(["cartpole", "corridor"], sweep.Environments.Select(environment => environment.Name));
        Assert.Equal([7UL, 3, 5_000_000_000_000_000_001], sweep.Seeds);
        Assert.Equal((null, 200_000L, 200_000L), (sweep.Updates, sweep.EnvironmentSteps, sweep.Budget));
        Assert.Equal((30, SweepScore.Curve, 10), (sweep.EvaluationEpisodes, sweep.Score, sweep.Points));
        Assert.Equal((0.9, 100, 3), (sweep.Confidence, sweep.Replicates, sweep.Reference));
        Assert.Equal([(9.5, 500), (-44, -1.5)], sweep.Scale!);
        TrainerOptions options = sweep.Configurations[0].Options[1];
        Assert.Equal((8, false, Baseline.Value, OptimizerKind.Adam), (options.BatchSize, options.NormalizeReturns, options.Baseline, options.Optimizer));
        Assert.Equal([32, 16], options.HiddenSizes);
        Assert.Empty(options.ValueHiddenSizes);
        Assert.Equal(1, options.Threads);
    }

    [Fact]
    public void Read_OnlyWhatIsNeeded_HasDefaults()
    {
        SweepDefinition sweep = SweepReader.Read("some/where/step-sizes.toml", Top + "[grid]\nlr = [0.1, 0.2]\n");
        Assert.Equal(("step-sizes", null), (sweep.Name, sweep.Description));
        Assert.Equal(Enumerable.Range(1, 20).Select(seed => (ulong)seed), sweep.Seeds);
        Assert.Equal((3L, null, 3L), (sweep.Updates, sweep.EnvironmentSteps, sweep.Budget));
        Assert.Equal((1000, SweepScore.Final, 50), (sweep.EvaluationEpisodes, sweep.Score, sweep.Points));
        Assert.Equal((0.95, 2000, 0), (sweep.Confidence, sweep.Replicates, sweep.Reference));
        Assert.Null(sweep.Scale);
        TrainerOptions expected = EnvironmentCatalog.Find("cartpole")!.DefaultOptions with { StepSize = 0.2f, Threads = 1 };
        Assert.Equal(SweepKey.TextOf(expected), SweepKey.TextOf(sweep.Configurations[1].Options[0]));
    }

    [Fact]
    public void Read_SeveralEnvironments_GiveEachItsOwnDefaults()
    {
        SweepDefinition sweep = Read("environment = ['pendulum', 'corridor']\nupdates = 3\n[grid]\nbatch = [8, 16]\n");
        foreach (SweepConfiguration configuration in sweep.Configurations)
        {
            foreach ((EnvironmentEntry environment, TrainerOptions options) in sweep.Environments.Zip(configuration.Options))
                Assert.Equal(environment.DefaultOptions.StepSize, options.StepSize);
        }

        Assert.NotEqual(sweep.Environments[0].DefaultOptions.StepSize, sweep.Environments[1].DefaultOptions.StepSize);
    }

    [Fact]
    public void Read_SeveralAxes_LastChangesFastestAndVariantsStandFirst()
    {
        SweepDefinition sweep = WholeFile;
        Assert.Equal(["variant", "lr", "optimizer"], sweep.Axes.Select(axis => axis.Name));
        Assert.Equal(["1e-5", "0.02", "2^-7"], sweep.Axes[1].Values);
        string[] expected =
        [
            .. from variant in (string[])["plain", "small, and without bias"]
               from lr in (string[])["1e-5", "0.02", "2^-7"]
               from optimizer in (string[])["adam", "sgd"]
               select $"{variant}, lr {lr}, optimizer {optimizer}",
        ];
        Assert.Equal(expected, sweep.Configurations.Select(configuration => configuration.Label));
        Assert.Equal(["plain", "0.02", "sgd"], sweep.Configurations[3].Place);
        Assert.Equal((0.02f, OptimizerKind.Sgd), (sweep.Configurations[3].Options[0].StepSize, sweep.Configurations[3].Options[0].Optimizer));
        Assert.Equal(1f / 128, sweep.Configurations[4].Options[0].StepSize);
    }

    [Fact]
    public void Read_Variant_ReplacesWhatAllShare()
    {
        TrainerOptions plain = WholeFile.Configurations[0].Options[0], small = WholeFile.Configurations[^1].Options[0];
        Assert.Equal([32, 16], plain.HiddenSizes);
        Assert.True(plain.HasBias);
        Assert.Empty(small.HiddenSizes);
        Assert.False(small.HasBias);
        Assert.Equal(plain.BatchSize, small.BatchSize);
    }

    [Theory]
    [InlineData("[grid]\nlr = [0.1]", "lr 0.1")]
    [InlineData("[grid]\nlr = [0.1]\nbatch = [8]", "lr 0.1, batch 8")]
    [InlineData("[grid]\nlr = [0.1]\nbatch = [8, 16]", "batch 8", "batch 16")]
    [InlineData("[[variants]]\nname = 'a'\n[grid]\nlr = [0.1, 0.2]", "lr 0.1", "lr 0.2")]
    [InlineData("[[variants]]\nname = 'a'\n[[variants]]\nname = 'b'\nlr = 9", "a", "b")]
    [InlineData("[grid]\nhidden = [[], 32, [32, 32], '8,8']", "hidden none", "hidden 32", "hidden 32,32", "hidden 8,8")]
    [InlineData("[grid]\nnormalize = [true, false]", "normalize on", "normalize off")]
    [InlineData("[grid]\nlr = [1, 2.50, 1e20, 1e-10, '1e1']", "lr 1", "lr 2.5", "lr 1e20", "lr 1e-10", "lr 1e1")]
    public void Read_Labels_NameWhatTellsConfigurationsApart(string grid, params string[] labels) =>
        Assert.Equal(labels, Read(Top + grid).Configurations.Select(configuration => configuration.Label));

    [Theory]
    [InlineData("", 0)]
    [InlineData("reference = { lr = 0.20, baseline = 'Mean' }", 3)]
    [InlineData("reference = { baseline = 'mean', lr = '0.1' }", 1)]
    public void Read_Reference_IsTheConfigurationThatItDescribes(string reference, int expected) =>
        Assert.Equal(expected, Read($"{Top}{reference}\n[grid]\nlr = [0.1, 0.2]\nbaseline = ['none', 'mean']\n").Reference);

    [Theory]
    [InlineData("seeds = 3", 1, 2, 3)]
    [InlineData("seeds = 2e0\nseed = 40", 40, 41)]
    [InlineData("seeds = 1\nseed = 0", 0)]
    [InlineData("seeds = [4, 0, 2.0]", 4, 0, 2)]
    public void Read_Seeds_AreANumberOfThemOrAList(string seeds, params int[] expected) =>
        Assert.Equal(expected.Select(seed => (ulong)seed), Read($"{Top}{seeds}\n[grid]\nlr = [0.1]\n").Seeds);

    [Fact]
    public void Read_StepSizeThatFalls_DoesSoOverTheBudget()
    {
        const string Rest = "[grid]\nlr-final = [0.5]\n";
        Assert.Equal(3, Read(Top + Rest).Configurations[0].Options[0].ScheduledUpdates);
        Assert.Equal(500, Read($"environment = 'cartpole'\nenv-steps = 500\n{Rest}").Configurations[0].Options[0].ScheduledEnvironmentSteps);
    }

    private static SweepDefinition Read(string toml) => SweepReader.Read("sweep.toml", toml);

    /// <summary>All that a definition holds, as text.</summary>
    private static string Describe(SweepDefinition sweep) => string.Join('\n',
    [
        sweep.Name, sweep.Description, .. sweep.Environments.Select(environment => environment.Name),
        .. sweep.Axes.Select(axis => $"{axis.Name}: {string.Join('|', axis.Values)}"),
        .. sweep.Configurations.Select(configuration =>
            $"{configuration.Label}: {string.Join('|', configuration.Place)}: {string.Join('|', configuration.Options.Select(SweepKey.TextOf))}"),
        string.Create(
            CultureInfo.InvariantCulture,
            $"{sweep.Reference} {string.Join('|', sweep.Seeds)} {sweep.Updates} {sweep.EnvironmentSteps} {sweep.EvaluationEpisodes} {sweep.Score}"),
        string.Create(CultureInfo.InvariantCulture, $"{sweep.Points} {sweep.Confidence} {sweep.Replicates} {string.Join('|', sweep.Scale ?? [])}"),
    ]);
}
