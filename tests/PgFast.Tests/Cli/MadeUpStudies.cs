using PgFast.Cli;
using PgFast.Cli.Studies;
using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Training;
using PgFast.Variance;

namespace PgFast.Tests.Cli;

/// <summary>Reports that no study made: they show what the command makes of a report, whatever is in it.</summary>
internal static class MadeUpStudies
{
    public const string Note = "too few batches for an interval, which takes 16";

    /// <summary>Batch sizes from which on rows have a note instead of numbers.</summary>
    public const int TooLarge = 1000;

    public static readonly ConfidenceInterval Unbounded = new(20, double.PositiveInfinity);

    /// <summary>Runs the command line in this process on made-up studies.</summary>
    public static CliResult Run(string arguments, StudyRunner? runner = null, CancellationToken cancellation = default)
    {
        using StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        StudyHost host = new() { Runner = runner ?? Report, Output = output, Error = error, Cancellation = cancellation };
        int code = CommandLine.Run(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), host);
        return new CliResult(code, output.ToString(), error.ToString());
    }

    /// <summary>Runs the command line and keeps what it asked for.</summary>
    public static List<(EnvironmentEntry Environment, NetworkShape Shape, float[] Parameters, VarianceOptions Options)> Asked(string arguments)
    {
        List<(EnvironmentEntry, NetworkShape, float[], VarianceOptions)> asked = [];
        CliResult result = Run(arguments, (environment, shape, parameters, options, progress, cancellation) =>
        {
            asked.Add((environment, shape, parameters, options));
            return Report(environment, shape, parameters, options, progress, cancellation);
        });
        Assert.Equal("", result.Error);
        Assert.Equal(0, result.ExitCode);
        return asked;
    }

    public static VarianceReport Report(
        EnvironmentEntry environment, NetworkShape shape, float[] parameters, VarianceOptions options,
        IProgress<VarianceProgress> progress, CancellationToken cancellation) => new()
        {
            Environment = environment.Specification.Name,
            Episodes = options.Episodes,
            EnvironmentSteps = options.Episodes * 22,
            MeanReturn = 22.125,
            ParameterCount = shape.ParameterCount,
            Discount = options.Discount,
            Confidence = options.Confidence,
            NormalizeReturns = options.NormalizeReturns,
            Seed = options.Seed,
            PilotEpisodes = options.PilotEpisodes ?? 12_500,
            EpisodesPerShard = 256,
            Blocks = 128,
            Rows = [.. Rows(options)],
            Decompositions = options.NestedStates == 0 ? [] : [Split(options.NestedStates)],
            Seconds = 1.25,
        };

    private static IEnumerable<VarianceRow> Rows(VarianceOptions options)
    {
        foreach (int size in options.BatchSizes)
        {
            foreach (Estimator estimator in options.Estimators)
            {
                foreach (Baseline baseline in options.Baselines)
                    yield return size >= TooLarge ? WithoutNumbers(estimator, baseline, size) : WithNumbers(estimator, baseline, size);
            }
        }
    }

    private static VarianceRow WithoutNumbers(Estimator estimator, Baseline baseline, int size) =>
        new() { Estimator = estimator, Baseline = baseline, BatchSize = size, Batches = 3, Source = SourceOf(baseline), Note = Note };

    private static VarianceRow WithNumbers(Estimator estimator, Baseline baseline, int size)
    {
        double ratio = baseline switch
        {
            Baseline.None => 1,
            Baseline.Mean => 0.54,
            Baseline.Time => 0.31,
            Baseline.Optimal => 0.52,
            Baseline.OptimalPerParameter => 0.5,
            _ => 0.29,
        };
        double trace = 15_230 * ratio / size * (1 + 0.5 * (int)estimator), noise = 123.4 * ratio;
        // The discounted estimator's data leave ‖G‖² open, so that its noise scale has no upper end.
        bool isOpen = estimator == Estimator.Discounted;
        return new VarianceRow
        {
            Estimator = estimator,
            Baseline = baseline,
            BatchSize = size,
            Batches = 100_000 / size,
            Source = SourceOf(baseline),
            Trace = trace,
            TraceInterval = new ConfidenceInterval(trace * 0.98, trace * 1.02),
            Tensors = [new TensorVariance("policy.0.weight", trace / 4), new TensorVariance("policy.1.weight", trace * 3 / 4)],
            GradientNormSquared = trace * size / noise,
            GradientNormSquaredInterval = new ConfidenceInterval(isOpen ? -1 : 80, 120),
            SignalToNoise = size / noise,
            NoiseScale = noise,
            NoiseScaleInterval = isOpen ? Unbounded : new ConfidenceInterval(noise * 0.9, noise * 1.2),
            CosineBetween = 0.1234,
            CosineBetweenInterval = new ConfidenceInterval(0.1184, 0.1284),
            CosineToMean = 0.3521,
            CosineToMeanInterval = new ConfidenceInterval(0.3501, 0.3541),
            RatioToNone = ratio,
            RatioInterval = baseline == Baseline.None ? new ConfidenceInterval(1, 1) : new ConfidenceInterval(ratio * 0.99, ratio * 1.01),
            LawTrace = trace,
            Bias = estimator == Estimator.RewardToGo ? 0.01234 : 0,
            BiasInterval = estimator == Estimator.RewardToGo ? new ConfidenceInterval(0.01134, 0.01334) : new ConfidenceInterval(0, 0),
            Seconds = SecondsAnEpisode(baseline) * size,
        };
    }

    // A baseline costs time: the linear one so much that its lower variance does not pay.
    private static double SecondsAnEpisode(Baseline baseline) => baseline == Baseline.Linear ? 8e-7 : 2e-7 + 1e-8 * (int)baseline;

    private static BaselineSource SourceOf(Baseline baseline) => baseline switch
    {
        Baseline.None => BaselineSource.None,
        Baseline.Mean or Baseline.Time => BaselineSource.Batch,
        _ => BaselineSource.Pilot,
    };

    private static VarianceDecomposition Split(int states) => new()
    {
        Baseline = "none",
        States = states,
        State = 1.25,
        StateInterval = new ConfidenceInterval(1.2, 1.3),
        Action = 300,
        ActionInterval = new ConfidenceInterval(290, 310),
        Trajectory = 60.5,
        TrajectoryInterval = ConfidenceInterval.None,
        Total = 361.75,
        TotalInterval = new ConfidenceInterval(350, double.PositiveInfinity),
    };
}
