using System.Runtime.Intrinsics.X86;
using PgFast.Tests.Support;

namespace PgFast.Tests.Determinism;

/// <summary>The same bits at every vector width, and with instruction sets switched off, in processes of their own.</summary>
public class InstructionSetTests
{
    private static readonly Dictionary<string, ChildRun> Runs = new()
    {
        ["relu"] = new ChildRun { Evaluate = 50 },
        ["relu, time baseline, entropy"] = new ChildRun
        {
            Baseline = "Time",
            Estimator = "Discounted",
            Entropy = 0.01,
            MeasureEntropy = true,
            Clip = "0.5",
            Batch = 70,
        },
        ["tanh"] = new ChildRun { Activation = "Tanh", Baseline = "Mean", Normalize = false, MeasureEntropy = true, Evaluate = 50 },
        ["two layers"] = new ChildRun { Hidden = "20,12", Estimator = "Total", Optimizer = "Sgd", Momentum = 0.9, Batch = 70 },
        ["value baseline"] = new ChildRun { Baseline = "Value", Estimator = "Discounted", Batch = 70, Updates = 6, Evaluate = 50 },
        ["linear"] = new ChildRun { Hidden = "", Batch = 33 },
        ["corridor, tanh without biases"] = new ChildRun
        {
            Environment = "corridor",
            Hidden = "5",
            Bias = false,
            Activation = "Tanh",
            Evaluate = 50,
        },
        ["plane, free σ"] = new ChildRun
        {
            Environment = "plane",
            Hidden = "9",
            Activation = "Tanh",
            NormalizeObservations = true,
            ActionScale = 0.7,
            FinalStepSizeFactor = 0.5,
            Entropy = 0.01,
            MeasureEntropy = true,
            Batch = 70,
            Evaluate = 50,
        },
        ["plane, head of σ"] = new ChildRun { Environment = "plane", Hidden = "12", Sigma = "StateDependent", Batch = 130, Evaluate = 50 },
        ["relu, normalised observations"] = new ChildRun { NormalizeObservations = true, Evaluate = 50 },
        ["bandit, preferences"] = new ChildRun { Environment = "bandit", Hidden = "", Bias = false, Batch = 200, Evaluate = 50 },
    };

    public static TheoryData<string> Names => [.. Runs.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task ParameterHash_EveryLaneWidth_IsTheSame(string name)
    {
        Dictionary<string, string> natural = await ChildProcess.Train(Runs[name]);
        foreach (int width in Widths.All)
        {
            Dictionary<string, string> child = await ChildProcess.Train(Runs[name], ("PGFAST_LANES", $"{width}"));
            Assert.Equal($"{width}", child["lanes"]);
            AssertSame(natural, child);
        }
    }

    [TheoryWithVector512]
    [MemberData(nameof(Names))]
    public async Task ParameterHash_WithoutAvx512_IsTheSame(string name)
    {
        Dictionary<string, string> child = await ChildProcess.Train(Runs[name], ("DOTNET_EnableAVX512", "0"));
        Assert.Equal(("False", "True", "8"), (child["vector512"], child["vector256"], child["lanes"]));
        AssertSame(await ChildProcess.Train(Runs[name]), child);
    }

    [TheoryWithVector256]
    [MemberData(nameof(Names))]
    public async Task ParameterHash_WithoutAvx2AndFma_IsTheSame(string name)
    {
        // Fused multiply-adds are then computed in software: one update.
        ChildRun run = Runs[name] with { Updates = 1 };
        Dictionary<string, string> child = await ChildProcess.Train(run, ("DOTNET_EnableAVX2", "0"));
        Assert.Equal(("False", "True", "4"), (child["vector256"], child["vector128"], child["lanes"]));
        if (X86Base.IsSupported)
            Assert.Equal("False", child["fma"]);
        AssertSame(await ChildProcess.Train(run), child);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task ParameterHash_WithoutAnyVector_IsTheSame(string name)
    {
        ChildRun run = Runs[name] with { Updates = 1 };
        Dictionary<string, string> child = await ChildProcess.Train(run, ("DOTNET_EnableHWIntrinsic", "0"));
        Assert.Equal(("False", "False", "1"), (child["vector256"], child["vector128"], child["lanes"]));
        AssertSame(await ChildProcess.Train(run), child);
    }

    [Fact]
    public async Task ParameterHash_OtherCompilation_IsTheSame()
    {
        ChildRun run = Runs["relu, time baseline, entropy"];
        Dictionary<string, string> natural = await ChildProcess.Train(run);
        AssertSame(natural, await ChildProcess.Train(run));
        AssertSame(natural, await ChildProcess.Train(run, ("DOTNET_TieredCompilation", "0")));
        AssertSame(natural, await ChildProcess.Train(run, ("DOTNET_TieredPGO", "0")));
        AssertSame(natural, await ChildProcess.Train(run, ("DOTNET_ReadyToRun", "0")));
        AssertSame(natural, await ChildProcess.Train(run with { Threads = 3 }));
    }

    [Fact]
    public async Task PgfastLanes_UnknownWidth_Fails() =>
        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => ChildProcess.Train(Runs["relu"], ("PGFAST_LANES", "7")));

    private static void AssertSame(Dictionary<string, string> expected, Dictionary<string, string> actual)
    {
        foreach (string name in new[] { "hash", "entropyBits", "steps", "evaluation" })
            Assert.Equal((name, expected[name]), (name, actual[name]));
    }
}
