using BenchmarkDotNet.Attributes;
using PgFast.Benchmarks.Workloads;
using PgFast.Networks;
using PgFast.Numerics;
using PgFast.Policies;
using PgFast.Rollouts;

namespace PgFast.Benchmarks;

/// <summary>The backward pass alone: the gradient of 64 recorded episodes from ready output gradients, chunk by chunk.</summary>
public unsafe class BackwardBenchmarks
{
    private const int Episodes = 64;

    private RecordedRollout _rollout = null!;
    private AlignedBuffer<float> _outputGradient = null!;
    private AlignedBuffer<double> _gradient = null!;

    /// <summary>The first takes the fast path of one hidden ReLU layer, the others the general one.</summary>
    [Params("4-32-2 relu", "4-32-2 tanh", "4-64-64-2 relu", "4-256-256-2 relu")]
    public string Network { get; set; } = "";

    [GlobalSetup]
    public void Record()
    {
        _rollout = new RecordedRollout(Network, Episodes);
        Trajectory trajectory = _rollout.Trajectory;
        _outputGradient = new AlignedBuffer<float>(trajectory.Cells * _rollout.Outputs);
        _gradient = new AlignedBuffer<double>(_rollout.Shape.ParameterCount);
        for (int row = 0; row < trajectory.Rows; row++)
            Score(trajectory, row);
        new Work(trajectory.Steps, Episodes, 0, _rollout.Shape.MultiplyAddsPerStep - _rollout.Shape.MultiplyAddsForward).Announce();
    }

    [Benchmark]
    public void Backward()
    {
        Trajectory trajectory = _rollout.Trajectory;
        NetworkKernels network = _rollout.Network;
        network.BeginGradient(_gradient.Pointer);
        for (int row = 0; row < trajectory.Rows;)
        {
            int lanes = trajectory.LaneCount[row];
            int end = Math.Min(trajectory.Rows, row + Math.Max(1, network.ChunkSteps / lanes));
            while (trajectory.LaneCount[end - 1] != lanes)
                end--;
            long cell = trajectory.Cell[row];
            network.Accumulate(new GradientChunk
            {
                Observation = trajectory.Observation(cell),
                OutputGradient = _outputGradient.Pointer + cell * _rollout.Outputs,
                Record = trajectory.Record(cell),
                Live = trajectory.Live + row,
                Rows = end - row,
                Lanes = lanes,
            });
            row = end;
        }

        network.EndGradient();
    }

    [GlobalCleanup]
    public void Free()
    {
        _gradient.Dispose();
        _outputGradient.Dispose();
        _rollout.Dispose();
    }

    /// <summary>Scores of weight 1, zero in idle lanes.</summary>
    private void Score(Trajectory trajectory, int row)
    {
        int lanes = trajectory.LaneCount[row];
        long cell = trajectory.Cell[row];
        float* gradient = _outputGradient.Pointer + cell * _rollout.Outputs;
        new Span<float>(trajectory.Weight + cell, lanes).Fill(1);
        _rollout.Policy.Score(
            trajectory.Output(cell), trajectory.Action(cell), trajectory.Weight + cell, new ScoreScale(1, 0, 0), gradient, lanes);
        for (int lane = 0; lane < lanes; lane++)
        {
            if ((trajectory.Live[row] >> lane & 1) == 0)
                gradient[lane] = 0;
        }
    }
}
