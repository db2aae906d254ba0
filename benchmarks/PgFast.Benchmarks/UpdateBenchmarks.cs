using BenchmarkDotNet.Attributes;
using PgFast.Benchmarks.Workloads;
using PgFast.Environments;
using PgFast.Networks;
using PgFast.Training;

namespace PgFast.Benchmarks;

/// <summary>A training update of always the same episodes: rollout, returns, weights, gradient, sum over shards.</summary>
/// <remarks>
/// The optimizer's step, well under a thousandth of the work, is left out: it would change the policy, and with it the length of the
/// episodes and the work of the next invocation.
/// </remarks>
public class UpdateBenchmarks
{
    private Trainer<CartPole> _trainer = null!;
    private Work _work = null!;
    private long _steps;

    [Params("4-32-2 relu", "4-32-2 tanh", "4-64-64-2 relu", "4-256-256-2 relu")]
    public string Network { get; set; } = "";

    /// <summary>Episodes; 16 and 64 are one shard, which one thread does whatever their number, 1,024 are 16 shards.</summary>
    [Params(16, 64, 1024)]
    public int Batch { get; set; }

    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        NetworkShape shape = FrozenPolicy.ShapeOf(Network);
        _trainer = new Trainer<CartPole>(new TrainerOptions
        {
            HiddenSizes = [.. shape.Sizes[1..^1]],
            Activation = shape.Activation,
            BatchSize = Batch,
            Threads = Threads,
        });
        float[] parameters = new float[shape.ParameterCount];
        FrozenPolicy.Fill(parameters, shape);
        _trainer.SetParameters(parameters);
        _work = new Work(Update(), Batch, shape.MultiplyAddsPerStep).Announce();
    }

    [Benchmark]
    public long Update() => _steps = _trainer.ComputeGradient(batch: 0).EnvironmentSteps;

    [GlobalCleanup]
    public void Free()
    {
        _work.Verify(_steps);
        _trainer.Dispose();
    }
}
