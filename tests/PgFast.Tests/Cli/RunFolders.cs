using System.Text.RegularExpressions;
using PgFast.Cli.Runs;
using PgFast.Files;
using PgFast.Reports.Input;
using PgFast.Textbook;
using PgFast.Training;

namespace PgFast.Tests.Cli;

/// <summary>What a process that was killed leaves must open, whenever that was.</summary>
internal static partial class RunFolders
{
    /// <summary>Opens a directory for everything that it can be opened for, as the commands do; one that is not there yet is none of a run.</summary>
    /// <returns>Updates or episodes of its newest states, all seeds together; −1 without a directory.</returns>
    public static long Open(string path)
    {
        if (!Directory.Exists(path))
            return -1;
        if (StoppedSeeds.IsIn(path))
        {
            StoppedSeeds seeds = StoppedSeeds.Load(path);
            string[] begun = Directory.GetDirectories(path, "seed-*");
            Assert.All(Enumerable.Range(0, seeds.Count), index => seeds.FinishedRun(index, seeds.Plan, _ => { }));
            if (begun.Length > 0)
                Assert.Equal(begun.Length, ReportInput.Load(path).Seeds.Count);
            return begun.Sum(Open);
        }

        if (StoppedTextbook.IsIn(path))
        {
            StoppedTextbook textbook = StoppedTextbook.Load(path);
            using TextbookTrainer restored = textbook.CreateTrainer(textbook.Options);
            return restored.EpisodeCount;
        }

        StoppedRun run = StoppedRun.Load(path);
        using Trainer trainer = run.CreateTrainer(threads: 1);
        Assert.True(PolicyFile.Load(Path.Combine(path, RunDirectory.PolicyName)).Update >= trainer.UpdateCount);
        // Rows are written before the state that they lead to.
        Assert.True(ReportInput.Load(path).Run!.Updates.Count >= trainer.UpdateCount);
        return trainer.UpdateCount;
    }

    /// <summary>Every file below a directory with its content, to see that nothing has changed.</summary>
    public static Dictionary<string, string> Content(string path) => Directory
        .GetFiles(path, "*", SearchOption.AllDirectories)
        .ToDictionary(file => Path.GetRelativePath(path, file), file => Convert.ToHexString(File.ReadAllBytes(file)));

    /// <summary>A command is refused in one line, and nothing below the directory is written.</summary>
    public static void AssertRefused(TemporaryDirectory directory, string arguments, string message, string detail)
    {
        Dictionary<string, string> before = Content(directory.Root);
        CliResult result = Pgfast.Run(arguments, directory.Root);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        string line = Assert.Single(result.Error.TrimEnd().Split('\n'));
        Assert.Contains(message, line, StringComparison.Ordinal);
        Assert.Contains(detail, line, StringComparison.Ordinal);
        Assert.Equal(before, Content(directory.Root));
    }

    /// <summary>A report without what depends on time; without evaluations, too, where earlier ones have used other episodes.</summary>
    public static string WithoutTimes(string json, bool evaluations = false)
    {
        string text = Times().Replace(json, "");
        return evaluations ? Evaluations().Replace(text, "") : text;
    }

    [GeneratedRegex("\"(trainSeconds|environmentStepsPerSecond|medianTrainSeconds)\": [^\n]*\n")]
    private static partial Regex Times();

    [GeneratedRegex("\"(solved|meanReturn|standardError)\": [^\n]*\n")]
    private static partial Regex Evaluations();
}
