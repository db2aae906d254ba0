using PgFast.Estimators;
using PgFast.Files;
using PgFast.Networks;
using PgFast.Training;
using PgFast.Variance;

namespace PgFast.Tests.Cli;

public class VarianceOptionTests
{
    [Theory]
    [InlineData("variance", "environment is missing", "cartpole")]
    [InlineData("variance cartpol", "unknown environment 'cartpol'", "did you mean 'cartpole'?")]
    [InlineData("variance cartpole --estimator total", "unknown option '--estimator'", "did you mean '--estimators'?")]
    [InlineData("variance cartpole --estimators total,rewards-to-go", "not 'rewards-to-go'", "did you mean 'reward-to-go'?")]
    [InlineData("variance cartpole --estimators total,", "--estimators must be all, or some of total, reward-to-go, discounted", "commas")]
    [InlineData("variance cartpole --baselines mean,liner", "--baselines must be all, or some of none, mean", "did you mean 'linear'?")]
    [InlineData("variance cartpole --baselines critic", "--baselines must be", "not 'critic'")]
    [InlineData("variance cartpole --normalize on --baselines optimal-per-parameter", "--baselines must leave out", "--normalize on")]
    [InlineData("variance cartpole --batch-sizes 0", "--batch-sizes must be", "from 1 to the number of episodes")]
    [InlineData("variance cartpole --batch-sizes 4,0", "--batch-sizes must be", "from 1 to the number of episodes")]
    [InlineData("variance cartpole --batch-sizes 4,-1", "--batch-sizes must be", "from 1 to the number of episodes")]
    [InlineData("variance cartpole --batch-sizes 1.5", "--batch-sizes must be", "whole numbers")]
    [InlineData("variance cartpole --batch-sizes 1,2000 --episodes 1000", "--batch-sizes must be", "1,000; 2,000 is more")]
    [InlineData("variance cartpole --batch-sizes 200000", "--batch-sizes must be", "100,000; 200,000 is more")]
    [InlineData("variance cartpole --episodes 1", "--episodes must be", "from 2")]
    [InlineData("variance cartpole --episodes 9223372036854775807", "--episodes must be", "4611686018427387903")]
    [InlineData("variance cartpole --time-budget 0", "--time-budget must be", "90s, 5m or 1h")]
    [InlineData("variance cartpole --time-budget -5", "--time-budget must be", "90s, 5m or 1h")]
    [InlineData("variance cartpole --time-budget 5d", "--time-budget must be", "90s, 5m or 1h")]
    [InlineData("variance cartpole --time-budget m", "--time-budget must be", "90s, 5m or 1h")]
    [InlineData("variance cartpole --time-budget NaN", "--time-budget must be", "90s, 5m or 1h")]
    [InlineData("variance cartpole --time-budget 0.00000001", "--time-budget must be", "above 0")]
    [InlineData("variance cartpole --confidence 1", "--confidence must be", "(0, 1)")]
    [InlineData("variance cartpole --confidence 0", "--confidence must be", "(0, 1)")]
    [InlineData("variance cartpole --confidence 95", "--confidence must be", "(0, 1)")]
    [InlineData("variance cartpole --confidence NaN", "--confidence must be", "(0, 1)")]
    [InlineData("variance cartpole --gamma 1.5", "--gamma must be", "[0, 1]")]
    [InlineData("variance cartpole --normalize yes", "--normalize must be on or off", "yes")]
    [InlineData("variance cartpole --timing 1", "--timing must be on or off", "1")]
    [InlineData("variance cartpole --pilot 1", "--pilot must be", "from 2")]
    [InlineData("variance cartpole --value-from batch", "--value-from must be pilot or training", "not 'batch'")]
    [InlineData("variance cartpole --value-from training", "--value-from must be given with value among --baselines", "network")]
    [InlineData("variance cartpole --baselines all --value-from training", "--value-from must be pilot", "a fresh policy has none")]
    [InlineData("variance cartpole --decompose 1", "--decompose must be", "from 2")]
    [InlineData("variance --decompose cartpole", "--decompose must be", "or nothing, not 'cartpole'")]
    [InlineData("variance cartpole --seed -1", "--seed must be", "18446744073709551615")]
    [InlineData("variance cartpole --threads 0", "--threads must be", "1 to 4,096")]
    [InlineData("variance cartpole --hidden 0", "--hidden must be", "none")]
    [InlineData("variance cartpole --hidden 65536,65536", "--hidden must describe", "2147483647 parameters")]
    [InlineData("variance cartpole --hidden 65536,32000", "--hidden must describe", "fit into memory")]
    [InlineData("variance cartpole --activation rleu", "--activation must be relu or tanh", "did you mean 'relu'?")]
    [InlineData("variance cartpole --init xavier", "--init must be fan-in, glorot or zero", "xavier")]
    [InlineData("variance cartpole --json --csv", "--csv must be given without --json", "one document")]
    [InlineData("variance cartpole --out", "--out needs a value", "new directory")]
    [InlineData("variance --policy nowhere.safetensors", "--policy must name a file that exists", "nowhere.safetensors")]
    [InlineData("variance --checkpoints nowhere", "--checkpoints must name a directory that exists", "nowhere")]
    [InlineData("variance --policy a --checkpoints b", "--checkpoints must be given without --policy", "run")]
    [InlineData("variance --policy a --hidden 32", "--hidden must be left out with --policy", "fresh")]
    [InlineData("variance --policy a --init zero", "--init must be left out with --policy", "fresh")]
    [InlineData("variance --checkpoints a --hidden none", "--hidden must be left out with --checkpoints", "fresh")]
    public void Run_BadInput_ExitsTwoWithOneLine(string arguments, string names, string allows) =>
        AssertRefused(MadeUpStudies.Run(arguments, NotReached), names, allows);

    [Fact]
    public void Run_BadInputBesideOut_WritesNothing()
    {
        using TemporaryDirectory directory = new();
        string path = directory.At("study");
        AssertRefused(MadeUpStudies.Run($"variance cartpole --out {path} --batch-sizes 0", NotReached), "--batch-sizes", "from 1");
        AssertRefused(MadeUpStudies.Run($"variance cartpole --out {path} --batch-sizes 7 --episodes 6", NotReached), "--batch-sizes", "more");
        AssertRefused(MadeUpStudies.Run($"variance cartpole --out {path} --policy nowhere", NotReached), "--policy", "exists");
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Root));
        Directory.CreateDirectory(path);
        AssertRefused(MadeUpStudies.Run($"variance cartpole --out {path}", NotReached), "--out", "not exist");
        Assert.Empty(Directory.EnumerateFileSystemEntries(path));
        File.WriteAllText(directory.At("file"), "mine");
        AssertRefused(MadeUpStudies.Run($"variance cartpole --out {directory.At("file/study")}", NotReached), "--out", "written");
    }

    [Fact]
    public void Run_LibraryRefuses_ExitsTwoAndLeavesNoDirectory()
    {
        using TemporaryDirectory directory = new();
        CliResult result = MadeUpStudies.Run(
            $"variance cartpole --out {directory.At("study")}", (_, _, _, _, _, _) => throw new PgFast.Cli.UsageException("no such thing"));
        AssertRefused(result, "no such thing", "");
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Root));
    }

    [Fact]
    public void Run_NoOptions_AsksForTheDefaults()
    {
        (EnvironmentEntry environment, NetworkShape shape, float[] parameters, VarianceOptions options) =
            Assert.Single(MadeUpStudies.Asked("variance cartpole --json"));
        VarianceOptions defaults = new();
        Assert.Equal("cartpole", environment.Name);
        Assert.Equal(defaults.Estimators, options.Estimators);
        Assert.Equal(defaults.Baselines, options.Baselines);
        Assert.Equal([1, 4, 16, 64, 256, 1024], options.BatchSizes);
        Assert.Equal(100_000, options.Episodes);
        Assert.Equal(
            defaults, options with { Estimators = defaults.Estimators, Baselines = defaults.Baselines, BatchSizes = defaults.BatchSizes });
        using Trainer trainer = environment.CreateTrainer(new TrainerOptions { Threads = 1 });
        Assert.Equal(trainer.Shape.ToString(), shape.ToString());
        Assert.Equal(trainer.ParameterHash(), Trainer.ParameterHashOf(parameters));
    }

    [Fact]
    public void Run_AllOptions_ReachTheStudy()
    {
        VarianceOptions options = Assert.Single(MadeUpStudies.Asked(
            "variance cartpole --estimators discounted,total,discounted --baselines LINEAR,time --batch-sizes 8,2,8 --episodes 500"
            + " --time-budget 1.5m --confidence 0.9 --gamma 0.97 --normalize on --pilot 64 --decompose 77 --timing off --seed 7 --threads 3"
            + " --json")).Options;
        Assert.Equal([Estimator.Total, Estimator.Discounted], options.Estimators);
        Assert.Equal([Baseline.None, Baseline.Time, Baseline.Linear], options.Baselines);
        Assert.Equal([2, 8], options.BatchSizes);
        Assert.Equal(500, options.Episodes);
        Assert.Equal(TimeSpan.FromSeconds(90), options.TimeBudget);
        Assert.Equal(0.9, options.Confidence);
        Assert.Equal(0.97f, options.Discount);
        Assert.True(options.NormalizeReturns);
        Assert.Equal(64, options.PilotEpisodes);
        Assert.Equal(77, options.NestedStates);
        Assert.False(options.MeasureSeconds);
        Assert.Equal(7ul, options.Seed);
        Assert.Equal(3, options.Threads);
    }

    [Theory]
    [InlineData("", 6)]
    [InlineData("--baselines all", 7)]
    [InlineData("--baselines all --normalize on", 6)]
    [InlineData("--normalize on", 5)]
    [InlineData("--baselines none", 1)]
    [InlineData("--baselines optimal-per-parameter", 2)]
    public void Run_Baselines_HaveNoneAndWhatStandardisationAllows(string arguments, int count)
    {
        VarianceOptions options = Assert.Single(MadeUpStudies.Asked($"variance cartpole --json {arguments}")).Options;
        Assert.Equal(count, options.Baselines.Count);
        Assert.Equal(Baseline.None, options.Baselines[0]);
        Assert.Equal(!options.NormalizeReturns && count != 1, options.Baselines.Contains(Baseline.OptimalPerParameter));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("--decompose", 1000)]
    [InlineData("--decompose 50", 50)]
    public void Run_Decompose_HasAStateCountOfItsOwn(string argument, int states) =>
        Assert.Equal(states, Assert.Single(MadeUpStudies.Asked($"variance cartpole --json {argument}")).Options.NestedStates);

    [Theory]
    [InlineData("--episodes 2", new[] { 1 })]
    [InlineData("--episodes 63", new[] { 1 })]
    [InlineData("--episodes 64", new[] { 1, 4 })]
    [InlineData("--episodes 1000", new[] { 1, 4, 16 })]
    [InlineData("--episodes 16384", new[] { 1, 4, 16, 64, 256, 1024 })]
    [InlineData("--time-budget 1", new[] { 1, 4, 16, 64, 256, 1024 })]
    [InlineData("--episodes 6 --batch-sizes 6", new[] { 6 })]
    public void Run_BatchSizes_DefaultToThoseWithSixteenBatches(string arguments, int[] sizes) =>
        Assert.Equal(sizes, Assert.Single(MadeUpStudies.Asked($"variance cartpole --json {arguments}")).Options.BatchSizes);

    [Theory]
    [InlineData("90", 90)]
    [InlineData("90s", 90)]
    [InlineData("0.5", 0.5)]
    [InlineData("5m", 300)]
    [InlineData("1.5H", 5400)]
    public void Run_TimeBudget_IsInSecondsOrItsUnit(string text, double seconds)
    {
        VarianceOptions options = Assert.Single(MadeUpStudies.Asked($"variance cartpole --json --time-budget {text}")).Options;
        Assert.Equal(TimeSpan.FromSeconds(seconds), options.TimeBudget);
        Assert.Equal(long.MaxValue / 2, options.Episodes);
    }

    [Fact]
    public void Run_FreshNetwork_IsTheOneDescribed()
    {
        (EnvironmentEntry environment, NetworkShape shape, float[] parameters, VarianceOptions _) =
            Assert.Single(MadeUpStudies.Asked("variance cartpole --hidden 8,5 --activation tanh --init glorot --seed 9 --json"));
        using Trainer trainer = environment.CreateTrainer(new TrainerOptions
        {
            HiddenSizes = [8, 5],
            Activation = Activation.Tanh,
            Initialization = Initialization.Glorot,
            Seed = 9,
            Threads = 1,
        });
        Assert.Equal(trainer.ParameterHash(), Trainer.ParameterHashOf(parameters));
        Assert.Equal(Activation.Tanh, shape.Activation);
        Assert.Equal("4-2", Assert.Single(MadeUpStudies.Asked("variance cartpole --hidden none --json")).Shape.ToString());
    }

    [Fact]
    public void Run_PolicyFile_IsReadWithItsEnvironmentAndSeed()
    {
        using TemporaryDirectory directory = new();
        NetworkShape shape = new(4, [3], 2, Activation.Tanh);
        float[] parameters = [.. Enumerable.Range(0, shape.ParameterCount).Select(i => i / 8f)];
        Directory.CreateDirectory(directory.At("run"));
        new PolicyFile(shape, parameters) { Environment = "cartpole", Seed = 41, Update = 12 }.Save(directory.At("run/policy.safetensors"));
        foreach (string path in (string[])["run", "run/policy.safetensors"])
        {
            var asked = Assert.Single(MadeUpStudies.Asked($"variance --policy {directory.At(path)} --json"));
            Assert.Equal(parameters, asked.Parameters);
            Assert.Equal("4-3-2", asked.Shape.ToString());
            Assert.Equal(42ul, asked.Options.Seed);
        }

        Assert.Equal(5ul, Assert.Single(MadeUpStudies.Asked($"variance --policy {directory.At("run")} --seed 5 --json")).Options.Seed);
        AssertRefused(
            MadeUpStudies.Run($"variance --policy {directory.At("run")} --activation tanh", NotReached), "--activation must be left out", "tanh");
    }

    [Fact]
    public void Run_PolicyFileWithoutMetadata_TakesWhatIsGiven()
    {
        using TemporaryDirectory directory = new();
        string path = directory.At("bare.safetensors");
        NetworkShape shape = new(4, [3], 2, Activation.Tanh);
        new SafeTensors(new PolicyFile(shape, new float[shape.ParameterCount]).ToSafeTensors().Tensors).Save(path);
        AssertRefused(MadeUpStudies.Run($"variance cartpole --policy {path}", NotReached), "--policy", "activation");
        AssertRefused(MadeUpStudies.Run($"variance --policy {path} --activation tanh", NotReached), "names no environment", "cartpole");
        var asked = Assert.Single(MadeUpStudies.Asked($"variance cartpole --policy {path} --activation tanh --json"));
        Assert.Equal(Activation.Tanh, asked.Shape.Activation);
        Assert.Equal(1ul, asked.Options.Seed);
    }

    [Fact]
    public void Run_PolicyThatDoesNotFit_ExitsTwoAndSaysWhichTensors()
    {
        using TemporaryDirectory directory = new();
        NetworkShape shape = new(6, [8], 3, Activation.Tanh);
        new PolicyFile(shape, new float[shape.ParameterCount]).Save(directory.At("policy-1.safetensors"));
        string file = directory.At("policy-1.safetensors");
        foreach (string source in (string[])[$"--policy {file}", $"--checkpoints {directory.Root}"])
        {
            CliResult result = MadeUpStudies.Run($"variance cartpole {source}", NotReached);
            AssertRefused(result, "policy.0.weight expected [8, 4], found [8, 6]", "policy.1.weight expected [2, 8], found [3, 8]");
            Assert.Contains("policy.1.bias expected [2], found [3]", result.Error);
        }
    }

    [Fact]
    public void Run_TruncatedOrNonFinitePolicy_ExitsTwoAndSaysSo()
    {
        using TemporaryDirectory directory = new();
        NetworkShape shape = new(4, [3], 2, Activation.Tanh);
        string path = directory.At("policy.safetensors");
        new PolicyFile(shape, new float[shape.ParameterCount]).Save(path);
        byte[] bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..^8]);
        AssertRefused(MadeUpStudies.Run($"variance cartpole --policy {path}", NotReached), "--policy", "truncated");
        // The last value becomes a NaN.
        bytes.AsSpan(bytes.Length - 4).Fill(0xff);
        File.WriteAllBytes(path, bytes);
        AssertRefused(MadeUpStudies.Run($"variance cartpole --policy {path}", NotReached), "--policy", "not finite");
    }

    private static VarianceReport NotReached(
        EnvironmentEntry environment, NetworkShape shape, float[] parameters, VarianceOptions options,
        IProgress<VarianceProgress> progress, CancellationToken cancellation) =>
        throw new InvalidOperationException("The study began.");

    private static void AssertRefused(CliResult result, string names, string allows)
    {
        Assert.Equal(2, result.ExitCode);
        Assert.Empty(result.Output);
        string line = Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("pgfast: ", line);
        Assert.Contains(names, line);
        Assert.Contains(allows, line);
    }
}
