using System.Numerics;
using System.Runtime.CompilerServices;
using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Numerics;
using PgFast.Optimizers;
using PgFast.Randomness;

namespace PgFast.Variance;

/// <summary>Least squares of one network by Adam (Kingma and Ba 2015), a minibatch an update, with a step size that falls linearly to 0.</summary>
/// <remarks>All memory is allocated by the constructor.</remarks>
internal sealed unsafe class ValueRegression : IDisposable
{
    private const int Lanes = 64;
    private const float StepSize = 0.01f;

    /// <summary>Factor on the initial weights of the last layer, as in training: V starts near the mean.</summary>
    private const float OutputScale = 0.01f;

    private readonly NetworkParameters _parameters;
    private readonly NetworkKernels _network;
    private readonly Adam _optimizer;
    private readonly int _inputs;
    private readonly int _width;
    private readonly int _target;
    private readonly int _chunkRows;
    private readonly AlignedBuffer<float> _observation;
    private readonly AlignedBuffer<float> _output;
    private readonly AlignedBuffer<float> _record;
    private readonly AlignedBuffer<double> _sum;
    private readonly float[] _gradient;

    /// <param name="parameters">The network to fit; initialised anew.</param>
    /// <param name="seed">For the initial weights.</param>
    /// <param name="width">Rows of a step: the network's inputs, then targets.</param>
    /// <param name="target">Which of them is the target.</param>
    public ValueRegression(NetworkParameters parameters, ulong seed, int width, int target)
    {
        _parameters = parameters;
        NetworkShape shape = parameters.Shape;
        NetworkInitializer.Initialize(parameters.Flat, shape, Initialization.FanIn, OutputScale, seed, RandomStream.ValueInitialization);
        parameters.Refresh();
        _network = NetworkKernels.Create(parameters, keepsActivations: true);
        _optimizer = new Adam(shape.ParameterCount, StepSize);
        (_inputs, _width, _target) = (shape.InputSize, width, target);
        _chunkRows = Math.Max(1, _network.ChunkSteps / Lanes);
        _observation = new AlignedBuffer<float>((long)_chunkRows * _inputs * Lanes);
        _output = new AlignedBuffer<float>((long)_chunkRows * Lanes);
        _record = new AlignedBuffer<float>(Math.Max(1, (long)_chunkRows * Lanes * _network.RecordSize));
        _sum = new AlignedBuffer<double>(shape.ParameterCount);
        _gradient = new float[shape.ParameterCount];
    }

    /// <summary>Fits the network, going round the minibatches.</summary>
    /// <param name="steps">[row][width][64 lanes]; minibatch after minibatch.</param>
    /// <param name="live">[row]; bit k is set where lane k holds a step.</param>
    /// <param name="minibatchRows">Rows of a minibatch.</param>
    /// <param name="updates">How many.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(float* steps, ulong[] live, int minibatchRows, long updates)
    {
        int minibatches = live.Length / minibatchRows;
        for (long update = 0; update < updates; update++)
        {
            Differentiate(steps, live, (int)(update % minibatches) * minibatchRows, minibatchRows);
            _optimizer.StepSize = (float)(StepSize * (updates - update) / updates);
            _optimizer.Step(_parameters.Flat, _gradient);
            _parameters.Refresh();
        }
    }

    /// <summary>Turns the network back to the units of inputs and target: it was fitted to (x − mean)/deviation of each.</summary>
    /// <param name="mean">[width].</param>
    /// <param name="deviation">[width].</param>
    public void TakeInUnits(ReadOnlySpan<double> mean, ReadOnlySpan<double> deviation)
    {
        NetworkShape shape = _parameters.Shape;
        Span<float> parameters = _parameters.Flat;
        for (int output = 0; output < shape.OutputSizeOf(0); output++)
        {
            Span<float> weight = parameters.Slice(shape.WeightOffset(0) + output * _inputs, _inputs);
            double bias = parameters[shape.BiasOffset(0) + output];
            for (int k = 0; k < _inputs; k++)
            {
                double scaled = weight[k] / deviation[k];
                weight[k] = (float)scaled;
                bias -= scaled * mean[k];
            }

            parameters[shape.BiasOffset(0) + output] = (float)bias;
        }

        ValueFunction.TakeInScale(parameters, shape, mean[_target], deviation[_target]);
        _parameters.Refresh();
    }

    public void Dispose()
    {
        _network.Dispose();
        _observation.Dispose();
        _output.Dispose();
        _record.Dispose();
        _sum.Dispose();
    }

    /// <summary>The gradient of half the negative mean squared error over a minibatch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Differentiate(float* steps, ulong[] live, int firstRow, int rows)
    {
        _sum.Span.Clear();
        _network.Refresh();
        _network.BeginGradient(_sum.Pointer);
        int count = 0;
        fixed (ulong* alive = live)
        {
            for (int row = firstRow; row < firstRow + rows; row += _chunkRows)
            {
                int chunk = Math.Min(_chunkRows, firstRow + rows - row);
                for (int k = 0; k < chunk; k++)
                {
                    Error(steps + (nint)(row + k) * _width * Lanes, alive[row + k], k);
                    count += BitOperations.PopCount(alive[row + k]);
                }

                _network.Accumulate(new GradientChunk
                {
                    Observation = _observation.Pointer,
                    OutputGradient = _output.Pointer,
                    Record = _record.Pointer,
                    Live = alive + row,
                    Rows = chunk,
                    Lanes = Lanes,
                });
            }
        }

        _network.EndGradient();
        for (int i = 0; i < _gradient.Length; i++)
            _gradient[i] = (float)(_sum.Pointer[i] / Math.Max(1, count));
    }

    /// <summary>Target less V, of row <paramref name="k"/> of the chunk.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Error(float* step, ulong live, int k)
    {
        float* observation = _observation.Pointer + (nint)k * _inputs * Lanes, output = _output.Pointer + k * Lanes;
        new ReadOnlySpan<float>(step, _inputs * Lanes).CopyTo(new Span<float>(observation, _inputs * Lanes));
        _network.Forward(observation, output, _record.Pointer + (nint)k * Lanes * _network.RecordSize, Lanes);
        for (int lane = 0; lane < Lanes; lane += Lanes16.Count)
        {
            Lanes16 error = Lanes16.Load(step + _target * Lanes + lane) - Lanes16.Load(output + lane);
            Lanes16.Store(error & Lanes16.MaskFromBits((uint)(live >> lane)), output + lane);
        }
    }
}
