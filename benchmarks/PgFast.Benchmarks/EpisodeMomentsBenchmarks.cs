using BenchmarkDotNet.Attributes;
using PgFast.Benchmarks.Workloads;
using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Variance;

namespace PgFast.Benchmarks;

/// <summary>What the gradient of every single episode, and the moments of all of them, cost beside the plain gradient of as many episodes.</summary>
/// <remarks>
/// Both run 64 episodes of some 320 steps from the start: rollout, returns, gradient. The plain one sums over the batch as training does; the
/// other is a shard of a study of one row, Σ g and Σ g² of single episodes. A study has random streams of its own, so that the numbers of
/// steps differ a little: compare env-steps/s.
/// </remarks>
public class EpisodeMomentsBenchmarks
{
    private const int Episodes = 64;
    private const int LeastMeanLength = 200;

    private NetworkParameters _parameters = null!;
    private FittedBaselines _fitted = null!;
    private StudyWorker _study = null!;
    private ShardMoments _moments = null!;
    private BaselineUpdate _update = null!;
    private Work _work = null!;
    private long _steps;

    [Params("4-32-2 relu", "4-32-2 tanh", "4-64-64-2 relu", "4-256-256-2 relu")]
    public string Network { get; set; } = "";

    [GlobalSetup(Target = nameof(PlainGradient))]
    public void PreparePlainGradient()
    {
        Prepare();
        Announce(PlainGradient());
    }

    [GlobalSetup(Target = nameof(Moments))]
    public void PrepareMoments()
    {
        Prepare();
        Announce(Moments());
    }

    /// <returns>Steps of the episodes.</returns>
    [Benchmark(Baseline = true)]
    public long PlainGradient() => _steps = _update.Run(Estimator.Total, Baseline.None, 0);

    /// <returns>Steps of the episodes.</returns>
    [Benchmark]
    public long Moments()
    {
        _study.Run(_moments, 0, Episodes);
        return _steps = _moments.Steps;
    }

    [GlobalCleanup]
    public void Free()
    {
        _work.Verify(_steps);
        _update.Dispose();
        _moments.Dispose();
        _study.Dispose();
        _fitted.Dispose();
        _parameters.Dispose();
    }

    private void Prepare()
    {
        NetworkShape shape = FrozenPolicy.ShapeOf(Network);
        BatchedEnvironment environment = BatchedEnvironment.Create<CartPole>();
        EnvironmentSpecification specification = environment.Specification;
        _parameters = FrozenPolicy.ParametersOf(shape);
        VarianceOptions options = new() { Estimators = [Estimator.Total], Baselines = [Baseline.None], Episodes = Episodes * 32, Threads = 1 };
        StudyPlan plan = new(options);
        int length = new GradientLayout(_parameters).Length;
        float[] powers = new float[specification.MaximumEpisodeSteps];
        float power = 1;
        for (int step = 0; step < powers.Length; step++, power *= options.Discount)
            powers[step] = power;
        _fitted = new FittedBaselines(specification.ObservationSize, specification.MaximumEpisodeSteps, length);
        _study = new StudyWorker(environment, _parameters, plan, options, _fitted, powers);
        _moments = new ShardMoments(plan.Rows.Count, length);
        _update = new BaselineUpdate(environment, _parameters, options, new LinearBaseline(specification.ObservationSize), Episodes);
    }

    private void Announce(long steps)
    {
        if (steps < LeastMeanLength * Episodes)
            throw new InvalidOperationException($"{steps} steps of {Episodes} episodes: they must be of {LeastMeanLength} steps or more on average.");
        _work = new Work(steps, Episodes, 0, _parameters.Shape.MultiplyAddsPerStep).Announce();
    }
}
