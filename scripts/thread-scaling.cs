#:project ../src/PgFast/PgFast.csproj
#:property GenerateDocumentationFile=true
// How training scales with threads: measured here, on as many threads as there are cores and on more, and simulated for machines with more.
//
//   dotnet run -c Release scripts/thread-scaling.cs
//
// Measured: env-steps/s of whole updates with 1, 2, 4, … threads, in turns, medians.
// Simulated: the times of many shards of 64 episodes are measured one by one, with their real spread, and dealt out, each free worker taking
// the next shard, for 1 to 192 workers. It bounds what scheduling allows from above: an update is one deal here and two or three in the
// engine, with a wait for the last worker after each; the serial part is that of an update of one short episode, to which the sums over many
// shards come (about 0.05 µs a shard of 4-32-2); memory bandwidth, which cores share, and clocks that fall under load are left out. Shards of 64
// episodes are what the engine makes of up to 2,048 episodes; of more it makes larger ones, and fewer.

using System.Diagnostics;
using System.Globalization;
using PgFast.Environments;
using PgFast.Training;

const int EpisodesPerShard = 64;
const int Rounds = 9;
float[] balancing = Train(updates: 30);
foreach ((string policy, float[]? parameters) in new (string, float[]?)[] { ("untrained", null), ("balancing", balancing) })
{
    Console.WriteLine($"## Policy: {policy}\n");
    Measure(parameters);
    Simulate(parameters);
}

static float[] Train(int updates)
{
    using Trainer<CartPole> trainer = new(new TrainerOptions { Threads = 1 });
    for (int update = 0; update < updates; update++)
        trainer.Update();
    return trainer.Parameters.ToArray();
}

static Trainer<CartPole> Frozen(int batch, int threads, float[]? parameters)
{
    // A step of this size changes no parameter, and costs what any other step costs.
    Trainer<CartPole> trainer = new(new TrainerOptions { BatchSize = batch, Threads = threads, StepSize = 1e-30f });
    if (parameters is not null)
        trainer.SetParameters(parameters);
    trainer.Update();
    return trainer;
}

static void Measure(float[]? parameters)
{
    int cores = Environment.ProcessorCount;
    List<int> counts = [];
    for (int threads = 1; threads <= 8 * cores; threads *= 2)
        counts.Add(threads);
    Console.WriteLine($"Measured, {cores} cores, M env-steps/s of whole updates, and how many times one thread's:\n");
    Console.WriteLine("| episodes an update | " + string.Join(" | ", counts.Select(count => $"{count} threads")) + " |");
    Console.WriteLine("| --: |" + string.Concat(counts.Select(_ => " --: |")));
    foreach (int batch in new[] { 64, 256, 1024, 4096 })
    {
        Trainer<CartPole>[] trainers = [.. counts.Select(count => Frozen(batch, count, parameters))];
        List<double>[] rates = [.. counts.Select(_ => new List<double>())];
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < trainers.Length; i++)
                rates[i].Add(Rate(trainers[i], TimeSpan.FromMilliseconds(40)));
        }

        double single = Median(rates[0]);
        Console.WriteLine($"| {batch} | " + string.Join(
            " | ", rates.Select(rate => $"{Text(Median(rate) / 1e6, "0")} ({Text(Median(rate) / single, "0.00")})")) + " |");
        foreach (Trainer<CartPole> trainer in trainers)
            trainer.Dispose();
    }

    Console.WriteLine();
}

static double Rate(Trainer<CartPole> trainer, TimeSpan least)
{
    long steps = trainer.EnvironmentSteps, start = Stopwatch.GetTimestamp();
    do
        trainer.Update();
    while (Stopwatch.GetElapsedTime(start) < least);
    return (trainer.EnvironmentSteps - steps) / Stopwatch.GetElapsedTime(start).TotalSeconds;
}

static void Simulate(float[]? parameters)
{
    double[] shards = ShardSeconds(parameters);
    double serial = SerialSeconds();
    Console.WriteLine(
        $"Shards of {EpisodesPerShard} episodes: median {Text(1e6 * Median([.. shards]), "0")} µs, largest over median"
        + $" {Text(shards.Max() / Median([.. shards]), "0.00")}; serial part of an update: at most {Text(1e6 * serial, "0.0")} µs.\n");
    int[] workers = [2, 4, 8, 16, 32, 64, 128, 192];
    Console.WriteLine("Simulated, how many times one worker's speed:\n");
    Console.WriteLine("| shards an update | " + string.Join(" | ", workers) + " |");
    Console.WriteLine("| --: |" + string.Concat(workers.Select(_ => " --: |")));
    foreach (int count in new[] { 1, 4, 16, 32, 64, 192, 768, 3072 })
    {
        double one = MeanSpan(shards, count, 1) + serial;
        Console.WriteLine($"| {count} | " + string.Join(" | ", workers.Select(w => Text(one / (MeanSpan(shards, count, w) + serial), "0.0"))) + " |");
    }

    Console.WriteLine();
}

static double[] ShardSeconds(float[]? parameters)
{
    using Trainer<CartPole> trainer = Frozen(EpisodesPerShard, 1, parameters);
    double[] seconds = new double[2000];
    for (int i = 0; i < seconds.Length; i++)
    {
        long start = Stopwatch.GetTimestamp();
        trainer.Update();
        seconds[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    // Interruptions by other processes are no property of a shard: nothing beyond the longest possible one at the usual speed.
    double median = Median([.. seconds]);
    return [.. seconds.Where(value => value < 4 * median)];
}

static double SerialSeconds()
{
    using Trainer<CartPole> trainer = Frozen(1, 1, null);
    List<double> seconds = [];
    for (int i = 0; i < 2000; i++)
    {
        long start = Stopwatch.GetTimestamp();
        trainer.Update();
        seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    seconds.Sort();
    return seconds[seconds.Count / 20];
}

// Mean time until the last worker is done, over several deals.
static double MeanSpan(double[] shards, int count, int workers)
{
    Random random = new(count);
    double total = 0;
    const int Deals = 200;
    for (int deal = 0; deal < Deals; deal++)
    {
        PriorityQueue<int, double> free = new();
        for (int worker = 0; worker < workers; worker++)
            free.Enqueue(worker, 0);
        double last = 0;
        for (int shard = 0; shard < count; shard++)
        {
            free.TryDequeue(out int worker, out double at);
            at += shards[random.Next(shards.Length)];
            last = Math.Max(last, at);
            free.Enqueue(worker, at);
        }

        total += last;
    }

    return total / Deals;
}

static double Median(List<double> values)
{
    values.Sort();
    int middle = values.Count / 2;
    return values.Count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
