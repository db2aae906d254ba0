using System.Diagnostics;
using System.Runtime.CompilerServices;
using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Gradients;
using PgFast.Networks;
using PgFast.Numerics;
using PgFast.Policies;
using PgFast.Rollouts;

namespace PgFast.Variance;

/// <summary>What the gradient of an update costs with one estimator and baseline alone, by the kernels that training uses.</summary>
/// <remarks>
/// Rollout, returns, weights and gradient of a batch on one thread. Baselines that training does not have are put together from its kernels:
/// a constant costs what the mean costs; the linear one adds a pass that evaluates it; a constant for every parameter takes a second gradient,
/// of the scores themselves. What fitting on a pilot sample costs is not counted: it is done once for many updates.
/// </remarks>
internal sealed unsafe class UpdateTimer : IDisposable
{
    /// <summary>Episodes of the largest batch that is run; larger ones take proportionally longer.</summary>
    private const int MostEpisodes = 256;

    /// <summary>Steps that one measurement should hold, in as many updates as that takes.</summary>
    private const int StepsPerMeasurement = 20_000;

    private const int MaximumLanes = StepBatch.MaximumLanes;

    private readonly EnvironmentSpecification _specification;
    private readonly ShardWorker _worker;
    private readonly Shard _shard;
    private readonly VarianceOptions _options;
    private readonly FittedBaselines _fitted;
    private readonly AlignedBuffer<float> _values = new(3 * MaximumLanes);
    private readonly int _batchSize;
    private readonly int _repeats;

    public UpdateTimer(
        BatchedEnvironment environment, NetworkParameters parameters, VarianceOptions options, FittedBaselines fitted, int batchSize, double meanLength)
    {
        _specification = environment.Specification;
        _options = options;
        _fitted = fitted;
        _batchSize = batchSize;
        int episodes = Math.Min(batchSize, MostEpisodes);
        _worker = new ShardWorker(environment, parameters, keepsActivations: true);
        _shard = new Shard(
            _specification, parameters.EffectiveOutputs, _worker.RecordSize, Math.Min(MaximumLanes, (episodes + 15) / 16 * 16), 0, episodes,
            parameters.Shape.ParameterCount, sumsByStep: true);
        _repeats = (int)Math.Clamp(StepsPerMeasurement / (episodes * meanLength), 1, 1000);
    }

    /// <summary>Mean wall seconds of an update.</summary>
    public double Measure(Estimator estimator, Baseline baseline)
    {
        long start = Stopwatch.GetTimestamp();
        for (int repeat = 0; repeat < _repeats; repeat++)
            Update(estimator, baseline, (ulong)repeat * (ulong)_shard.Episodes);
        return Stopwatch.GetElapsedTime(start).TotalSeconds / _repeats * _batchSize / _shard.Episodes;
    }

    public void Dispose()
    {
        _worker.Dispose();
        _shard.Dispose();
        _values.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Update(Estimator estimator, Baseline baseline, ulong firstEpisode)
    {
        WeightRequest request = new()
        {
            Estimator = estimator,
            Baseline = baseline switch
            {
                Baseline.Time => Baseline.Time,
                Baseline.Mean or Baseline.Optimal => Baseline.Mean,
                _ => Baseline.None,
            },
            Discount = _options.Discount,
            SumsWeights = _options.NormalizeReturns,
            Episodes = _shard.Episodes,
            ReturnSum = 0,
            TimeSum = _shard.StepSum.Pointer,
            TimeCount = _shard.StepCount.Pointer,
        };
        _worker.Rollout(_shard, firstEpisode, _options.Seed, request);
        request = Sum(request);
        bool isLinear = baseline == Baseline.Linear;
        if (isLinear && estimator != Estimator.Total)
            SubtractLinear(isTotal: false);
        if (!request.IsIdentity)
            _worker.Weigh(_shard, request);
        if (isLinear && estimator == Estimator.Total)
            SubtractLinear(isTotal: true);
        ScoreScale scale = new(1f / _shard.Episodes, 0, 0);
        _worker.Gradient(_shard, scale, measureEntropy: false);
        if (baseline == Baseline.OptimalPerParameter)
            _worker.Gradient(_shard, scale, measureEntropy: false);
    }

    /// <summary>The request with the sums that the rollout made.</summary>
    private WeightRequest Sum(in WeightRequest request) => new()
    {
        Estimator = request.Estimator,
        Baseline = request.Baseline,
        Discount = request.Discount,
        SumsWeights = request.SumsWeights,
        Episodes = request.Episodes,
        ReturnSum = _shard.ReturnSum,
        TimeSum = request.TimeSum,
        TimeCount = request.TimeCount,
    };

    /// <summary>Subtracts the linear baseline from what the trajectory holds, row by row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SubtractLinear(bool isTotal)
    {
        Trajectory trajectory = _shard.Trajectory;
        float* steps = _values.Pointer, total = steps + MaximumLanes, toGo = total + MaximumLanes;
        ReadOnlySpan<LaneMove> moves = trajectory.Moves;
        int move = 0;
        for (int row = 0; row < trajectory.Rows; row++)
        {
            for (; move < moves.Length && moves[move].Row == row; move++)
                steps[moves[move].To] = steps[moves[move].From];
            for (ulong starts = trajectory.Starts[row]; starts != 0; starts &= starts - 1)
                steps[System.Numerics.BitOperations.TrailingZeroCount(starts)] = 0;
            int lanes = trajectory.LaneCount[row];
            long cell = trajectory.Cell[row];
            _fitted.Linear.Evaluate(trajectory.Observation(cell), lanes, steps, lanes, total, toGo);
            LaneGroup.Subtract(isTotal ? total : toGo, trajectory.Weight + cell, lanes);
            LaneGroup.AddConstant(1, steps, lanes);
        }
    }
}
