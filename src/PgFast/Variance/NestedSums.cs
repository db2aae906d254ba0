using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Variance;

/// <summary>The parts of the variance of one step's gradient, and the whole measured by itself.</summary>
internal readonly record struct NestedParts(double State, double Action, double Trajectory, double Total);

/// <summary>Sums over the states of a block, from which the parts follow. Sums of blocks add up to the sums of all.</summary>
/// <remarks>Index 0 of a baseline is none, 1 the state's value.</remarks>
internal sealed unsafe class NestedSums : IDisposable
{
    public const int Baselines = 2;

    // Places in _values. From ActionVariance on, one for each baseline.
    private const int StateCount = 0;
    private const int MeanNorm = 1;
    private const int NaiveMeanNorm = 2;
    private const int TrajectoryVariance = 3;
    private const int ActionVariance = 4;
    private const int SingleNorm = ActionVariance + Baselines;
    private const int BaselineNoise = SingleNorm + Baselines;

    private readonly int _parameters;
    private readonly double[] _values = new double[BaselineNoise + Baselines];
    private readonly AlignedBuffer<double> _vectors;

    public NestedSums(int parameters)
    {
        _parameters = parameters;
        _vectors = new AlignedBuffer<double>((1L + Baselines) * parameters);
    }

    /// <summary>States summed over.</summary>
    public int States => (int)_values[StateCount];

    /// <summary>[ParameterCount]; Σ of the estimates of E[g|s].</summary>
    public double* MeanSum => _vectors.Pointer;

    /// <summary>[ParameterCount]; Σ of single gradients.</summary>
    public double* SingleSum(int baseline) => _vectors.Pointer + (1 + (nint)baseline) * _parameters;

    /// <summary>Adds what a state says about Var_s(E[g|s]) and E Var(g|s, a), which no baseline changes.</summary>
    /// <param name="meanNorm">Unbiased estimate of ‖E[g|s]‖².</param>
    /// <param name="naiveMeanNorm">Squared norm of what was added to <see cref="MeanSum"/>.</param>
    /// <param name="trajectoryVariance">Unbiased estimate of Σ_a π(a|s) Var(g|s, a).</param>
    public void AddState(double meanNorm, double naiveMeanNorm, double trajectoryVariance)
    {
        _values[StateCount]++;
        _values[MeanNorm] += meanNorm;
        _values[NaiveMeanNorm] += naiveMeanNorm;
        _values[TrajectoryVariance] += trajectoryVariance;
    }

    /// <summary>Adds the rest.</summary>
    /// <param name="baseline">Index of the baseline.</param>
    /// <param name="actionVariance">Unbiased estimate of Var_a(E[g|s, a]).</param>
    /// <param name="singleNorm">Squared norm of what was added to <see cref="SingleSum"/>.</param>
    /// <param name="baselineNoise">Unbiased estimate of how much of it is due to the noise of an estimated baseline.</param>
    public void AddBaseline(int baseline, double actionVariance, double singleNorm, double baselineNoise)
    {
        _values[ActionVariance + baseline] += actionVariance;
        _values[SingleNorm + baseline] += singleNorm;
        _values[BaselineNoise + baseline] += baselineNoise;
    }

    /// <summary>this += factor·other.</summary>
    public void Add(NestedSums other, double factor)
    {
        for (int i = 0; i < _values.Length; i++)
            _values[i] += factor * other._values[i];
        DoubleVectors.AddScaled(factor, other._vectors.Pointer, _vectors.Pointer, (int)_vectors.Length);
    }

    /// <summary>this = other.</summary>
    public void CopyFrom(NestedSums other)
    {
        other._values.CopyTo(_values, 0);
        other._vectors.Span.CopyTo(_vectors.Span);
    }

    /// <summary>The parts; unbiased, with at least 2 states.</summary>
    /// <remarks>
    /// For n independent states with estimates mᵢ of E[g|sᵢ], ‖Σ mᵢ‖² − Σ‖mᵢ‖² holds products of different states alone, so that
    /// dividing it by n(n − 1) gives ‖E g‖² without bias.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public NestedParts Parts(int baseline)
    {
        double n = _values[StateCount];
        double squaredMean = (DoubleVectors.Dot(MeanSum, MeanSum, _parameters) - _values[NaiveMeanNorm]) / (n * (n - 1));
        double* single = SingleSum(baseline);
        double singles = _values[SingleNorm + baseline] - DoubleVectors.Dot(single, single, _parameters) / n;
        return new NestedParts(
            State: _values[MeanNorm] / n - squaredMean,
            Action: _values[ActionVariance + baseline] / n,
            Trajectory: _values[TrajectoryVariance] / n,
            Total: singles / (n - 1) - _values[BaselineNoise + baseline] / n);
    }

    public void Dispose() => _vectors.Dispose();
}
