using System.Diagnostics;
using PgFast.Cli.Output;
using PgFast.Cli.Runs;
using PgFast.Textbook;
using PgFast.Training;

namespace PgFast.Cli.Commands;

/// <summary><c>pgfast train --algorithm textbook</c>: runs the box many times side by side and says what came of it.</summary>
internal static class TextbookRun
{
    /// <summary>How long it may take until a signal is seen, or a state saved, where an episode is shorter.</summary>
    private const double PartSeconds = 0.05;

    /// <param name="environment">Where to.</param>
    /// <param name="options">Checked.</param>
    /// <param name="directory">What <c>--out</c> names, or null.</param>
    /// <param name="csv">Where the learning curve goes, or null.</param>
    /// <param name="json">Whether to print JSON.</param>
    /// <returns>The exit code.</returns>
    public static int Begin(EnvironmentEntry environment, TextbookOptions options, string? directory, string? csv, bool json)
    {
        using TextbookTrainer trainer = TextbookTrainer.Create(environment, options);
        TextbookDirectory? files = directory is null ? null : TextbookDirectory.Create(directory, environment.Name, trainer);
        using DirectoryLock? hold = directory is null ? null : DirectoryLock.Take(directory);
        return Execute(environment, trainer, files, directory, seconds: 0, csv, json);
    }

    /// <param name="stopped">The runs as they were left.</param>
    /// <param name="options">Theirs, with the threads and episodes of now.</param>
    /// <param name="csv">Where the learning curve goes, or null.</param>
    /// <param name="json">Whether to print JSON.</param>
    /// <returns>The exit code.</returns>
    public static int GoOn(StoppedTextbook stopped, TextbookOptions options, string? csv, bool json)
    {
        using TextbookTrainer trainer = stopped.CreateTrainer(options);
        TextbookDirectory files = TextbookDirectory.GoOn(stopped.Path, stopped.Environment.Name, trainer);
        return Execute(stopped.Environment, trainer, files, stopped.Path, RunState.SecondsIn(stopped.File.Notes), csv, json);
    }

    private static int Execute(
        EnvironmentEntry environment, TextbookTrainer trainer, TextbookDirectory? files, string? directory, double seconds, string? csv, bool json)
    {
        using Interruption interruption = new();
        try
        {
            Advance(trainer, files, ref seconds, interruption.Token);
        }
        catch (OperationCanceledException)
        {
            if (files is null)
            {
                Console.Error.WriteLine("pgfast: interrupted; nothing is kept without --out");
                return ExitCode.Interrupted;
            }

            files.Save(trainer, seconds);
            Console.Error.WriteLine(
                $"pgfast: interrupted after {Terminal.Count(trainer.EpisodeCount)} of {Terminal.Count(trainer.Options.Episodes)} episodes;"
                + $" 'train --resume {directory}' goes on");
            return ExitCode.Interrupted;
        }

        files?.Save(trainer, seconds);
        TextbookResult result = trainer.Train();
        if (csv is not null)
            TextbookFiles.WriteCurve(csv, result);
        files?.Finish(result);
        int diverged = Enumerable.Range(0, result.Runs).Count(run => !result.IsFinite(run));
        if (json)
            TextbookReport.PrintJson(environment, trainer.Options, result, seconds, diverged);
        else
            TextbookReport.Print(environment, trainer.Options, result, seconds);
        if (diverged == 0)
            return ExitCode.Done;
        Console.Error.WriteLine($"pgfast: the parameters of {Terminal.Count(diverged)} of {Terminal.Count(result.Runs)} runs became non-finite");
        return ExitCode.Failed;
    }

    /// <summary>The episodes that are left, in parts between which a state can be saved.</summary>
    private static void Advance(TextbookTrainer trainer, TextbookDirectory? files, ref double seconds, CancellationToken cancellation)
    {
        for (int episodes = 1; trainer.EpisodeCount < trainer.Options.Episodes;)
        {
            cancellation.ThrowIfCancellationRequested();
            long begin = Stopwatch.GetTimestamp();
            trainer.Advance(episodes, cancellation);
            double part = Stopwatch.GetElapsedTime(begin).TotalSeconds;
            seconds += part;
            files?.SaveIfDue(trainer, seconds);
            // Episodes become longer or shorter as runs learn.
            episodes = (int)Math.Clamp(episodes * PartSeconds / part, 1, Math.Min(2.0 * episodes, int.MaxValue));
        }
    }
}
