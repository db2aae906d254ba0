using BenchmarkDotNet.Attributes;
using PgFast.Benchmarks.Workloads;
using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Gradients;
using PgFast.Networks;
using PgFast.Rollouts;

namespace PgFast.Benchmarks;

/// <summary>Whole rollouts of a batch on one thread, shard after shard: network, sampling, physics, resets, returns.</summary>
public unsafe class RolloutBenchmarks
{
    private NetworkParameters _parameters = null!;
    private ShardWorker _worker = null!;
    private Shard[] _shards = [];
    private WeightRequest _request;
    private Work _work = null!;
    private long _steps;

    [Params("4-32-2 relu", "4-32-2 tanh", "4-64-64-2 relu")]
    public string Network { get; set; } = "";

    /// <summary>Episodes; 16 fill a quarter of the lanes, 64 every lane once, 1,024 are 16 shards.</summary>
    [Params(16, 64, 1024)]
    public int Batch { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        NetworkShape shape = FrozenPolicy.ShapeOf(Network);
        _parameters = FrozenPolicy.ParametersOf(shape);
        BatchedEnvironment environment = BatchedEnvironment.Create<CartPole>();
        _worker = new ShardWorker(environment, _parameters, keepsActivations: true);
        ShardPlan plan = new(Batch);
        _shards = new Shard[plan.ShardCount];
        for (int shard = 0; shard < _shards.Length; shard++)
        {
            _shards[shard] = new Shard(
                environment.Specification, _parameters.EffectiveOutputs, _worker.RecordSize, plan.Lanes, plan.FirstEpisodeOf(shard),
                plan.EpisodesOf(shard), shape.ParameterCount, sumsByStep: false);
        }

        // What a trainer asks for by default: rewards-to-go, summed for standardisation.
        _request = new WeightRequest
        {
            Estimator = Estimator.RewardToGo,
            Baseline = Baseline.None,
            Discount = 0.99f,
            SumsWeights = true,
            Episodes = Batch,
            ReturnSum = 0,
            TimeSum = null,
            TimeCount = null,
        };
        _work = new Work(Rollout(), Batch, shape.MultiplyAddsForward).Announce();
    }

    [Benchmark]
    public long Rollout()
    {
        long steps = 0;
        foreach (Shard shard in _shards)
        {
            _worker.Rollout(shard, batchEpisode: 0, seed: 1, _request);
            steps += shard.Trajectory.Steps;
        }

        return _steps = steps;
    }

    [GlobalCleanup]
    public void Free()
    {
        _work.Verify(_steps);
        foreach (Shard shard in _shards)
            shard.Dispose();
        _worker.Dispose();
        _parameters.Dispose();
    }
}
