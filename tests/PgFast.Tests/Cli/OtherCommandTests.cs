using System.Diagnostics;
using System.Text.Json;
using PgFast.Environments;
using PgFast.Files;
using PgFast.Measurement;
using PgFast.Networks;
using PgFast.Training;

namespace PgFast.Tests.Cli;

[Collection(CliTestGroup.Name)]
public class OtherCommandTests
{
    private static readonly string[] Stages = ["physics", "rollout", "gradient", "training"];

    private static readonly (string Network, string Activation)[] Networks =
        [("4-32-2", "relu"), ("4-32-2", "tanh"), ("4-64-64-2", "relu"), ("4-256-256-2", "relu")];

    [Fact]
    public void Evaluate_SavedRun_GivesTheReturnsOfTheSamePolicy()
    {
        using TemporaryDirectory directory = new();
        JsonElement run = Pgfast.Run("train cartpole --updates 8 --eval-episodes 10 --seed 5 --out run --json", directory.Root).Json();
        CliResult result = Pgfast.Run("evaluate --policy run --episodes 300 --seed 9 --json", directory.Root);
        Assert.Equal(0, result.ExitCode);
        JsonElement evaluation = result.Json();
        Assert.Equal("cartpole", evaluation.GetProperty("environment").GetString());
        Assert.Equal(300, evaluation.GetProperty("episodes").GetInt32());
        Assert.Equal(run.GetProperty("parameterHash").GetString(), evaluation.GetProperty("parameterHash").GetString());

        PolicyFile policy = PolicyFile.Load(directory.At("run/policy.safetensors"));
        using Trainer<CartPole> trainer = new(new TrainerOptions { Seed = 9, Threads = 1 });
        trainer.SetParameters(policy.Parameters);
        EvaluationResult expected = trainer.Evaluate(300);
        Assert.Equal(expected.MeanReturn, evaluation.GetProperty("meanReturn").GetDouble());
        Assert.Equal(expected.StandardError, evaluation.GetProperty("standardError").GetDouble());
        foreach (JsonElement quantile in evaluation.GetProperty("quantiles").EnumerateArray())
            Assert.Equal(expected.Quantile(quantile.GetProperty("fraction").GetDouble()), quantile.GetProperty("return").GetDouble());
    }

    [Fact]
    public void Evaluate_WithoutSeed_TakesEpisodesThatTrainingHasNotSeen()
    {
        using TemporaryDirectory directory = new();
        Pgfast.Run("train cartpole --updates 1 --eval-episodes 1 --seed 41 --out run", directory.Root);
        CliResult result = Pgfast.Run("evaluate cartpole --policy run/policy.safetensors --episodes 1 --json", directory.Root);
        Assert.Equal(42, result.Json().GetProperty("seed").GetInt32());
        Assert.Equal(JsonValueKind.Null, result.Json().GetProperty("standardError").ValueKind);
        Assert.StartsWith("cartpole", Pgfast.Run("evaluate --policy run --episodes 20", directory.Root).Output);
    }

    [Fact]
    public void Evaluate_PolicyOfOtherShape_ExitsTwoAndSaysWhichTensors()
    {
        using TemporaryDirectory directory = new();
        NetworkShape shape = new(6, [8], 3, Activation.Tanh);
        new PolicyFile(shape, new float[shape.ParameterCount]).Save(directory.At("other.safetensors"));
        CliResult result = Pgfast.Run("evaluate cartpole --policy other.safetensors", directory.Root);
        Assert.Equal(2, result.ExitCode);
        Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("policy.0.weight expected [8, 4], found [8, 6]", result.Error);
        Assert.Contains("policy.1.weight expected [2, 8], found [3, 8]", result.Error);
        Assert.Contains("policy.1.bias expected [2], found [3]", result.Error);
    }

    [Fact]
    public void Evaluate_FileThatIsNoPolicy_ExitsTwo()
    {
        using TemporaryDirectory directory = new();
        File.WriteAllText(directory.At("text"), "This is not a policy.");
        CliResult result = Pgfast.Run("evaluate cartpole --policy text", directory.Root);
        Assert.Equal(2, result.ExitCode);
        Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("--policy", result.Error);
    }

    [Fact]
    public void Evaluate_FileWithoutMetadata_TakesWhatIsGiven()
    {
        using TemporaryDirectory directory = new();
        NetworkShape shape = new(4, [3], 2, Activation.Tanh);
        PolicyFile policy = new(shape, new float[shape.ParameterCount]);
        new SafeTensors(policy.ToSafeTensors().Tensors).Save(directory.At("bare.safetensors"));
        Assert.Equal(2, Pgfast.Run("evaluate --policy bare.safetensors", directory.Root).ExitCode);
        Assert.Equal(2, Pgfast.Run("evaluate cartpole --policy bare.safetensors", directory.Root).ExitCode);
        CliResult result = Pgfast.Run("evaluate cartpole --policy bare.safetensors --activation tanh --episodes 5 --json", directory.Root);
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(5, result.Json().GetProperty("episodes").GetInt32());
    }

    [Fact]
    public void Evaluate_Interrupted_Exits130WithoutAResult()
    {
        if (OperatingSystem.IsWindows())
            return;
        using TemporaryDirectory directory = new();
        // A policy that keeps the pole up makes the evaluation last.
        Assert.Equal(0, Pgfast.Run("train cartpole --eval-episodes 200 --out run", directory.Root).ExitCode);
        using Process process = Pgfast.Start("evaluate --policy run --episodes 16000000 --json", directory.Root);
        Thread.Sleep(1500);
        Pgfast.Signal(process, "INT");
        CliResult result = Pgfast.Finish(process);
        Assert.Equal(130, result.ExitCode);
        Assert.Empty(result.Output);
    }

    [Fact]
    public void Bench_QuickJson_HasEveryStage()
    {
        // Emulated multiply-adds take minutes for what the largest network needs.
        if (!MachineDescription.Current().IsFusedMultiplyAddInHardware)
            return;
        CliResult result = Pgfast.Run("bench --quick --batch 64 --threads 2 --json");
        Assert.Equal(0, result.ExitCode);
        Assert.Empty(result.Error);
        JsonElement bench = result.Json();
        Assert.True(bench.GetProperty("peakGflops").GetDouble() > 0);
        Assert.InRange(bench.GetProperty("laneWidth").GetInt32(), 1, 16);
        JsonElement[] stages = [.. bench.GetProperty("stages").EnumerateArray()];
        foreach ((string network, string activation) in Networks)
        {
            foreach (string stage in Stages)
            {
                JsonElement row = Assert.Single(stages, s => Is(s, network, activation, stage, threads: 1));
                Assert.True(row.GetProperty("environmentStepsPerSecond").GetDouble() > 0);
                Assert.Equal(stage != "physics", row.GetProperty("gflops").GetDouble() > 0);
                Assert.Equal(
                    100 * row.GetProperty("gflops").GetDouble() / bench.GetProperty("peakGflops").GetDouble(),
                    row.GetProperty("percentOfPeak").GetDouble(), 1e-6);
            }

            Assert.Single(stages, s => Is(s, network, activation, "training", threads: 2));
        }
    }

    [Fact]
    public void Bench_KernelsJson_HasEveryKernel()
    {
        if (!MachineDescription.Current().IsFusedMultiplyAddInHardware)
            return;
        CliResult result = Pgfast.Run("bench --kernels --quick --json");
        Assert.Equal(0, result.ExitCode);
        Assert.Empty(result.Error);
        JsonElement[] kernels = [.. result.Json().GetProperty("kernels").EnumerateArray()];
        string[] names = ["forward", "sampling", "physics", "random-words", "recording", "rollout", "returns", "score", "gradient", "update"];
        Assert.Equal(Networks.Length * names.Length, kernels.Length);
        foreach (JsonElement kernel in kernels)
        {
            string? name = kernel.GetProperty("kernel").GetString();
            Assert.Contains(name, names);
            // Recording is a difference, which may come out as nothing on a busy machine.
            double cycles = kernel.GetProperty("cyclesPerStep").GetDouble();
            Assert.True(name == "recording" ? cycles >= 0 : cycles > 0, $"{name}: {cycles}");
            Assert.Equal(name is "forward" or "rollout" or "gradient", kernel.GetProperty("multiplyAddCyclesPerStep").GetDouble() > 0);
        }
    }

    [Fact]
    public void Describe_Json_TellsWhatIsInUse()
    {
        CliResult result = Pgfast.Run("describe --json", null, ("PGFAST_LANES", "4"));
        Assert.Equal(0, result.ExitCode);
        JsonElement machine = result.Json();
        Assert.Equal(4, machine.GetProperty("laneWidth").GetInt32());
        Assert.Equal(Environment.ProcessorCount, machine.GetProperty("cores").GetInt32());
        Assert.Contains(".NET", machine.GetProperty("runtime").GetString());
        Assert.False(string.IsNullOrEmpty(machine.GetProperty("cpu").GetString()));
        Assert.Contains("forced by PGFAST_LANES", Pgfast.Run("describe", null, ("PGFAST_LANES", "4")).Output);
    }

    [Theory]
    [InlineData("--help", "Commands")]
    [InlineData("train --help", "--clip-norm")]
    [InlineData("evaluate -h", "--policy")]
    [InlineData("variance --help", "--baselines")]
    [InlineData("sweep --help", "--dry-run")]
    [InlineData("report --help", "--out")]
    [InlineData("bench --help", "--quick")]
    [InlineData("describe --help", "--json")]
    public void Help_AnyCommand_ShowsOptionsAndExamples(string arguments, string expected)
    {
        CliResult result = Pgfast.Run(arguments);
        Assert.Equal(0, result.ExitCode);
        Assert.Empty(result.Error);
        Assert.Contains(expected, result.Output);
        Assert.Contains("Examples\n  pgfast ", result.Output);
        Assert.DoesNotContain('\e', result.Output);
    }

    [Fact]
    public void Version_Alone_IsPrinted() => Assert.Matches("^[0-9]+\\.[0-9]+\\.[0-9]+", Pgfast.Run("--version").Output);

    private static bool Is(JsonElement row, string network, string activation, string stage, int threads) =>
        row.GetProperty("network").GetString() == network
        && row.GetProperty("activation").GetString() == activation
        && row.GetProperty("stage").GetString() == stage
        && row.GetProperty("threads").GetInt32() == threads;
}
