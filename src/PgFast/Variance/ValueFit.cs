using System.Runtime.CompilerServices;
using PgFast.Networks;
using PgFast.Numerics;
using PgFast.Rollouts;

namespace PgFast.Variance;

/// <summary>Fits V(s, t; w) to the returns of pilot steps: least squares by Adam, in minibatches whose step size falls to 0.</summary>
/// <remarks>
/// Inputs and returns are centred and divided by their deviations for the fit, and the network is turned back to the units of
/// observations and rewards in the end. A minibatch takes its steps from the whole sample. Each network is fitted on one thread, so that
/// no number depends on how many there are.
/// </remarks>
internal sealed unsafe class ValueFit : IDisposable
{
    /// <summary>Most steps that are fitted on, and so many where observations are so long that more would take too much memory.</summary>
    private const int MaximumSteps = 1 << 18, LeastMaximumSteps = 1 << 16;

    /// <summary>Numbers of all steps that memory may hold.</summary>
    private const int MaximumNumbers = 1 << 26;

    /// <summary>Most passes over them.</summary>
    private const int MaximumPasses = 64;

    /// <summary>Most steps that are passed over, each counted as often as it is.</summary>
    private const int MaximumVisits = 1 << 21;

    private const int Lanes = 64;

    /// <summary>A minibatch has at most so many rows of 64 steps, and fewer where steps are few, for the sake of enough minibatches.</summary>
    private const int MaximumMinibatchRows = 16;

    private const int PreferredMinibatches = 64;

    private readonly ValueNetworks _networks;
    private readonly ulong _seed;
    private readonly int _inputs;
    private readonly int _width;
    private readonly AlignedBuffer<float> _steps;
    private readonly double[] _mean;
    private readonly double[] _deviation;
    private readonly int _shardSteps;
    private AlignedBuffer<float>? _input;
    private ulong[] _live = [];
    private int _count;
    private int _minibatches;
    private int _minibatchRows;

    /// <param name="networks">What to fit.</param>
    /// <param name="shards">Pilot shards.</param>
    /// <param name="seed">The study's seed, for initial weights.</param>
    public ValueFit(ValueNetworks networks, int shards, ulong seed)
    {
        _networks = networks;
        _seed = seed;
        _inputs = networks.ObservationSize + 1;
        _width = PilotSteps.WidthOf(networks.ObservationSize);
        int capacity = Math.Clamp(MaximumNumbers / _width, LeastMaximumSteps, MaximumSteps);
        _steps = new AlignedBuffer<float>((long)capacity * _width);
        _mean = new double[_width];
        _deviation = new double[_width];
        // The longest pilot sample has 65,536 shards.
        _shardSteps = capacity / shards;
    }

    /// <summary>Memory for the steps of a shard.</summary>
    public PilotSteps NewShard() => new(_networks.ObservationSize, _networks.StepUnit, _shardSteps);

    /// <summary>Adds the steps of the next shard.</summary>
    public void Add(PilotSteps shard)
    {
        shard.Steps.CopyTo(_steps.Span[(_count * _width)..]);
        _count += shard.Count;
    }

    /// <summary>Fits the networks side by side.</summary>
    public void Fit(WorkerPool pool)
    {
        Measure();
        Arrange();
        using ValueRegression? total = Regression(_networks.TotalToFit, _inputs), toGo = Regression(_networks.ToGoToFit, _inputs + 1);
        ValueRegression[] regressions = [.. new[] { total, toGo }.OfType<ValueRegression>()];
        long updates = (long)_minibatches * Math.Clamp(MaximumVisits / _count, 1, MaximumPasses);
        pool.Run(regressions.Length, (_, item) => regressions[item].Run(_input!.Pointer, _live, _minibatchRows, updates));
        foreach (ValueRegression regression in regressions)
            regression.TakeInUnits(_mean, _deviation);
    }

    private ValueRegression? Regression(NetworkParameters? parameters, int target) =>
        parameters is null ? null : new ValueRegression(parameters, _seed, _width, target);

    public void Dispose()
    {
        _steps.Dispose();
        _input?.Dispose();
    }

    /// <summary>Mean and deviation of every input and target; what never changes is divided by 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Measure()
    {
        for (int k = 0; k < _width; k++)
        {
            double sum = 0, squares = 0;
            for (long i = 0; i < _count; i++)
                sum += _steps.Pointer[i * _width + k];
            double mean = sum / _count;
            for (long i = 0; i < _count; i++)
                squares += (_steps.Pointer[i * _width + k] - mean) * (_steps.Pointer[i * _width + k] - mean);
            _mean[k] = mean;
            _deviation[k] = Math.Sqrt(squares / _count) is var deviation && float.IsNormal((float)deviation) ? deviation : 1;
        }
    }

    /// <summary>Sorts the steps into rows of 64 lanes, minibatch by minibatch: [row][input, G_0, G_t][lane].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Arrange()
    {
        int rows = (_count + Lanes - 1) / Lanes;
        _minibatchRows = Math.Clamp(rows / PreferredMinibatches, 1, MaximumMinibatchRows);
        _minibatches = (rows + _minibatchRows - 1) / _minibatchRows;
        rows = _minibatches * _minibatchRows;
        _input = new AlignedBuffer<float>((long)rows * _width * Lanes);
        _live = new ulong[rows];
        for (int i = 0; i < _count; i++)
        {
            // Neighbours, which are alike, go to different minibatches.
            int minibatch = i % _minibatches, place = i / _minibatches;
            int row = minibatch * _minibatchRows + place % _minibatchRows, lane = place / _minibatchRows;
            _live[row] |= 1UL << lane;
            float* target = _input.Pointer + (nint)row * _width * Lanes + lane;
            for (int k = 0; k < _width; k++)
                target[k * Lanes] = (float)((_steps.Pointer[(nint)i * _width + k] - _mean[k]) / _deviation[k]);
        }
    }
}
