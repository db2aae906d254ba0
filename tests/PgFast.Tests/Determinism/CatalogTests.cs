using PgFast.Tests.Support;
using PgFast.Training;

namespace PgFast.Tests.Determinism;

/// <summary>Every environment, trained with its own default options: the same bits on any threads and any instruction set.</summary>
public class CatalogTests
{
    // The least that changes every policy: of few early episodes of the Acrobot none ends before the limit, and equal returns teach nothing.
    private static readonly ChildRun Run = new() { Environment = "catalog", Batch = 40, Updates = 2 };

    private static readonly Lazy<Task<Dictionary<string, string>>> Natural = new(() => ChildProcess.Train(Run));

    public static TheoryData<string> Names => [.. EnvironmentCatalog.Names];

    public static TheoryData<int> AllWidths => Widths.Rows;

    [Theory]
    [MemberData(nameof(Names))]
    public void ParameterHash_AnyNumberOfThreads_IsTheSame(string name)
    {
        EnvironmentEntry entry = EnvironmentCatalog.Find(name)!;
        // Three shards.
        TrainerOptions options = entry.DefaultOptions with { BatchSize = 150, MeasureEntropy = true };
        (string Initial, string Hash, double Entropy, long Steps) one = Train(1);
        Assert.NotEqual(one.Initial, one.Hash);
        Assert.Equal(one, Train(2));
        Assert.Equal(one, Train(5));

        (string Initial, string Hash, double Entropy, long Steps) Train(int threads)
        {
            using Trainer trainer = entry.CreateTrainer(options with { Threads = threads });
            string initial = trainer.ParameterHash();
            trainer.Update();
            double entropy = trainer.Update().Entropy;
            return (initial, trainer.ParameterHash(), entropy, trainer.EnvironmentSteps);
        }
    }

    [Theory]
    [MemberData(nameof(AllWidths))]
    public async Task ParameterHash_EveryLaneWidth_IsTheSame(int width)
    {
        Dictionary<string, string> child = await ChildProcess.Train(Run, ("PGFAST_LANES", $"{width}"));
        Assert.Equal($"{width}", child["lanes"]);
        AssertSame(await Natural.Value, child);
    }

    [FactWithVector512]
    public async Task ParameterHash_WithoutAvx512_IsTheSame()
    {
        Dictionary<string, string> child = await ChildProcess.Train(Run, ("DOTNET_EnableAVX512", "0"));
        Assert.Equal("False", child["vector512"]);
        AssertSame(await Natural.Value, child);
    }

    [FactWithVector256]
    public async Task ParameterHash_WithoutAvx2AndFma_IsTheSame()
    {
        Dictionary<string, string> child = await ChildProcess.Train(Run, ("DOTNET_EnableAVX2", "0"));
        Assert.Equal("False", child["vector256"]);
        AssertSame(await Natural.Value, child);
    }

    [Fact]
    public async Task ParameterHash_WithoutAnyVector_IsTheSame()
    {
        Dictionary<string, string> child = await ChildProcess.Train(Run, ("DOTNET_EnableHWIntrinsic", "0"));
        Assert.Equal("False", child["vector128"]);
        AssertSame(await Natural.Value, child);
    }

    private static void AssertSame(Dictionary<string, string> expected, Dictionary<string, string> actual)
    {
        foreach (string name in EnvironmentCatalog.Names)
        {
            Assert.NotEqual(expected[$"{name}.initialHash"], expected[$"{name}.hash"]);
            foreach (string result in new[] { "initialHash", "hash", "entropyBits", "steps" })
                Assert.Equal((name, result, expected[$"{name}.{result}"]), (name, result, actual[$"{name}.{result}"]));
        }
    }
}
