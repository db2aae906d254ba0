using PgFast.Environments;
using PgFast.Numerics;
using PgFast.Rollouts;

namespace PgFast.Gradients;

/// <summary>A fixed range of a batch's episodes: their trajectory, their share of the gradient, and the sums that a batch is made of.</summary>
/// <remarks>Written by whichever worker has the shard in a phase; combined in shard order, so that no thread count changes a bit.</remarks>
internal sealed class Shard : IDisposable
{
    public Shard(
        EnvironmentSpecification specification, int outputs, int recordSize, int lanes, int firstEpisode, int episodes, int parameters,
        bool sumsByStep, bool sumsObservations = false)
    {
        SumsObservations = sumsObservations;
        ObservationSum = new AlignedBuffer<double>(specification.ObservationSize);
        ObservationSquares = new AlignedBuffer<double>(specification.ObservationSize);
        FirstEpisode = firstEpisode;
        Trajectory = new Trajectory(specification, outputs, recordSize, lanes, episodes, keepsSteps: true);
        Gradient = new AlignedBuffer<double>(parameters);
        StepSum = new AlignedBuffer<double>(sumsByStep ? specification.MaximumEpisodeSteps : 1);
        StepCount = new AlignedBuffer<int>(sumsByStep ? specification.MaximumEpisodeSteps : 1);
    }

    /// <summary>Index of its first episode within the batch.</summary>
    public int FirstEpisode { get; }

    public int Episodes => Trajectory.EpisodeCapacity;

    public Trajectory Trajectory { get; }

    /// <summary>[ParameterCount]; Σ over the shard's steps of the gradient of the objective.</summary>
    public AlignedBuffer<double> Gradient { get; }

    /// <summary>[step]; see <see cref="Estimators.ReturnKernels.AddByStep"/>.</summary>
    public AlignedBuffer<double> StepSum { get; }

    /// <summary>[step].</summary>
    public AlignedBuffer<int> StepCount { get; }

    /// <summary>What a learned baseline needs; null for other baselines.</summary>
    public ShardValues? Values { get; init; }

    /// <summary>Whether observations are added up.</summary>
    public bool SumsObservations { get; }

    /// <summary>[ObservationSize]; Σ of the observations of all steps, as the network saw them.</summary>
    public AlignedBuffer<double> ObservationSum { get; }

    /// <summary>[ObservationSize]; Σ of their squares.</summary>
    public AlignedBuffer<double> ObservationSquares { get; }

    /// <summary>Largest |log σ| of a Gaussian policy in any state of the shard; 0 of a softmax.</summary>
    public float FarthestLogDeviation { get; set; }

    /// <summary>Σ of discounted returns G_0.</summary>
    public double ReturnSum { get; set; }

    /// <summary>Σ of undiscounted returns.</summary>
    public double RewardSum { get; set; }

    /// <summary>Mean of the weights of all steps.</summary>
    public double WeightMean { get; set; }

    /// <summary>Σ of the weights' squared deviations from that mean.</summary>
    public double WeightDeviations { get; set; }

    /// <summary>Σ of the policy's entropy over all steps, nats; if measured.</summary>
    public double EntropySum { get; set; }

    public void Dispose()
    {
        Trajectory.Dispose();
        Gradient.Dispose();
        StepSum.Dispose();
        StepCount.Dispose();
        Values?.Dispose();
        ObservationSum.Dispose();
        ObservationSquares.Dispose();
    }
}
