using System.Diagnostics;
using System.Globalization;
using PgFast.Files;
using PgFast.Tests.Support;

namespace PgFast.Tests.Cli;

/// <summary><c>train --tensorboard</c>: the numbers of <c>metrics.csv</c> for TensorBoard, through kills and resumes too.</summary>
[Collection(CliTestGroup.Name)]
public class TensorBoardTests
{
    private static readonly (string Tag, int Column)[] Columns =
    [
        ("progress/episodes", 1), ("progress/environment_steps", 2), ("train/mean_return", 3), ("train/mean_length", 4), ("train/entropy", 5),
        ("train/gradient_norm", 6), ("progress/train_seconds", 7),
    ];

    [Fact]
    public void Train_TensorBoard_HasWhatMetricsHave()
    {
        using TemporaryDirectory directory = new();
        double mean = Pgfast.Run("train cartpole --batch 8 --updates 12 --eval-episodes 30 --out run --tensorboard --json", directory.Root)
            .Json().GetProperty("evaluation").GetProperty("meanReturn").GetDouble();
        AssertLikeMetrics(directory.At("run"), 12);
        EventFileReader.Event evaluation = Assert.Single(Events(directory.At("run")), one => one.Scalars.ContainsKey("evaluation/mean_return"));
        Assert.Equal((12L, (float)mean), (evaluation.Step, evaluation.Scalars["evaluation/mean_return"]));
    }

    [Fact]
    public void Train_WithoutTheSwitch_WritesNoEvents()
    {
        using TemporaryDirectory directory = new();
        Pgfast.Run("train cartpole --batch 4 --updates 2 --eval-episodes 5 --out run --json", directory.Root);
        Assert.False(Directory.Exists(directory.At("run/tensorboard")));
    }

    [Fact]
    public void Train_Seeds_HaveADirectoryEach()
    {
        using TemporaryDirectory directory = new();
        Pgfast.Run("train cartpole --batch 4 --updates 3 --eval-episodes 5 --seed 5 --seeds 2 --out runs --tensorboard --json", directory.Root);
        AssertLikeMetrics(directory.At("runs/seed-5"), 3);
        AssertLikeMetrics(directory.At("runs/seed-6"), 3);
    }

    [Fact]
    public void Resume_OfARunWithEvents_GoesOnWithThem()
    {
        using TemporaryDirectory directory = new();
        Pgfast.Run("train cartpole --batch 8 --updates 6 --eval-episodes 5 --out run --tensorboard --json", directory.Root);
        Pgfast.Run("train --resume run --updates 15 --json", directory.Root);
        Assert.Equal(2, Directory.GetFiles(directory.At("run/tensorboard")).Length);
        AssertLikeMetrics(directory.At("run"), 15);
    }

    [Fact]
    public void Resume_EarlierFilesAreRemoved_NumbersGoOnAfterTheLast()
    {
        using TemporaryDirectory directory = new();
        Pgfast.Run("train cartpole --batch 4 --updates 2 --eval-episodes 5 --out run --tensorboard --json", directory.Root);
        Pgfast.Run("train --resume run --updates 4 --json", directory.Root);
        File.Delete(directory.At("run/tensorboard/events.out.tfevents.000001.pgfast"));
        Assert.Equal(0, Pgfast.Run("train --resume run --updates 6 --json", directory.Root).ExitCode);
        Assert.Equal(
            ["events.out.tfevents.000002.pgfast", "events.out.tfevents.000003.pgfast"],
            Directory.GetFiles(directory.At("run/tensorboard")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Resume_EventsCannotBeWritten_IsRefusedAndLeavesResultAndBudget()
    {
        using TemporaryDirectory directory = new();
        Pgfast.Run("train cartpole --batch 4 --updates 2 --eval-episodes 5 --out run --json", directory.Root);
        File.WriteAllText(directory.At("run/tensorboard"), "not a directory");
        RunFolders.AssertRefused(directory, "train --resume run --updates 4 --tensorboard", "--resume must name a run's directory that can be written", "tensorboard");
    }

    [Fact]
    public void Resume_Killed_HasEveryStepOnce()
    {
        using TemporaryDirectory directory = new();
        for (int kill = 0; kill < 3; kill++)
        {
            string arguments = kill == 0 ? "train pendulum --batch 16 --updates 100000 --out run --tensorboard --checkpoint-every 20 --json" : "train --resume run --json";
            using Process process = Pgfast.Start(arguments, directory.Root);
            string[] before = Kept();
            while (!process.HasExited && Kept().Length < before.Length + 4)
                Thread.Sleep(1);
            Assert.False(process.HasExited);
            process.Kill();
            process.WaitForExit();
        }

        long done = CheckpointFile.Load(directory.At("run/checkpoint.safetensors")).Checkpoint.UpdateCount;
        Assert.Equal(0, Pgfast.Run($"train --resume run --updates {done} --eval-episodes 5 --json", directory.Root).ExitCode);
        int last = File.ReadLines(directory.At("run/metrics.csv")).Count() - 1;
        Assert.True(last > 100);
        AssertLikeMetrics(directory.At("run"), last);

        string[] Kept() => Directory.Exists(directory.At("run/checkpoints")) ? Directory.GetFiles(directory.At("run/checkpoints")) : [];
    }

    [Theory]
    [InlineData("train cartpole --tensorboard", "--tensorboard needs --out")]
    [InlineData("train corridor --algorithm textbook --out run --tensorboard", "--tensorboard must be left out with --algorithm textbook")]
    public void Train_TensorBoardWhereItCannotBe_IsRefused(string arguments, string message)
    {
        using TemporaryDirectory directory = new();
        CliResult result = Pgfast.Run(arguments, directory.Root);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.TrimEnd().Split('\n'));
        Assert.Empty(Directory.GetFileSystemEntries(directory.Root));
    }

    private static IReadOnlyList<EventFileReader.Event> Events(string run) => EventFileReader.ReadDirectory(Path.Combine(run, "tensorboard"));

    private static void AssertLikeMetrics(string run, int updates)
    {
        EventFileReader.Event[] events = [.. Events(run).Where(one => one.Scalars.ContainsKey("train/mean_return"))];
        string[][] rows = [.. File.ReadLines(Path.Combine(run, "metrics.csv")).Skip(1).Select(row => row.Split(','))];
        Assert.Equal(Enumerable.Range(1, updates).Select(update => (long)update), events.Select(one => one.Step));
        Assert.Equal(updates, rows.Length);
        foreach ((string[] row, EventFileReader.Event one) in rows.Zip(events))
            Assert.All(Columns, column => Assert.Equal((float)double.Parse(row[column.Column], CultureInfo.InvariantCulture), one.Scalars[column.Tag]));
    }
}
