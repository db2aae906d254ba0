using System.Text.Json;
using PgFast.Comparison;
using PgFast.Comparison.Contenders;
using PgFast.Comparison.Reporting;
using PgFast.Measurement;

namespace PgFast.Tests.Comparison;

/// <summary>Options, the order of rounds, medians and ratios, and what is written of them.</summary>
public class ComparisonTests
{
    private static readonly List<string> Turns = [];

    [Theory]
    [InlineData("--rounds", "--rounds needs a value.")]
    [InlineData("--rounds 0", "--rounds: '0' is not a number from 1 to 1000.")]
    [InlineData("--rounds many", "--rounds: 'many' is not a number from 1 to 1000.")]
    [InlineData("--rounds 3 --quick", "--quick stands for a number of rounds")]
    [InlineData("--only engine,torch", "--only: 'torch' is none of engine, reference")]
    [InlineData("--fast", "'--fast' is unknown; --help lists the options.")]
    public void Parse_BadOptions_SaysWhatIsWrong(string arguments, string message)
    {
        ComparisonException exception = Assert.Throws<ComparisonException>(() => ComparisonOptions.Parse(arguments.Split(' ')));
        Assert.StartsWith(message, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Fact]
    public void Run_BadOptions_ExitsWithTwo() => Assert.Equal(2, Application.Run(["--rounds", "none"]));

    [Fact]
    public void Parse_OnlyOthers_TakesTheEngineToo() => Assert.Equal(["reference", "engine"], ComparisonOptions.Parse(["--only", "reference"]).Only);

    [Fact]
    public void Run_TwoRounds_RotatesTheOrder()
    {
        Turns.Clear();
        Rounds.Run(Contenders(), 3, _ => { });
        Assert.Equal(["engine", "other", "peer", "other", "peer", "engine", "peer", "engine", "other"], Turns);
    }

    [Fact]
    public void Of_MadeUpRuns_HasMediansAndRatiosOfRounds()
    {
        Row[] rows = Summary.Of(Rounds.Run(Contenders(), 3, _ => { }));

        // The engine does 1,000 steps in 1 ms, the other in 10, 20 and 30 ms, in rounds 1 to 3.
        Assert.Equal(new Spread(1e6, 1e6, 1e6), rows[0].Rate);
        Assert.Equal(20, rows[1].RateRatio.Median, 9);
        Assert.Equal(10, rows[1].RateRatio.Minimum, 9);
        Assert.Equal(30, rows[1].RateRatio.Maximum, 9);
        Assert.Equal(0.02, rows[1].SecondsToSolve.Median, 9);
        Assert.Equal(20, rows[1].TimeRatio, 9);
        Assert.Equal(3, rows[1].Solved);
        Assert.Equal(1000.0 / 64, rows[1].MeanLength, 9);
        Assert.Equal(2, rows[1].BytesAStep!.Value, 9);
        Assert.Equal(0.5, rows[1].ProcessorShare, 9);
        // One that solves nothing and counts no bytes.
        Assert.Equal(0, rows[2].Solved);
        Assert.True(double.IsNaN(rows[2].TimeRatio));
        Assert.Null(rows[2].BytesAStep);
    }

    [Fact]
    public void Reports_OfMadeUpRuns_SayWhatWasMeasured()
    {
        Rounds rounds = Rounds.Run(Contenders(), 3, _ => { });
        Row[] rows = Summary.Of(rounds);
        Circumstances circumstances = new(MachineDescription.Current(), "Some CPU (2)", "0123456789ab", PyTorch: null, " --rounds 3");
        string file = Tables.File(rounds, rows, circumstances);
        Assert.Contains("| other | 0.05 M | 20 × (10–30) | 20 ms (10 ms–30 ms) | 20 × | 1,000 | 3 of 3 |", file);
        Assert.Contains("| peer | 0.01 M | 100 × (100–100) | – | – | – | 0 of 3 |", file);
        Assert.Contains("`dotnet run -c Release --project benchmarks/PgFast.Comparison -- --rounds 3`", file);
        Assert.Equal("some-cpu-2", circumstances.FolderName);

        Assert.Contains("- **peer**: made up; 1 run a round, 1 updates after each.", file);

        // Half of the made-up time is processor time.
        Assert.Contains("| note | Other programs were running: the measured ones had as little as 50 % of a processor", file);

        string chart = TimeToSolve.Draw(rows, circumstances.Cpu);
        Assert.Contains(">other<", chart);
        Assert.Contains(">20 ms<", chart);
        Assert.DoesNotContain(">peer<", chart);

        using JsonDocument json = JsonDocument.Parse(Json.Of(rounds, rows, circumstances));
        JsonElement other = json.RootElement.GetProperty("implementations")[1];
        Assert.Equal(20, other.GetProperty("ratio").GetProperty("median").GetDouble(), 9);
        Assert.Equal(3, other.GetProperty("rounds").GetArrayLength());
    }

    private static Contender[] Contenders() =>
    [
        new MadeUp("engine", _ => 0.001, isSolved: true, 0), new MadeUp("other", seed => 0.01 * seed, isSolved: true, 2000),
        new MadeUp("peer", _ => 0.1, isSolved: false, null),
    ];

    /// <summary>Does 1,000 steps in a time that depends on the seed.</summary>
    private sealed class MadeUp(string name, Func<ulong, double> seconds, bool isSolved, long? bytes)
        : Contender(name, name, "made up", seedsARound: 1, trainedUpdates: 1)
    {
        public override void WarmUp()
        {
        }

        public override MeasuredRun Measure(ulong seed)
        {
            Turns.Add(Name);
            Stage stage = new(1, 1000, seconds(seed), seconds(seed) / 2, bytes);
            return new MeasuredRun(seed, isSolved, isSolved ? 480 : 0, stage, stage);
        }
    }
}
