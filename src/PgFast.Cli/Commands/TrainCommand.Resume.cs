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
        Option[] allowed = [_updates, _steps, _solve, _evaluationEpisodes, _threads, _checkpointEvery, _tensorBoard, _resume, _json];
        foreach (Option option in parsed.CommandResult.Command.Options)
        {
            if (!allowed.Contains(option) && parsed.GetResult(option) is { Implicit: false })
                throw new UsageException($"{option.Name} cannot be given with --resume: the run's own options are in '{Path.Combine(path, RunDirectory.ConfigurationName)}'");
        }

        StoppedRun stopped = StoppedRun.Load(path);
        if (parsed.GetValue(_environment) is { } name && CommonOptions.FindEnvironment(name) != stopped.Environment)
            throw new UsageException($"the run in '{path}' is on {stopped.Environment.Name}, not on {name}");
        RunPlan plan = PlanAnew(parsed, stopped);
        TrainerOptions options = stopped.Options with { Threads = parsed.GetValue(_threads), MeasureEntropy = true };
        TrainerFactory.RequireMemory(stopped.Environment, options, 1);
        using Interruption interruption = new();
        using Trainer trainer = TrainerFactory.Create(stopped.Environment, options);
        try
        {
            trainer.RestoreCheckpoint(stopped.File.Checkpoint);
        }
        catch (ArgumentException exception)
        {
            throw new UsageException($"'{Path.Combine(path, RunState.CheckpointName)}' does not belong to '{RunDirectory.ConfigurationName}' beside it: {exception.Message}");
        }

        RunStart start = RunState.StartOf(stopped.File);
        bool json = parsed.GetValue(_json);
        Progress progress = new(json, plan.Target);
        using RunDirectory directory = RunDirectory.GoOn(path, stopped.Environment.Name, options, plan, trainer.UpdateCount, start);
        RunOutcome run = TrainingRun.Execute(stopped.Environment.Name, trainer, plan, [directory, progress], interruption, start);
        string? failure = directory.Finish(trainer, run);
        return Report(failure is null || run.Error is not null ? run : run with { Error = failure }, progress, plan, json, parsed);
    }

    /// <summary>The run's plan, with what the user gives in the place of what it was.</summary>
    private RunPlan PlanAnew(ParseResult parsed, StoppedRun stopped)
    {
        long? updates = parsed.GetValue(_updates), steps = parsed.GetValue(_steps);
        bool hasBudget = updates is not null || steps is not null, asksToSolve = parsed.GetResult(_solve) is not null;
        RunPlan plan = stopped.Plan;
        if (asksToSolve && (parsed.GetValue(_solve) ?? plan.Target) is null)
            throw new UsageException($"--solve must be given a mean return, as {stopped.Environment.Name} defines none");
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
