// Loads many damaged policies and checkpoints: each must load as what its bytes say, or end in a typed error.
// Usage: dotnet run -c Release --project tests/PgFast.Fuzz [-- COUNT [FIRST]]; file number i is the same in every run. Exit code 1 if one does neither.
using System.Diagnostics;
using System.Globalization;
using PgFast.Fuzz;

long count = args.Length > 0 ? long.Parse(args[0], CultureInfo.InvariantCulture) : 1_000_000;
long first = args.Length > 1 ? long.Parse(args[1], CultureInfo.InvariantCulture) : 0;
Stopwatch watch = Stopwatch.StartNew();
Campaign campaign = new(first, count, Environment.ProcessorCount);
campaign.Progress = done => Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{done:N0} of {count:N0}"));
campaign.Run();
Console.WriteLine(campaign.Tally.ToString());
Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture, $"{count:N0} files from {first:N0} on in {watch.Elapsed.TotalSeconds:F0} s; slowest {campaign.Slowest.TotalMilliseconds:F1} ms, most allocated {campaign.MostAllocated:N0} bytes"));
foreach (string failure in campaign.Failures)
    Console.WriteLine(failure);
return campaign.Failures.Count == 0 ? 0 : 1;
