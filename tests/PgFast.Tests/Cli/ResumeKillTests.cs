using System.Diagnostics;

namespace PgFast.Tests.Cli;

/// <summary>Processes that are killed at any moment: nothing is lost but the updates since the last state, and no bit of the result.</summary>
[Collection(CliTestGroup.Name)]
public class ResumeKillTests
{
    private const int Kills = 20;

    [Fact]
    public void Resume_RunKilledTwentyTimes_GivesTheBitsOfARunThatWasNot()
    {
        const string Run = "pendulum --seed 3 --batch 16 --updates 5000 --eval-episodes 10";
        using TemporaryDirectory directory = new();
        string expected = Pgfast.Run($"train {Run} --threads 1 --json", directory.Root).Output;
        KillAtStates(directory, $"train {Run} --checkpoint-every 40 --out run --threads 1 --json");
        Assert.Equal(0, Pgfast.Run("evaluate --policy run --episodes 5", directory.Root).ExitCode);
        Assert.Equal(0, Pgfast.Run("report run", directory.Root).ExitCode);
        CliResult last = Pgfast.Run("train --resume run --updates 5000 --json", directory.Root);
        Assert.Equal(0, last.ExitCode);
        Assert.Equal(RunFolders.WithoutTimes(expected), RunFolders.WithoutTimes(last.Output));
        Assert.Equal(5001, File.ReadLines(directory.At("run/metrics.csv")).Count());
        Assert.Equal(5000 / 40 + 1, Directory.GetFiles(directory.At("run/checkpoints"), "policy-*.safetensors").Length);
        Assert.Empty(Directory.GetFiles(directory.At("run"), "*.tmp"));
    }

    [Fact]
    public void Resume_SeedsKilledTwentyTimes_GiveTheResultsOfSeedsThatWereNot()
    {
        const string Run = "pendulum --seeds 3 --batch 16 --updates 2500 --eval-episodes 10";
        using TemporaryDirectory directory = new();
        string expected = Pgfast.Run($"train {Run} --threads 2 --json", directory.Root).Output;
        KillAtStates(directory, $"train {Run} --checkpoint-every 40 --out run --threads 2 --json");
        CliResult last = Pgfast.Run("train --resume run --threads 2 --json", directory.Root);
        Assert.Equal(0, last.ExitCode);
        Assert.Equal(RunFolders.WithoutTimes(expected), RunFolders.WithoutTimes(last.Output));
    }

    [Fact]
    public void Resume_TextbookKilledTwentyTimes_GivesTheBitsOfRunsThatWereNot()
    {
        const string Run = "corridor --algorithm textbook --runs 512 --initial 1.47,-1.47 --lr 2^-12 --value-lr 2^-6 --episodes 30000";
        using TemporaryDirectory directory = new();
        string expected = Pgfast.Run($"train {Run} --out straight --threads 1 --json", directory.Root).Output;
        Random random = new(3);
        int kills = 0;
        long before = -1;
        for (int attempt = 0; kills < Kills && attempt < 100; attempt++)
        {
            string arguments = Directory.Exists(directory.At("run")) ? "--resume run" : $"{Run} --out run";
            using Process process = Pgfast.Start($"train {arguments} --threads 1 --json", directory.Root);
            // A state is saved about once a second: most die before it, and some after.
            process.WaitForExit(attempt % 6 == 5 ? 1300 + random.Next(300) : random.Next(600));
            kills += process.HasExited ? 0 : 1;
            process.Kill();
            process.WaitForExit();
            long episodes = RunFolders.Open(directory.At("run"));
            Assert.True(episodes >= before, "a state went backwards");
            before = episodes;
        }

        Assert.Equal(Kills, kills);
        CliResult last = Pgfast.Run("train --resume run --threads 2 --json", directory.Root);
        Assert.Equal(0, last.ExitCode);
        Assert.Equal(RunFolders.WithoutTimes(expected), RunFolders.WithoutTimes(last.Output));
        foreach (string file in new[] { "learning-curve.csv", "runs.csv" })
            Assert.Equal(File.ReadAllText(directory.At($"straight/{file}")), File.ReadAllText(directory.At($"run/{file}")));
    }

    /// <summary>While it starts, makes its directory and does its first updates.</summary>
    [Theory]
    [InlineData("cartpole --batch 4 --updates 1000000000 --checkpoint-every 1")]
    [InlineData("cartpole --batch 4 --updates 50 --eval-episodes 5 --seeds 400 --threads 2")]
    [InlineData("corridor --algorithm textbook --runs 70 --episodes 300000")]
    public void Out_KilledAtTheStart_IsADirectoryThatOpensOrNone(string run)
    {
        using TemporaryDirectory directory = new();
        Random random = new(5);
        List<long> states = [];
        for (int kill = 0; kill < 8; kill++)
        {
            using Process process = Pgfast.Start($"train {run} --out run-{kill} --json", directory.Root);
            string path = directory.At($"run-{kill}");
            // Half of them around the moment at which the directory appears.
            if (kill % 2 == 0)
                SpinWait.SpinUntil(() => Directory.Exists(path) || process.HasExited);
            Thread.Sleep(kill % 2 == 0 ? random.Next(10) : random.Next(300));
            process.Kill();
            process.WaitForExit();
            states.Add(RunFolders.Open(path));
        }

        Assert.True(states.Where((_, kill) => kill % 2 == 0).All(state => state >= 0), "a process ended by itself");
    }

    /// <summary>Kills a run twenty times, each time at a moment of its own soon after it has saved a state; looks at what is left each time.</summary>
    private static void KillAtStates(TemporaryDirectory directory, string begin)
    {
        Random random = new(11);
        int kills = 0;
        for (int attempt = 0; kills < Kills && attempt < 400; attempt++)
        {
            long before = RunFolders.Open(directory.At("run"));
            DateTime newest = NewestWrite(directory);
            using Process process = Pgfast.Start(before < 0 ? begin : "train --resume run --threads 2 --json", directory.Root);
            while (!process.HasExited && NewestWrite(directory) <= newest)
                Thread.Sleep(1);
            Thread.Sleep(random.Next(8));
            kills += process.HasExited ? 0 : 1;
            process.Kill();
            process.WaitForExit();
            Assert.True(RunFolders.Open(directory.At("run")) >= before, "a state went backwards");
            if (process.ExitCode == 0)
                break;
        }

        Assert.Equal(Kills, kills);
    }

    /// <summary>When a state was last saved in the directory or its seeds'.</summary>
    private static DateTime NewestWrite(TemporaryDirectory directory) => new[] { "run", "run/seed-1", "run/seed-2", "run/seed-3" }
        .Max(run => File.GetLastWriteTimeUtc(directory.At($"{run}/checkpoint.safetensors")));
}
