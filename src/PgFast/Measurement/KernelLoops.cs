using System.Runtime.CompilerServices;
using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Numerics;
using PgFast.Optimizers;
using PgFast.Policies;
using PgFast.Randomness;
using PgFast.Rollouts;

namespace PgFast.Measurement;

/// <summary>One call of each kernel for <see cref="KernelCycles"/>: CartPole, 64 lanes.</summary>
internal sealed unsafe class KernelLoops : IDisposable
{
    private const int Lanes = StepBatch.MaximumLanes;
    private const int Rows = 16;
    private const int Cells = Rows * Lanes;

    private readonly NetworkParameters _parameters;
    private readonly NetworkKernels _network;
    private readonly PolicyHead _policy = PolicyHead.Create(ActionDistribution.Softmax(2));
    private readonly BatchedEnvironment _environment = BatchedEnvironment.Create<CartPole>();
    private readonly ActionWords _words = ActionWords.Create();
    private readonly ReturnKernels _returns = ReturnKernels.Create();
    private readonly RolloutCollector _collector;
    private readonly Trajectory _trajectory;
    private readonly Trajectory _lastRows;
    private readonly Adam _optimizer;
    private readonly float[] _slope;
    private readonly int _chunkRows;
    private readonly AlignedBuffer<float> _observation = new(4L * Cells);
    private readonly AlignedBuffer<float> _next = new(4L * Lanes);
    private readonly AlignedBuffer<float> _output = new(Cells);
    private readonly AlignedBuffer<float> _record;
    private readonly AlignedBuffer<float> _action = new(Cells);
    private readonly AlignedBuffer<float> _word = new(Cells);
    private readonly AlignedBuffer<float> _weight = new(Cells);
    private readonly AlignedBuffer<float> _reward = new(Lanes);
    private readonly AlignedBuffer<float> _outputGradient = new(Cells);
    private readonly AlignedBuffer<double> _gradient;
    private readonly AlignedBuffer<ulong> _live = new(Rows);

    public KernelLoops(ThroughputNetwork network, ReadOnlySpan<float> parameters)
    {
        Shape = new NetworkShape(CartPole.Specification.ObservationSize, [.. network.HiddenSizes], 2, network.Activation);
        _parameters = new NetworkParameters(Shape, mergeOutputs: true);
        parameters.CopyTo(_parameters.Flat);
        _parameters.Refresh();
        _network = NetworkKernels.Create(_parameters, keepsActivations: true);
        _network.Refresh();
        _chunkRows = Math.Clamp(_network.ChunkSteps / Lanes, 1, Rows);
        _record = new AlignedBuffer<float>(Math.Max(1L, (long)_network.RecordSize * Cells));
        _gradient = new AlignedBuffer<double>(Shape.ParameterCount);
        _collector = new RolloutCollector(_environment, _network, _policy);
        _trajectory = new Trajectory(CartPole.Specification, 1, _network.RecordSize, Lanes, Lanes, keepsSteps: true);
        _lastRows = new Trajectory(CartPole.Specification, 1, _network.RecordSize, Lanes, Lanes, keepsSteps: false);
        _optimizer = new Adam(Shape.ParameterCount, Throughput.Frozen);
        _slope = new float[Shape.ParameterCount];
        _slope.AsSpan().Fill(0.5f);
        Roll();
        // Rows of real episodes, 16 apart, so that lanes differ as they do in a rollout.
        for (int row = 0; row < Rows; row++)
        {
            long cell = _trajectory.Cell[row * 16 % Math.Max(1, FullRows())];
            new ReadOnlySpan<float>(_trajectory.Observation(cell), 4 * Lanes).CopyTo(new Span<float>(_observation.Pointer + 4 * row * Lanes, 4 * Lanes));
        }

        RandomSequence(_word.Span);
        for (int cell = 0; cell < Cells; cell++)
            _weight.Pointer[cell] = 1 - 2f * (cell % 7) / 6;
        _live.Span.Fill(ulong.MaxValue);
        Forward();
        Sample();
        Score();
        _network.BeginGradient(_gradient.Pointer);
    }

    public NetworkShape Shape { get; }

    /// <summary>Every kernel, what calls it once, what to measure besides and take off, and the environment steps of a call.</summary>
    public IEnumerable<(Kernel Kernel, Action Body, Action? Less, double Steps)> All() =>
    [
        (Kernel.Forward, Forward, null, Cells),
        (Kernel.Sampling, Sample, null, Cells),
        (Kernel.Physics, Step, null, Cells),
        // One call draws four words a lane.
        (Kernel.RandomWords, Draw, null, 4 * Cells),
        (Kernel.Recording, Roll, RollInPlace, _trajectory.Steps),
        (Kernel.Rollout, Roll, null, _trajectory.Steps),
        (Kernel.Returns, Return, null, _trajectory.Steps),
        (Kernel.Score, Score, null, Cells),
        (Kernel.Gradient, Accumulate, null, (double)_chunkRows * Lanes),
        (Kernel.Update, Update, null, _trajectory.Steps),
    ];

    public void Dispose()
    {
        _collector.Dispose();
        _trajectory.Dispose();
        _lastRows.Dispose();
        _network.Dispose();
        _policy.Dispose();
        _words.Dispose();
        _returns.Dispose();
        _parameters.Dispose();
        foreach (AlignedBuffer<float> buffer in new[] { _observation, _next, _output, _record, _action, _word, _weight, _reward, _outputGradient })
            buffer.Dispose();
        _gradient.Dispose();
        _live.Dispose();
    }

    private static void RandomSequence(Span<float> words)
    {
        for (int i = 0; i < words.Length; i++)
            words[i] = BitConverter.UInt32BitsToSingle(Philox.Generate(1, RandomStream.EvaluationAction, 0, (uint)i).Word0);
    }

    private int FullRows()
    {
        int rows = 0;
        while (rows < _trajectory.Rows && _trajectory.LaneCount[rows] == Lanes)
            rows++;
        return rows;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Forward()
    {
        for (int row = 0; row < Rows; row++)
        {
            _network.Forward(
                _observation.Pointer + 4 * row * Lanes, _output.Pointer + row * Lanes, _record.Pointer + (nint)row * _network.RecordSize * Lanes, Lanes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Sample()
    {
        for (int cell = 0; cell < Cells; cell += Lanes)
            _policy.Sample(_output.Pointer + cell, _word.Pointer + cell, _action.Pointer + cell, Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Step()
    {
        for (int row = 0; row < Rows; row++)
        {
            LaneRows next = new(_next.Pointer, 4, Lanes);
            _environment.Step(new StepBatch
            {
                State = new LaneRows(_observation.Pointer + 4 * row * Lanes, 4, Lanes),
                NextState = next,
                Action = new LaneRows(_action.Pointer + row * Lanes, 1, Lanes),
                Observation = next,
                Reward = new LaneRows(_reward.Pointer, 1, Lanes),
            });
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Draw()
    {
        for (int row = 0; row < Rows; row++)
            _words.Advance(Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Roll() => _collector.Collect(_trajectory, 0, Lanes, 1, RandomStream.EvaluationReset, RandomStream.EvaluationAction);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RollInPlace() => _collector.Collect(_lastRows, 0, Lanes, 1, RandomStream.EvaluationReset, RandomStream.EvaluationAction);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Update() => _optimizer.Step(_parameters.Flat, _slope);

    // With a discount of 0 the returns are the rewards, whose place they take: the next call finds the same.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Return() => _returns.Returns(_trajectory, 0);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Score() =>
        _policy.Score(_output.Pointer, _action.Pointer, _weight.Pointer, new ScoreScale(1, 0, 0), _outputGradient.Pointer, Cells);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Accumulate() => _network.Accumulate(new GradientChunk
    {
        Observation = _observation.Pointer,
        OutputGradient = _outputGradient.Pointer,
        Record = _record.Pointer,
        Live = _live.Pointer,
        Rows = _chunkRows,
        Lanes = Lanes,
    });
}
