using System.Diagnostics;
using System.Text.Json;
using PgFast.Cli.Runs;
using PgFast.Files;
using PgFast.Training;

namespace PgFast.Tests.Cli;

/// <summary><c>train --resume</c>: a run that was stopped, in whatever way, ends with the bits of one that was not.</summary>
[Collection(CliTestGroup.Name)]
public class ResumeTests
{
    [Theory]
    [InlineData("cartpole --batch 4")]
    [InlineData("cartpole --batch 4 --optimizer sgd --lr 0.001 --normalize off")]
    [InlineData("cartpole --batch 4 --optimizer sgd --momentum 0.9 --lr 0.001 --normalize off")]
    [InlineData("cartpole --batch 4 --baseline mean")]
    [InlineData("cartpole --batch 4 --baseline value --value-optimizer sgd --value-lr 0.001")]
    [InlineData("cartpole --batch 4 --baseline value --bootstrap on")]
    [InlineData("mountain-car --batch 2")]
    [InlineData("pendulum --batch 4 --baseline none --normalize-observations on --sigma free --lr-final 1")]
    [InlineData("pendulum --batch 4 --sigma head --env-steps 1000000 --lr-final 0.1")]
    [InlineData("corridor --batch 4 --baseline time --estimator discounted")]
    public void Resume_HalfTheUpdates_GivesTheBitsOfAll(string run)
    {
        using TemporaryDirectory directory = new();
        string all = Pgfast.Run($"train {run} --updates 200 --eval-episodes 10 --json", directory.Root).Output;
        Pgfast.Run($"train {run} --updates 100 --eval-episodes 10 --out half --json", directory.Root);
        CliResult resumed = Pgfast.Run("train --resume half --updates 200 --threads 2 --json", directory.Root);
        Assert.Equal(RunFolders.WithoutTimes(all), RunFolders.WithoutTimes(resumed.Output));
        Assert.Equal(200, resumed.Json().GetProperty("updates").GetInt32());
        Assert.Equal(HashOf(resumed), Trainer.ParameterHashOf(PolicyFile.Load(directory.At("half/policy.safetensors")).Parameters));
        Assert.Equal(resumed.Output, File.ReadAllText(directory.At("half/result.json")));
        string[] rows = File.ReadAllLines(directory.At("half/metrics.csv"));
        Assert.Equal(Enumerable.Range(1, 200), rows.Skip(1).Select(row => int.Parse(row.Split(',')[0], System.Globalization.CultureInfo.InvariantCulture)));
        using JsonDocument configuration = JsonDocument.Parse(File.ReadAllText(directory.At("half/config.json")));
        Assert.Equal(200, configuration.RootElement.GetProperty("updates").GetInt32());
    }

    [Fact]
    public void Resume_InterruptedAndContinued_StopsAtTheSameEvaluation()
    {
        if (OperatingSystem.IsWindows())
            return;
        using TemporaryDirectory directory = new();
        // Every update looks solved, so that every one is evaluated, by episodes of its own.
        const string Run = "cartpole --seed 2 --batch 8 --lr 0.003 --solve 60 --eval-episodes 3000 --updates 4000";
        JsonElement straight = Pgfast.Run($"train {Run} --json", directory.Root).Json();
        using Process process = Pgfast.Start($"train {Run} --out run --json", directory.Root);
        while (!process.HasExited && UpdateIn(directory) < 0)
            Thread.Sleep(1);
        Pgfast.Signal(process, "INT");
        CliResult interrupted = Pgfast.Finish(process);
        Assert.Contains(interrupted.ExitCode, new[] { 130, 0 });
        JsonElement resumed = Pgfast.Run("train --resume run --json", directory.Root).Json();
        foreach (string field in new[] { "updates", "parameterHash", "environmentSteps" })
            Assert.Equal(straight.GetProperty(field).ToString(), resumed.GetProperty(field).ToString());
        Assert.Equal(
            straight.GetProperty("evaluation").GetProperty("meanReturn").GetDouble(), resumed.GetProperty("evaluation").GetProperty("meanReturn").GetDouble());
    }

    [Fact]
    public void Resume_RunThatIsSolved_EndsWhereItEndedUnlessMoreIsAskedFor()
    {
        using TemporaryDirectory directory = new();
        JsonElement solved = Pgfast.Run("train cartpole --solve 60 --eval-episodes 200 --out run --json", directory.Root).Json();
        JsonElement again = Pgfast.Run("train --resume run --json", directory.Root).Json();
        Assert.Equal(solved.GetProperty("updates").GetInt32(), again.GetProperty("updates").GetInt32());
        Assert.Equal(solved.GetProperty("evaluation").GetProperty("meanReturn").GetDouble(), again.GetProperty("evaluation").GetProperty("meanReturn").GetDouble());
        JsonElement more = Pgfast.Run("train --resume run --solve 200 --json", directory.Root).Json();
        Assert.True(more.GetProperty("updates").GetInt32() > solved.GetProperty("updates").GetInt32());
        Assert.True(more.GetProperty("solved").GetBoolean());
        JsonElement budget = Pgfast.Run("train --resume run --updates 40 --json", directory.Root).Json();
        Assert.Equal(40, budget.GetProperty("updates").GetInt32());
        Assert.Equal(HashOf(Pgfast.Run("train cartpole --updates 40 --json", directory.Root)), budget.GetProperty("parameterHash").GetString());
    }

    [Theory]
    [InlineData("train --resume nothere", "--resume must name a run's directory", "nothere")]
    [InlineData("train --resume run --lr 0.1", "--lr cannot be given with --resume", "config.json")]
    [InlineData("train --resume run --seed 2", "--seed cannot be given with --resume", "config.json")]
    [InlineData("train --resume run --out other", "--out cannot be given with --resume", "config.json")]
    [InlineData("train pendulum --resume run", "is on cartpole, not on pendulum", "run")]
    [InlineData("train --resume .", "has no config.json", ".")]
    public void Resume_WhatCannotBe_IsRefused(string arguments, string message, string detail)
    {
        using TemporaryDirectory directory = new();
        Pgfast.Run("train cartpole --batch 4 --updates 2 --eval-episodes 5 --out run --json", directory.Root);
        RunFolders.AssertRefused(directory, arguments, message, detail);
    }

    [Fact]
    public void Resume_DamagedFiles_AreNamed()
    {
        using TemporaryDirectory directory = new();
        Pgfast.Run("train cartpole --batch 4 --updates 2 --eval-episodes 5 --out run --json", directory.Root);
        string checkpoint = directory.At("run/checkpoint.safetensors"), configuration = directory.At("run/config.json");
        byte[] bytes = File.ReadAllBytes(checkpoint);
        File.WriteAllBytes(checkpoint, bytes[..^7]);
        Refused("checkpoint.safetensors");
        File.Copy(directory.At("run/policy.safetensors"), checkpoint, overwrite: true);
        Refused("no checkpoint");
        File.WriteAllBytes(checkpoint, [.. bytes[..^2], (byte)(bytes[^2] ^ 1), bytes[^1]]);
        Refused("SHA-256");
        byte[] other = [.. bytes];
        other[bytes.AsSpan().IndexOf("pgfast-checkpoint-1"u8) + "pgfast-checkpoint-".Length] = (byte)'2';
        File.WriteAllBytes(checkpoint, other);
        Refused("'pgfast-checkpoint-2'; 'pgfast-checkpoint-1' can be read");
        Pgfast.Run("train cartpole --hidden 8 --batch 4 --updates 2 --eval-episodes 5 --out other --json", directory.Root);
        File.Copy(directory.At("other/checkpoint.safetensors"), checkpoint, overwrite: true);
        Refused("HiddenSizes '8'");
        File.WriteAllBytes(checkpoint, bytes);
        string text = File.ReadAllText(configuration);
        File.WriteAllText(configuration, text.Replace("\"lr\": 0.03", "\"lr\": 0.04", StringComparison.Ordinal));
        Refused("StepSize '0.03'");
        File.WriteAllText(configuration, text.Replace("\"adam\"", "\"adamant\"", StringComparison.Ordinal));
        Refused("adamant");
        File.WriteAllText(configuration, text.Replace("\"clipNorm\"", "\"clip\"", StringComparison.Ordinal));
        Refused("'clipNorm' is missing");
        File.WriteAllText(configuration, text.Replace("\"batch\": 4", "\"batch\": \"four\"", StringComparison.Ordinal));
        Refused("'batch' cannot be \"four\"");
        File.WriteAllText(configuration, text.Replace("\"updates\": 2", "\"updates\": 2.5", StringComparison.Ordinal));
        Refused("'updates' cannot be 2.5");
        File.WriteAllText(configuration, "[]");
        Refused("'environment' is missing");
        File.WriteAllText(configuration, text[..40]);
        Refused("config.json");

        void Refused(string detail) => RunFolders.AssertRefused(directory, "train --resume run --json", "run", detail);
    }

    [Theory]
    [InlineData("--updates 5", "--updates must be at least 6, which the run in 'run' has done, not 5")]
    [InlineData("--env-steps 3", "--env-steps must be at least ")]
    public void Resume_BudgetBelowWhatIsDone_IsRefusedAndChangesNothing(string budget, string message)
    {
        using TemporaryDirectory directory = new();
        Pgfast.Run("train cartpole --batch 4 --updates 6 --eval-episodes 5 --out run --json", directory.Root);
        RunFolders.AssertRefused(directory, $"train --resume run {budget}", message, "has done, not");
        Assert.Equal(6, Pgfast.Run("train --resume run --updates 6 --json", directory.Root).Json().GetProperty("updates").GetInt32());
    }

    /// <summary>The update that reaches a budget of environment steps goes beyond it: the same budget again is none that is too small.</summary>
    [Fact]
    public void Resume_SameBudgetOfStepsAgain_IsAtItsEnd()
    {
        using TemporaryDirectory directory = new();
        JsonElement first = Pgfast.Run("train cartpole --batch 8 --env-steps 100 --eval-episodes 5 --out run --json", directory.Root).Json();
        Assert.True(first.GetProperty("environmentSteps").GetInt64() > 100);
        CliResult again = Pgfast.Run("train --resume run --env-steps 100 --json", directory.Root);
        Assert.Equal((0, first.GetProperty("parameterHash").GetString()), (again.ExitCode, HashOf(again)));
    }

    [Fact]
    public void Resume_StepSizeThatFallsOverTheFirstBudget_IsSaid()
    {
        using TemporaryDirectory directory = new();
        Pgfast.Run("train pendulum --batch 2 --updates 2 --eval-episodes 2 --out run --json", directory.Root);
        CliResult more = Pgfast.Run("train --resume run --updates 4 --json", directory.Root);
        Assert.Equal((0, 4), (more.ExitCode, more.Json().GetProperty("updates").GetInt32()));
        Assert.Equal(
            "pgfast: the step size falls over the 2 updates that the run began with, and stays where it is then: the bits are not those of a run that begins with 4 updates",
            more.Error.TrimEnd());
        Assert.Equal("", Pgfast.Run("train --resume run --json", directory.Root).Error);
        // The schedule of an environment's own default is no budget of the run's.
        Pgfast.Run("train pendulum --batch 2 --updates 2 --eval-episodes 2 --lr-final 1 --out constant --json", directory.Root);
        Assert.Equal("", Pgfast.Run("train --resume constant --updates 4 --json", directory.Root).Error);
    }

    [Theory]
    [InlineData("pendulum --batch 512 --lr-final 1 --updates 1000000")]
    [InlineData("pendulum --batch 64 --lr-final 1 --updates 1000000 --seeds 2")]
    [InlineData("corridor --algorithm textbook --runs 200 --episodes 10000000")]
    public void Resume_WhileAnotherProcessWrites_IsRefused(string run)
    {
        using TemporaryDirectory directory = new();
        using Process process = Pgfast.Start($"train {run} --out run --json", directory.Root);
        try
        {
            while (!process.HasExited && !File.Exists(directory.At("run/run.lock")))
                Thread.Sleep(1);
            CliResult second = Pgfast.Run("train --resume run --json", directory.Root);
            Assert.Equal((2, ""), (second.ExitCode, second.Output));
            Assert.Contains("'run' is being written by another process", Assert.Single(second.Error.TrimEnd().Split('\n')), StringComparison.Ordinal);
            Assert.False(process.HasExited);
        }
        finally
        {
            process.Kill();
            process.WaitForExit();
        }

        // What the killed process left of its lock holds nobody up.
        Assert.True(File.Exists(directory.At("run/run.lock")));
        using DirectoryLock hold = DirectoryLock.Take(directory.At("run"));
    }

    private static string HashOf(CliResult result) => result.Json().GetProperty("parameterHash").GetString()!;

    private static long UpdateIn(TemporaryDirectory directory)
    {
        string path = directory.At("run/checkpoint.safetensors");
        return File.Exists(path) ? CheckpointFile.Load(path).Checkpoint.UpdateCount : -1;
    }
}
