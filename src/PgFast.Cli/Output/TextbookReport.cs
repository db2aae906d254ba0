using PgFast.Cli.Runs;
using PgFast.Textbook;
using PgFast.Training;

namespace PgFast.Cli.Output;

/// <summary>The end of <c>train --algorithm textbook</c>, as text or JSON.</summary>
internal static class TextbookReport
{
    /// <summary>Episodes at the end whose mean reward is reported.</summary>
    private const int LastEpisodes = 100;

    /// <summary>Whether the policy sees the same number always, and so has one probability an action.</summary>
    private static bool HasOneState(EnvironmentEntry environment, TextbookOptions options) =>
        !options.HasBias && environment.DefaultPolicy == PolicyDefaults.Preferences && environment.Specification.ObservationSize == 1;

    /// <summary>That probability of every action over the runs; null where there is no one probability.</summary>
    private static (double[] Mean, double[] Deviation)? FinalPolicy(EnvironmentEntry environment, TextbookOptions options, TextbookResult result)
    {
        if (!HasOneState(environment, options))
            return null;
        double[][] runs = [.. Enumerable.Range(0, result.Runs).Select(run => result.Probabilities(run, [1f]))];
        double[] mean = [.. runs[0].Select((_, action) => runs.Average(run => run[action]))];
        double[] deviation =
        [
            .. mean.Select((m, action) => Math.Sqrt(runs.Sum(run => (run[action] - m) * (run[action] - m)) / (result.Runs - 1))),
        ];
        return (mean, deviation);
    }

    private static string Runs(int count) => count == 1 ? "1 run" : $"{Terminal.Count(count)} runs";

    private static string Spread(double mean, double deviation) =>
        Terminal.Number(mean, "0.0000") + (double.IsNaN(deviation) ? "" : $" ± {Terminal.Number(deviation, "0.0000")}");

    private static double LastMean(TextbookResult result) => result.MeanReward.Skip(result.Episodes - LastEpisodes).Average();

    /// <summary>As text.</summary>
    public static void Print(
        EnvironmentEntry environment, TextbookOptions options, TextbookResult result, double seconds)
    {
        (double[] Mean, double[] Deviation)? policy = FinalPolicy(environment, options, result);
        string baseline = options.ValueStepSize is null ? "" : " with baseline";
        Console.WriteLine($"{Terminal.Strong(environment.Name)}  textbook REINFORCE{baseline}, {Runs(result.Runs)}, seed {options.Seed}");
        Console.WriteLine(
            $"  mean reward  {Terminal.Number(result.MeanReward[0], "0.00")} in episode 1, {Terminal.Number(LastMean(result), "0.00")} over the last"
            + $" {Terminal.Count(Math.Min(LastEpisodes, result.Episodes))}");
        if (policy is { } final)
        {
            string probabilities = string.Join(", ", final.Mean.Select((mean, action) => $"π({action}) = {Spread(mean, final.Deviation[action])}"));
            Console.WriteLine($"  final policy {probabilities}{(result.Runs == 1 ? "" : " (mean ± standard deviation over the runs)")}");
        }

        int truncated = result.TruncatedEpisodes.Count(count => count > 0);
        if (truncated > 0)
        {
            Console.WriteLine(
                $"  step limit   reached by {Runs(truncated)}, in {Terminal.Count(result.TruncatedEpisodes.Sum(count => (long)count))} episodes");
        }

        Console.WriteLine(
            $"  training     {Terminal.Duration(seconds)} for {Terminal.Count((long)result.Runs * result.Episodes)} episodes,"
            + $" {Terminal.Count(result.EnvironmentSteps)} env-steps ({Terminal.Rate(result.EnvironmentSteps / seconds)} env-steps/s,"
            + $" {Terminal.Number(100.0 * result.EnvironmentSteps / result.LaneSteps, "0")} % of lanes busy)");
        Console.WriteLine($"  parameters   {Terminal.Faint(result.ParameterHash())}");
    }

    /// <summary>As JSON.</summary>
    public static void PrintJson(EnvironmentEntry environment, TextbookOptions options, TextbookResult result, double seconds, int diverged) => JsonText.Print(json =>
    {
        json.WriteStartObject();
        TextbookFiles.WriteOptions(json, environment.Name, options);
        json.WriteFinite("firstMeanReward", result.MeanReward[0]);
        json.WriteFinite("lastMeanReward", LastMean(result));
        if (FinalPolicy(environment, options, result) is { } final)
        {
            json.WriteStartObject("finalPolicy");
            Write("mean", final.Mean);
            Write("standardDeviation", final.Deviation);
            json.WriteEndObject();
        }

        json.WriteNumber("divergedRuns", diverged);
        json.WriteNumber("truncatedRuns", result.TruncatedEpisodes.Count(count => count > 0));
        json.WriteNumber("truncatedEpisodes", result.TruncatedEpisodes.Sum(count => (long)count));
        json.WriteNumber("environmentSteps", result.EnvironmentSteps);
        json.WriteNumber("busyLanes", (double)result.EnvironmentSteps / result.LaneSteps);
        json.WriteNumber("trainSeconds", seconds);
        json.WriteNumber("environmentStepsPerSecond", result.EnvironmentSteps / seconds);
        json.WriteString("parameterHash", result.ParameterHash());
        json.WriteEndObject();

        void Write(string name, double[] values)
        {
            json.WriteStartArray(name);
            foreach (double value in values)
            {
                if (double.IsFinite(value))
                    json.WriteNumberValue(value);
                else
                    json.WriteNullValue();
            }

            json.WriteEndArray();
        }
    });
}
