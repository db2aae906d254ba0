using PgFast.Estimators;
using PgFast.Numerics;

namespace PgFast.Variance;

/// <summary>What baselines are fitted from: sums over pilot episodes, of a shard or of all.</summary>
internal sealed unsafe class PilotSums : IDisposable
{
    /// <summary>Steps that fewer episodes reach share one mean: a mean of a handful adds noise instead of removing it.</summary>
    private const int FewestEpisodes = 32;

    /// <summary>Of the features' correlation matrix, whose diagonal is 1: large against rounding, small against anything that could be learned.</summary>
    private const double Ridge = 1e-6;

    private readonly int _length;
    private readonly int _features;
    private readonly AlignedBuffer<double> _vectors;
    private readonly AlignedBuffer<double> _steps;
    private readonly double[] _cross;

    public PilotSums(int length, int steps, int features)
    {
        _length = length;
        _features = features;
        StepCapacity = steps;
        _vectors = new AlignedBuffer<double>(6L * length);
        _steps = new AlignedBuffer<double>(3L * steps);
        _cross = new double[features * (features + 2)];
    }

    /// <summary>Longest episode.</summary>
    public int StepCapacity { get; }

    public long Episodes { get; set; }

    /// <summary>Σ G_0.</summary>
    public double ReturnSum { get; set; }

    /// <summary>One more than the latest step seen.</summary>
    public int StepsUsed { get; set; }

    /// <summary>[length]; Σ over episodes of g∘s, of an estimator without baseline.</summary>
    public double* Product(Estimator estimator) => _vectors.Pointer + (nint)(int)estimator * _length;

    /// <summary>[length]; Σ over episodes of s∘s, with s what a baseline of 1 subtracts from g.</summary>
    public double* Square(Estimator estimator) => _vectors.Pointer + (nint)(3 + (int)estimator) * _length;

    /// <summary>[step]; Σ G_0.</summary>
    public double* StepTotal => _steps.Pointer;

    /// <summary>[step]; Σ G_t.</summary>
    public double* StepToGo => _steps.Pointer + StepCapacity;

    /// <summary>[step]; episodes that reach it.</summary>
    public double* StepCount => _steps.Pointer + 2L * StepCapacity;

    /// <summary>[feature][feature, G_0, G_t]; Σ over steps of products.</summary>
    public Span<double> Cross => _cross;

    public void Clear()
    {
        Episodes = 0;
        ReturnSum = 0;
        _vectors.Span.Clear();
        _steps.Span[..StepsUsed].Clear();
        _steps.Span.Slice(StepCapacity, StepsUsed).Clear();
        _steps.Span.Slice(2 * StepCapacity, StepsUsed).Clear();
        StepsUsed = 0;
        Array.Clear(_cross);
    }

    /// <summary>Adds another shard's sums.</summary>
    public void Add(PilotSums other)
    {
        Episodes += other.Episodes;
        ReturnSum += other.ReturnSum;
        StepsUsed = Math.Max(StepsUsed, other.StepsUsed);
        DoubleRows.Add(_vectors.Pointer, other._vectors.Pointer, 6 * _length);
        for (int step = 0; step < other.StepsUsed; step++)
        {
            StepTotal[step] += other.StepTotal[step];
            StepToGo[step] += other.StepToGo[step];
            StepCount[step] += other.StepCount[step];
        }

        for (int i = 0; i < _cross.Length; i++)
            _cross[i] += other._cross[i];
    }

    /// <summary>Fits all baselines.</summary>
    /// <param name="fitted">Overwritten.</param>
    /// <param name="multiplicity">[length]; parameters that a component stands for.</param>
    public void Fit(FittedBaselines fitted, ReadOnlySpan<double> multiplicity)
    {
        fitted.Mean = ReturnSum / Episodes;
        for (int k = 0; k < 3; k++)
        {
            Estimator estimator = (Estimator)k;
            double product = 0, square = 0;
            for (int i = 0; i < _length; i++)
            {
                product += multiplicity[i] * Product(estimator)[i];
                square += multiplicity[i] * Square(estimator)[i];
                fitted.PerParameter(estimator)[i] = Square(estimator)[i] > 0 ? Product(estimator)[i] / Square(estimator)[i] : 0;
            }

            fitted.Optimal[k] = square > 0 ? product / square : 0;
        }

        FitTime(fitted);
        FitLinear(fitted);
    }

    public void Dispose()
    {
        _vectors.Dispose();
        _steps.Dispose();
    }

    private void FitTime(FittedBaselines fitted)
    {
        int tail = 0;
        while (tail < StepsUsed && StepCount[tail] >= FewestEpisodes)
            tail++;
        double total = 0, toGo = 0, count = 0;
        for (int step = tail; step < StepsUsed; step++)
        {
            total += StepTotal[step];
            toGo += StepToGo[step];
            count += StepCount[step];
        }

        // Nothing beyond: the last mean goes on.
        if (count == 0 && tail > 0)
            (total, toGo, count) = (StepTotal[tail - 1], StepToGo[tail - 1], StepCount[tail - 1]);
        for (int step = 0; step < StepCapacity; step++)
        {
            bool isCommon = step < tail;
            double episodes = isCommon ? StepCount[step] : count;
            fitted.TimeTotal[step] = (float)((isCommon ? StepTotal[step] : total) / episodes);
            fitted.TimeToGo[step] = (float)((isCommon ? StepToGo[step] : toGo) / episodes);
        }
    }

    /// <summary>Ridge regression by the normal equations, on features scaled to unit mean square.</summary>
    private void FitLinear(FittedBaselines fitted)
    {
        int width = _features + 2;
        double[] scale = new double[_features], total = new double[_features], toGo = new double[_features];
        double[,] matrix = new double[_features, _features];
        for (int i = 0; i < _features; i++)
            scale[i] = _cross[i * width + i] > 0 ? 1 / Math.Sqrt(_cross[i * width + i]) : 0;
        for (int i = 0; i < _features; i++)
        {
            for (int j = 0; j < _features; j++)
                matrix[i, j] = _cross[i * width + j] * scale[i] * scale[j] + (i == j ? Ridge : 0);
            total[i] = _cross[i * width + _features] * scale[i];
            toGo[i] = _cross[i * width + _features + 1] * scale[i];
        }

        Cholesky.Factor(matrix);
        Cholesky.Solve(matrix, total);
        Cholesky.Solve(matrix, toGo);
        for (int i = 0; i < _features; i++)
        {
            total[i] *= scale[i];
            toGo[i] *= scale[i];
        }

        fitted.Linear.Set(total, toGo, StepsUsed - 1);
    }
}
