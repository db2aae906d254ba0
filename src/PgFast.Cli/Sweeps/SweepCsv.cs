using System.Globalization;
using System.Text;

namespace PgFast.Cli.Sweeps;

/// <summary>The finished runs as a table, a row each: <c>runs.csv</c>.</summary>
internal static class SweepCsv
{
    public static byte[] Write(SweepSummary summary)
    {
        SweepDefinition definition = summary.Definition;
        StringBuilder text = new();
        text.AppendJoin(',', definition.Axes.Select(axis => Cell(axis.Name)))
            .Append(",environment,seed,score,meanReturn,standardError,solved,diverged,updates,episodes,environmentSteps,trainSeconds,parameterHash\n");
        foreach (SweepRow row in summary.Rows)
        {
            string place = string.Join(',', row.Configuration.Place.Select(Cell));
            foreach (SweepCell cell in row.Cells.OfType<SweepCell>())
            {
                for (int index = 0; index < cell.Runs.Count; index++)
                {
                    SweepRun run = cell.Runs[index];
                    text.Append(CultureInfo.InvariantCulture, $"{place},{run.Environment},{run.Seed},{cell.Scores[index]},{run.MeanReturn},{run.StandardError},");
                    text.Append(run.Solved ? "true," : "false,").Append(run.Divergence is null ? "false," : "true,");
                    text.Append(CultureInfo.InvariantCulture, $"{run.Updates},{run.Episodes},{run.EnvironmentSteps},{run.TrainSeconds},{run.ParameterHash}\n");
                }
            }
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>In quotes where it would not be one cell otherwise.</summary>
    private static string Cell(string text) =>
        text.AsSpan().IndexOfAny(",\"\n\r") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
