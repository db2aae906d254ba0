using System.Diagnostics;
using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Networks;

namespace PgFast.Variance;

/// <summary>Times <see cref="BaselineUpdate"/> for a study, in a moment and in bounded memory.</summary>
internal sealed class UpdateTimer : IDisposable
{
    /// <summary>Episodes of the largest batch that is run; larger ones take proportionally longer.</summary>
    private const int MostEpisodes = 256;

    /// <summary>Multiply-adds that one measurement should hold, in as many updates as that takes: some 20,000 steps of a network of 32 units.</summary>
    private const double MultiplyAddsPerMeasurement = 1e7;

    /// <summary>What a step costs besides its network, as so many multiply-adds.</summary>
    private const double MultiplyAddsOfOthers = 150;

    private readonly BaselineUpdate _update;
    private readonly int _batchSize;
    private readonly int _repeats;

    public UpdateTimer(
        BatchedEnvironment environment, NetworkParameters parameters, VarianceOptions options, FittedBaselines fitted, int batchSize,
        double meanLength)
    {
        _batchSize = batchSize;
        _update = new BaselineUpdate(environment, parameters, options, fitted.Linear, Math.Min(batchSize, MostEpisodes), fitted.Values);
        double step = parameters.Shape.MultiplyAddsPerStep + MultiplyAddsOfOthers;
        _repeats = (int)Math.Clamp(MultiplyAddsPerMeasurement / (step * _update.Episodes * meanLength), 1, 1000);
    }

    /// <summary>Mean wall seconds of an update.</summary>
    public double Measure(Estimator estimator, Baseline baseline)
    {
        long start = Stopwatch.GetTimestamp();
        for (int repeat = 0; repeat < _repeats; repeat++)
            _update.Run(estimator, baseline, (ulong)repeat * (ulong)_update.Episodes);
        return Stopwatch.GetElapsedTime(start).TotalSeconds / _repeats * _batchSize / _update.Episodes;
    }

    public void Dispose() => _update.Dispose();
}
