using PgFast.Comparison.Contenders;

namespace PgFast.Comparison.Reporting;

/// <summary>Medians and ratios of a comparison.</summary>
internal static class Summary
{
    /// <summary>Share of a processor below which a comparison is called disturbed.</summary>
    private const double UndisturbedShare = 0.9;

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

    /// <summary>Says that other programs were in the way; null if they were not.</summary>
    public static string? Disturbance(IEnumerable<Row> rows)
    {
        double share = rows.Min(row => row.ProcessorShare);
        return share < UndisturbedShare
            ? $"Other programs were running: the measured ones had as little as {Numbers.Short(100 * share)} % of a processor, and times are longer accordingly."
            : null;
    }

    private static double RateOf(MeasuredRun[] round) => round.Sum(run => run.Solving.EnvironmentSteps) / round.Sum(run => run.Solving.Seconds);

    private static double TrainedRateOf(MeasuredRun[] round) => round.Sum(run => run.Trained.EnvironmentSteps) / round.Sum(run => run.Trained.Seconds);

    private static Spread SecondsToSolve(IEnumerable<MeasuredRun[]> rounds)
    {
        double[] seconds = [.. rounds.SelectMany(round => round).Where(run => run.Solved).Select(run => run.Solving.Seconds)];
        return seconds.Length > 0 ? Spread.Of(seconds) : Unknown;
    }
}
