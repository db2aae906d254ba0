using BenchmarkDotNet.Attributes;
using PgFast.Benchmarks.Workloads;
using PgFast.Rollouts;

namespace PgFast.Benchmarks;

/// <summary>The forward pass alone: 64 recorded rows of 64 lanes, activations recorded as a rollout does.</summary>
public unsafe class ForwardBenchmarks
{
    private const int Rows = 64;

    private RecordedRollout _rollout = null!;

    /// <summary>The first takes the fast path of one hidden ReLU layer, the others the general one.</summary>
    [Params("4-32-2 relu", "4-32-2 tanh", "4-64-64-2 relu", "4-256-256-2 relu")]
    public string Network { get; set; } = "";

    [GlobalSetup]
    public void Record()
    {
        // Twice as many episodes as lanes: every lane is refilled for longer than these rows.
        _rollout = new RecordedRollout(Network, 2 * RecordedRollout.Lanes);
        for (int row = 0; row < Rows; row++)
        {
            if (_rollout.Trajectory.Live[row] != ulong.MaxValue)
                throw new InvalidOperationException($"Row {row} has idle lanes.");
        }

        new Work((long)Rows * RecordedRollout.Lanes, 0, 0, _rollout.Shape.MultiplyAddsForward).Announce();
    }

    [Benchmark]
    public void Forward()
    {
        Trajectory trajectory = _rollout.Trajectory;
        for (int row = 0; row < Rows; row++)
        {
            long cell = trajectory.Cell[row];
            _rollout.Network.Forward(trajectory.Observation(cell), trajectory.Output(cell), trajectory.Record(cell), RecordedRollout.Lanes);
        }
    }

    [GlobalCleanup]
    public void Free() => _rollout.Dispose();
}
