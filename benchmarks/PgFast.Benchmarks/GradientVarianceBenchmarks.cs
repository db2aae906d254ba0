using BenchmarkDotNet.Attributes;
using PgFast.Benchmarks.Workloads;
using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Variance;

namespace PgFast.Benchmarks;

/// <summary>What an update's gradient costs by estimator, baseline and batch size; columns show beside it how much it varies.</summary>
/// <remarks>
/// What is timed is <see cref="BaselineUpdate"/> on one thread, over the same 1,024 episodes in every case. The variance is no property of
/// the time: the reporting process measures it once a policy, by the engine's own study (<see cref="MeasuredVariance"/>).
/// </remarks>
public class GradientVarianceBenchmarks
{
    private const int Episodes = 1024;

    private NetworkParameters _parameters = null!;
    private BaselineUpdate _update = null!;
    private Work _work = null!;
    private long _steps;

    [Params(FrozenPolicy.Untrained, FrozenPolicy.Balancing)]
    public string Policy { get; set; } = "";

    [Params(1, 4, 16, 64, 256, 1024)]
    public int Batch { get; set; }

    [Params(Estimator.Total, Estimator.RewardToGo, Estimator.Discounted)]
    public Estimator Estimator { get; set; }

    [Params(Baseline.None, Baseline.Mean, Baseline.Time, Baseline.Optimal, Baseline.OptimalPerParameter, Baseline.Linear)]
    public Baseline Baseline { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        NetworkShape shape = FrozenPolicy.ShapeOf(MeasuredVariance.Network);
        BatchedEnvironment environment = BatchedEnvironment.Create<CartPole>();
        _parameters = FrozenPolicy.ParametersOf(shape, Policy);
        // Coefficients of 0: they do not change what evaluating them costs.
        LinearBaseline linear = new(environment.Specification.ObservationSize);
        _update = new BaselineUpdate(environment, _parameters, new VarianceOptions(), linear, Batch);
        _work = new Work(Gradient(), Episodes, Episodes / Batch, shape.MultiplyAddsPerStep).Announce();
    }

    /// <summary>Rollout, returns, weights, gradient, sum over shards, for all batches of the episodes.</summary>
    [Benchmark]
    public long Gradient()
    {
        long steps = 0;
        for (int first = 0; first < Episodes; first += Batch)
            steps += _update.Run(Estimator, Baseline, (ulong)first);
        return _steps = steps;
    }

    [GlobalCleanup]
    public void Free()
    {
        _work.Verify(_steps);
        _update.Dispose();
        _parameters.Dispose();
    }
}
