using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Numerics;
using PgFast.Tests.Support;
using PgFast.Variance;

namespace PgFast.Tests.Variance;

/// <summary>Every number of a study but the times depends on the configuration alone. Widths are an environment variable, so these run one at a time.</summary>
[Collection(LaneWidthCollection.Name)]
public class StudyReproducibilityTests
{
    private static readonly VarianceOptions Options = new()
    {
        BatchSizes = [1, 4, 50],
        Episodes = 3000,
        PilotEpisodes = 700,
        MeasureSeconds = false,
        Threads = 1,
    };

    private static readonly Dictionary<string, Func<VarianceOptions, VarianceStudy>> Subjects = new()
    {
        ["relu"] = options => Studies.CartPole(options),
        ["tanh"] = options => Studies.CartPole(options, Activation.Tanh, 20),
        ["two layers"] = options => Studies.CartPole(options, Activation.Relu, 12, 20),
        ["bandit"] = Studies.Bandit,
        ["corridor"] = options => Studies.Corridor(0.3, 0, options),
        ["standardised"] = options => Studies.CartPole(options with
        {
            NormalizeReturns = true,
            Baselines = [Baseline.Mean, Baseline.Time, Baseline.Optimal, Baseline.Linear],
        }),
        ["value"] = options => Studies.CartPole(options with { Baselines = [Baseline.Linear, Baseline.Value] }),
        // More steps than V is fitted on: a selection of them.
        ["value, standardised, long pilot"] = options => Studies.CartPole(options with
        {
            NormalizeReturns = true,
            Estimators = [Estimator.RewardToGo],
            Baselines = [Baseline.Value],
            PilotEpisodes = 16_000,
        }),
    };

    public static TheoryData<string> Names => [.. Subjects.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Report_AnyNumberOfThreads_IsTheSame(string name)
    {
        string one = Text(Subjects[name](Options));
        foreach (int threads in new[] { 2, 8 })
            Assert.Equal(one, Text(Subjects[name](Options with { Threads = threads })));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Report_AnyLaneWidth_IsTheSame(string name)
    {
        VarianceOptions options = Options with { Episodes = 1000, PilotEpisodes = 300 };
        string? before = Environment.GetEnvironmentVariable(LaneWidth.EnvironmentVariable);
        try
        {
            List<string> texts = [];
            foreach (int width in Widths.All)
            {
                Environment.SetEnvironmentVariable(LaneWidth.EnvironmentVariable, width.ToString(System.Globalization.CultureInfo.InvariantCulture));
                texts.Add(Text(Subjects[name](options)));
            }

            Assert.Single(texts.Distinct());
        }
        finally
        {
            Environment.SetEnvironmentVariable(LaneWidth.EnvironmentVariable, before);
        }
    }

    [Fact]
    public void Report_OtherSeedOrOption_IsAnother()
    {
        // What the equalities above are worth.
        string[] texts =
        [
            Text(Studies.CartPole(Options)), Text(Studies.CartPole(Options with { Seed = 2 })), Text(Studies.CartPole(Options with { Episodes = 3001 })),
            Text(Studies.CartPole(Options with { Discount = 0.98999f })), Text(Studies.CartPole(Options with { PilotEpisodes = 701 })),
        ];
        Assert.Equal(texts.Length, texts.Distinct().Count());
    }

    /// <summary>Everything that the report says, in full precision.</summary>
    private static string Text(VarianceStudy study)
    {
        using (study)
        {
            VarianceReport report = study.Run();
            return string.Join('\n', report.Rows.Select(row => $"{row}{string.Join(',', row.Tensors)}"))
                + $"{report.Episodes} {report.EnvironmentSteps} {report.MeanReturn:R} {report.Blocks}";
        }
    }
}

/// <summary>Tests that change the environment variable of the lane width, and those that must not see it changed.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public class LaneWidthCollection
{
    public const string Name = "lane width";
}
