using PgFast.Environments;
using PgFast.Gradients;
using PgFast.Networks;
using PgFast.Rollouts;

namespace PgFast.Training;

/// <summary>Runs the stochastic policy on episodes that training never sees.</summary>
internal sealed class Evaluator : IDisposable
{
    private const int EpisodesPerShard = 256;
    private const int Lanes = 64;

    private readonly NetworkParameters _parameters;
    private readonly ShardWorker[] _workers;
    private readonly Trajectory[] _trajectories;
    private readonly WorkerPool _pool;
    private readonly ulong _seed;
    private readonly Action<int, int> _body;
    private double[] _returns = [];
    private long[] _steps = [];
    private CancellationToken _cancellation;

    public Evaluator(EnvironmentSpecification specification, NetworkParameters parameters, ShardWorker[] workers, WorkerPool pool, ulong seed)
    {
        _parameters = parameters;
        _workers = workers;
        _pool = pool;
        _seed = seed;
        _trajectories = new Trajectory[workers.Length];
        for (int worker = 0; worker < workers.Length; worker++)
        {
            _trajectories[worker] = new Trajectory(
                specification, parameters.EffectiveOutputs, workers[0].RecordSize, Lanes, EpisodesPerShard, keepsSteps: false);
        }

        _body = EvaluateShard;
    }

    /// <summary>Id of the next evaluation's first episode.</summary>
    public ulong NextEpisode { get; set; }

    public EvaluationResult Evaluate(int episodes, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(episodes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(episodes, Trainer.MaximumEvaluationEpisodes);
        cancellation.ThrowIfCancellationRequested();
        _cancellation = cancellation;
        _parameters.Refresh();
        int shards = (episodes + EpisodesPerShard - 1) / EpisodesPerShard;
        _returns = new double[episodes];
        _steps = new long[shards];
        _pool.Run(shards, _body);
        cancellation.ThrowIfCancellationRequested();
        NextEpisode += (ulong)episodes;
        return new EvaluationResult(_returns, _steps.Sum());
    }

    public void Dispose()
    {
        foreach (Trajectory trajectory in _trajectories)
            trajectory.Dispose();
    }

    private void EvaluateShard(int worker, int shard)
    {
        if (_cancellation.IsCancellationRequested)
            return;
        int first = shard * EpisodesPerShard;
        int count = Math.Min(EpisodesPerShard, _returns.Length - first);
        Trajectory trajectory = _trajectories[worker];
        _workers[worker].Evaluate(trajectory, NextEpisode + (ulong)first, count, _seed);
        for (int episode = 0; episode < count; episode++)
            _returns[first + episode] = trajectory.TotalReward[episode];
        _steps[shard] = trajectory.Steps;
    }
}
