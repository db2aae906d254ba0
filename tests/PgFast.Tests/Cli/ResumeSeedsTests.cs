using System.Diagnostics;

namespace PgFast.Tests.Cli;

/// <summary><c>train --resume</c> of a directory of several seeds.</summary>
[Collection(CliTestGroup.Name)]
public class ResumeSeedsTests
{
    private const string Three = "train cartpole --batch 4 --eval-episodes 10 --seed 5 --seeds 3";

    [Fact]
    public void Resume_LargerBudgetAndASeedNeverBegun_GivesTheResultsOfAll()
    {
        using TemporaryDirectory directory = new();
        string all = Pgfast.Run($"{Three} --updates 40 --json", directory.Root).Output;
        Pgfast.Run($"{Three} --updates 20 --out half --json", directory.Root);
        Directory.Delete(directory.At("half/seed-6"), recursive: true);
        CliResult resumed = Pgfast.Run("train --resume half --updates 40 --threads 2 --json", directory.Root);
        Assert.Equal(RunFolders.WithoutTimes(all), RunFolders.WithoutTimes(resumed.Output));

        // Now that all are at their ends, they are reported as they are, times included, and not a file is touched.
        Dictionary<string, string> before = RunFolders.Content(directory.At("half"));
        before.Remove("seeds.json");
        CliResult again = Pgfast.Run("train --resume half --json", directory.Root);
        Assert.Equal(resumed.Output, again.Output);
        Dictionary<string, string> after = RunFolders.Content(directory.At("half"));
        Assert.True(after.Remove("seeds.json"));
        Assert.Equal(before, after);
    }

    [Fact]
    public void Resume_SolvedSeeds_AreKeptUnlessMoreIsAskedFor()
    {
        using TemporaryDirectory directory = new();
        string solved = Pgfast.Run("train cartpole --seeds 2 --solve 60 --eval-episodes 200 --out runs --json", directory.Root).Output;
        Assert.Equal(solved, Pgfast.Run("train --resume runs --json", directory.Root).Output);
        string more = Pgfast.Run("train --resume runs --solve 200 --json", directory.Root).Output;
        Assert.NotEqual(solved, more);
        string budget = Pgfast.Run("train --resume runs --updates 40 --json", directory.Root).Output;
        Assert.Equal(RunFolders.WithoutTimes(Pgfast.Run("train cartpole --seeds 2 --updates 40 --eval-episodes 200 --json").Output, evaluations: true), RunFolders.WithoutTimes(budget, evaluations: true));
    }

    [Fact]
    public void Resume_Interrupted_GoesOnWithEverySeed()
    {
        if (OperatingSystem.IsWindows())
            return;
        using TemporaryDirectory directory = new();
        using Process process = Pgfast.Start($"{Three} --updates 1000000000 --out runs --threads 2 --json", directory.Root);
        while (!process.HasExited && !File.Exists(directory.At("runs/seed-6/metrics.csv")))
            Thread.Sleep(5);
        Pgfast.Signal(process, "INT");
        Assert.Equal(130, Pgfast.Finish(process).ExitCode);
        long done = RunFolders.Open(directory.At("runs"));
        int updates = (int)done + 10;
        string resumed = Pgfast.Run($"train --resume runs --updates {updates} --json", directory.Root).Output;
        Assert.Equal(RunFolders.WithoutTimes(Pgfast.Run($"{Three} --updates {updates} --json").Output), RunFolders.WithoutTimes(resumed));
    }

    [Theory]
    [InlineData("--resume runs --seeds 4", "--seeds cannot be given with --resume", "seeds.json")]
    [InlineData("--resume runs --updates 1", "--updates must be at least 2, which the run in 'runs", "has done, not 1")]
    [InlineData("--resume runs --lr 0.1", "--lr cannot be given with --resume", "seeds.json")]
    [InlineData("pendulum --resume runs", "is on cartpole, not on pendulum", "runs")]
    public void Resume_WhatCannotBe_IsRefused(string arguments, string message, string detail)
    {
        using TemporaryDirectory directory = new();
        Pgfast.Run($"{Three} --updates 2 --out runs --json", directory.Root);
        RunFolders.AssertRefused(directory, $"train {arguments}", message, detail);
    }

    /// <summary>Whatever is wrong with one seed is found before any other goes on.</summary>
    [Fact]
    public void Resume_DamagedSeed_IsNamedAndNothingWritten()
    {
        using TemporaryDirectory directory = new();
        Pgfast.Run($"{Three} --updates 2 --out runs --json", directory.Root);
        Damaged("seed-7/checkpoint.safetensors", bytes => bytes[..^7], "checkpoint.safetensors' is no checkpoint", "truncated");
        Damaged("seed-7/checkpoint.safetensors", bytes => [.. bytes[..^2], (byte)(bytes[^2] ^ 1), bytes[^1]], "checkpoint.safetensors' is no checkpoint", "SHA-256");
        Damaged("seed-7/checkpoint.safetensors", _ => File.ReadAllBytes(directory.At("runs/seed-6/checkpoint.safetensors")), "does not belong to 'config.json'", "Seed '6'");
        Damaged("seed-7/config.json", bytes => bytes[..40], "config.json' is damaged", "seed-7");
        Damaged("seed-7/config.json", _ => File.ReadAllBytes(directory.At("runs/seed-6/config.json")), "of another run than", "seeds.json");
        Damaged("seed-7/result.json", bytes => bytes[..40], "result.json' is damaged", "seed-7");
        Damaged("seed-7/result.json", _ => File.ReadAllBytes(directory.At("runs/seed-6/result.json")), "is not of the parameters in 'checkpoint.safetensors'", "seed-7");
        Damaged("seeds.json", bytes => bytes[..40], "seeds.json' is damaged", "runs");
        File.Delete(directory.At("runs/seed-7/metrics.csv"));
        RunFolders.AssertRefused(directory, "train --resume runs --updates 4", "has no metrics.csv", "seed-7");

        void Damaged(string name, Func<byte[], byte[]> damage, string message, string detail)
        {
            string path = directory.At($"runs/{name}");
            byte[] bytes = File.ReadAllBytes(path);
            File.WriteAllBytes(path, damage(bytes));
            RunFolders.AssertRefused(directory, "train --resume runs --updates 4", message, detail);
            File.WriteAllBytes(path, bytes);
        }
    }
}
