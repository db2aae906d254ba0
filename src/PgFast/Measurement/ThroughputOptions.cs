using PgFast.Networks;

namespace PgFast.Measurement;

/// <summary>A network whose throughput is measured on CartPole.</summary>
/// <param name="HiddenSizes">Units of each hidden layer.</param>
/// <param name="Activation">Non-linearity of the hidden layers.</param>
public sealed record ThroughputNetwork(IReadOnlyList<int> HiddenSizes, Activation Activation);

/// <summary>What is measured, and how long.</summary>
public sealed record ThroughputOptions
{
    /// <summary>The networks. Default: the default network with ReLU and with tanh, 4-64-64-2 and 4-256-256-2.</summary>
    public IReadOnlyList<ThroughputNetwork> Networks { get; init; } =
    [
        new([32], Activation.Relu),
        new([32], Activation.Tanh),
        new([64, 64], Activation.Relu),
        new([256, 256], Activation.Relu),
    ];

    /// <summary>Worker threads, at least 1. Above 1, whole training is measured with one thread and with so many. Default 1.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Episodes an update, at least 1. Default 64, as in training.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Rounds, at least 1: all stages of all networks are measured once a round; the median over rounds counts. Default 7.</summary>
    public int Rounds { get; init; } = 7;

    /// <summary>Least time spent on a stage of a network in a round, in milliseconds, at least 1. Default 100.</summary>
    public int MillisecondsPerStage { get; init; } = 100;

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentException">A value is out of range; the exception names it.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(Networks);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Threads);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(BatchSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Rounds);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MillisecondsPerStage);
    }
}
