using PgFast.Environments;
using PgFast.Networks;
using PgFast.Policies;
using PgFast.Randomness;
using PgFast.Rollouts;

namespace PgFast.Benchmarks.Workloads;

/// <summary>A network with a frozen policy, and a CartPole trajectory of it.</summary>
internal sealed class RecordedRollout : IDisposable
{
    public const int Lanes = 64;

    private readonly NetworkParameters _parameters;

    public RecordedRollout(string network, int episodes)
    {
        _parameters = FrozenPolicy.ParametersOf(FrozenPolicy.ShapeOf(network));
        Network = NetworkKernels.Create(_parameters, keepsActivations: true);
        Policy = PolicyHead.Create(ActionDistribution.Softmax(Shape.OutputSize));
        BatchedEnvironment environment = BatchedEnvironment.Create<CartPole>();
        Trajectory = new Trajectory(
            environment.Specification, _parameters.EffectiveOutputs, Network.RecordSize, Lanes, episodes, keepsSteps: true);
        Network.Refresh();
        using RolloutCollector collector = new(environment, Network, Policy);
        collector.Collect(Trajectory, 0, episodes, 1, RandomStream.Reset, RandomStream.Action);
    }

    public NetworkShape Shape => _parameters.Shape;

    /// <summary>Rows of output a step: 1, as two actions are merged.</summary>
    public int Outputs => _parameters.EffectiveOutputs;

    public NetworkKernels Network { get; }

    public PolicyHead Policy { get; }

    public Trajectory Trajectory { get; }

    public void Dispose()
    {
        Trajectory.Dispose();
        Policy.Dispose();
        Network.Dispose();
        _parameters.Dispose();
    }
}
