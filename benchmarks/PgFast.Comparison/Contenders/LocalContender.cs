using System.Diagnostics;

namespace PgFast.Comparison.Contenders;

/// <summary>An implementation that runs in this process, on this thread.</summary>
internal sealed class LocalContender(string key, string name, string description, int seedsARound, int trainedUpdates, Func<ulong, IRun> create)
    : Contender(key, name, description, seedsARound, trainedUpdates)
{
    private const ulong WarmUpSeed = 1_000_000;

    /// <inheritdoc/>
    public override void WarmUp()
    {
        // Hot methods are compiled again in the background some 0.1 s after they became hot.
        Stopwatch time = Stopwatch.StartNew();
        for (ulong seed = WarmUpSeed; seed == WarmUpSeed || time.ElapsedMilliseconds < 500; seed++)
            Measure(seed);
    }

    /// <inheritdoc/>
    public override MeasuredRun Measure(ulong seed)
    {
        using IRun run = create(seed);
        Clock solving = new();
        double evaluated = 0;
        while (evaluated < SolvedReturn && solving.Updates < MaximumUpdates)
        {
            if (solving.Update(run) >= SolvedReturn)
                evaluated = run.Evaluate(EvaluationEpisodes);
        }

        Clock trained = new();
        for (int update = 0; update < TrainedUpdates; update++)
            trained.Update(run);
        return new MeasuredRun(seed, evaluated >= SolvedReturn, evaluated, solving.Stage, trained.Stage);
    }

    private sealed class Clock
    {
        private long _steps, _ticks, _bytes;
        private TimeSpan _processor;

        public long Updates { get; private set; }

        public Stage Stage => new(Updates, _steps, (double)_ticks / Stopwatch.Frequency, _processor.TotalSeconds, _bytes);

        public double Update(IRun run)
        {
            long bytes = GC.GetAllocatedBytesForCurrentThread();
            TimeSpan processor = Environment.CpuUsage.TotalTime;
            long start = Stopwatch.GetTimestamp();
            (double meanReturn, long steps) = run.Update();
            _ticks += Stopwatch.GetTimestamp() - start;
            _processor += Environment.CpuUsage.TotalTime - processor;
            _bytes += GC.GetAllocatedBytesForCurrentThread() - bytes;
            _steps += steps;
            Updates++;
            return meanReturn;
        }
    }
}
