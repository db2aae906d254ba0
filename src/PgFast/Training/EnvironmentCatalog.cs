using PgFast.Environments;
using PgFast.Networks;
using PgFast.Variance;

namespace PgFast.Training;

/// <summary>The environments that have a name. To add one, add its line to <see cref="All"/>.</summary>
public static class EnvironmentCatalog
{
    /// <summary>All entries.</summary>
    public static IReadOnlyList<EnvironmentEntry> All { get; } =
    [
        EnvironmentEntry.Create<CartPole>("cartpole").WithPresets(Recipes.FastestCartPole),
        EnvironmentEntry.Create<ContinuousCartPole>("cartpole-continuous", Recipes.ContinuousCartPole),
        EnvironmentEntry.Create<Acrobot>("acrobot", Recipes.Acrobot),
        EnvironmentEntry.Create<MountainCar>("mountain-car", Recipes.MountainCar),
        EnvironmentEntry.Create<MountainCarContinuous>("mountain-car-continuous", Recipes.MountainCarContinuous),
        EnvironmentEntry.Create<Pendulum>("pendulum", Recipes.Pendulum),
        EnvironmentEntry.Create<ShortCorridor>("corridor", PolicyDefaults.Preferences),
        EnvironmentEntry.Create<SoftmaxBandit>("bandit", PolicyDefaults.Preferences),
        EnvironmentEntry.Create<GaussianBandit>("gaussian-bandit", PolicyDefaults.Preferences),
        EnvironmentEntry.Create<CartPoleV0>("cartpole-v0"),
        EnvironmentEntry.Create<CartPoleSuttonBarto>("cartpole-sutton-barto"),
        EnvironmentEntry.Create<CartPolePuffer>("cartpole-puffer"),
    ];

    /// <summary>All names.</summary>
    public static IEnumerable<string> Names => All.Select(entry => entry.Name);

    /// <summary>The entry of that name, or null.</summary>
    /// <param name="name">Case is ignored.</param>
    public static EnvironmentEntry? Find(string name) =>
        All.FirstOrDefault(entry => string.Equals(entry.Name, name, StringComparison.OrdinalIgnoreCase));
}

/// <summary>An environment behind a name: what is known of it, and how to train on it without knowing its type.</summary>
public sealed class EnvironmentEntry
{
    private readonly Func<TrainerOptions?, Trainer> _createTrainer;
    private readonly Func<NetworkShape, float[], VarianceOptions?, VarianceStudy> _createStudy;
    private readonly Func<BatchedEnvironment> _createEnvironment;

    private EnvironmentEntry(
        string name, EnvironmentSpecification specification, TrainerOptions defaultOptions, Func<TrainerOptions?, Trainer> createTrainer,
        Func<NetworkShape, float[], VarianceOptions?, VarianceStudy> createStudy, Func<BatchedEnvironment> createEnvironment,
        IReadOnlyList<TrainingPreset> presets)
    {
        Presets = presets;
        _createStudy = createStudy;
        _createEnvironment = createEnvironment;
        Name = name;
        Specification = specification;
        DefaultOptions = defaultOptions;
        DefaultPolicy = PolicyDefaults.Of(defaultOptions);
        _createTrainer = createTrainer;
    }

    /// <summary>The name, lower-case with hyphens, such as <c>cartpole</c>.</summary>
    public string Name { get; }

    /// <summary>Sizes and limits.</summary>
    public EnvironmentSpecification Specification { get; }

    /// <summary>The options that train on it where nobody asks for others.</summary>
    public TrainerOptions DefaultOptions { get; }

    /// <summary>Other sets of options, each for a purpose of its own.</summary>
    public IReadOnlyList<TrainingPreset> Presets { get; }

    /// <summary>The policy network that suits it, and how its weights start.</summary>
    public PolicyDefaults DefaultPolicy { get; }

    /// <summary>Names an environment type.</summary>
    /// <typeparam name="TEnvironment">The environment.</typeparam>
    /// <param name="name">Lower-case with hyphens.</param>
    /// <param name="defaultPolicy">The policy network that suits it; null for that of <see cref="TrainerOptions"/>.</param>
    public static EnvironmentEntry Create<TEnvironment>(string name, PolicyDefaults? defaultPolicy = null)
        where TEnvironment : struct, IBatchedEnvironment<TEnvironment> =>
        Create<TEnvironment>(name, (defaultPolicy ?? new PolicyDefaults()).ApplyTo(new TrainerOptions()));

    /// <summary>Names an environment type.</summary>
    /// <typeparam name="TEnvironment">The environment.</typeparam>
    /// <param name="name">Lower-case with hyphens.</param>
    /// <param name="defaultOptions">The options that train on it where nobody asks for others.</param>
    public static EnvironmentEntry Create<TEnvironment>(string name, TrainerOptions defaultOptions)
        where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(defaultOptions);
        return new EnvironmentEntry(
            name, TEnvironment.Specification, defaultOptions, options => new Trainer<TEnvironment>(options),
            (shape, parameters, options) => new VarianceStudy<TEnvironment>(shape, parameters, options),
            BatchedEnvironment.Create<TEnvironment>, []);
    }

    /// <summary>The same entry with other sets of options, to be asked for by name.</summary>
    /// <param name="presets">Names must differ.</param>
    /// <exception cref="ArgumentException">Two have the same name.</exception>
    public EnvironmentEntry WithPresets(params IReadOnlyList<TrainingPreset> presets)
    {
        ArgumentNullException.ThrowIfNull(presets);
        if (presets.DistinctBy(preset => preset.Name, StringComparer.OrdinalIgnoreCase).Count() != presets.Count)
            throw new ArgumentException("Two presets have the same name.", nameof(presets));
        return new EnvironmentEntry(Name, Specification, DefaultOptions, _createTrainer, _createStudy, _createEnvironment, [.. presets]);
    }

    /// <summary>The preset of that name, or null.</summary>
    /// <param name="name">Case is ignored.</param>
    public TrainingPreset? FindPreset(string name) =>
        Presets.FirstOrDefault(preset => string.Equals(preset.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>A trainer on this environment; the caller disposes it.</summary>
    /// <param name="options">The run's options, taken as they are; null for <see cref="DefaultOptions"/>.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public Trainer CreateTrainer(TrainerOptions? options = null) =>
        _createTrainer(options ?? DefaultOptions);

    /// <summary>A variance study on this environment; the caller disposes it.</summary>
    /// <param name="shape">The policy network.</param>
    /// <param name="parameters">[ParameterCount], finite, in file order; copied.</param>
    /// <param name="options">What to measure; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the network does not fit the environment.</exception>
    public VarianceStudy CreateStudy(NetworkShape shape, ReadOnlySpan<float> parameters, VarianceOptions? options = null) =>
        _createStudy(shape, parameters.ToArray(), options);

    /// <summary>The environment's kernels, for the rooms behind this one.</summary>
    internal BatchedEnvironment CreateEnvironment() => _createEnvironment();
}
