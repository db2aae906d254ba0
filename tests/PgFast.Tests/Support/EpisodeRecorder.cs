using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Policies;
using PgFast.Randomness;
using PgFast.Rollouts;

namespace PgFast.Tests.Support;

/// <summary>Runs episodes as the engine does: a function of network, seed, streams and ids, however they are grouped.</summary>
internal sealed class EpisodeRecorder : IDisposable
{
    private readonly NetworkParameters _parameters;
    private readonly NetworkKernels _network;
    private readonly PolicyHead _head;
    private readonly RolloutCollector _collector;
    private readonly ReturnKernels _returns = ReturnKernels.Create();

    private EpisodeRecorder(BatchedEnvironment environment, NetworkShape shape, ReadOnlySpan<float> parameters, int lanes, int episodes)
    {
        ActionDistribution distribution = ActionDistribution.Of(environment.Specification.Actions, shape);
        _parameters = new NetworkParameters(shape, distribution.MergesOutputs);
        parameters.CopyTo(_parameters.Flat);
        _parameters.Refresh();
        _network = NetworkKernels.Create(_parameters, keepsActivations: false);
        _network.Refresh();
        _head = PolicyHead.Create(distribution);
        _collector = new RolloutCollector(environment, _network, _head);
        Trajectory = new Trajectory(environment.Specification, Outputs, _network.RecordSize, lanes, episodes, keepsSteps: true);
    }

    /// <summary>What the last call recorded.</summary>
    public Trajectory Trajectory { get; }

    /// <summary>Rows of network output a step.</summary>
    public int Outputs => _parameters.EffectiveOutputs;

    public static EpisodeRecorder Create<TEnvironment>(NetworkShape shape, ReadOnlySpan<float> parameters, int episodes, int lanes = 64)
        where TEnvironment : struct, IBatchedEnvironment<TEnvironment> =>
        new(BatchedEnvironment.Create<TEnvironment>(), shape, parameters, lanes, episodes);

    /// <summary>Runs episodes.</summary>
    public RecordedEpisode[] Record(ulong seed, int episodes, RandomStream resets, RandomStream actions, ulong first = 0)
    {
        _collector.Collect(Trajectory, first, episodes, seed, resets, actions);
        return RecordedEpisode.Read(Trajectory);
    }

    /// <summary>Replaces the rewards of the last episodes by returns.</summary>
    public void ComputeReturns(float discount) => _returns.Returns(Trajectory, discount);

    public void Dispose()
    {
        Trajectory.Dispose();
        _returns.Dispose();
        _collector.Dispose();
        _head.Dispose();
        _network.Dispose();
        _parameters.Dispose();
    }
}
