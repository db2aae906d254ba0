using System.Diagnostics;

namespace PgFast.Tests.Cli;

/// <summary><c>train --resume</c> of runs of the textbook's box.</summary>
[Collection(CliTestGroup.Name)]
public class ResumeTextbookTests
{
    private const string Corridor = "train corridor --algorithm textbook --runs 70 --initial 1.47,-1.47 --lr 2^-11";

    [Theory]
    [InlineData(Corridor + " --value-lr 2^-6")]
    [InlineData("train cartpole --algorithm textbook --runs 20 --gamma 0.99 --lr 0.001")]
    [InlineData("train bandit --algorithm textbook --runs 40 --lr 0.1 --bias on")]
    public void Resume_HalfTheEpisodes_GivesTheResultsOfAll(string run)
    {
        using TemporaryDirectory directory = new();
        string all = Pgfast.Run($"{run} --episodes 200 --out all --json", directory.Root).Output;
        Pgfast.Run($"{run} --episodes 100 --out half --json", directory.Root);
        CliResult resumed = Pgfast.Run("train --resume half --episodes 200 --csv curve.csv --threads 2 --json", directory.Root);
        Assert.Equal(RunFolders.WithoutTimes(all), RunFolders.WithoutTimes(resumed.Output));
        foreach (string file in new[] { "learning-curve.csv", "runs.csv" })
            Assert.Equal(File.ReadAllText(directory.At($"all/{file}")), File.ReadAllText(directory.At($"half/{file}")));
        Assert.Equal(File.ReadAllText(directory.At("all/learning-curve.csv")), File.ReadAllText(directory.At("curve.csv")));
        // And again, now that nothing is left to do.
        Assert.Equal(RunFolders.WithoutTimes(all), RunFolders.WithoutTimes(Pgfast.Run("train --resume half --json", directory.Root).Output));
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public void Train_Interrupted_SavesAndExits130(string signal)
    {
        if (OperatingSystem.IsWindows())
            return;
        using TemporaryDirectory directory = new();
        using Process process = Pgfast.Start($"{Corridor} --episodes 3000000 --out run --json", directory.Root);
        while (!process.HasExited && !Directory.Exists(directory.At("run")))
            Thread.Sleep(5);
        Thread.Sleep(500);
        Pgfast.Signal(process, signal);
        CliResult result = Pgfast.Finish(process);
        Assert.Equal((130, ""), (result.ExitCode, result.Output));
        Assert.EndsWith("of 3,000,000 episodes; 'train --resume run' goes on\n", result.Error, StringComparison.Ordinal);
        // Less than the second after which a state is saved anyway.
        Assert.True(RunFolders.Open(directory.At("run")) > 0);
    }

    [Theory]
    [InlineData("--resume run --episodes 9", "--episodes must be at least 10", "not 9")]
    [InlineData("--resume run --lr 0.5", "--lr cannot be given with --resume", "config.json")]
    [InlineData("--resume run --updates 20", "--updates cannot be given with --resume", "config.json")]
    [InlineData("--resume run --algorithm textbook", "--algorithm cannot be given with --resume", "config.json")]
    [InlineData("pendulum --resume run", "is on corridor, not on pendulum", "run")]
    [InlineData("--resume falling --episodes 20", "--episodes must stay 10", "fall to the last episode")]
    [InlineData("--resume run --csv nowhere/curve.csv", "--csv must be", "exists")]
    [InlineData("--resume batch --episodes 20", "--episodes cannot be given with --resume", "config.json")]
    public void Resume_WhatCannotBe_IsRefusedAndNothingWritten(string arguments, string message, string detail)
    {
        using TemporaryDirectory directory = new();
        Pgfast.Run($"{Corridor} --episodes 10 --out run --json", directory.Root);
        if (arguments.Contains("falling", StringComparison.Ordinal))
            Pgfast.Run($"{Corridor} --episodes 10 --final-step-factor 0 --out falling --json", directory.Root);
        if (arguments.Contains("batch", StringComparison.Ordinal))
            Pgfast.Run("train corridor --batch 4 --updates 2 --eval-episodes 5 --out batch --json", directory.Root);
        RunFolders.AssertRefused(directory, $"train {arguments}", message, detail);
    }

    [Fact]
    public void Resume_DamagedFiles_AreNamed()
    {
        using TemporaryDirectory directory = new();
        Pgfast.Run($"{Corridor} --episodes 10 --out run --json", directory.Root);
        Pgfast.Run("train corridor --batch 4 --updates 2 --eval-episodes 5 --out batch --json", directory.Root);
        string checkpoint = directory.At("run/checkpoint.safetensors"), configuration = directory.At("run/config.json"), text = File.ReadAllText(configuration);
        byte[] bytes = File.ReadAllBytes(checkpoint);
        Damaged(bytes[..^7], "truncated");
        Damaged([.. bytes[..^1], (byte)(bytes[^1] ^ 1)], "checkpoint.safetensors");
        Damaged(File.ReadAllBytes(directory.At("batch/checkpoint.safetensors")), "'pgfast-checkpoint-1'; 'pgfast-textbook-1' can be read");
        File.WriteAllBytes(checkpoint, bytes);
        File.WriteAllText(configuration, text.Replace("\"runs\": 70", "\"runs\": 71", StringComparison.Ordinal));
        RunFolders.AssertRefused(directory, "train --resume run", "does not belong to 'config.json' beside it", "Runs '70'");
        File.WriteAllText(configuration, text.Replace("\"gamma\": 1", "\"gamma\": 7", StringComparison.Ordinal));
        RunFolders.AssertRefused(directory, "train --resume run", "config.json' is damaged", "γ");
        File.WriteAllText(configuration, text[..40]);
        RunFolders.AssertRefused(directory, "train --resume run", "config.json' is damaged", "");
        File.WriteAllText(configuration, text);
        File.Delete(checkpoint);
        RunFolders.AssertRefused(directory, "train --resume run", "has no checkpoint.safetensors", "run");

        void Damaged(byte[] content, string detail)
        {
            File.WriteAllBytes(checkpoint, content);
            RunFolders.AssertRefused(directory, "train --resume run", "checkpoint.safetensors' is no checkpoint that can be read", detail);
        }
    }
}
