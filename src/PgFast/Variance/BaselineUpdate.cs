using System.Numerics;
using System.Runtime.CompilerServices;
using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Gradients;
using PgFast.Networks;
using PgFast.Numerics;
using PgFast.Policies;
using PgFast.Rollouts;

namespace PgFast.Variance;

/// <summary>The gradient of an update with any estimator and baseline, by the kernels that training uses, on one thread: what it costs.</summary>
/// <remarks>
/// Rollout, returns, weights, gradient and the sum over shards, cut as training cuts a batch. With the baselines that training has, and
/// without standardisation, the gradient is that of training. The others cost what they would cost: a constant what the mean costs; the
/// linear one and V add a pass that evaluates them; a constant for every parameter takes a second gradient, of the scores themselves. What fitting
/// on a pilot sample costs is not counted: it is done once for many updates. Nothing is allocated after construction.
/// </remarks>
internal sealed unsafe class BaselineUpdate : IDisposable
{
    private const int MaximumLanes = StepBatch.MaximumLanes;

    private readonly ShardWorker _worker;
    private readonly Shard[] _shards;
    private readonly VarianceOptions _options;
    private readonly LinearBaseline _linear;
    private readonly SampleValues? _sampleValues;
    private readonly AlignedBuffer<float> _values = new(3 * MaximumLanes);
    private readonly AlignedBuffer<double> _stepSum;
    private readonly AlignedBuffer<int> _stepCount;
    private readonly AlignedBuffer<double> _gradient;

    /// <summary>Allocates all memory.</summary>
    /// <param name="environment">Where to act.</param>
    /// <param name="parameters">The policy, ready for kernels; kept, not owned.</param>
    /// <param name="options">γ, seed, and whether weights are summed for standardisation.</param>
    /// <param name="linear">The linear baseline; its coefficients do not change what it costs.</param>
    /// <param name="episodes">Episodes of an update, at least 1.</param>
    /// <param name="values">V; null where it is not asked for.</param>
    public BaselineUpdate(
        BatchedEnvironment environment, NetworkParameters parameters, VarianceOptions options, LinearBaseline linear, int episodes,
        ValueNetworks? values = null)
    {
        _options = options;
        _linear = linear;
        _sampleValues = values is { IsUsed: true } ? new SampleValues(values) : null;
        Episodes = episodes;
        _worker = new ShardWorker(environment, parameters, keepsActivations: true);
        ShardPlan plan = new(episodes);
        _shards = new Shard[plan.ShardCount];
        for (int shard = 0; shard < _shards.Length; shard++)
        {
            _shards[shard] = new Shard(
                environment.Specification, parameters.EffectiveOutputs, _worker.RecordSize, plan.LanesOf(shard), plan.FirstEpisodeOf(shard),
                plan.EpisodesOf(shard), parameters.Shape.ParameterCount, sumsByStep: true);
        }

        _stepSum = new AlignedBuffer<double>(environment.Specification.MaximumEpisodeSteps);
        _stepCount = new AlignedBuffer<int>(environment.Specification.MaximumEpisodeSteps);
        _gradient = new AlignedBuffer<double>(parameters.Shape.ParameterCount);
    }

    /// <summary>Episodes of an update.</summary>
    public int Episodes { get; }

    /// <summary>[ParameterCount]; the gradient of the last update, for the baselines that training has.</summary>
    public ReadOnlySpan<double> Gradient => _gradient.Span;

    /// <summary>Does an update without the optimizer's step.</summary>
    /// <param name="estimator">What multiplies the score.</param>
    /// <param name="baseline">What is subtracted.</param>
    /// <param name="firstEpisode">Id of its first episode.</param>
    /// <returns>Environment steps of its episodes.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public long Run(Estimator estimator, Baseline baseline, ulong firstEpisode)
    {
        WeightRequest request = RequestOf(estimator, baseline, 0);
        double returnSum = 0;
        long steps = 0;
        _sampleValues?.Refresh();
        foreach (Shard shard in _shards)
        {
            _worker.Rollout(shard, firstEpisode, _options.Seed, request);
            returnSum += shard.ReturnSum;
            steps += shard.Trajectory.Steps;
        }

        if (baseline == Baseline.Time)
            SumSteps();
        request = RequestOf(estimator, baseline, returnSum);
        foreach (Shard shard in _shards)
            Weigh(shard, request, baseline);
        // Last rolled out, first differentiated: its trajectory is still in the cache.
        ScoreScale scale = new((float)(1.0 / Episodes), 0, 0);
        for (int shard = _shards.Length - 1; shard >= 0; shard--)
        {
            _worker.Gradient(_shards[shard], scale, measureEntropy: false);
            if (baseline == Baseline.OptimalPerParameter)
                _worker.Gradient(_shards[shard], scale, measureEntropy: false);
        }

        Span<double> sum = _gradient.Span;
        sum.Clear();
        foreach (Shard shard in _shards)
        {
            Span<double> part = shard.Gradient.Span;
            for (int i = 0; i < sum.Length; i++)
                sum[i] += part[i];
        }

        return steps;
    }

    public void Dispose()
    {
        _worker.Dispose();
        foreach (Shard shard in _shards)
            shard.Dispose();
        _values.Dispose();
        _sampleValues?.Dispose();
        _stepSum.Dispose();
        _stepCount.Dispose();
        _gradient.Dispose();
    }

    private WeightRequest RequestOf(Estimator estimator, Baseline baseline, double returnSum) => new()
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
        Episodes = Episodes,
        ReturnSum = returnSum,
        TimeSum = _stepSum.Pointer,
        TimeCount = _stepCount.Pointer,
    };

    private void SumSteps()
    {
        Span<double> sum = _stepSum.Span;
        Span<int> count = _stepCount.Span;
        sum.Clear();
        count.Clear();
        foreach (Shard shard in _shards)
        {
            Span<double> shardSum = shard.StepSum.Span;
            Span<int> shardCount = shard.StepCount.Span;
            for (int step = 0; step < sum.Length; step++)
            {
                sum[step] += shardSum[step];
                count[step] += shardCount[step];
            }
        }
    }

    private void Weigh(Shard shard, in WeightRequest request, Baseline baseline)
    {
        bool isTotal = request.Estimator == Estimator.Total, isOfState = baseline is Baseline.Linear or Baseline.Value;
        if (isOfState && !isTotal)
            Subtract(shard.Trajectory, baseline, isTotal: false);
        if (!request.IsIdentity)
            _worker.Weigh(shard, request);
        if (isOfState && isTotal)
            Subtract(shard.Trajectory, baseline, isTotal: true);
    }

    /// <summary>Subtracts a baseline of observation and time from what the trajectory holds, row by row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Subtract(Trajectory trajectory, Baseline baseline, bool isTotal)
    {
        float* steps = _values.Pointer, total = steps + MaximumLanes, toGo = total + MaximumLanes;
        ReadOnlySpan<LaneMove> moves = trajectory.Moves;
        int move = 0;
        for (int row = 0; row < trajectory.Rows; row++)
        {
            for (; move < moves.Length && moves[move].Row == row; move++)
                steps[moves[move].To] = steps[moves[move].From];
            for (ulong starts = trajectory.Starts[row]; starts != 0; starts &= starts - 1)
                steps[BitOperations.TrailingZeroCount(starts)] = 0;
            int lanes = trajectory.LaneCount[row];
            long cell = trajectory.Cell[row];
            if (baseline == Baseline.Value)
                _sampleValues!.Evaluate(trajectory.Observation(cell), lanes, steps, lanes, isTotal ? total : null, isTotal ? null : toGo);
            else
                _linear.Evaluate(trajectory.Observation(cell), lanes, steps, lanes, total, toGo);
            LaneGroup.Subtract(isTotal ? total : toGo, trajectory.Weight + cell, lanes);
            LaneGroup.AddConstant(1, steps, lanes);
        }
    }
}
