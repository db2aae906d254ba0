using PgFast.Statistics;

namespace PgFast.Cli.Sweeps;

/// <summary>What the finished runs of a configuration on one environment say.</summary>
internal sealed record SweepCell
{
    /// <summary>In the order of the seeds; never empty.</summary>
    public required IReadOnlyList<SweepRun> Runs { get; init; }

    /// <summary>[run]; what each is judged by.</summary>
    public required double[] Scores { get; init; }

    public required BootstrapEstimate InterquartileMean { get; init; }

    public required BootstrapEstimate Median { get; init; }

    public required BootstrapEstimate Mean { get; init; }

    /// <summary>Probability of improvement on the reference's runs here; null for the reference itself, or where it has none.</summary>
    public BootstrapEstimate? Improvement { get; init; }

    /// <summary>[point]; interquartile mean of the learning curves.</summary>
    public required BootstrapEstimate[] Returns { get; init; }

    /// <summary>[point]; interquartile mean of the policies' entropy.</summary>
    public required BootstrapEstimate[] Entropies { get; init; }

    public int Diverged => Runs.Count(run => run.Divergence is not null);

    public int Solved => Runs.Count(run => run.Solved);
}

/// <summary>A configuration with what its runs say.</summary>
/// <param name="Configuration">The configuration.</param>
/// <param name="Cells">[environment]; null where no run is finished.</param>
/// <param name="Aggregate">Interquartile mean over all environments' runs, on the file's scale; null where there is none.</param>
/// <param name="Improvement">Probability of improvement on the reference, mean over the environments; null for the reference itself, or where a run is missing.</param>
internal sealed record SweepRow(
    SweepConfiguration Configuration, IReadOnlyList<SweepCell?> Cells, BootstrapEstimate? Aggregate, BootstrapEstimate? Improvement);

/// <summary>A sweep's results: after Agarwal et al. (2021), interquartile means and probabilities of improvement with bootstrap intervals.</summary>
internal sealed record SweepSummary
{
    // Fixed, so that the same runs give the same intervals.
    private const ulong BootstrapSeed = 1;

    /// <summary>A curve has many points, and its band is looked at, not read off.</summary>
    private const int CurveReplicates = 500;

    public required SweepDefinition Definition { get; init; }

    public required IReadOnlyList<SweepRow> Rows { get; init; }

    public required int Finished { get; init; }

    public bool IsComplete => Finished == Definition.Runs;

    public static SweepSummary Of(SweepDefinition definition, SweepExecution execution)
    {
        IReadOnlyList<SweepCell?>[] cells =
        [
            .. Enumerable.Range(0, definition.Configurations.Count).Select(configuration => (IReadOnlyList<SweepCell?>)
            [
                .. Enumerable.Range(0, definition.Environments.Count).Select(environment => Cell(definition, execution.RunsOf(configuration, environment))),
            ]),
        ];
        return new SweepSummary
        {
            Definition = definition,
            Rows = [.. cells.Select((own, index) => Row(definition, index, own, cells[definition.Reference]))],
            Finished = execution.Finished,
        };
    }

    private static SweepCell? Cell(SweepDefinition definition, IReadOnlyList<SweepRun> runs)
    {
        if (runs.Count == 0)
            return null;
        double[] scores = [.. runs.Select(run => definition.Score == SweepScore.Final ? run.MeanReturn : run.Returns.Average())];
        double[][] tasks = [scores];
        return new SweepCell
        {
            Runs = runs,
            Scores = scores,
            InterquartileMean = StratifiedBootstrap.InterquartileMean(tasks, BootstrapSeed, definition.Confidence, definition.Replicates),
            Median = StratifiedBootstrap.Median(tasks, BootstrapSeed, definition.Confidence, definition.Replicates),
            Mean = StratifiedBootstrap.Mean(tasks, BootstrapSeed, definition.Confidence, definition.Replicates),
            Returns = Curve(definition, [.. runs.Select(run => run.Returns)]),
            Entropies = Curve(definition, [.. runs.Select(run => run.Entropies).Where(curve => curve.All(double.IsFinite))]),
        };
    }

    private static BootstrapEstimate[] Curve(SweepDefinition definition, double[][] curves) =>
        curves.Length == 0 ? [] : StratifiedBootstrap.InterquartileMeanCurve(curves, BootstrapSeed, definition.Confidence, CurveReplicates);

    private static SweepRow Row(SweepDefinition definition, int index, IReadOnlyList<SweepCell?> own, IReadOnlyList<SweepCell?> reference)
    {
        SweepCell[] mine = [.. own.OfType<SweepCell>()], theirs = [.. reference.OfType<SweepCell>()];
        bool isWhole = mine.Length == own.Count, isReference = index == definition.Reference;
        SweepCell?[] compared = [.. own.Zip(reference, (cell, other) => cell is null || other is null || isReference ? cell : cell with { Improvement = Improvement(definition, [cell], [other]) })];
        return new SweepRow(
            definition.Configurations[index], compared, isWhole && definition.Scale is { } scale ? Aggregate(definition, mine, scale) : null,
            isWhole && theirs.Length == reference.Count && !isReference ? Improvement(definition, mine, theirs) : null);
    }

    private static BootstrapEstimate Improvement(SweepDefinition definition, SweepCell[] mine, SweepCell[] theirs) =>
        StratifiedBootstrap.ProbabilityOfImprovement(
            [.. mine.Select(cell => cell.Scores)], [.. theirs.Select(cell => cell.Scores)], BootstrapSeed, definition.Confidence, definition.Replicates);

    private static BootstrapEstimate Aggregate(SweepDefinition definition, SweepCell[] cells, IReadOnlyList<(double Low, double High)> scale) =>
        StratifiedBootstrap.InterquartileMean(
            [.. cells.Select((cell, task) => (double[])[.. cell.Scores.Select(score => (score - scale[task].Low) / (scale[task].High - scale[task].Low))])],
            BootstrapSeed, definition.Confidence, definition.Replicates);
}
