using PgFast.Environments;
using PgFast.Gradients;
using PgFast.Networks;
using PgFast.Rollouts;

namespace PgFast.Tests.Support;

/// <summary>Lengths and returns of many episodes of a fixed policy, from the engine's own rollouts.</summary>
/// <param name="Lengths">[episode]; steps.</param>
/// <param name="Returns">[episode]; undiscounted.</param>
/// <param name="Truncated">Episodes that ended by the step limit alone.</param>
internal sealed record EpisodeSample(int[] Lengths, double[] Returns, int Truncated)
{
    private const int EpisodesPerShard = 256;
    private const int Lanes = 64;

    public static EpisodeSample Collect<TEnvironment>(NetworkShape shape, float[] parameters, int episodes, ulong seed)
        where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
    {
        using NetworkParameters network = new(shape, shape.OutputSize == 2);
        parameters.CopyTo(network.Flat);
        network.Refresh();
        using ShardWorker worker = new(BatchedEnvironment.Create<TEnvironment>(), network, keepsActivations: false);
        using Trajectory trajectory = new(
            TEnvironment.Specification, network.EffectiveOutputs, worker.RecordSize, Lanes, EpisodesPerShard, keepsSteps: false);
        int[] lengths = new int[episodes];
        double[] returns = new double[episodes];
        int truncated = 0;
        for (int first = 0; first < episodes; first += EpisodesPerShard)
        {
            int count = Math.Min(EpisodesPerShard, episodes - first);
            worker.Evaluate(trajectory, (ulong)first, count, seed);
            for (int episode = 0; episode < count; episode++)
            {
                lengths[first + episode] = trajectory.Length[episode];
                returns[first + episode] = trajectory.TotalReward[episode];
                truncated += trajectory.WasTerminated[episode] ? 0 : 1;
            }
        }

        return new EpisodeSample(lengths, returns, truncated);
    }
}

/// <summary>Mean and variance of a sample, with standard errors.</summary>
internal readonly record struct SampleMoments(double Mean, double MeanError, double Variance, double VarianceError)
{
    public static SampleMoments Of(IReadOnlyCollection<double> values)
    {
        double n = values.Count, mean = values.Average();
        double second = values.Average(value => Math.Pow(value - mean, 2)), fourth = values.Average(value => Math.Pow(value - mean, 4));
        return new SampleMoments(mean, Math.Sqrt(second / n), second, Math.Sqrt((fourth - second * second) / n));
    }

    /// <summary>Fails unless both moments are within some standard errors of what they should be.</summary>
    public void AssertAre(double mean, double variance, double standardErrors)
    {
        Assert.InRange(Mean, mean - standardErrors * MeanError, mean + standardErrors * MeanError);
        Assert.InRange(Variance, variance - standardErrors * VarianceError, variance + standardErrors * VarianceError);
    }
}
