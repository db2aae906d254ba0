using PgFast.Networks;

namespace PgFast.Measurement;

/// <summary>A part of an update.</summary>
public enum ThroughputStage
{
    /// <summary>The environment's steps alone, with recorded actions.</summary>
    Physics = 0,

    /// <summary>Forward passes, sampling, environment steps, recording, returns.</summary>
    Rollout = 1,

    /// <summary>Weights, the gradient and its sum over shards.</summary>
    Gradient = 2,

    /// <summary>Whole updates: rollout, gradient and optimizer.</summary>
    Training = 3,
}

/// <summary>The throughput of one stage.</summary>
/// <param name="Network">Sizes such as <c>4-32-2</c>.</param>
/// <param name="Activation">Non-linearity of the hidden layers.</param>
/// <param name="Stage">The stage.</param>
/// <param name="Threads">Worker threads.</param>
/// <param name="EnvironmentStepsPerSecond">Steps of live lanes a second.</param>
/// <param name="Gflops">
/// Useful arithmetic in billions of operations a second: two for each multiply-add of one forward, one weight-gradient and, above the
/// first layer, one input-gradient pass a step. Recomputed activations, physics and idle lanes do not count.
/// </param>
/// <param name="PercentOfPeak"><paramref name="Gflops"/> in percent of <see cref="ThroughputReport.PeakGflops"/> × threads.</param>
/// <param name="MeanEpisodeLength">Mean number of steps of the measured episodes.</param>
public sealed record StageThroughput(
    string Network, Activation Activation, ThroughputStage Stage, int Threads, double EnvironmentStepsPerSecond, double Gflops,
    double PercentOfPeak, double MeanEpisodeLength);

/// <summary>Throughput by stage, beside the machine's own peak.</summary>
/// <param name="PeakGflops">Fused-multiply-add peak of one thread, measured between the rounds; see <see cref="MachinePeak"/>.</param>
/// <param name="LaneWidth">Lanes a register.</param>
/// <param name="BatchSize">Episodes an update.</param>
/// <param name="Stages">One row a network, stage and thread count.</param>
public sealed record ThroughputReport(double PeakGflops, int LaneWidth, int BatchSize, IReadOnlyList<StageThroughput> Stages);
