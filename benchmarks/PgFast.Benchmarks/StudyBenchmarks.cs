using BenchmarkDotNet.Attributes;
using PgFast.Benchmarks.Workloads;
using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Variance;

namespace PgFast.Benchmarks;

/// <summary>What a variance study costs: all rows from one pass over the episodes, against one row alone and one study a row.</summary>
/// <remarks>Single episodes of the untrained policy on one thread, construction and pilot sample included, times of updates not measured.</remarks>
public class StudyBenchmarks
{
    public const string AllRows = "3 x 6";
    public const string OneRow = "1: total, none";
    public const string RowByRow = "3 x 6, a study each";

    private const int Episodes = 32_768;

    /// <summary>As small a share as in a study of a million, whose pilot has 16,384.</summary>
    private const int PilotEpisodes = 512;

    private readonly List<VarianceOptions> _studies = [];
    private NetworkShape _shape = null!;
    private float[] _parameters = [];
    private Work _work = null!;
    private long _steps;

    /// <summary>Estimators × baselines. A study of its own measures, besides its row, the one without a baseline that the ratio refers to.</summary>
    [Params(AllRows, OneRow, RowByRow)]
    public string Rows { get; set; } = "";

    [GlobalSetup]
    public void Prepare()
    {
        _shape = FrozenPolicy.ShapeOf(MeasuredVariance.Network);
        _parameters = FrozenPolicy.Parameters(_shape, FrozenPolicy.Untrained);
        VarianceOptions all = new() { Episodes = Episodes, PilotEpisodes = PilotEpisodes, MeasureSeconds = false, Threads = 1 };
        if (Rows == AllRows)
            _studies.Add(all);
        else if (Rows == OneRow)
            _studies.Add(Of(all, Estimator.Total, Baseline.None));
        else
            _studies.AddRange(from estimator in all.Estimators from baseline in all.Baselines select Of(all, estimator, baseline));
        _work = new Work(Study(), Episodes, 0, 0).Announce();
    }

    /// <returns>Steps of the episodes, each counted once.</returns>
    [Benchmark]
    public long Study()
    {
        foreach (VarianceOptions options in _studies)
        {
            using VarianceStudy<CartPole> study = new(_shape, _parameters, options);
            _steps = study.Run().EnvironmentSteps;
        }

        return _steps;
    }

    [GlobalCleanup]
    public void Verify() => _work.Verify(_steps);

    private static VarianceOptions Of(VarianceOptions all, Estimator estimator, Baseline baseline) =>
        all with { Estimators = [estimator], Baselines = [baseline] };
}
