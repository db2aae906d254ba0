namespace PgFast.Environments;

/// <summary>What observations are centred and divided by before a network sees them, feature by feature. Immutable.</summary>
public sealed class ObservationScaling
{
    private readonly float[] _mean;
    private readonly float[] _deviation;

    /// <summary>Keeps a copy of means and deviations.</summary>
    /// <param name="mean">[ObservationSize], finite.</param>
    /// <param name="deviation">[ObservationSize], positive and finite.</param>
    /// <exception cref="ArgumentException">The lengths differ or are 0, or a value is out of range.</exception>
    public ObservationScaling(ReadOnlySpan<float> mean, ReadOnlySpan<float> deviation)
    {
        if (mean.Length == 0 || mean.Length != deviation.Length)
            throw new ArgumentException("There is a mean and a deviation for every feature.", nameof(deviation));
        for (int feature = 0; feature < mean.Length; feature++)
        {
            if (!float.IsFinite(mean[feature]))
                throw new ArgumentException($"The mean of feature {feature} is {mean[feature]}; it must be finite.", nameof(mean));
            if (!(deviation[feature] > 0) || !float.IsFinite(deviation[feature]))
                throw new ArgumentException($"The deviation of feature {feature} is {deviation[feature]}; it must be positive and finite.", nameof(deviation));
        }

        _mean = mean.ToArray();
        _deviation = deviation.ToArray();
    }

    /// <summary>[ObservationSize], in the observation's units.</summary>
    public ReadOnlySpan<float> Mean => _mean;

    /// <summary>[ObservationSize], in the observation's units.</summary>
    public ReadOnlySpan<float> Deviation => _deviation;

    /// <summary>Writes (observation − mean)/deviation, as the engine's own lanes compute it.</summary>
    /// <param name="observation">[ObservationSize].</param>
    /// <param name="scaled">[ObservationSize]; overwritten; may be the same memory.</param>
    /// <exception cref="ArgumentException">A length is wrong.</exception>
    public void Apply(ReadOnlySpan<float> observation, Span<float> scaled)
    {
        if (observation.Length != _mean.Length || scaled.Length != _mean.Length)
            throw new ArgumentException($"Observations have {_mean.Length} features.", nameof(observation));
        for (int feature = 0; feature < _mean.Length; feature++)
            scaled[feature] = (observation[feature] - _mean[feature]) / _deviation[feature];
    }
}
