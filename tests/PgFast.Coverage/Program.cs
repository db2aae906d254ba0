// Runs many independent studies where the truth is known and counts how often their intervals cover it.
// Usage: dotnet run -c Release --project tests/PgFast.Coverage [-- STUDIES [OUTPUT.md]]; exit code 1 if a coverage is outside 93 to 97 %.
using System.Globalization;
using System.Text;
using PgFast.Coverage;
using PgFast.Estimators;
using PgFast.Measurement;
using PgFast.Variance;

const double Lowest = 0.93, Highest = 0.97;
int studies = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 2000;
StringBuilder text = new();
text.AppendLine("# Coverage of 95 % intervals").AppendLine();
text.AppendLine(CultureInfo.InvariantCulture, $"{studies:N0} independent studies each, seeds 1 to {studies:N0}; the truth is exact, for constants fitted on a pilot sample that of the fitted constant.");
text.AppendLine("Made by `dotnet run -c Release --project tests/PgFast.Coverage`, PgFast " + MachineDescription.PgFastVersion() + '.').AppendLine();
text.AppendLine("| subject | episodes | estimator | baseline | batch | quantity | covered | interval below | interval above |");
text.AppendLine("| --- | --: | --- | --- | --: | --- | --: | --: | --: |");
bool isGood = true;
foreach (Subject subject in new[] { Subject.Bandit, Subject.Corridor })
{
    SortedDictionary<int, (string Row, Tally Tally)> tallies = [];
    Parallel.For(0, studies, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, index => Run(subject, (ulong)index + 1, tallies));
    foreach ((string row, Tally tally) in tallies.Values)
    {
        isGood &= tally.Coverage is >= Lowest and <= Highest;
        text.AppendLine(CultureInfo.InvariantCulture, $"{row} | {tally.Coverage:P1} | {tally.Below:P1} | {1 - tally.Coverage - tally.Below:P1} |");
    }
}

Console.Write(text);
if (args.Length > 1)
    File.WriteAllText(args[1], text.ToString());
return isGood ? 0 : 1;

static void Run(Subject subject, ulong seed, SortedDictionary<int, (string Row, Tally Tally)> tallies)
{
    using VarianceStudy study = subject.Create(new VarianceOptions
    {
        Estimators = [Estimator.Total, Estimator.RewardToGo],
        Baselines = [Baseline.None, Baseline.Mean, Baseline.Optimal],
        BatchSizes = [1, Subject.BatchSize],
        Episodes = subject.Episodes,
        PilotEpisodes = 1024,
        Discount = 1,
        MeasureSeconds = false,
        Seed = seed,
        Threads = 1,
    });
    double mean = 0;
    double[] optimal = [];
    study.Fitted = fitted => (mean, optimal) = (fitted.Mean, [.. fitted.Optimal]);
    VarianceReport report = study.Run();
    int key = 0;
    foreach (VarianceRow row in report.Rows)
    {
        bool leavesOneOut = row.Baseline == Baseline.Mean && row.BatchSize > 1;
        // Only whole returns have a known law for the leave-one-out mean.
        if (leavesOneOut && row.Estimator != Estimator.Total)
            continue;
        double constant = row.Baseline switch { Baseline.Mean => mean, Baseline.Optimal => optimal[(int)row.Estimator], _ => 0 };
        double none = subject.TraceOf(row.Estimator, 0) / row.BatchSize;
        double trace = leavesOneOut ? subject.LeaveOneOut : subject.TraceOf(row.Estimator, constant) / row.BatchSize;
        Add(row, "trace", row.TraceInterval, trace);
        Add(row, "‖G‖²", row.GradientNormSquaredInterval, subject.GradientSquared);
        Add(row, "noise scale", row.NoiseScaleInterval, row.BatchSize * trace / subject.GradientSquared);
        if (row.Baseline != Baseline.None)
            Add(row, "ratio to none", row.RatioInterval, trace / none);
    }

    void Add(VarianceRow row, string quantity, ConfidenceInterval interval, double truth)
    {
        Tally tally;
        lock (tallies)
        {
            if (!tallies.TryGetValue(key, out (string Row, Tally Tally) entry))
            {
                string text = $"| {subject.Name} | {subject.Episodes} | {row.Estimator} | {row.Baseline} | {row.BatchSize} | {quantity}";
                tallies[key] = entry = (text, new Tally());
            }

            tally = entry.Tally;
            key++;
        }

        tally.Add(interval, truth);
    }
}
