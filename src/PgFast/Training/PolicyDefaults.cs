using PgFast.Environments;
using PgFast.Networks;
using PgFast.Policies;

namespace PgFast.Training;

/// <summary>The policy network that suits an environment where nobody asks for another, and how its weights start.</summary>
public sealed record PolicyDefaults
{
    private static readonly TrainerOptions General = new();

    /// <summary>Units of each hidden layer; empty for a linear policy.</summary>
    public IReadOnlyList<int> HiddenSizes { get; init; } = General.HiddenSizes;

    /// <summary>Whether layers have biases.</summary>
    public bool HasBias { get; init; } = General.HasBias;

    /// <summary>Non-linearity of the hidden layers.</summary>
    public Activation Activation { get; init; } = General.Activation;

    /// <summary>Where a Gaussian policy's standard deviation comes from.</summary>
    public StandardDeviationSource StandardDeviation { get; init; } = General.StandardDeviation;

    /// <summary>How the weights start.</summary>
    public Initialization Initialization { get; init; } = General.Initialization;

    /// <summary>Factor on the initial weights of the last layer.</summary>
    public float OutputScale { get; init; } = General.OutputScale;

    /// <summary>A textbook's action preferences: linear, without biases, all zero, so that every action is as likely as another.</summary>
    public static PolicyDefaults Preferences { get; } =
        new() { HiddenSizes = [], HasBias = false, Initialization = Initialization.Zero };

    /// <summary>How weights start behind other hidden layers than these.</summary>
    /// <param name="hiddenSizes">Units of each hidden layer.</param>
    /// <returns>
    /// <see cref="Initialization"/>, but for zero weights below hidden layers, which would never change: there the general default.
    /// </returns>
    public Initialization InitializationFor(IReadOnlyList<int> hiddenSizes)
    {
        ArgumentNullException.ThrowIfNull(hiddenSizes);
        return Initialization == Initialization.Zero && hiddenSizes.Count > 0 ? General.Initialization : Initialization;
    }

    /// <summary>The network on an environment.</summary>
    /// <param name="specification">The environment: its observation is the input, its actions are the outputs.</param>
    public NetworkShape CreateShape(EnvironmentSpecification specification)
    {
        ArgumentNullException.ThrowIfNull(specification);
        return ActionDistribution.Of(specification.Actions, StandardDeviation)
            .CreateShape(specification.ObservationSize, [.. HiddenSizes], Activation, HasBias);
    }

    /// <summary>The network of a run's options, and how its weights start.</summary>
    /// <param name="options">The options.</param>
    public static PolicyDefaults Of(TrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new PolicyDefaults
        {
            HiddenSizes = options.HiddenSizes,
            HasBias = options.HasBias,
            Activation = options.Activation,
            Initialization = options.Initialization,
            OutputScale = options.OutputScale,
            StandardDeviation = options.StandardDeviation,
        };
    }

    /// <summary>A run's options with this network and start instead of their own.</summary>
    /// <param name="options">The other options.</param>
    public TrainerOptions ApplyTo(TrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options with
        {
            HiddenSizes = HiddenSizes,
            HasBias = HasBias,
            Activation = Activation,
            Initialization = Initialization,
            OutputScale = OutputScale,
            StandardDeviation = StandardDeviation,
        };
    }
}
