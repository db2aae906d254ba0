using PgFast.Comparison.Contenders;

namespace PgFast.Comparison.Reporting;

/// <summary>A median with the smallest and the largest value.</summary>
internal readonly record struct Spread(double Median, double Minimum, double Maximum)
{
    /// <summary>Of at least one value.</summary>
    public static Spread Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return new Spread(sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2, sorted[0], sorted[^1]);
    }
}

/// <summary>What a contender came to, and how PgFast compares.</summary>
/// <param name="Contender">The contender.</param>
/// <param name="Runs">All runs.</param>
/// <param name="Rate">Env-steps a second of training from the first update until solved: all of a round's steps over all of its time.</param>
/// <param name="RateRatio">PgFast's rate over this one's, round by round.</param>
/// <param name="TrainedRate">The same with the trained policy.</param>
/// <param name="TrainedRatio">The same.</param>
/// <param name="SecondsToSolve">Training time of the runs that were solved; evaluations are not counted. NaN where none was.</param>
/// <param name="TimeRatio">This one's median time over PgFast's.</param>
/// <param name="StepsToSolve">Env-steps of those runs, median.</param>
/// <param name="MeanLength">Steps an episode of the trained policy.</param>
/// <param name="BytesAStep">Managed memory allocated an env-step with the trained policy; null where there is none to count.</param>
/// <param name="ProcessorShare">Processor time over wall time of all updates: below 1, other programs were in the way.</param>
internal sealed record Row(
    Contender Contender, IReadOnlyList<MeasuredRun> Runs, Spread Rate, Spread RateRatio, Spread TrainedRate, Spread TrainedRatio,
    Spread SecondsToSolve, double TimeRatio, double StepsToSolve, double MeanLength, double? BytesAStep, double ProcessorShare)
{
    /// <summary>Runs that were solved.</summary>
    public int Solved => Runs.Count(run => run.Solved);
}

/// <summary>Medians and ratios of a comparison.</summary>
internal static class Summary
{
    private static readonly Spread Unknown = new(double.NaN, double.NaN, double.NaN);

    /// <summary>A row for every contender, in their order.</summary>
    public static Row[] Of(Rounds rounds)
    {
        Contender first = rounds.Contenders[0];
        double[] engineRates = [.. rounds.RoundsOf(first).Select(RateOf)];
        double[] engineTrainedRates = [.. rounds.RoundsOf(first).Select(TrainedRateOf)];
        double engineSeconds = SecondsToSolve(rounds.RoundsOf(first)).Median;
        return [.. rounds.Contenders.Select(RowOf)];

        Row RowOf(Contender contender)
        {
            IReadOnlyList<MeasuredRun[]> own = rounds.RoundsOf(contender);
            MeasuredRun[] runs = [.. own.SelectMany(round => round)];
            double[] rates = [.. own.Select(RateOf)], trainedRates = [.. own.Select(TrainedRateOf)];
            Spread seconds = SecondsToSolve(own);
            MeasuredRun[] solved = [.. runs.Where(run => run.Solved)];
            long trainedSteps = runs.Sum(run => run.Trained.EnvironmentSteps);
            Stage[] stages = [.. runs.SelectMany(run => (Stage[])[run.Solving, run.Trained])];
            return new Row(
                contender, runs, Spread.Of(rates), Spread.Of(engineRates.Zip(rates, (engine, other) => engine / other)), Spread.Of(trainedRates),
                Spread.Of(engineTrainedRates.Zip(trainedRates, (engine, other) => engine / other)), seconds, seconds.Median / engineSeconds,
                solved.Length > 0 ? Spread.Of(solved.Select(run => (double)run.Solving.EnvironmentSteps)).Median : double.NaN,
                (double)trainedSteps / (runs.Sum(run => run.Trained.Updates) * Runs.Options.BatchSize),
                runs.Any(run => run.Trained.AllocatedBytes is null) ? null : (double)runs.Sum(run => run.Trained.AllocatedBytes!.Value) / trainedSteps,
                stages.Sum(stage => stage.ProcessorSeconds) / stages.Sum(stage => stage.Seconds));
        }
    }

    private static double RateOf(MeasuredRun[] round) => round.Sum(run => run.Solving.EnvironmentSteps) / round.Sum(run => run.Solving.Seconds);

    private static double TrainedRateOf(MeasuredRun[] round) => round.Sum(run => run.Trained.EnvironmentSteps) / round.Sum(run => run.Trained.Seconds);

    private static Spread SecondsToSolve(IEnumerable<MeasuredRun[]> rounds)
    {
        double[] seconds = [.. rounds.SelectMany(round => round).Where(run => run.Solved).Select(run => run.Solving.Seconds)];
        return seconds.Length > 0 ? Spread.Of(seconds) : Unknown;
    }
}
