using PgFast.Environments;
using PgFast.Gradients;

namespace PgFast.Training;

/// <summary>Mean and deviation of all observations so far, in the environment's units; moved on between updates.</summary>
/// <remarks>Moments of batches combine as those of Chan, Golub and LeVeque (1983), in double precision and in shard order.</remarks>
internal sealed class RunningObservations
{
    private readonly ScaledEnvironment _environment;
    private readonly double[] _mean;
    private readonly double[] _squares;
    private readonly float[] _newMean;
    private readonly float[] _newDeviation;

    public RunningObservations(ScaledEnvironment environment)
    {
        _environment = environment;
        int features = environment.Specification.ObservationSize;
        _mean = new double[features];
        _squares = new double[features];
        _newMean = new float[features];
        _newDeviation = new float[features];
    }

    /// <summary>Observations so far.</summary>
    public long Count { get; private set; }

    /// <summary>Moments so far and the scaling in use, as a copy.</summary>
    public ObservationState CaptureState() =>
        new(Count, [.. _mean], [.. _squares], _environment.Mean.ToArray(), _environment.Deviation.ToArray());

    /// <summary>Goes on from another run's moments.</summary>
    /// <exception cref="ArgumentException">It has other features, or a value is out of range; nothing has changed.</exception>
    public void RestoreState(ObservationState state)
    {
        state.Require(_mean.Length);
        Count = state.Count;
        state.Mean.CopyTo(_mean, 0);
        state.Squares.CopyTo(_squares, 0);
        _environment.Set(state.ScalingMean, state.ScalingDeviation);
    }

    /// <summary>Takes in a batch that was observed with the present scaling, then changes that scaling.</summary>
    public void Add(ReadOnlySpan<Shard> shards)
    {
        ReadOnlySpan<float> centre = _environment.Mean, unit = _environment.Deviation;
        long before = Count;
        for (int feature = 0; feature < _mean.Length; feature++)
        {
            long count = before;
            foreach (Shard shard in shards)
            {
                // Sums are of scaled observations: back to the environment's units.
                long added = shard.Trajectory.Steps;
                double scaledMean = shard.ObservationSum.Span[feature] / added;
                double deviations = Math.Max(0, shard.ObservationSquares.Span[feature] - added * scaledMean * scaledMean) * unit[feature] * unit[feature];
                double difference = centre[feature] + unit[feature] * scaledMean - _mean[feature];
                count += added;
                _mean[feature] += difference * added / count;
                _squares[feature] += deviations + difference * difference * (count - added) * added / count;
            }

            Count = count;
            _newMean[feature] = (float)_mean[feature];
            float deviation = (float)Math.Sqrt(_squares[feature] / count);
            // A feature that never changes says nothing; it is centred, not divided.
            _newDeviation[feature] = deviation > 1e-7f * Math.Abs(_newMean[feature]) && float.IsNormal(deviation) ? deviation : 1;
        }

        _environment.Set(_newMean, _newDeviation);
    }
}
