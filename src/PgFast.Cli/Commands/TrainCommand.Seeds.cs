using System.CommandLine;
using PgFast.Cli.Output;
using PgFast.Cli.Runs;
using PgFast.Files;
using PgFast.Training;

namespace PgFast.Cli.Commands;

// Several seeds side by side.
internal sealed partial class TrainCommand
{
    private int RunSeeds(
        EnvironmentEntry environment, TrainerOptions options, RunPlan plan, string? directory, bool json, int seeds, ParseResult parsed,
        Interruption interruption)
    {
        // Made before any run starts: a directory that cannot be made is then found before it costs anything.
        if (directory is not null)
        {
            OutputDirectory.Make(
                directory,
                staging => AtomicFile.Write(Path.Combine(staging, StoppedSeeds.Name), RunConfiguration.Write(environment.Name, options, plan, seeds)));
        }

        using DirectoryLock? hold = directory is null ? null : DirectoryLock.Take(directory);
        return RunSeeds(environment, options, plan, json, seeds, parsed, interruption, index =>
        {
            TrainerOptions own = StoppedSeeds.OptionsOf(options, index);
            string? path = directory is null ? null : StoppedSeeds.DirectoryOf(directory, own.Seed);
            return Train(environment, own, plan, path, [], interruption);
        });
    }

    /// <summary>Goes on with every seed that is not at its end, and begins those that were never begun.</summary>
    private int ResumeSeeds(ParseResult parsed, string path)
    {
        RequireOnly(parsed, Path.Combine(path, StoppedSeeds.Name), [_updates, _steps, _solve, _evaluationEpisodes, _threads, _checkpointEvery, _tensorBoard, _resume, _json]);
        StoppedSeeds stopped = StoppedSeeds.Load(path);
        RequireEnvironment(parsed, path, stopped.Environment);
        RunPlan plan = PlanAnew(parsed, stopped.Environment, stopped.Plan);
        TrainerOptions options = stopped.Options with { Threads = parsed.GetValue(_threads), MeasureEntropy = true };
        TrainerFactory.RequireMemory(stopped.Environment, options, Math.Min(stopped.Count, options.Threads));
        // All of them are looked at before anything is written or run.
        RunOutcome?[] finished = [.. Enumerable.Range(0, stopped.Count).Select(index => stopped.FinishedRun(index, plan, run => RequireBudget(plan, run)))];
        WarnOfSchedule(plan, stopped.Plan, options);
        using Interruption interruption = new();
        OutputDirectory.RemoveLeftovers(path);
        AtomicFile.Write(Path.Combine(path, StoppedSeeds.Name), RunConfiguration.Write(stopped.Environment.Name, options, plan, stopped.Count));
        return RunSeeds(stopped.Environment, options, plan, parsed.GetValue(_json), stopped.Count, parsed, interruption, index =>
        {
            if (finished[index] is { } outcome)
                return outcome;
            TrainerOptions own = StoppedSeeds.OptionsOf(options, index);
            string directory = StoppedSeeds.DirectoryOf(path, own.Seed);
            if (!Directory.Exists(directory))
                return Train(stopped.Environment, own, plan, directory, [], interruption);
            using DirectoryLock seed = DirectoryLock.Take(directory);
            return GoOn(StoppedRun.Load(directory), plan, threads: 1, [], interruption);
        });
    }

    /// <param name="environment">The environment.</param>
    /// <param name="options">Of the first seed, with the threads of all of them.</param>
    /// <param name="plan">When each is to end.</param>
    /// <param name="json">Whether to print JSON.</param>
    /// <param name="seeds">How many.</param>
    /// <param name="parsed">The command line.</param>
    /// <param name="interruption">Stops them.</param>
    /// <param name="run">The outcome of the run of that number, from 0.</param>
    private int RunSeeds(
        EnvironmentEntry environment, TrainerOptions options, RunPlan plan, bool json, int seeds, ParseResult parsed, Interruption interruption,
        Func<int, RunOutcome> run)
    {
        Progress progress = new(json, plan.Target);
        ParallelRuns runs = new(seeds, Math.Min(options.Threads, seeds), index =>
        {
            try
            {
                return run(index);
            }
            catch (UsageException exception)
            {
                // The disk became full, say: what other runs have done is still to be reported.
                using Trainer trainer = TrainerFactory.Create(environment, StoppedSeeds.OptionsOf(options, index));
                return TrainingRun.NotBegun(environment.Name, trainer, exception.Message);
            }
        });
        IReadOnlyList<RunOutcome> outcomes = runs.Execute(progress, interruption, "seeds");
        progress.Clear();
        if (json)
            TrainReport.PrintSeedsJson(environment.Name, outcomes);
        else if (outcomes.Count > 0)
            TrainReport.PrintSeeds(outcomes, plan);
        foreach (RunOutcome outcome in outcomes)
        {
            if (outcome.Error is not null)
                Console.Error.WriteLine($"pgfast: seed {outcome.Seed}: {outcome.Error.ReplaceLineEndings(" ")}");
        }

        bool isSaved = !outcomes.Any(outcome => outcome.LacksFiles);
        return interruption.IsRequested && isSaved ? ExitCode.Interrupted : ExitCodeOf(outcomes, parsed);
    }
}
