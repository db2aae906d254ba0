using BenchmarkDotNet.Attributes;
using PgFast.Benchmarks.Workloads;
using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Gradients;
using PgFast.Networks;
using PgFast.Rollouts;
using PgFast.Training;

namespace PgFast.Benchmarks;

/// <summary>Episodes a second, in whole updates and in rollouts alone, by network, policy, batch size and threads.</summary>
/// <remarks>
/// Every invocation goes through the same 1,024 episodes, batch by batch, so that cases of a network and policy differ in batch size and
/// threads alone and their mean episode length is one number. The optimizer's step, well under a thousandth of the work of a batch, is left
/// out: it would change the policy, and with it the length of the episodes and the work of the next invocation.
/// </remarks>
public class CollectionBenchmarks
{
    /// <summary>Batches of so many episodes at most are one shard, which one thread does whatever their number.</summary>
    public const int LargestSingleShard = 64;

    private const int Episodes = 1024;

    private readonly List<ShardWorker> _workers = [];
    private readonly List<Shard> _shards = [];
    private NetworkParameters? _parameters;
    private WorkerPool? _pool;
    private Action<int, int> _rollout = (_, _) => { };
    private ulong _batchEpisode;
    private Trainer<CartPole>? _trainer;
    private Work _work = null!;
    private long _steps;

    public static IEnumerable<int> ThreadCounts => new[] { 1, 2, Environment.ProcessorCount }.Distinct().Order();

    [Params("4-32-2 relu", "4-32-2 tanh", "4-64-64-2 relu", "4-256-256-2 relu")]
    public string Network { get; set; } = "";

    /// <summary>Episodes of the untrained policy last some 20 steps, those of the balancing one some hundred.</summary>
    [Params(FrozenPolicy.Untrained, FrozenPolicy.Balancing)]
    public string Policy { get; set; } = "";

    /// <summary>Episodes an update; 16 fill a quarter of a shard's lanes, 64 every lane once, 1,024 are 16 shards.</summary>
    [Params(1, 4, 16, LargestSingleShard, 256, 1024)]
    public int Batch { get; set; }

    [ParamsSource(nameof(ThreadCounts))]
    public int Threads { get; set; }

    [GlobalSetup(Target = nameof(Update))]
    public void PrepareUpdate()
    {
        NetworkShape shape = FrozenPolicy.ShapeOf(Network);
        _trainer = new Trainer<CartPole>(new TrainerOptions
        {
            HiddenSizes = [.. shape.Sizes[1..^1]],
            Activation = shape.Activation,
            BatchSize = Batch,
            Threads = Threads,
        });
        _trainer.SetParameters(FrozenPolicy.Parameters(shape, Policy));
        _work = new Work(Update(), Episodes, Episodes / Batch, shape.MultiplyAddsPerStep).Announce();
    }

    /// <summary>Rollout, returns, weights, gradient, sum over shards.</summary>
    [Benchmark]
    public long Update()
    {
        long steps = 0;
        for (int batch = 0; batch < Episodes / Batch; batch++)
            steps += _trainer!.ComputeGradient(batch).EnvironmentSteps;
        return _steps = steps;
    }

    [GlobalSetup(Target = nameof(Rollout))]
    public void PrepareRollout()
    {
        NetworkShape shape = FrozenPolicy.ShapeOf(Network);
        _parameters = FrozenPolicy.ParametersOf(shape, Policy);
        BatchedEnvironment environment = BatchedEnvironment.Create<CartPole>();
        for (int worker = 0; worker < Threads; worker++)
            _workers.Add(new ShardWorker(environment, _parameters, keepsActivations: true));
        ShardPlan plan = new(Batch);
        for (int shard = 0; shard < plan.ShardCount; shard++)
        {
            _shards.Add(new Shard(
                environment.Specification, _parameters.EffectiveOutputs, _workers[0].RecordSize, plan.LanesOf(shard), plan.FirstEpisodeOf(shard),
                plan.EpisodesOf(shard), shape.ParameterCount, sumsByStep: false));
        }

        WeightRequest request = RequestOfTraining();
        _rollout = (worker, shard) => _workers[worker].Rollout(_shards[shard], _batchEpisode, seed: 1, request);
        _pool = new WorkerPool(Threads);
        _work = new Work(Rollout(), Episodes, Episodes / Batch, shape.MultiplyAddsForward).Announce();
    }

    /// <summary>Network, sampling, physics, resets, returns.</summary>
    [Benchmark]
    public long Rollout()
    {
        long steps = 0;
        for (_batchEpisode = 0; _batchEpisode < Episodes; _batchEpisode += (ulong)Batch)
        {
            _pool!.Run(_shards.Count, _rollout);
            foreach (Shard shard in _shards)
                steps += shard.Trajectory.Steps;
        }

        return _steps = steps;
    }

    [GlobalCleanup]
    public void Free()
    {
        _work.Verify(_steps);
        _trainer?.Dispose();
        _pool?.Dispose();
        foreach (Shard shard in _shards)
            shard.Dispose();
        foreach (ShardWorker worker in _workers)
            worker.Dispose();
        _parameters?.Dispose();
    }

    /// <summary>What a trainer asks for by default: rewards-to-go, summed for standardisation.</summary>
    private unsafe WeightRequest RequestOfTraining() => new()
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
}
