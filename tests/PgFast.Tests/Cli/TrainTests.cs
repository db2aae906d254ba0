using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using PgFast.Environments;
using PgFast.Files;
using PgFast.Training;

namespace PgFast.Tests.Cli;

[Collection(CliTestGroup.Name)]
public class TrainTests
{
    private static readonly string[] RunFields =
    [
        "environment", "seed", "solved", "updates", "episodes", "environmentSteps", "trainSeconds", "environmentStepsPerSecond",
        "parameterHash", "evaluation",
    ];

    [Fact]
    public void Train_JsonWithBudget_PrintsOneDocumentOfExactlyThatBudget()
    {
        CliResult result = Pgfast.Run("train cartpole --updates 3 --batch 20 --seed 18446744073709551615 --eval-episodes 40 --json");
        Assert.Equal(0, result.ExitCode);
        JsonElement run = result.Json();
        Assert.Equal(RunFields, run.EnumerateObject().Select(property => property.Name));
        Assert.Equal("cartpole", run.GetProperty("environment").GetString());
        Assert.Equal(ulong.MaxValue, run.GetProperty("seed").GetUInt64());
        Assert.False(run.GetProperty("solved").GetBoolean());
        Assert.Equal(3, run.GetProperty("updates").GetInt64());
        Assert.Equal(60, run.GetProperty("episodes").GetInt64());
        Assert.Equal(40, run.GetProperty("evaluation").GetProperty("episodes").GetInt32());
        Assert.Equal(64, run.GetProperty("parameterHash").GetString()!.Length);

        using Trainer<CartPole> trainer = new(new TrainerOptions { BatchSize = 20, Seed = ulong.MaxValue, Threads = 1 });
        for (int update = 0; update < 3; update++)
            trainer.Update();
        EvaluationResult evaluation = trainer.Evaluate(40);
        Assert.Equal(trainer.ParameterHash(), run.GetProperty("parameterHash").GetString());
        Assert.Equal(trainer.EnvironmentSteps, run.GetProperty("environmentSteps").GetInt64());
        Assert.Equal(evaluation.MeanReturn, run.GetProperty("evaluation").GetProperty("meanReturn").GetDouble());
        Assert.Equal(evaluation.StandardError, run.GetProperty("evaluation").GetProperty("standardError").GetDouble());
    }

    [Fact]
    public void Train_NoBudget_TrainsUntilSolved()
    {
        CliResult result = Pgfast.Run("train cartpole --json");
        Assert.Equal(0, result.ExitCode);
        Assert.Empty(result.Error);
        JsonElement run = result.Json();
        Assert.True(run.GetProperty("solved").GetBoolean());
        Assert.True(run.GetProperty("evaluation").GetProperty("meanReturn").GetDouble() >= 475);
        Assert.Equal(1000, run.GetProperty("evaluation").GetProperty("episodes").GetInt32());
        Assert.InRange(run.GetProperty("updates").GetInt64(), 1, 1000);
    }

    [Fact]
    public void Train_Redirected_PrintsPlainLines()
    {
        CliResult result = Pgfast.Run("train cartpole", null, ("TERM", "xterm-256color"));
        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("cartpole  seed 1  solved", result.Output);
        Assert.Contains("over 1,000 fresh episodes", result.Output);
        Assert.DoesNotContain('\e', result.Output);
        Assert.Empty(result.Error);
    }

    [Fact]
    public void Train_SolveWithinTooSmallBudget_ExitsOneAndStillPrints()
    {
        CliResult result = Pgfast.Run("train cartpole --solve 475 --updates 2 --eval-episodes 20 --json");
        Assert.Equal(1, result.ExitCode);
        Assert.False(result.Json().GetProperty("solved").GetBoolean());
        Assert.Equal(2, result.Json().GetProperty("updates").GetInt64());
        Assert.Equal(1, Pgfast.Run("train cartpole --solve --updates 2 --eval-episodes 20").ExitCode);
    }

    [Fact]
    public void Train_SolveWithLowerTarget_StopsAtIt()
    {
        JsonElement run = Pgfast.Run("train cartpole --solve 30 --json").Json();
        Assert.True(run.GetProperty("solved").GetBoolean());
        Assert.InRange(run.GetProperty("evaluation").GetProperty("meanReturn").GetDouble(), 30, 475);
    }

    [Fact]
    public void Train_EnvironmentStepBudget_StopsAtTheUpdateThatReachesIt()
    {
        JsonElement run = Pgfast.Run("train cartpole --env-steps 3000 --eval-episodes 10 --json").Json();
        using Trainer<CartPole> trainer = new(new TrainerOptions { Threads = 1 });
        while (trainer.EnvironmentSteps < 3000)
            trainer.Update();
        Assert.Equal(trainer.UpdateCount, run.GetProperty("updates").GetInt64());
        Assert.Equal(trainer.ParameterHash(), run.GetProperty("parameterHash").GetString());
    }

    [Fact]
    public void Train_BothBudgets_TheFirstOneReachedEnds()
    {
        JsonElement byUpdates = Pgfast.Run("train cartpole --updates 2 --env-steps 1000000 --eval-episodes 10 --json").Json();
        JsonElement bySteps = Pgfast.Run("train cartpole --updates 2 --env-steps 1 --eval-episodes 10 --json").Json();
        Assert.Equal(2, byUpdates.GetProperty("updates").GetInt64());
        Assert.Equal(1, bySteps.GetProperty("updates").GetInt64());
    }

    [Fact]
    public void Train_SeedsAsText_CountsTheSolved()
    {
        CliResult result = Pgfast.Run("train cartpole --seeds 2 --updates 1 --eval-episodes 10");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("0 of 2 seeds solved", result.Output);
        Assert.Contains("seed 2: mean return", result.Output);
    }

    [Fact]
    public void Train_AlgorithmOptions_ReachTheTrainer()
    {
        CliResult result = Pgfast.Run(
            "train cartpole --hidden 8,5 --activation tanh --init glorot --estimator discounted --baseline time --normalize off"
            + " --gamma 0.97 --batch 33 --optimizer sgd --lr 0.001 --momentum 0.9 --entropy 0.01 --clip-norm 5 --seed 7"
            + " --updates 4 --eval-episodes 10 --threads 3 --json");
        using Trainer<CartPole> trainer = new(new TrainerOptions
        {
            HiddenSizes = [8, 5],
            Activation = PgFast.Networks.Activation.Tanh,
            Initialization = PgFast.Networks.Initialization.Glorot,
            Estimator = PgFast.Estimators.Estimator.Discounted,
            Baseline = PgFast.Estimators.Baseline.Time,
            NormalizeReturns = false,
            Discount = 0.97f,
            BatchSize = 33,
            Optimizer = PgFast.Optimizers.OptimizerKind.Sgd,
            StepSize = 0.001f,
            Momentum = 0.9f,
            EntropyCoefficient = 0.01f,
            MaximumGradientNorm = 5,
            Seed = 7,
            Threads = 1,
        });
        for (int update = 0; update < 4; update++)
            trainer.Update();
        Assert.Equal(trainer.ParameterHash(), result.Json().GetProperty("parameterHash").GetString());
    }

    [Fact]
    public void Train_Seeds_RunsEachAndSummarises()
    {
        CliResult result = Pgfast.Run("train cartpole --seeds 5 --seed 10 --updates 2 --eval-episodes 10 --threads 2 --json");
        Assert.Equal(0, result.ExitCode);
        JsonElement[] runs = [.. result.Json().GetProperty("runs").EnumerateArray()];
        Assert.Equal([10, 11, 12, 13, 14], runs.Select(run => run.GetProperty("seed").GetInt32()));
        Assert.All(runs, run => Assert.Equal(RunFields, run.EnumerateObject().Select(property => property.Name)));
        JsonElement alone = Pgfast.Run("train cartpole --seed 12 --updates 2 --eval-episodes 10 --json").Json();
        Assert.Equal(alone.GetProperty("parameterHash").GetString(), runs[2].GetProperty("parameterHash").GetString());
        JsonElement summary = result.Json().GetProperty("summary");
        Assert.Equal(["solved", "runs", "medianTrainSeconds", "medianEnvironmentSteps"], summary.EnumerateObject().Select(p => p.Name));
        Assert.Equal(0, summary.GetProperty("solved").GetInt32());
        Assert.Equal(5, summary.GetProperty("runs").GetInt32());
        Assert.Equal(MedianOfFive(runs, "environmentSteps"), summary.GetProperty("medianEnvironmentSteps").GetDouble());
        Assert.Equal(MedianOfFive(runs, "trainSeconds"), summary.GetProperty("medianTrainSeconds").GetDouble());
    }

    [Fact]
    public void Train_SeedsThatDoNotAllSolve_ExitsOne()
    {
        CliResult result = Pgfast.Run("train cartpole --seeds 3 --updates 1 --solve --eval-episodes 10 --json");
        Assert.Equal(1, result.ExitCode);
        Assert.Equal(3, result.Json().GetProperty("summary").GetProperty("runs").GetInt32());
    }

    [Fact]
    public void Train_Out_LeavesConfigMetricsAndPolicy()
    {
        using TemporaryDirectory directory = new();
        CliResult result = Pgfast.Run("train cartpole --updates 6 --seed 3 --eval-episodes 10 --out runs/first --json", directory.Root);
        Assert.Equal(0, result.ExitCode);
        string run = directory.At(Path.Combine("runs", "first"));
        Assert.Equal(
            ["checkpoint.safetensors", "config.json", "metrics.csv", "policy.safetensors", "result.json"],
            Directory.EnumerateFileSystemEntries(run).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        using JsonDocument config = JsonDocument.Parse(File.ReadAllText(Path.Combine(run, "config.json")));
        Assert.Equal("cartpole", config.RootElement.GetProperty("environment").GetString());
        Assert.Equal(3, config.RootElement.GetProperty("seed").GetInt32());
        Assert.Equal("reward-to-go", config.RootElement.GetProperty("estimator").GetString());

        AssertMetrics(Path.Combine(run, "metrics.csv"), updates: 6, seed: 3);
        Assert.Equal(result.Output, File.ReadAllText(Path.Combine(run, "result.json")));

        PolicyFile policy = PolicyFile.Load(Path.Combine(run, "policy.safetensors"));
        Assert.Equal("cartpole", policy.Environment);
        Assert.Equal(3UL, policy.Seed);
        Assert.Equal(6L, policy.Update);
        Assert.Equal(result.Json().GetProperty("parameterHash").GetString(), Trainer.ParameterHashOf(policy.Parameters));
    }

    [Fact]
    public void Train_CheckpointEvery_KeepsThePolicyOfThoseUpdates()
    {
        using TemporaryDirectory directory = new();
        const string Arguments = "train cartpole --updates 7 --batch 20 --seed 3 --eval-episodes 10 --out run --checkpoint-every 3 --json";
        Assert.Equal(0, Pgfast.Run(Arguments, directory.Root).ExitCode);
        Assert.Equal(
            ["policy-000000000.safetensors", "policy-000000003.safetensors", "policy-000000006.safetensors"],
            Directory.EnumerateFileSystemEntries(directory.At("run/checkpoints")).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        using Trainer<CartPole> trainer = new(new TrainerOptions { BatchSize = 20, Seed = 3, Threads = 1 });
        for (int update = 0; update <= 6; update++)
        {
            if (update % 3 == 0)
            {
                PolicyFile policy = PolicyFile.Load(directory.At($"run/checkpoints/policy-{update:D9}.safetensors"));
                Assert.Equal(("cartpole", 3UL, update), (policy.Environment, policy.Seed, policy.Update));
                Assert.Equal(trainer.ParameterHash(), Trainer.ParameterHashOf(policy.Parameters));
            }

            trainer.Update();
        }

        using JsonDocument config = JsonDocument.Parse(File.ReadAllText(directory.At("run/config.json")));
        Assert.Equal(3, config.RootElement.GetProperty("checkpointEvery").GetInt32());
        Assert.Equal(0, Pgfast.Run("evaluate --policy run/checkpoints/policy-000000003.safetensors --episodes 5", directory.Root).ExitCode);
    }

    [Fact]
    public void Train_SeedsWithCheckpoints_KeepThemForEachSeed()
    {
        using TemporaryDirectory directory = new();
        const string Arguments = "train corridor --seeds 2 --updates 2 --eval-episodes 10 --out runs --checkpoint-every 2";
        Assert.Equal(0, Pgfast.Run(Arguments, directory.Root).ExitCode);
        foreach (int seed in new[] { 1, 2 })
        {
            string checkpoints = directory.At($"runs/seed-{seed}/checkpoints");
            Assert.Equal(2, Directory.EnumerateFileSystemEntries(checkpoints).Count());
            Assert.Equal((ulong)seed, PolicyFile.Load(Path.Combine(checkpoints, "policy-000000002.safetensors")).Seed);
        }
    }

    [Fact]
    public void Train_CheckpointThatCannotBeWritten_ExitsOneAndNamesIt()
    {
        // Elsewhere directories that are in use cannot be moved.
        if (OperatingSystem.IsWindows())
            return;
        using TemporaryDirectory directory = new();
        using Process process = Pgfast.Start("train corridor --updates 1000000000 --out run --checkpoint-every 50 --json", directory.Root);
        while (!process.HasExited && !File.Exists(directory.At("run/checkpoints/policy-000000050.safetensors")))
            Thread.Sleep(5);
        Directory.Move(directory.At("run/checkpoints"), directory.At("moved"));
        CliResult result = Pgfast.Finish(process);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("run/checkpoints/policy-", result.Json().GetProperty("error").GetString());
    }

    [Fact]
    public void Train_Corridor_StartsFromTheTextbooksPreferences()
    {
        using TemporaryDirectory directory = new();
        CliResult result = Pgfast.Run("train corridor --updates 100 --eval-episodes 100 --out run --json", directory.Root);
        Assert.Equal(0, result.ExitCode);
        Assert.False(result.Json().GetProperty("solved").GetBoolean());
        Assert.Equal(100, result.Json().GetProperty("updates").GetInt64());
        PolicyFile policy = PolicyFile.Load(directory.At("run/policy.safetensors"));
        Assert.Equal(("1-2", false), (policy.Shape.ToString(), policy.Shape.HasBias));
        using JsonDocument config = JsonDocument.Parse(File.ReadAllText(directory.At("run/config.json")));
        Assert.Empty(config.RootElement.GetProperty("hidden").EnumerateArray());
        Assert.False(config.RootElement.GetProperty("bias").GetBoolean());
        Assert.Equal("zero", config.RootElement.GetProperty("init").GetString());

        CliResult evaluation = Pgfast.Run("evaluate --policy run --episodes 100 --json", directory.Root);
        Assert.Equal(result.Json().GetProperty("parameterHash").GetString(), evaluation.Json().GetProperty("parameterHash").GetString());
        CliResult other = Pgfast.Run("evaluate bandit --policy run", directory.Root);
        Assert.Equal(2, other.ExitCode);
        Assert.Contains("policy.0.weight expected [3, 1], found [2, 1]", other.Error);
        Assert.DoesNotContain("bias", other.Error);
    }

    [Fact]
    public void Train_NetworkOptions_ReplaceTheEnvironmentsDefaults()
    {
        JsonElement asked = Pgfast.Run("train corridor --hidden 6 --bias on --updates 3 --eval-episodes 10 --json").Json();
        JsonElement without = Pgfast.Run("train cartpole --bias off --init glorot --updates 3 --eval-episodes 10 --json").Json();
        using Trainer<ShortCorridor> corridor = new(new TrainerOptions { HiddenSizes = [6], Threads = 1 });
        using Trainer<CartPole> cartPole = new(
            new TrainerOptions { HasBias = false, Initialization = PgFast.Networks.Initialization.Glorot, Threads = 1 });
        for (int update = 0; update < 3; update++)
        {
            corridor.Update();
            cartPole.Update();
        }

        Assert.Equal(corridor.ParameterHash(), asked.GetProperty("parameterHash").GetString());
        Assert.Equal(cartPole.ParameterHash(), without.GetProperty("parameterHash").GetString());
    }

    [Fact]
    public void Train_Preset_StandsForItsOptions()
    {
        string preset = HashOf("--preset fastest");
        Assert.Equal(HashOf("--batch 24 --lr 0.1"), preset);
        Assert.NotEqual(HashOf(""), preset);
        Assert.Equal(HashOf("--batch 16 --lr 0.1"), HashOf("--batch 16 --preset FASTEST"));

        static string HashOf(string options)
        {
            CliResult result = Pgfast.Run($"train cartpole {options} --updates 3 --eval-episodes 16 --threads 1 --json");
            Assert.Equal(0, result.ExitCode);
            return result.Json().GetProperty("parameterHash").GetString()!;
        }
    }

    [Fact]
    public void Train_FastestPreset_SolvesEverySeed()
    {
        CliResult result = Pgfast.Run("train cartpole --preset fastest --seeds 20 --seed 5000 --solve --threads 1 --json");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(20, result.Json().GetProperty("summary").GetProperty("solved").GetInt32());
    }

    [Fact]
    public void Train_CartPoleWithTheDefaults_HasTheRecordedHash()
    {
        // The same on every machine. It changes only with a change of the algorithm, which the commit then explains.
        const string Recorded = "232bbf1d97c4ed92caee321e77a3dc0534638af60ead1ed68e1caede27966c1e";
        Assert.Equal(Recorded, Pgfast.Run("train cartpole --seed 1 --json").Json().GetProperty("parameterHash").GetString());
    }

    [Fact]
    public void Train_SeedsWithoutATarget_CountsThemAsDone() =>
        Assert.StartsWith("bandit  2 seeds done", Pgfast.Run("train bandit --seeds 2 --updates 1 --eval-episodes 10").Output);

    [Fact]
    public void Train_SeedsWithOut_GiveEachItsDirectory()
    {
        using TemporaryDirectory directory = new();
        CliResult result = Pgfast.Run("train cartpole --seeds 2 --updates 2 --eval-episodes 10 --out runs --json", directory.Root);
        Assert.Equal(0, result.ExitCode);
        foreach (JsonElement run in result.Json().GetProperty("runs").EnumerateArray())
        {
            PolicyFile policy = PolicyFile.Load(directory.At($"runs/seed-{run.GetProperty("seed").GetInt32()}/policy.safetensors"));
            Assert.Equal(run.GetProperty("parameterHash").GetString(), Trainer.ParameterHashOf(policy.Parameters));
        }
    }

    [Fact]
    public void Train_Diverging_ExitsOneNamesUpdateAndTensorAndKeepsTheLastGoodPolicy()
    {
        using TemporaryDirectory directory = new();
        CliResult result = Pgfast.Run("train cartpole --lr 3e38 --updates 50 --out run --json", directory.Root);
        Assert.Equal(1, result.ExitCode);
        Assert.Matches("Update [0-9]+: the (gradient|parameters) of policy\\.[0-9]+\\.(weight|bias)", result.Error);
        PolicyFile policy = PolicyFile.Load(directory.At("run/policy.safetensors"));
        JsonElement run = result.Json();
        Assert.Equal(policy.Update, run.GetProperty("updates").GetInt64());
        Assert.Equal(Trainer.ParameterHashOf(policy.Parameters), run.GetProperty("parameterHash").GetString());
        Assert.Equal(JsonValueKind.Null, run.GetProperty("evaluation").ValueKind);
    }

    /// <summary>Adam's steps would be 0 from there on, and the state could not be saved: a run that seems to go on, and does not.</summary>
    [Fact]
    public void Train_SquareOfAGradientOverflows_IsADivergenceAndTheStateBeforeIsKept()
    {
        using TemporaryDirectory directory = new();
        CliResult result = Pgfast.Run("train cartpole --normalize off --reward-scale 1e22 --updates 20 --checkpoint-every 5 --out run --json", directory.Root);
        Assert.Equal(1, result.ExitCode);
        Assert.Matches("Update [0-9]+: the second moment of policy\\.[0-9]+\\.(weight|bias) became non-finite", result.Error);
        CheckpointFile state = CheckpointFile.Load(directory.At("run/checkpoint.safetensors"));
        Assert.Equal(PolicyFile.Load(directory.At("run/policy.safetensors")).Update, state.Checkpoint.UpdateCount);
        Assert.Equal(result.Json().GetProperty("updates").GetInt64(), state.Checkpoint.UpdateCount);
        CliResult again = Pgfast.Run("train --resume run --json", directory.Root);
        Assert.Equal((1, result.Error), (again.ExitCode, again.Error));
    }

    [Fact]
    public void Train_SeedsInterrupted_PrintsWhatWasBegunAndExits130()
    {
        if (OperatingSystem.IsWindows())
            return;
        using TemporaryDirectory directory = new();
        const string Arguments = "train cartpole --seeds 1000 --threads 2 --updates 1000000000 --out runs --json";
        using Process process = Pgfast.Start(Arguments, directory.Root);
        while (!process.HasExited && !File.Exists(directory.At("runs/seed-2/metrics.csv")))
            Thread.Sleep(5);
        Pgfast.Signal(process, "INT");
        CliResult result = Pgfast.Finish(process);
        Assert.Equal(130, result.ExitCode);
        JsonElement[] runs = [.. result.Json().GetProperty("runs").EnumerateArray()];
        Assert.InRange(runs.Length, 1, 3);
        foreach (JsonElement run in runs)
        {
            PolicyFile policy = PolicyFile.Load(directory.At($"runs/seed-{run.GetProperty("seed").GetInt32()}/policy.safetensors"));
            Assert.Equal(run.GetProperty("parameterHash").GetString(), Trainer.ParameterHashOf(policy.Parameters));
        }
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public void Train_Interrupted_SavesAndExits130(string signal)
    {
        if (OperatingSystem.IsWindows())
            return;
        using TemporaryDirectory directory = new();
        using Process process = Pgfast.Start("train cartpole --updates 1000000000 --out run --json", directory.Root);
        string metrics = directory.At("run/metrics.csv");
        while (!process.HasExited && (!File.Exists(metrics) || new FileInfo(metrics).Length < 1000))
            Thread.Sleep(5);
        Pgfast.Signal(process, signal);
        CliResult result = Pgfast.Finish(process);
        Assert.Equal(130, result.ExitCode);
        JsonElement run = result.Json();
        Assert.True(run.GetProperty("interrupted").GetBoolean());
        PolicyFile policy = PolicyFile.Load(directory.At("run/policy.safetensors"));
        Assert.Equal(Trainer.ParameterHashOf(policy.Parameters), run.GetProperty("parameterHash").GetString());
        Assert.Equal(run.GetProperty("updates").GetInt64(), File.ReadLines(metrics).Count() - 1);
    }

    [Fact]
    public void Train_InterruptedInTheEvaluation_SavesAndExits130()
    {
        if (OperatingSystem.IsWindows())
            return;
        using TemporaryDirectory directory = new();
        using Process process = Pgfast.Start("train cartpole --updates 1 --eval-episodes 16000000 --out run --json", directory.Root);
        while (!process.HasExited && !File.Exists(directory.At("run/policy.safetensors")))
            Thread.Sleep(5);
        // The one update takes some milliseconds, the evaluation seconds.
        Thread.Sleep(500);
        Pgfast.Signal(process, "INT");
        CliResult result = Pgfast.Finish(process);
        Assert.Equal(130, result.ExitCode);
        JsonElement run = result.Json();
        Assert.True(run.GetProperty("interrupted").GetBoolean());
        Assert.Equal(JsonValueKind.Null, run.GetProperty("evaluation").ValueKind);
        PolicyFile policy = PolicyFile.Load(directory.At("run/policy.safetensors"));
        Assert.Equal(1L, policy.Update);
        Assert.Equal(run.GetProperty("parameterHash").GetString(), Trainer.ParameterHashOf(policy.Parameters));
    }

    [Fact]
    public void Train_Killed_LeavesAPolicyThatLoadsAndWholeRows()
    {
        using TemporaryDirectory directory = new();
        using Process process = Pgfast.Start("train cartpole --updates 1000000000 --out run --json", directory.Root);
        string metrics = directory.At("run/metrics.csv"), policy = directory.At("run/policy.safetensors");
        while (!process.HasExited && (!File.Exists(policy) || new FileInfo(metrics).Length < 1000))
            Thread.Sleep(5);
        process.Kill();
        process.WaitForExit();
        Assert.True(PolicyFile.Load(policy).Update >= 0);
        AssertWholeRows(metrics);
    }

    [Fact]
    public void Train_DirectoryRemovedMeanwhile_ExitsOneNamesTheFileAndStillPrints()
    {
        // Elsewhere open files cannot be removed.
        if (OperatingSystem.IsWindows())
            return;
        using TemporaryDirectory directory = new();
        using Process process = Pgfast.Start("train cartpole --updates 1000000000 --out run --json", directory.Root);
        while (!process.HasExited && !File.Exists(directory.At("run/checkpoint.safetensors")))
            Thread.Sleep(5);
        Directory.Move(directory.At("run"), directory.At("moved"));
        CliResult result = Pgfast.Finish(process);
        Assert.Equal(1, result.ExitCode);
        JsonElement run = result.Json();
        Assert.Contains("policy.safetensors", run.GetProperty("error").GetString());
        Assert.Single(result.Error.Split('\n'), line => line.StartsWith("pgfast: 'run/policy.safetensors'", StringComparison.Ordinal));
        Assert.Equal(run.GetProperty("updates").GetInt64(), AssertWholeRows(directory.At("moved/metrics.csv")));
    }

    [Fact]
    public void Train_MetricsThatCannotGrow_ExitsOneNamesTheFileAndSavesThePolicy()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using TemporaryDirectory directory = new();
        // The limit stands for a disk that is full; the runtime's own mapped files are under it too unless they are switched off.
        string program = Path.Combine(AppContext.BaseDirectory, "pgfast.dll");
        string command = $"trap '' XFSZ; ulimit -f 64; exec dotnet '{program}' train cartpole --updates 1000000000 --out run --json";
        ProcessStartInfo start = new("bash", ["-c", command])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory.Root,
        };
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        using Process process = Process.Start(start)!;
        CliResult result = Pgfast.Finish(process);
        Assert.Equal(1, result.ExitCode);
        JsonElement run = result.Json();
        Assert.Contains("metrics.csv", run.GetProperty("error").GetString());
        Assert.Single(result.Error.Split('\n'), line => line.StartsWith("pgfast: ", StringComparison.Ordinal));
        PolicyFile policy = PolicyFile.Load(directory.At("run/policy.safetensors"));
        Assert.Equal(run.GetProperty("parameterHash").GetString(), Trainer.ParameterHashOf(policy.Parameters));
        AssertWholeRows(directory.At("run/metrics.csv"));
    }

    /// <returns>The number of rows below the header.</returns>
    private static int AssertWholeRows(string path)
    {
        string text = File.ReadAllText(path);
        Assert.EndsWith("\n", text);
        string[] lines = text.TrimEnd('\n').Split('\n');
        for (int row = 1; row < lines.Length; row++)
        {
            string[] cells = lines[row].Split(',');
            Assert.Equal(8, cells.Length);
            Assert.Equal(row, long.Parse(cells[0], CultureInfo.InvariantCulture));
            Assert.All(cells, cell => Assert.True(double.TryParse(cell, CultureInfo.InvariantCulture, out _)));
        }

        return lines.Length - 1;
    }

    private static double MedianOfFive(JsonElement[] runs, string property) =>
        runs.Select(run => run.GetProperty(property).GetDouble()).Order().ElementAt(2);

    private static void AssertMetrics(string path, int updates, ulong seed)
    {
        string[] lines = File.ReadAllLines(path);
        Assert.Equal("update,episodes,environmentSteps,meanReturn,meanLength,entropy,gradientNorm,seconds", lines[0]);
        Assert.Equal(updates + 1, lines.Length);
        using Trainer<CartPole> trainer = new(new TrainerOptions { Seed = seed, Threads = 1, MeasureEntropy = true });
        double seconds = 0;
        for (int row = 1; row <= updates; row++)
        {
            UpdateResult update = trainer.Update();
            double[] cells = [.. lines[row].Split(',').Select(cell => double.Parse(cell, CultureInfo.InvariantCulture))];
            Assert.Equal(
                [
                    row, trainer.EpisodeCount, trainer.EnvironmentSteps, update.MeanReturn, update.MeanLength, update.Entropy,
                    update.GradientNorm,
                ],
                cells[..7]);
            Assert.True(cells[7] > seconds);
            seconds = cells[7];
        }
    }
}
