using System.CommandLine;
using PgFast.Cli.Options;
using PgFast.Cli.Output;
using PgFast.Cli.Runs;
using PgFast.Training;

namespace PgFast.Cli.Commands;

// Going on with a run that was stopped.
internal sealed partial class TrainCommand
{
    private int Resume(ParseResult parsed, string path)
    {
        // Before anything is read: what another process is still writing is not where the run stopped.
        using DirectoryLock hold = DirectoryLock.Take(path);
        if (StoppedSeeds.IsIn(path))
            return ResumeSeeds(parsed, path);
        if (StoppedTextbook.IsIn(path))
            return ResumeTextbook(parsed, path);
        RequireOnly(parsed, Path.Combine(path, RunConfiguration.Name), [_updates, _steps, _solve, _evaluationEpisodes, _threads, _checkpointEvery, _tensorBoard, _resume, _json]);
        StoppedRun stopped = StoppedRun.Load(path);
        RequireEnvironment(parsed, path, stopped.Environment);
        RunPlan plan = PlanAnew(parsed, stopped.Environment, stopped.Plan);
        RequireBudget(plan, stopped);
        WarnOfSchedule(plan, stopped.Plan, stopped.Options);
        int threads = parsed.GetValue(_threads);
        TrainerFactory.RequireMemory(stopped.Environment, stopped.Options with { Threads = threads }, 1);
        using Interruption interruption = new();
        bool json = parsed.GetValue(_json);
        Progress progress = new(json, plan.Target);
        return Report(GoOn(stopped, plan, threads, [progress], interruption), progress, plan, json, parsed);
    }

    private int ResumeTextbook(ParseResult parsed, string path)
    {
        RequireOnly(parsed, Path.Combine(path, RunConfiguration.Name), [_textbook.Episodes, _textbook.Csv, _threads, _resume, _json]);
        StoppedTextbook stopped = StoppedTextbook.Load(path);
        RequireEnvironment(parsed, path, stopped.Environment);
        return TextbookRun.GoOn(stopped, _textbook.ReadAnew(parsed, stopped), _textbook.CsvIn(parsed), parsed.GetValue(_json));
    }

    /// <exception cref="UsageException">The directory is not one of a run that can be gone on with.</exception>
    private static RunOutcome GoOn(StoppedRun stopped, RunPlan plan, int threads, IReadOnlyList<IRunObserver> observers, Interruption interruption)
    {
        using Trainer trainer = stopped.CreateTrainer(threads);
        RunStart start = RunState.StartOf(stopped.File);
        using RunDirectory directory = RunDirectory.GoOn(stopped.Path, stopped.Environment.Name, trainer, plan, start);
        return Train(stopped.Environment, trainer, plan, directory, observers, interruption, start);
    }

    /// <summary>Refuses options that a run has from its beginning.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="configuration">Where the run's own are.</param>
    /// <param name="allowed">Those that may be given anew.</param>
    private static void RequireOnly(ParseResult parsed, string configuration, Option[] allowed)
    {
        foreach (Option option in parsed.CommandResult.Command.Options)
        {
            if (!allowed.Contains(option) && parsed.GetResult(option) is { Implicit: false })
                throw new UsageException($"{option.Name} cannot be given with --resume: the run's own options are in '{configuration}'");
        }
    }

    private void RequireEnvironment(ParseResult parsed, string path, EnvironmentEntry environment)
    {
        if (parsed.GetValue(_environment) is { } name && CommonOptions.FindEnvironment(name) != environment)
            throw new UsageException($"the run in '{path}' is on {environment.Name}, not on {name}");
    }

    /// <summary>Refuses a budget that the run has passed already, unless it is the one that it had: nothing would be done, and what was asked for forgotten.</summary>
    private void RequireBudget(RunPlan plan, StoppedRun stopped)
    {
        TrainerCheckpoint done = stopped.File.Checkpoint;
        if (plan.MaximumUpdates < done.UpdateCount && plan.MaximumUpdates != stopped.Plan.MaximumUpdates)
            throw new UsageException($"{_updates.Name} must be at least {done.UpdateCount}, which the run in '{stopped.Path}' has done, not {plan.MaximumUpdates}");
        if (plan.MaximumEnvironmentSteps < done.EnvironmentSteps && plan.MaximumEnvironmentSteps != stopped.Plan.MaximumEnvironmentSteps)
        {
            throw new UsageException(
                $"{_steps.Name} must be at least {done.EnvironmentSteps}, which the run in '{stopped.Path}' has done, not {plan.MaximumEnvironmentSteps}");
        }
    }

    /// <summary>A step size falls over the budget that the run began with. Going on beyond it is of use, but is not what a run with the larger budget would have done.</summary>
    private static void WarnOfSchedule(RunPlan plan, RunPlan before, TrainerOptions options)
    {
        (long? scheduled, long budget, long earlier, string unit) = options.ScheduledEnvironmentSteps is { } steps
            ? ((long?)steps, plan.MaximumEnvironmentSteps, before.MaximumEnvironmentSteps, "environment steps")
            : (options.ScheduledUpdates, plan.MaximumUpdates, before.MaximumUpdates, "updates");
        if (options.FinalStepSizeFactor == 1 || scheduled is not { } first || budget == first || budget == earlier)
            return;
        string asked = budget == long.MaxValue ? "another budget" : $"{Terminal.Count(budget)} {unit}";
        Console.Error.WriteLine(
            $"pgfast: the step size falls over the {Terminal.Count(first)} {unit} that the run began with, and stays where it is then: the bits are not those of a run that begins with {asked}");
    }

    /// <summary>A plan with what the user gives in the place of what it was.</summary>
    private RunPlan PlanAnew(ParseResult parsed, EnvironmentEntry environment, RunPlan plan)
    {
        long? updates = parsed.GetValue(_updates), steps = parsed.GetValue(_steps);
        bool hasBudget = updates is not null || steps is not null, asksToSolve = parsed.GetResult(_solve) is not null;
        if (asksToSolve && (parsed.GetValue(_solve) ?? plan.Target) is null)
            throw new UsageException($"--solve must be given a mean return, as {environment.Name} defines none");
        return plan with
        {
            Target = parsed.GetValue(_solve) ?? plan.Target,
            StopsWhenSolved = asksToSolve || (plan.StopsWhenSolved && !hasBudget),
            MaximumUpdates = hasBudget ? updates ?? long.MaxValue : plan.MaximumUpdates,
            MaximumEnvironmentSteps = hasBudget ? steps ?? long.MaxValue : plan.MaximumEnvironmentSteps,
            EvaluationEpisodes = parsed.GetResult(_evaluationEpisodes) is { Implicit: false } ? parsed.GetValue(_evaluationEpisodes) : plan.EvaluationEpisodes,
            CheckpointEvery = parsed.GetValue(_checkpointEvery) ?? plan.CheckpointEvery,
            WritesEvents = plan.WritesEvents || parsed.GetValue(_tensorBoard),
        };
    }
}
