using BenchmarkDotNet.Attributes;
using PgFast.Benchmarks.Workloads;
using PgFast.Environments;
using PgFast.Networks;
using PgFast.Training;

namespace PgFast.Benchmarks;

/// <summary>Updates on CartPole's arithmetic, built in and as a user would write it, 4-32-2 ReLU, 64 episodes of a policy that balances, one thread.</summary>
/// <remarks>The three do the same work to the last bit: <see cref="Work.Verify"/> compares their steps, and their gradients could be compared too.</remarks>
public class OwnEnvironmentBenchmarks
{
    private const int Batches = 16;

    private Trainer? _trainer;
    private Work _work = null!;
    private long _steps;

    [Params(OwnCartPole.BuiltIn, OwnCartPole.Lanes, OwnCartPole.Scalar)]
    public string Environment { get; set; } = "";

    [GlobalSetup]
    public void Prepare()
    {
        TrainerOptions options = new() { Threads = 1 };
        _trainer = Environment switch
        {
            OwnCartPole.Lanes => new Trainer<OwnCartPole.ForLanes>(options),
            OwnCartPole.Scalar => new Trainer<ScalarEnvironment<OwnCartPole.OneByOne>>(options),
            _ => new Trainer<CartPole>(options),
        };
        NetworkShape shape = _trainer.Shape;
        _trainer.SetParameters(FrozenPolicy.Parameters(shape, FrozenPolicy.Balancing));
        _work = new Work(Update(), Batches * options.BatchSize, Batches, shape.MultiplyAddsPerStep).Announce();
    }

    /// <summary>Rollout, returns, weights, gradient.</summary>
    [Benchmark]
    public long Update()
    {
        long steps = 0;
        for (int batch = 0; batch < Batches; batch++)
            steps += _trainer!.ComputeGradient(batch).EnvironmentSteps;
        return _steps = steps;
    }

    [GlobalCleanup]
    public void Free()
    {
        _work.Verify(_steps);
        _trainer?.Dispose();
    }
}
