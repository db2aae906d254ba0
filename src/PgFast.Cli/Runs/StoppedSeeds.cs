using System.Globalization;
using PgFast.Cli.Output;
using PgFast.Training;

namespace PgFast.Cli.Runs;

/// <summary>A directory of several seeds' runs: what was asked for, and how far each has got.</summary>
/// <param name="Path">The directory.</param>
/// <param name="Environment">The environment.</param>
/// <param name="Options">The options of the first seed.</param>
/// <param name="Plan">Budget and target of every seed.</param>
/// <param name="Count">Number of seeds.</param>
internal sealed record StoppedSeeds(string Path, EnvironmentEntry Environment, TrainerOptions Options, RunPlan Plan, int Count)
{
    /// <summary>The file that says what was asked for; every seed's directory is beside it.</summary>
    public const string Name = "seeds.json";

    /// <summary>Whether a directory is one of several seeds.</summary>
    public static bool IsIn(string path) => System.IO.File.Exists(System.IO.Path.Combine(path, Name));

    /// <summary>Reads what was asked for.</summary>
    /// <exception cref="UsageException">It cannot be read.</exception>
    public static StoppedSeeds Load(string path) => RunConfiguration.Read(
        System.IO.Path.Combine(path, Name),
        json => new StoppedSeeds(path, RunConfiguration.EnvironmentOf(json), OptionsReader.Read(json), RunConfiguration.PlanOf(json), CountIn(json)));

    /// <summary>The directory of a seed.</summary>
    public static string DirectoryOf(string path, ulong seed) => System.IO.Path.Combine(path, string.Create(CultureInfo.InvariantCulture, $"seed-{seed}"));

    /// <summary>The options of the run of that number, from 0; one thread, as seeds run side by side.</summary>
    public static TrainerOptions OptionsOf(TrainerOptions first, int index) => first with { Seed = first.Seed + (ulong)index, Threads = 1 };

    /// <summary>Reads how far a seed has got, and checks everything that going on with it would read.</summary>
    /// <param name="index">The run's number, from 0.</param>
    /// <param name="plan">When it is to end now.</param>
    /// <param name="require">Refuses a run that was begun and cannot go on by that plan.</param>
    /// <returns>What it came to; null if it was never begun, or is not at its end.</returns>
    /// <exception cref="UsageException">A file is missing, damaged or of another run; the message names it.</exception>
    public RunOutcome? FinishedRun(int index, RunPlan plan, Action<StoppedRun> require)
    {
        TrainerOptions options = OptionsOf(Options, index);
        string directory = DirectoryOf(Path, options.Seed);
        if (!System.IO.Path.Exists(directory))
            return null;
        StoppedRun run = StoppedRun.Load(directory);
        string configuration = System.IO.Path.Combine(directory, RunConfiguration.Name);
        if (run.Environment != Environment || !JsonOf(run.Options).SequenceEqual(JsonOf(options)))
            throw new UsageException($"'{configuration}' is of another run than '{System.IO.Path.Combine(Path, Name)}' describes");
        run.CreateTrainer(threads: 1).Dispose();
        require(run);
        RunOutcome? outcome = ResultFile.Load(directory);
        if (outcome is not null && outcome.ParameterHash != Trainer.ParameterHashOf(run.File.Policy.Parameters))
            throw new UsageException($"'{System.IO.Path.Combine(directory, ResultFile.Name)}' is not of the parameters in '{RunState.CheckpointName}' beside it");
        return run.Plan with { CheckpointEvery = plan.CheckpointEvery } == plan ? outcome : null;
    }

    private static int CountIn(System.Text.Json.JsonElement json) =>
        json.Member("seeds", value => value.GetInt32()) is >= 1 and int count ? count : throw new FormatException("'seeds' is no number of at least 1");

    private static byte[] JsonOf(TrainerOptions options) => JsonText.Write(json =>
    {
        json.WriteStartObject();
        OptionsJson.Write(json, options);
        json.WriteNumber("seed", options.Seed);
        json.WriteEndObject();
    });
}
