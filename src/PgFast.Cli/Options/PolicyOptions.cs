using System.CommandLine;
using PgFast.Cli.Output;
using PgFast.Cli.Runs;
using PgFast.Cli.Studies;
using PgFast.Files;
using PgFast.Networks;
using PgFast.Policies;
using PgFast.Training;
using PgFast.Variance;

namespace PgFast.Cli.Options;

/// <summary>The options that say which policy a study is about: a file, a run's checkpoints, or a fresh initialisation.</summary>
internal sealed class PolicyOptions
{
    private const string Policy = "Policy";
    private const ulong DefaultSeed = 1;

    private readonly ExplainedOption<string?> _policy = Values.Path(
        "--policy", Policy, "the path of a policy.safetensors or of a run directory", "PATH",
        "The policy's file, or its run's directory; a fresh initialisation if there is neither this nor --checkpoints.");

    private readonly ExplainedOption<string?> _checkpoints = Values.Path(
        "--checkpoints", Policy, "the path of a run directory", "DIR",
        "Every policy-*.safetensors in DIR/checkpoints or in DIR, by update: the variance along training.");

    private readonly ExplainedOption<Several<int>?> _hidden = new(
        "--hidden", "sizes from 1 to 65,536 separated by commas, such as 32 or 64,64, or none", TryParseSizes, null)
    {
        Group = Policy,
        Description = "Units of a fresh policy's hidden layers; none for a linear one.",
        HelpName = "SIZES",
        DefaultText = CommonOptions.DefaultByEnvironment(policy => policy.HiddenSizes.Count == 0 ? "none" : string.Join(',', policy.HiddenSizes)),
    };

    private readonly ExplainedOption<OnOff?> _bias = Values.OptionalChoice(
        "--bias", Policy, Names.Switches, "Whether a fresh policy's layers have biases.",
        CommonOptions.DefaultByEnvironment(policy => policy.HasBias ? "on" : "off"));

    private readonly ExplainedOption<Activation?> _activation = Values.OptionalChoice(
        "--activation", Policy, Names.Activations,
        "Non-linearity of a fresh policy's hidden layers (as in train by default), or of those of a file that does not name it.");

    private readonly ExplainedOption<Initialization?> _initialization = Values.OptionalChoice(
        "--init", Policy, Names.Initializations, "How a fresh policy's weights start.",
        CommonOptions.DefaultByEnvironment(policy => Values.NameOf(Names.Initializations, policy.Initialization)));

    private readonly ExplainedOption<ulong?> _seed = Values.Seed(
        "--seed", Policy, "Seed of a fresh policy's weights and of the episodes.",
        "1, or a file's seed + 1, so that training has seen none of the episodes");

    public void AddTo(Command command)
    {
        Option[] options = [_policy, _checkpoints, _hidden, _bias, _activation, _initialization, _seed];
        foreach (Option option in options)
            command.Add(option);
    }

    /// <summary>The directory of <c>--checkpoints</c>, or null.</summary>
    public string? CheckpointsIn(ParseResult parsed) => parsed.GetValue(_checkpoints);

    /// <summary>Makes or reads the policies.</summary>
    /// <param name="parsed">The options.</param>
    /// <param name="given">The environment's name, or null for the one that files name.</param>
    /// <param name="study">What will be measured.</param>
    /// <exception cref="UsageException">Options contradict each other, or a policy is missing, unreadable or does not fit.</exception>
    public (EnvironmentEntry Environment, IReadOnlyList<StudiedPolicy> Policies) Read(
        ParseResult parsed, string? given, VarianceOptions study)
    {
        string? path = parsed.GetValue(_policy), directory = parsed.GetValue(_checkpoints);
        if (given is not null)
            CommonOptions.FindEnvironment(given);
        if (path is null && directory is null)
        {
            EnvironmentEntry environment = CommonOptions.FindEnvironment(given);
            return (environment, [Fresh(parsed, environment, study)]);
        }

        if (path is not null && directory is not null)
            throw new UsageException("--checkpoints must be given without --policy: either one policy or those of a run");
        Option option = path is null ? _checkpoints : _policy;
        foreach (Option other in new Option[] { _hidden, _bias, _initialization })
        {
            if (parsed.GetResult(other) is { Implicit: false })
                throw new UsageException($"{other.Name} must be left out with {option.Name}: it shapes a fresh policy");
        }

        Activation? activation = parsed.GetValue(_activation);
        IReadOnlyList<(string Path, PolicyFile File, long? Update)> files =
            path is null ? Checkpoints.Load(option.Name, directory!, activation) : [LoadOne(SavedPolicy.PathIn(path), activation)];
        return FromFiles(option.Name, files, given, activation, parsed.GetValue(_seed));
    }

    private (string Path, PolicyFile File, long? Update) LoadOne(string path, Activation? activation)
    {
        PolicyFile file = SavedPolicy.Load(_policy.Name, path, activation);
        return (path, file, file.Update);
    }

    private (EnvironmentEntry Environment, IReadOnlyList<StudiedPolicy> Policies) FromFiles(
        string option, IReadOnlyList<(string Path, PolicyFile File, long? Update)> files, string? given, Activation? activation, ulong? seed)
    {
        EnvironmentEntry environment = SavedPolicy.EnvironmentOf(given, files[0].Path, files[0].File);
        List<StudiedPolicy> policies = [];
        foreach ((string path, PolicyFile file, long? update) in files)
        {
            // A file that names its activation needs no second opinion, which would only be ignored.
            if (activation is not null && SafeTensors.Load(path).Metadata.ContainsKey("activation"))
            {
                string named = Values.NameOf(Names.Activations, file.Shape.Activation);
                throw new UsageException($"{_activation.Name} must be left out: '{path}' names its own, {named}");
            }

            EnvironmentEntry own = SavedPolicy.EnvironmentOf(given, path, file);
            if (own != environment)
                throw new UsageException($"{option} must name policies of one environment; '{path}' is of {own.Name}, not {environment.Name}");
            SavedPolicy.RequireFit(option, path, file, environment);
            policies.Add(new StudiedPolicy(path, file.Shape, file.Parameters.ToArray(), update, seed ?? unchecked((file.Seed ?? 0) + 1))
            {
                ObservationScaling = file.ObservationScaling,
                ActionScale = file.ActionScale,
                Value = file.Value,
            });
        }

        return (environment, policies);
    }

    /// <summary>A fresh initialisation: the network that training starts from, unless options say otherwise.</summary>
    private StudiedPolicy Fresh(ParseResult parsed, EnvironmentEntry environment, VarianceOptions study)
    {
        TrainerOptions defaults = environment.DefaultOptions;
        IReadOnlyList<int> hidden = parsed.GetValue(_hidden)?.Items ?? defaults.HiddenSizes;
        bool hasBias = parsed.GetValue(_bias) is { } bias ? bias == OnOff.On : defaults.HasBias;
        ulong seed = parsed.GetValue(_seed) ?? DefaultSeed;
        NetworkShape shape;
        try
        {
            shape = ActionDistribution.Of(environment.Specification.Actions, defaults.StandardDeviation).CreateShape(
                environment.Specification.ObservationSize, [.. hidden], parsed.GetValue(_activation) ?? defaults.Activation, hasBias);
        }
        catch (ArgumentException)
        {
            throw new UsageException($"{_hidden.Name} must describe a network of at most {int.MaxValue} parameters");
        }

        RequireMemory(shape, study);
        float[] parameters = new float[shape.ParameterCount];
        Initialization scheme = parsed.GetValue(_initialization) ?? environment.DefaultPolicy.InitializationFor(hidden);
        NetworkInitializer.Initialize(parameters, shape, scheme, defaults.OutputScale, seed);
        return new StudiedPolicy(null, shape, parameters, null, seed) { ActionScale = defaults.ActionScale };
    }

    /// <summary>Refuses what this machine can never hold: every row keeps moments of every parameter, by block.</summary>
    private void RequireMemory(NetworkShape shape, VarianceOptions study)
    {
        double bytes = VarianceStudy.MemoryOf(shape, study);
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (bytes > available)
        {
            throw new UsageException(
                $"{_hidden.Name} must describe a network whose moments fit into memory: these take about {Gigabytes(bytes)} of"
                + $" {Gigabytes(available)} GB, and less with fewer estimators, baselines and batch sizes");
        }
    }

    private static string Gigabytes(double bytes) => Terminal.Number(bytes / (1 << 30), "0.#");

    private static bool TryParseSizes(string text, out Several<int>? sizes)
    {
        bool parsed = AlgorithmOptions.TryParseSizes(text, out int[] some);
        sizes = new Several<int>(some);
        return parsed;
    }
}
