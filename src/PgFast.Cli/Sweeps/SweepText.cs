using PgFast.Cli.Output;
using PgFast.Statistics;
using PgFast.Variance;

namespace PgFast.Cli.Sweeps;

/// <summary>A sweep's results for a person who reads them in a terminal or a file.</summary>
internal static class SweepText
{
    /// <summary>Where output is not a terminal, lines are cut at this width.</summary>
    private const int PlainWidth = 120;

    public static void Print(SweepSummary summary, string directory, int found)
    {
        SweepDefinition definition = summary.Definition;
        string runs = $"{Terminal.Count(summary.Finished)} of {Terminal.Count(definition.Runs)} runs{(found > 0 ? $", {Terminal.Count(found)} of them from before" : "")}";
        Console.WriteLine($"{Terminal.Strong(definition.Name)}  {(summary.IsComplete ? Terminal.Good(runs) : Terminal.Bad(runs))}");
        if (definition.Description is not null)
            Console.WriteLine($"  {definition.Description}");
        string budget = definition.EnvironmentSteps is { } steps ? $"{Terminal.Count(steps)} env-steps" : $"{Terminal.Count(definition.Updates!.Value)} updates";
        string score = definition.Score == SweepScore.Final
            ? $"mean return of the final policy over {Terminal.Count(definition.EvaluationEpisodes)} fresh episodes" : "mean return over the learning curve";
        Console.WriteLine($"  score: {score}; {Terminal.Count(definition.Seeds.Count)} seeds, {budget} a run");
        for (int environment = 0; environment < definition.Environments.Count; environment++)
            PrintEnvironment(summary, environment);
        if (definition.Environments.Count > 1)
            PrintAll(summary);
        string level = Terminal.Number(100 * definition.Confidence, "0.##");
        string reference = definition.Configurations[definition.Reference].Label;
        Console.WriteLine();
        Console.WriteLine($"  IQM: interquartile mean over seeds; intervals: {level} %, stratified bootstrap of {Terminal.Count(definition.Replicates)} samples.");
        Console.WriteLine($"  P(better): probability that a run scores higher than one of '{reference}'{(definition.Environments.Count > 1 ? "; over all environments the mean" : "")}.");
        Console.WriteLine($"{Terminal.Strong(directory)}  sweep.json, runs.csv, report.html, plots/");
    }

    private static void PrintEnvironment(SweepSummary summary, int environment)
    {
        SweepDefinition definition = summary.Definition;
        bool hasTarget = definition.Environments[environment].Specification.SolvedReturn is not null;
        List<string> headers = ["configuration", "IQM", "median", "worst seed", "P(better)"];
        if (hasTarget)
            headers.Add("solved");
        if (summary.Rows.Any(row => row.Cells[environment]?.Diverged > 0))
            headers.Add("diverged");
        TextTable table = new([.. headers]);
        foreach (SweepRow row in summary.Rows)
        {
            SweepCell? cell = row.Cells[environment];
            List<(string, string)> cells =
            [
                (row.Configuration.Label, ""), Cell(cell?.InterquartileMean), Cell(cell?.Median),
                (cell is null ? Figures.Unknown : Figures.Significant(cell.Scores.Min()), ""), Probability(cell?.Improvement),
            ];
            if (hasTarget)
                cells.Add((cell is null ? Figures.Unknown : $"{cell.Solved} of {cell.Runs.Count}", ""));
            if (headers.Contains("diverged"))
                cells.Add((cell is null ? Figures.Unknown : $"{cell.Diverged} of {cell.Runs.Count}", ""));
            table.Add([.. cells]);
        }

        Print(table, definition.Environments[environment].Name);
    }

    private static void PrintAll(SweepSummary summary)
    {
        bool hasScale = summary.Definition.Scale is not null;
        TextTable table = new(hasScale ? ["configuration", "P(better)", "IQM, scaled"] : ["configuration", "P(better)"]);
        foreach (SweepRow row in summary.Rows)
        {
            (string, string)[] cells = [(row.Configuration.Label, ""), Probability(row.Improvement)];
            table.Add(hasScale ? [.. cells, Cell(row.Aggregate)] : cells);
        }

        Print(table, "all environments");
    }

    private static void Print(TextTable table, string title)
    {
        Console.WriteLine();
        Console.WriteLine($"  {Terminal.Strong(title)}");
        table.Print(Console.Out, Terminal.IsLive ? Math.Max(40, Console.WindowWidth) : PlainWidth);
    }

    private static (string Value, string Interval) Cell(BootstrapEstimate? estimate) => estimate is { } known
        ? (Figures.Significant(known.Value), Figures.Ends(new ConfidenceInterval(known.Low, known.High)))
        : (Figures.Unknown, "");

    private static (string Value, string Interval) Probability(BootstrapEstimate? estimate) => estimate is { } known
        ? (Terminal.Number(known.Value, "0.00"), $"[{Terminal.Number(known.Low, "0.00")}, {Terminal.Number(known.High, "0.00")}]")
        : (Figures.Unknown, "");
}
