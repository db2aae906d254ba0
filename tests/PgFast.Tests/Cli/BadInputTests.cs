namespace PgFast.Tests.Cli;

[Collection(CliTestGroup.Name)]
public class BadInputTests
{
    private const int BadInput = 2;

    [Theory]
    [InlineData("", "command is missing", "train, evaluate, export, variance, sweep, report, figure, bench, check, describe")]
    [InlineData("trian cartpole", "unknown command 'trian'", "did you mean 'train'?")]
    [InlineData("train", "environment is missing", "cartpole")]
    [InlineData("train cartpol", "unknown environment 'cartpol'", "did you mean 'cartpole'?")]
    [InlineData("train mujoco", "unknown environment 'mujoco'", "environments are cartpole")]
    [InlineData("evaluate cartpol", "unknown environment 'cartpol'", "did you mean 'cartpole'?")]
    [InlineData("train cartpole --gama 0.9", "unknown option '--gama'", "did you mean '--gamma'?")]
    [InlineData("train --gama 0.9 cartpole", "unknown option '--gama'", "did you mean '--gamma'?")]
    [InlineData("train cartpole -x", "unknown option '-x'", "--help")]
    [InlineData("bench --batc 8", "unknown option '--batc'", "did you mean '--batch'?")]
    [InlineData("train cartpole twice", "unexpected argument 'twice'", "--help")]
    [InlineData("train cartpole --gamma", "--gamma needs a value", "[0, 1]")]
    [InlineData("train cartpole --gamma 1.01", "--gamma must be", "[0, 1]")]
    [InlineData("train cartpole --gamma -0.1", "--gamma must be", "[0, 1]")]
    [InlineData("train cartpole --gamma NaN", "--gamma must be", "[0, 1]")]
    [InlineData("train cartpole --gamma 0,9", "--gamma must be", "[0, 1]")]
    [InlineData("train cartpole --lr 0", "--lr must be", "above 0")]
    [InlineData("train cartpole --lr NaN", "--lr must be", "above 0")]
    [InlineData("train cartpole --lr Infinity", "--lr must be", "above 0")]
    [InlineData("train cartpole --entropy -1", "--entropy must be", "at least 0")]
    [InlineData("train cartpole --clip-norm 0", "--clip-norm must be", "above 0")]
    [InlineData("train cartpole --momentum 1 --optimizer sgd", "--momentum must be", "[0, 1)")]
    [InlineData("train cartpole --momentum 0.5", "--momentum must be", "sgd")]
    [InlineData("train cartpole --hidden 0", "--hidden must be", "none")]
    [InlineData("train cartpole --hidden 32,", "--hidden must be", "none")]
    [InlineData("train cartpole --hidden 65536,65536", "--hidden must", "fits into memory")]
    [InlineData("train cartpole --hidden 65536,65536,65536,65536", "--hidden must", "fits into memory")]
    [InlineData("train cartpole --batch 16777216 --threads 4096 --seeds 4096", "--batch must", "memory")]
    [InlineData("train cartpole --batch 0", "--batch must be", "1 to 16,777,216")]
    [InlineData("train cartpole --batch 1.5", "--batch must be", "whole number")]
    [InlineData("train cartpole --updates 0", "--updates must be", "at least 1")]
    [InlineData("train cartpole --updates many", "--updates must be", "at least 1")]
    [InlineData("train cartpole --env-steps -5", "--env-steps must be", "at least 1")]
    [InlineData("train cartpole --eval-episodes 0", "--eval-episodes must be", "1 to 16,777,216")]
    [InlineData("train cartpole --seed -1", "--seed must be", "18446744073709551615")]
    [InlineData("train cartpole --seed 18446744073709551616", "--seed must be", "18446744073709551615")]
    [InlineData("train cartpole --seed 18446744073709551615 --seeds 2", "--seeds must be", "18446744073709551615")]
    [InlineData("train cartpole --seed 1 --seed 2", "--seed is given 2 times", "once")]
    [InlineData("train cartpole --seeds 0", "--seeds must be", "1 to 1,000,000")]
    [InlineData("train cartpole --threads 0", "--threads must be", "1 to 4,096")]
    [InlineData("train cartpole --solve NaN", "--solve must be", "finite")]
    [InlineData("train cartpole --activation rleu", "--activation must be relu or tanh", "did you mean 'relu'?")]
    [InlineData("train cartpole --estimator rewards-to-go", "--estimator must be total, reward-to-go or discounted", "did you mean 'reward-to-go'?")]
    [InlineData("train cartpole --baseline tim", "--baseline must be none, mean, time or value", "did you mean 'time'?")]
    [InlineData("train cartpole --optimizer rmsprop", "--optimizer must be adam or sgd", "rmsprop")]
    [InlineData("train cartpole --init xavier", "--init must be fan-in, glorot or zero", "xavier")]
    [InlineData("train cartpole --normalize yes", "--normalize must be on or off", "yes")]
    [InlineData("train cartpole --bias maybe", "--bias must be on or off", "maybe")]
    [InlineData("train cartpole --normalize-observations perhaps", "--normalize-observations must be on or off", "perhaps")]
    [InlineData("train cartpole --sigma free", "--sigma is for continuous actions", "cartpole")]
    [InlineData("train cartpole --sigma-start 0.5", "--sigma-start is for continuous actions", "cartpole")]
    [InlineData("train cartpole --sigma-start 0", "--sigma-start must be", "from 1e-8 to 1e8")]
    [InlineData("train cartpole --sigma-start 1e-9", "--sigma-start must be", "from 1e-8 to 1e8")]
    [InlineData("train cartpole --action-scale 2", "--action-scale is for continuous actions", "cartpole")]
    [InlineData("train cartpole --action-scale 0", "--action-scale must be", "above 0")]
    [InlineData("train cartpole --lr-final 1.5", "--lr-final must be", "[0, 1]")]
    [InlineData("train cartpole --checkpoint-every 10", "--checkpoint-every needs --out", "new directory")]
    [InlineData("train cartpole --out run --checkpoint-every 0", "--checkpoint-every must be", "at least 1")]
    [InlineData("train cartpole --out run --checkpoint-every -5", "--checkpoint-every must be", "at least 1")]
    [InlineData("train cartpole --out run --checkpoint-every often", "--checkpoint-every must be", "at least 1")]
    [InlineData("train corridor --solve", "--solve must be given a mean return", "corridor defines none")]
    [InlineData("train cartpole --out", "--out needs a value", "directory")]
    [InlineData("train cartpole --out --jsn", "--out must be", "new directory")]
    [InlineData("train cartpole --json=true", "unexpected argument 'true'", "--help")]
    [InlineData("train cartpole @file", "unexpected argument '@file'", "--help")]
    [InlineData("evaluate", "--policy is missing", "run directory")]
    [InlineData("evaluate --policy nowhere.safetensors", "--policy must name a file that exists", "nowhere.safetensors")]
    [InlineData("evaluate --policy nowhere --episodes 0", "--episodes must be", "1 to 16,777,216")]
    [InlineData("export", "policy is missing", "run's directory")]
    [InlineData("export nowhere", "--format is missing", "onnx, c or safetensors")]
    [InlineData("export nowhere --format onxx", "--format must be onnx, c or safetensors", "did you mean 'onnx'?")]
    [InlineData("export nowhere --format onnx", "PATH must name a file that exists", "nowhere")]
    [InlineData("export nowhere --format onnx --name x", "--name is for --format c", "C header")]
    [InlineData("export nowhere --format c --name 7up", "--name must be", "a letter first")]
    [InlineData("export nowhere --format c --out", "--out needs a value", "ending of the format")]
    [InlineData("variance cartpole --baselines tim --out study", "--baselines must be", "did you mean 'time'?")]
    [InlineData("sweep", "a file is missing; FILE must end in .toml or .json", "high-variance")]
    [InlineData("sweep nowhere.toml", "FILE must name a file that exists", "nowhere.toml")]
    [InlineData("sweep nowhere/sweep.JSON", "FILE must name a file that exists", "nowhere/sweep.JSON")]
    [InlineData("sweep sweep.yaml", "FILE must end in .toml or .json", "not 'sweep.yaml'")]
    [InlineData("sweep hihg-variance", "FILE must end in .toml or .json", "did you mean 'high-variance'?")]
    [InlineData("sweep high-variance --thread 2", "unknown option '--thread'", "did you mean '--threads'?")]
    [InlineData("sweep high-variance --threads 0", "--threads must be", "1 to 4,096")]
    [InlineData("sweep high-variance --seeds 3", "unknown option '--seeds'", "--help")]
    [InlineData("sweep high-variance twice", "unexpected argument 'twice'", "--help")]
    [InlineData("sweep high-variance --out", "--out needs a value", "one that a sweep made")]
    [InlineData("sweep high-variance --out --jsn", "--out must be", "new directory")]
    [InlineData("train cartpole --preset quickest", "--preset must be fastest", "not 'quickest'")]
    [InlineData("train acrobot --preset fastest", "--preset cannot be given for acrobot", "which has none")]
    [InlineData("bench --threads none", "--threads must be", "1 to 4,096")]
    [InlineData("train cartpole --sigma head", "--sigma", "continuous actions")]
    [InlineData("train cartpole --action-scale 2", "--action-scale", "continuous actions")]
    [InlineData("train cartpole --value-lr 0.1", "--value-lr", "--baseline value")]
    [InlineData("train cartpole --bootstrap on", "--bootstrap", "--baseline value")]
    [InlineData("train cartpole --lr-final 0.1", "--lr-final", "--updates or --env-steps")]
    [InlineData("variance cartpole --baselines values", "--baselines", "none, mean, time")]
    [InlineData("train pendulum --algorithm textbook", "--algorithm", "batch")]
    public void Run_BadInput_ExitsTwoWithOneLineAndWritesNothing(string arguments, string names, string allows)
    {
        using TemporaryDirectory directory = new();
        CliResult result = Pgfast.Run(arguments, directory.Root);
        AssertRefused(result, names, allows);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Root));
    }

    [Theory]
    [InlineData("train cartpole")]
    [InlineData("evaluate --policy x")]
    [InlineData("variance cartpole")]
    [InlineData("sweep high-variance")]
    [InlineData("bench")]
    [InlineData("describe --json")]
    public void Run_LaneWidthThatDoesNotExist_ExitsTwo(string arguments) =>
        AssertRefused(Pgfast.Run(arguments, null, ("PGFAST_LANES", "7")), "PGFAST_LANES", "16, 8, 4 and 1");

    [Fact]
    public void Train_BadOptionBesideOut_WritesNothing()
    {
        using TemporaryDirectory directory = new();
        AssertRefused(Pgfast.Run("train cartpole --out run --gamma 2", directory.Root), "--gamma", "[0, 1]");
        AssertRefused(Pgfast.Run("train cartpole --out run --hidden 65536,65536", directory.Root), "--hidden", "memory");
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Root));
    }

    [Fact]
    public void Train_OutExists_ExitsTwoAndLeavesItAlone()
    {
        using TemporaryDirectory directory = new();
        Directory.CreateDirectory(directory.At("run"));
        File.WriteAllText(directory.At("file"), "mine");
        AssertRefused(Pgfast.Run("train cartpole --out run", directory.Root), "--out", "not exist");
        AssertRefused(Pgfast.Run("train cartpole --seeds 2 --out run", directory.Root), "--out", "not exist");
        AssertRefused(Pgfast.Run("train cartpole --out file", directory.Root), "--out", "not exist");
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.At("run")));
        Assert.Equal("mine", File.ReadAllText(directory.At("file")));
    }

    [Fact]
    public void Train_OutCannotBeMade_ExitsTwoBeforeTraining()
    {
        using TemporaryDirectory directory = new();
        File.WriteAllText(directory.At("file"), "mine");
        AssertRefused(Pgfast.Run("train cartpole --out file/run", directory.Root), "--out", "written");
        AssertRefused(Pgfast.Run("train cartpole --seeds 2 --out file/run", directory.Root), "--out", "written");
    }

    private static void AssertRefused(CliResult result, string names, string allows)
    {
        Assert.Equal(BadInput, result.ExitCode);
        Assert.Empty(result.Output);
        string line = Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("pgfast: ", line);
        Assert.Contains(names, line);
        Assert.Contains(allows, line);
    }
}
