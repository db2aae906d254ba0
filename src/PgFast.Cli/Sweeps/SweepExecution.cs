using PgFast.Cli.Output;
using PgFast.Cli.Runs;
using PgFast.Training;

namespace PgFast.Cli.Sweeps;

/// <summary>Does the runs of a sweep that are not done yet, one thread each, side by side.</summary>
/// <remarks>
/// Seed by seed over all configurations, so that what is there after an interruption compares like with like. A run is kept when it is
/// finished; one that a signal stops is done again from its start.
/// </remarks>
internal sealed class SweepExecution
{
    private readonly SweepDefinition _definition;
    private readonly SweepDirectory _directory;
    private readonly string[,] _keys;
    private readonly SweepRun?[,,] _runs;

    private SweepExecution(SweepDefinition definition, SweepDirectory directory)
    {
        _definition = definition;
        _directory = directory;
        int configurations = definition.Configurations.Count, environments = definition.Environments.Count;
        _keys = new string[configurations, environments];
        _runs = new SweepRun?[configurations, environments, definition.Seeds.Count];
        for (int configuration = 0; configuration < configurations; configuration++)
        {
            for (int environment = 0; environment < environments; environment++)
                _keys[configuration, environment] = SweepKey.Of(definition, configuration, environment);
        }
    }

    /// <summary>Runs that an earlier call had finished.</summary>
    public int Found { get; private set; }

    /// <summary>Runs finished, the earlier ones included.</summary>
    public int Finished => _runs.Cast<SweepRun?>().Count(run => run is not null);

    /// <summary>Refuses runs that this machine can never hold side by side.</summary>
    /// <exception cref="UsageException">There is one.</exception>
    public static void RequireMemory(SweepDefinition definition, int threads)
    {
        foreach (SweepConfiguration configuration in definition.Configurations)
        {
            for (int index = 0; index < definition.Environments.Count; index++)
                TrainerFactory.RequireMemory(definition.Environments[index], configuration.Options[index], Math.Min(threads, definition.Runs));
        }
    }

    /// <summary>Finds what is there and does the rest.</summary>
    /// <param name="definition">What to do.</param>
    /// <param name="directory">Where runs are kept.</param>
    /// <param name="threads">Runs side by side.</param>
    /// <param name="progress">Is told how many are done.</param>
    /// <param name="interruption">Stops it between updates.</param>
    /// <exception cref="IOException">A finished run cannot be written.</exception>
    public static SweepExecution Execute(
        SweepDefinition definition, SweepDirectory directory, int threads, Progress progress, Interruption interruption)
    {
        SweepExecution execution = new(definition, directory);
        (int Configuration, int Environment, int Seed)[] open = [.. execution.Open()];
        if (open.Length == 0)
            return execution;
        ParallelRuns runs = new(open.Length, Math.Min(threads, open.Length), index => execution.Run(open[index], interruption));
        runs.Execute(progress, interruption, $"runs{(execution.Found > 0 ? $" ({Terminal.Count(execution.Found)} were done before)" : "")}");
        return execution;
    }

    /// <summary>The finished runs of a configuration on an environment, in the order of the seeds.</summary>
    public IReadOnlyList<SweepRun> RunsOf(int configuration, int environment) =>
        [.. Enumerable.Range(0, _definition.Seeds.Count).Select(seed => _runs[configuration, environment, seed]).OfType<SweepRun>()];

    private IEnumerable<(int Configuration, int Environment, int Seed)> Open()
    {
        for (int seed = 0; seed < _definition.Seeds.Count; seed++)
        {
            for (int configuration = 0; configuration < _definition.Configurations.Count; configuration++)
            {
                for (int environment = 0; environment < _definition.Environments.Count; environment++)
                {
                    SweepRun? found = _directory.Find(
                        _keys[configuration, environment], _definition.Environments[environment].Name, _definition.Seeds[seed], _definition.Points);
                    _runs[configuration, environment, seed] = found;
                    if (found is null)
                        yield return (configuration, environment, seed);
                    else
                        Found++;
                }
            }
        }
    }

    private RunOutcome Run((int Configuration, int Environment, int Seed) place, Interruption interruption)
    {
        SweepConfiguration configuration = _definition.Configurations[place.Configuration];
        EnvironmentEntry environment = _definition.Environments[place.Environment];
        TrainerOptions options = configuration.Options[place.Environment] with { Seed = _definition.Seeds[place.Seed], MeasureEntropy = true };
        RunPlan plan = new(
            environment.Specification.SolvedReturn, StopsWhenSolved: false, _definition.Updates ?? long.MaxValue,
            _definition.EnvironmentSteps ?? long.MaxValue, _definition.EvaluationEpisodes, CheckpointEvery: null);
        using Trainer trainer = TrainerFactory.Create(environment, options);
        SweepCurve curve = new(_definition.Points, _definition.Budget, _definition.EnvironmentSteps is not null);
        RunOutcome outcome = TrainingRun.Execute(environment.Name, trainer, plan, [curve], interruption);
        if (outcome.Diverged)
            outcome = Judged(outcome, trainer, interruption);
        if (outcome.Evaluation is not { } evaluation)
            return outcome;
        (double[] returns, double[] entropies) = curve.Finish(evaluation.MeanReturn);
        SweepRun run = new()
        {
            Environment = environment.Name,
            Label = configuration.Label,
            Seed = options.Seed,
            MeanReturn = evaluation.MeanReturn,
            StandardError = evaluation.StandardError,
            Solved = outcome.Solved,
            Divergence = outcome.Error,
            Updates = outcome.Updates,
            Episodes = outcome.Episodes,
            EnvironmentSteps = outcome.EnvironmentSteps,
            TrainSeconds = outcome.TrainSeconds,
            ParameterHash = outcome.ParameterHash,
            Returns = returns,
            Entropies = entropies,
        };
        _directory.Add(_keys[place.Configuration, place.Environment], run);
        _runs[place.Configuration, place.Environment, place.Seed] = run;
        return outcome;
    }

    /// <summary>A run that diverged is judged by the policy that it leaves: the last one that was finite.</summary>
    private RunOutcome Judged(RunOutcome outcome, Trainer trainer, Interruption interruption)
    {
        try
        {
            return outcome with { Evaluation = EvaluationSummary.Of(interruption.Evaluate(trainer, _definition.EvaluationEpisodes)) };
        }
        catch (OperationCanceledException)
        {
            return outcome with { Interrupted = true };
        }
    }
}
