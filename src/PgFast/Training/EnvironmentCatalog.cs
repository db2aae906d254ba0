using PgFast.Environments;

namespace PgFast.Training;

/// <summary>The environments that have a name. To add one, add its line to <see cref="All"/>.</summary>
public static class EnvironmentCatalog
{
    /// <summary>All entries.</summary>
    public static IReadOnlyList<EnvironmentEntry> All { get; } =
    [
        EnvironmentEntry.Create<CartPole>("cartpole"),
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

    private EnvironmentEntry(string name, EnvironmentSpecification specification, Func<TrainerOptions?, Trainer> createTrainer)
    {
        Name = name;
        Specification = specification;
        _createTrainer = createTrainer;
    }

    /// <summary>The name, lower-case with hyphens, such as <c>cartpole</c>.</summary>
    public string Name { get; }

    /// <summary>Sizes and limits.</summary>
    public EnvironmentSpecification Specification { get; }

    /// <summary>Names an environment type.</summary>
    /// <typeparam name="TEnvironment">The environment.</typeparam>
    /// <param name="name">Lower-case with hyphens.</param>
    public static EnvironmentEntry Create<TEnvironment>(string name) where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return new EnvironmentEntry(name, TEnvironment.Specification, options => new Trainer<TEnvironment>(options));
    }

    /// <summary>A trainer on this environment; the caller disposes it.</summary>
    /// <param name="options">The run's options; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public Trainer CreateTrainer(TrainerOptions? options = null) => _createTrainer(options);
}
