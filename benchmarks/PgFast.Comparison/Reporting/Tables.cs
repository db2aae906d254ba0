using System.Globalization;
using System.Text;
using PgFast.Comparison.Contenders;
using PgFast.Measurement;

namespace PgFast.Comparison.Reporting;

/// <summary>A comparison as Markdown.</summary>
internal static class Tables
{
    private const string Command = "dotnet run -c Release --project benchmarks/PgFast.Comparison";

    /// <summary>The file that is committed: where the figures are from, the tables, and how to read them.</summary>
    public static string File(Rounds rounds, Row[] rows, Circumstances circumstances)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"# The same algorithm elsewhere: {circumstances.Cpu}\n\n| | |\n| --- | --- |\n");
        MachineDescription machine = circumstances.Machine;
        Fact("CPU", $"{circumstances.Cpu}, {machine.Architecture}, {machine.Cores} cores");
        Fact("runtime", machine.Runtime);
        Fact("OS", machine.OperatingSystem);
        Fact("lanes a register", $"{machine.LaneWidth}");
        if (circumstances.PyTorch is { } versions)
            Fact("PyTorch", versions);
        Fact("commit", circumstances.Commit);
        Fact("date", DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        Fact("command", $"`{Command}{(circumstances.Options.Length > 0 ? " --" + circumstances.Options : "")}`");
        if (Summary.Disturbance(rows) is { } disturbance)
            Fact("note", disturbance);
        text.Append('\n').Append(Both(rows)).Append('\n').Append(Notes(rounds, rows));
        return text.ToString();

        void Fact(string name, string value) => text.Append(CultureInfo.InvariantCulture, $"| {name} | {value} |\n");
    }

    /// <summary>The two tables.</summary>
    public static string Both(Row[] rows)
    {
        StringBuilder text = new();
        text.Append("Training from the first update until CartPole-v1 is solved:\n\n");
        text.Append("| implementation | env-steps/s | PgFast is faster by | time to solve, median (range) | PgFast is faster by | env-steps to solve | solved |\n");
        text.Append("| --- | --: | --: | --: | --: | --: | --: |\n");
        foreach (Row row in rows)
        {
            Line(
                row.Contender.Name, Numbers.Rate(row.Rate.Median), Numbers.TimesWithRange(row.RateRatio),
                Numbers.SecondsWithRange(row.SecondsToSolve), Numbers.Times(row.TimeRatio), Numbers.Count(row.StepsToSolve), $"{row.Solved} of {row.Runs.Count}");
        }

        text.Append("\nTraining on with the policy that solved it:\n\n");
        text.Append("| implementation | env-steps/s | PgFast is faster by | steps an episode | bytes allocated an env-step | share of a processor |\n");
        text.Append("| --- | --: | --: | --: | --: | --: |\n");
        foreach (Row row in rows)
        {
            Line(
                row.Contender.Name, Numbers.Rate(row.TrainedRate.Median), Numbers.TimesWithRange(row.TrainedRatio), Numbers.Short(row.MeanLength),
                row.BytesAStep is { } bytes ? Numbers.Short(bytes) : "–", Numbers.Short(100 * row.ProcessorShare) + " %");
        }

        return text.ToString();

        void Line(params string[] cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
    }

    private static string Notes(Rounds rounds, Row[] rows)
    {
        StringBuilder text = new();
        foreach (Row row in rows)
            text.Append(CultureInfo.InvariantCulture, $"- **{row.Contender.Name}**: {row.Contender.Description}; {RunsOf(row.Contender)} a round, {row.Contender.TrainedUpdates} updates after each.\n");
        text.Append(CultureInfo.InvariantCulture,
            $"""

            All of them are the same algorithm on one thread: a 4-32-2 ReLU network, {Runs.Options.BatchSize} whole episodes an update, rewards-to-go with γ = {Runs.Options.Discount:0.##},
            standardised over the batch, Adam with a step size of {Runs.Options.StepSize:0.##}, weights drawn from the same distribution. A run is solved when {Contender.EvaluationEpisodes:#,0} fresh episodes
            of the stochastic policy have a mean return of at least {Contender.SolvedReturn}, evaluated whenever a batch has. Time and steps are those of updates; evaluations, the
            start of a process and imports are not counted. Every process warms up first: C# by whole solves for half a second, PyTorch by three updates. C# may have
            a little more than one processor, as the runtime compiles and collects beside it.

            Rates are a round's steps over its time, medians over {rounds.RoundsOf(rounds.Contenders[0]).Count} rounds; a ratio is taken round by round, its range in brackets. In a round all
            implementations run one after the other, and the order rotates. The ratio of times to solve is one of medians over runs, which differ in luck:
            each implementation but the reference draws its own random numbers.

            Bytes are managed memory, counted by the runtime over the updates after the runs. A share of a processor well below 100 % says that other programs
            ran on the same cores: then times are longer than they need be, and ratios less certain.

            """);
        if (rows.Any(row => row.BytesAStep is null))
        {
            text.Append("PyTorch and numpy have allocators of their own, which nothing counts in the same way: –. Both scripts tell the C library to keep\n");
            text.Append("freed memory, without which the plain one is slower still.\n");
        }

        double[] imports = [.. rounds.Contenders.OfType<PyTorchContender>().SelectMany(contender => contender.ImportSeconds)];
        if (imports.Length > 0)
            text.Append(CultureInfo.InvariantCulture, $"Importing PyTorch and numpy took {Numbers.Seconds(Spread.Of(imports).Median)} (median), before each of their runs.\n");
        return text.ToString();

        static string RunsOf(Contender contender) => contender.SeedsARound == 1 ? "1 run" : $"{contender.SeedsARound} runs";
    }
}
