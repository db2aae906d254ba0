using System.Text.Json;
using PgFast.Cli.Runs;

namespace PgFast.Cli.Output;

/// <summary>The end of <c>train</c>, as text or JSON.</summary>
internal static class TrainReport
{
    public static void Print(RunOutcome run, RunPlan plan)
    {
        string verdict = run switch
        {
            { Interrupted: true } => Terminal.Bad("interrupted"),
            { Diverged: true } => Terminal.Bad("diverged"),
            { Error: not null } => Terminal.Bad("failed"),
            { Solved: true } => Terminal.Good("solved"),
            _ when plan.Target is { } target => Terminal.Bad($"not solved, which takes a mean return of {Terminal.Number(target, "0.##")}"),
            _ => "done",
        };
        Console.WriteLine($"{Terminal.Strong(run.Environment)}  seed {run.Seed}  {verdict}");
        if (run.Evaluation is { } evaluation)
        {
            Console.WriteLine(
                $"  mean return  {Terminal.Number(evaluation.MeanReturn, "0.00")} ± {Terminal.Number(evaluation.StandardError, "0.00")}"
                + $" over {Terminal.Count(evaluation.Episodes)} fresh episodes");
        }

        Console.WriteLine(
            $"  training     {Terminal.Duration(run.TrainSeconds)} in {Terminal.Count(run.Updates)} updates,"
            + $" {Terminal.Count(run.Episodes)} episodes, {Terminal.Count(run.EnvironmentSteps)} env-steps"
            + $" ({Terminal.Rate(run.EnvironmentStepsPerSecond)} env-steps/s)");
        Console.WriteLine($"  parameters   {Terminal.Faint(run.ParameterHash)}");
    }

    public static void PrintSeeds(IReadOnlyList<RunOutcome> runs, RunPlan plan)
    {
        int solved = runs.Count(run => run.Solved);
        string verdict = $"{solved} of {runs.Count} seeds solved";
        verdict = plan.Target is null ? $"{runs.Count} seeds done" : solved == runs.Count ? Terminal.Good(verdict) : Terminal.Bad(verdict);
        Console.WriteLine($"{Terminal.Strong(runs[0].Environment)}  {verdict}");
        Console.WriteLine(
            $"  median       {Terminal.Duration(Median(runs, run => run.TrainSeconds))} of training,"
            + $" {Terminal.Count((long)Median(runs, run => run.EnvironmentSteps))} env-steps");
        Console.WriteLine($"  longest      {Terminal.Duration(runs.Max(run => run.TrainSeconds))}");
        foreach (RunOutcome run in runs)
        {
            if (run.Evaluation is { } evaluation && !run.Solved)
            {
                string mean = Terminal.Number(evaluation.MeanReturn, "0.00");
                Console.WriteLine($"  seed {run.Seed}: mean return {mean} after {Terminal.Count(run.Updates)} updates");
            }
            else if (run.Error is not null)
            {
                Console.WriteLine($"  seed {run.Seed}: {run.Error}");
            }
        }
    }

    public static void PrintJson(RunOutcome run) => JsonText.Print(json => Write(json, run));

    public static void PrintSeedsJson(string environment, IReadOnlyList<RunOutcome> runs) => JsonText.Print(json =>
    {
        json.WriteStartObject();
        json.WriteString("environment", environment);
        json.WriteStartArray("runs");
        foreach (RunOutcome run in runs)
            Write(json, run);
        json.WriteEndArray();
        json.WriteStartObject("summary");
        json.WriteNumber("solved", runs.Count(run => run.Solved));
        json.WriteNumber("runs", runs.Count);
        json.WriteFinite("medianTrainSeconds", Median(runs, run => run.TrainSeconds));
        json.WriteFinite("medianEnvironmentSteps", Median(runs, run => run.EnvironmentSteps));
        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary>A run as a JSON object.</summary>
    public static void Write(Utf8JsonWriter json, RunOutcome run)
    {
        json.WriteStartObject();
        json.WriteString("environment", run.Environment);
        json.WriteNumber("seed", run.Seed);
        json.WriteBoolean("solved", run.Solved);
        json.WriteNumber("updates", run.Updates);
        json.WriteNumber("episodes", run.Episodes);
        json.WriteNumber("environmentSteps", run.EnvironmentSteps);
        json.WriteNumber("trainSeconds", run.TrainSeconds);
        json.WriteNumber("environmentStepsPerSecond", run.EnvironmentStepsPerSecond);
        json.WriteString("parameterHash", run.ParameterHash);
        json.WritePropertyName("evaluation");
        if (run.Evaluation is { } evaluation)
        {
            json.WriteStartObject();
            json.WriteNumber("episodes", evaluation.Episodes);
            json.WriteNumber("meanReturn", evaluation.MeanReturn);
            json.WriteFinite("standardError", evaluation.StandardError);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNullValue();
        }

        if (run.Interrupted)
            json.WriteBoolean("interrupted", true);
        if (run.Error is not null)
            json.WriteString("error", run.Error);
        json.WriteEndObject();
    }

    private static double Median(IReadOnlyList<RunOutcome> runs, Func<RunOutcome, double> value)
    {
        double[] sorted = [.. runs.Select(value).Order()];
        int middle = sorted.Length / 2;
        return sorted.Length == 0 ? double.NaN : sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
