using PgFast.Optimizers;

namespace PgFast.Training;

/// <summary>All that a run's later updates depend on: a trainer that takes it over goes on with the same bits as if nothing had stopped.</summary>
/// <remarks>Made by <see cref="Trainer.CaptureCheckpoint"/>; a file of it by <see cref="Files.CheckpointFile"/>. Random numbers have no state to keep: they are a function of seed and episode.</remarks>
public sealed record TrainerCheckpoint
{
    /// <summary>The environment's name and every option that changes bits, as names and values.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Options { get; init; }

    /// <summary>[ParameterCount]; the policy's parameters in file order.</summary>
    public required float[] Parameters { get; init; }

    /// <summary>The policy's optimizer.</summary>
    public required OptimizerState Optimizer { get; init; }

    /// <summary>Updates done.</summary>
    public required long UpdateCount { get; init; }

    /// <summary>Episodes of all updates.</summary>
    public required long EpisodeCount { get; init; }

    /// <summary>Environment steps of all updates.</summary>
    public required long EnvironmentSteps { get; init; }

    /// <summary>Episodes of all evaluations: the next evaluation draws others.</summary>
    public required ulong EvaluationEpisodes { get; init; }

    /// <summary>Moments of the observations; null unless they are normalised.</summary>
    public required ObservationState? Observations { get; init; }

    /// <summary>The learned baseline; null for others.</summary>
    public required ValueState? Value { get; init; }
}

/// <summary>Running moments of observations.</summary>
/// <param name="Count">Observations so far.</param>
/// <param name="Mean">[ObservationSize].</param>
/// <param name="Squares">[ObservationSize]; sums of squared deviations.</param>
/// <param name="ScalingMean">[ObservationSize]; what is subtracted.</param>
/// <param name="ScalingDeviation">[ObservationSize]; what is divided by.</param>
public sealed record ObservationState(long Count, double[] Mean, double[] Squares, float[] ScalingMean, float[] ScalingDeviation)
{
    /// <exception cref="ArgumentException">It has other features, or a value is out of range.</exception>
    internal void Require(int features)
    {
        if (Mean.Length != features || Squares.Length != features || ScalingMean.Length != features || ScalingDeviation.Length != features)
            throw new ArgumentException($"The moments are of {Mean.Length} features, not of {features}.");
        bool isSound = Count >= 0 && Mean.All(double.IsFinite) && Squares.All(value => double.IsFinite(value) && value >= 0)
            && ScalingMean.All(float.IsFinite) && ScalingDeviation.All(value => float.IsFinite(value) && value > 0);
        if (!isSound)
            throw new ArgumentException("A moment of the observations is out of range.");
    }
}

/// <summary>A learned baseline between two updates.</summary>
/// <param name="Parameters">[ValueShape.ParameterCount].</param>
/// <param name="Optimizer">Its optimizer.</param>
/// <param name="Count">Targets so far.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="Squares">Sum of their squared deviations.</param>
/// <param name="ScaleMean">What the network's output is added to, after multiplication.</param>
/// <param name="ScaleDeviation">What the network's output is multiplied by.</param>
public sealed record ValueState(
    float[] Parameters, OptimizerState Optimizer, long Count, double Mean, double Squares, float ScaleMean, float ScaleDeviation)
{
    /// <exception cref="ArgumentException">It is of another network, or a value is out of range.</exception>
    internal void Require(int parameterCount)
    {
        if (Parameters.Length != parameterCount)
            throw new ArgumentException($"The learned baseline has {Parameters.Length} parameters, not {parameterCount}.");
        bool isSound = Count >= 0 && double.IsFinite(Mean) && double.IsFinite(Squares) && Squares >= 0 && float.IsFinite(ScaleMean)
            && float.IsFinite(ScaleDeviation) && ScaleDeviation > 0 && Parameters.All(float.IsFinite);
        if (!isSound)
            throw new ArgumentException("A number of the learned baseline is out of range.");
    }
}
