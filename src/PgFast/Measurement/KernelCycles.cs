using System.Diagnostics;
using PgFast.Networks;
using PgFast.Numerics;

namespace PgFast.Measurement;

/// <summary>Measures the kernels of an update one by one, in cycles an environment step.</summary>
/// <remarks>
/// Kernels run on 16 rows of 64 lanes, which stay in the first-level cache but for wide layers' activations; rollout and returns on whole episodes of CartPole under a policy that
/// balances. A chain of multiply-adds, which does two a cycle, is timed in turns with each kernel, so that neither the clock frequency nor a
/// slow moment of the machine matters: what is reported is the ratio of the fast ends of both distributions.
/// </remarks>
public static class KernelCycles
{
    private const int MinimumTurns = 40;

    private const int CyclesPerTurn = 6_000;

    /// <summary>Of the sorted times of a kernel the one at this fraction counts: rarely disturbed, and no lucky single.</summary>
    private const double FastEnd = 0.05;

    /// <summary>Measures all kernels of the networks.</summary>
    /// <param name="options">Networks, and the least time for each kernel; null for the defaults.</param>
    /// <param name="progress">Called with what is being done, or null.</param>
    /// <param name="cancellation">Looked at between kernels.</param>
    /// <returns>Network by network, in the order of an update.</returns>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static IReadOnlyList<KernelCost> Measure(
        ThroughputOptions? options = null, Action<string>? progress = null, CancellationToken cancellation = default)
    {
        options ??= new ThroughputOptions();
        options.Validate();
        Action<int> clock = MachinePeak.CycleLoop();
        List<KernelCost> costs = [];
        foreach (ThroughputNetwork network in options.Networks)
        {
            cancellation.ThrowIfCancellationRequested();
            float[] parameters = Throughput.Prepare(network, options.BatchSize, progress, cancellation);
            using KernelLoops loops = new(network, parameters);
            foreach ((Kernel kernel, Action body, Action? less, double steps) in loops.All())
            {
                cancellation.ThrowIfCancellationRequested();
                progress?.Invoke($"{loops.Shape} {loops.Shape.Activation}: {kernel}");
                double cycles = CyclesOf(body, clock, options.MillisecondsPerStage);
                if (less is not null)
                    cycles = Math.Max(0, cycles - CyclesOf(less, clock, options.MillisecondsPerStage));
                costs.Add(new KernelCost(
                    loops.Shape.ToString(), loops.Shape.Activation, kernel, cycles / steps, MultiplyAdds(loops.Shape, kernel) / (2.0 * LaneWidth.Count)));
            }
        }

        return costs;
    }

    private static long MultiplyAdds(NetworkShape shape, Kernel kernel) => kernel switch
    {
        Kernel.Forward or Kernel.Rollout => shape.MultiplyAddsForward,
        Kernel.Gradient => shape.MultiplyAddsPerStep - shape.MultiplyAddsForward,
        _ => 0,
    };

    /// <summary>Cycles of one call.</summary>
    private static double CyclesOf(Action body, Action<int> clock, int milliseconds)
    {
        const int Iterations = CyclesPerTurn / MachinePeak.CyclesPerIteration;
        long limit = Stopwatch.Frequency * milliseconds / 1000;
        int repeats = 1;
        List<double> times = [], ticks = [];
        // Until both are warm, and a turn of the kernel is about as long as one of the clock.
        for (long begin = Stopwatch.GetTimestamp(), spent = 0; spent < limit / 4; spent = Stopwatch.GetTimestamp() - begin)
        {
            (double time, double tick) = Turn(body, repeats, clock, Iterations);
            repeats = Math.Max(1, (int)(tick / Math.Max(time, 1)));
        }

        for (long begin = Stopwatch.GetTimestamp(); times.Count < MinimumTurns || Stopwatch.GetTimestamp() - begin < limit;)
        {
            (double time, double tick) = Turn(body, repeats, clock, Iterations);
            times.Add(time);
            ticks.Add(tick);
        }

        return Fast(times) / Fast(ticks) * CyclesPerTurn;
    }

    /// <summary>The time of one call, and that of the clock's iterations.</summary>
    private static (double Body, double Clock) Turn(Action body, int repeats, Action<int> clock, int iterations)
    {
        // A long body leaves nothing of the clock's code in the caches, and that must not look like slow cycles.
        clock(iterations / 4);
        long start = Stopwatch.GetTimestamp();
        clock(iterations);
        long between = Stopwatch.GetTimestamp();
        for (int i = 0; i < repeats; i++)
            body();
        return ((Stopwatch.GetTimestamp() - between) / (double)repeats, between - start);
    }

    private static double Fast(List<double> values)
    {
        values.Sort();
        return values[(int)(values.Count * FastEnd)];
    }
}
