using System.Diagnostics;
using PgFast.Environments;
using PgFast.Networks;
using PgFast.Numerics;
using PgFast.Training;

namespace PgFast.Measurement;

/// <summary>Measures the throughput of training on CartPole by stage.</summary>
/// <remarks>
/// Each network is first trained, by one thread, until its episodes are long. Trainers with every number of threads then start alike
/// from those parameters, with a step size so small that nothing changes any more: all of them run the same policy on the same
/// sequence of batches. Whole updates are timed. Stages and networks take turns over several rounds, and medians over the rounds are
/// reported, so that a slow moment of the machine touches all of them alike.
/// </remarks>
public static class Throughput
{
    /// <summary>Mean episode length at which the preparation stops.</summary>
    private const double LongEpisodes = 400;

    private const int MaximumPreparationUpdates = 300;

    /// <summary>A step of this size changes no parameter but one that is 0, and costs what any other step costs.</summary>
    internal const float Frozen = 1e-30f;

    /// <summary>A safety net: where multiply-adds are emulated, a large network would prepare for hours.</summary>
    private static readonly TimeSpan MaximumPreparation = TimeSpan.FromSeconds(30);

    /// <summary>Measures.</summary>
    /// <param name="options">What and how long; null for the defaults.</param>
    /// <param name="progress">Called with what is being done, or null.</param>
    /// <param name="cancellation">Looked at between measurements.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static ThroughputReport Measure(
        ThroughputOptions? options = null, Action<string>? progress = null, CancellationToken cancellation = default)
    {
        options ??= new ThroughputOptions();
        options.Validate();
        List<Subject> subjects = [];
        using PhysicsLoop physics = new();
        try
        {
            foreach (ThroughputNetwork network in options.Networks)
            {
                cancellation.ThrowIfCancellationRequested();
                float[] parameters = Prepare(network, options.BatchSize, progress, cancellation);
                foreach (int threads in options.Threads > 1 ? new[] { 1, options.Threads } : [1])
                {
                    cancellation.ThrowIfCancellationRequested();
                    subjects.Add(new Subject(network, threads, options.BatchSize, parameters));
                }
            }

            double peak = MachinePeak.MeasureGflops();
            for (int round = 0; round < options.Rounds; round++)
            {
                peak = Math.Max(peak, MachinePeak.MeasureGflops());
                foreach (Subject subject in subjects)
                {
                    cancellation.ThrowIfCancellationRequested();
                    progress?.Invoke($"round {round + 1} of {options.Rounds}: {subject.Name}");
                    subject.Run(physics, options.MillisecondsPerStage);
                }
            }

            return new ThroughputReport(
                peak, LaneWidth.Count, options.BatchSize, [.. subjects.SelectMany(subject => subject.Rows(peak))]);
        }
        finally
        {
            foreach (Subject subject in subjects)
                subject.Dispose();
        }
    }

    private static TrainerOptions OptionsOf(ThroughputNetwork network, int threads, int batchSize) => new()
    {
        HiddenSizes = network.HiddenSizes,
        Activation = network.Activation,
        BatchSize = batchSize,
        Threads = threads,
        StepSize = network.HiddenSizes.Any(size => size > 64) ? 0.003f : 0.03f,
    };

    /// <summary>Parameters with which episodes are long.</summary>
    internal static float[] Prepare(ThroughputNetwork network, int batchSize, Action<string>? progress, CancellationToken cancellation)
    {
        using Trainer<CartPole> trainer = new(OptionsOf(network, threads: 1, batchSize));
        progress?.Invoke($"preparing {trainer.Shape} {trainer.Shape.Activation}");
        long start = Stopwatch.GetTimestamp();
        for (int update = 0; update < MaximumPreparationUpdates && Stopwatch.GetElapsedTime(start) < MaximumPreparation; update++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (trainer.Update().MeanLength >= LongEpisodes)
                break;
        }

        return trainer.Parameters.ToArray();
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        int middle = values.Count / 2;
        return values.Count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }

    /// <summary>A network with a number of threads, and what was measured of it.</summary>
    private sealed class Subject : IDisposable
    {
        private readonly Trainer<CartPole> _trainer;
        private readonly List<double>[] _rates = [[], [], [], []];
        private long _steps;
        private long _episodes;

        public Subject(ThroughputNetwork network, int threads, int batchSize, ReadOnlySpan<float> parameters)
        {
            _trainer = new Trainer<CartPole>(OptionsOf(network, threads, batchSize)) { StepSize = Frozen };
            _trainer.SetParameters(parameters);
            // Touches all memory before the clock runs.
            _trainer.Update();
        }

        public string Name => $"{_trainer.Shape} {_trainer.Shape.Activation}, {_trainer.Options.Threads} thread(s)";

        public void Run(PhysicsLoop physics, int milliseconds)
        {
            long limit = Stopwatch.Frequency * milliseconds / 1000;
            if (_trainer.Options.Threads == 1)
                RunPhysics(physics, limit / 4);
            long rollout = _trainer.RolloutTicks, gradient = _trainer.GradientTicks, steps = _trainer.EnvironmentSteps;
            long episodes = _trainer.EpisodeCount;
            long start = Stopwatch.GetTimestamp(), elapsed;
            do
            {
                _trainer.Update();
                elapsed = Stopwatch.GetTimestamp() - start;
            }
            while (elapsed < limit);

            steps = _trainer.EnvironmentSteps - steps;
            _steps += steps;
            _episodes += _trainer.EpisodeCount - episodes;
            Add(ThroughputStage.Training, steps, elapsed);
            if (_trainer.Options.Threads > 1)
                return;
            Add(ThroughputStage.Rollout, steps, _trainer.RolloutTicks - rollout);
            Add(ThroughputStage.Gradient, steps, _trainer.GradientTicks - gradient);
        }

        public IEnumerable<StageThroughput> Rows(double peak)
        {
            NetworkShape shape = _trainer.Shape;
            int threads = _trainer.Options.Threads;
            foreach (ThroughputStage stage in Enum.GetValues<ThroughputStage>())
            {
                if (_rates[(int)stage].Count == 0)
                    continue;
                long multiplyAdds = stage switch
                {
                    ThroughputStage.Physics => 0,
                    ThroughputStage.Rollout => shape.MultiplyAddsForward,
                    ThroughputStage.Gradient => shape.MultiplyAddsPerStep - shape.MultiplyAddsForward,
                    _ => shape.MultiplyAddsPerStep,
                };
                double rate = Median(_rates[(int)stage]);
                double length = stage == ThroughputStage.Physics
                    ? CartPole.Specification.MaximumEpisodeSteps
                    : (double)_steps / _episodes;
                double gflops = 2e-9 * multiplyAdds * rate;
                yield return new StageThroughput(
                    shape.ToString(), shape.Activation, stage, threads, rate, gflops, 100 * gflops / (peak * threads), length);
            }
        }

        public void Dispose() => _trainer.Dispose();

        private void RunPhysics(PhysicsLoop physics, long limit)
        {
            long steps = 0, start = Stopwatch.GetTimestamp(), elapsed;
            do
            {
                steps += physics.Run();
                elapsed = Stopwatch.GetTimestamp() - start;
            }
            while (elapsed < limit);
            Add(ThroughputStage.Physics, steps, elapsed);
        }

        private void Add(ThroughputStage stage, long steps, long ticks) =>
            _rates[(int)stage].Add(steps * (double)Stopwatch.Frequency / Math.Max(1, ticks));
    }
}
