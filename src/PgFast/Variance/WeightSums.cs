using System.Runtime.CompilerServices;
using PgFast.Estimators;

namespace PgFast.Variance;

/// <summary>Sums over each episode's steps of the weights and their squares: what standardisation over a batch's steps needs.</summary>
internal sealed unsafe class WeightSums
{
    // Of an episode: steps, G_0, Σ γ^t·γ^t G_t, then Σ w and Σ w² of every column.
    private const int Leading = 3;

    /// <summary>A deviation of weights below this, or below that part of their mean, is rounding error, not signal: as in training.</summary>
    private const double SmallestDeviation = 1e-8, SmallestRelativeDeviation = 1e-7;

    private readonly int _columns;
    private readonly int _stride;
    private readonly int _power;
    private readonly int _discountedToGo;
    private readonly double[] _sums;

    public WeightSums(StudyPlan plan, int episodes)
    {
        _columns = plan.Columns.Count;
        _stride = Leading + 2 * _columns;
        _power = plan.Find(WeightKind.Power);
        _discountedToGo = plan.Find(WeightKind.DiscountedToGo);
        _sums = new double[(long)episodes * _stride];
    }

    /// <summary>Adds consecutive steps of an episode.</summary>
    /// <param name="episode">The episode, counted within the shard.</param>
    /// <param name="startReturn">G_0.</param>
    /// <param name="isStart">Whether the steps are its first.</param>
    /// <param name="count">How many.</param>
    /// <param name="weight">[column][sample] from the first of them on.</param>
    /// <param name="stride">Floats between columns.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(int episode, float startReturn, bool isStart, int count, float* weight, int stride)
    {
        Span<double> sums = _sums.AsSpan(episode * _stride, _stride);
        if (isStart)
            sums.Clear();
        sums[0] += count;
        sums[1] = startReturn;
        for (int column = 0; column < _columns; column++)
        {
            float* values = weight + (nint)column * stride;
            double sum = 0, squares = 0;
            for (int k = 0; k < count; k++)
            {
                sum += values[k];
                squares += (double)values[k] * values[k];
            }

            sums[Leading + 2 * column] += sum;
            sums[Leading + 2 * column + 1] += squares;
        }

        if (_power < 0 || _discountedToGo < 0)
            return;
        float* power = weight + (nint)_power * stride, value = weight + (nint)_discountedToGo * stride;
        for (int k = 0; k < count; k++)
            sums[2] += (double)power[k] * value[k];
    }

    /// <summary>Mean and standard deviation of a row's weights over all steps of a batch.</summary>
    /// <param name="row">The row.</param>
    /// <param name="firstEpisode">The batch's first episode, counted within the shard.</param>
    /// <param name="batchSize">Episodes of the batch.</param>
    /// <param name="returnSum">Σ G_0 over the batch.</param>
    /// <param name="fitted">Constant baselines.</param>
    /// <returns>
    /// The deviation is infinite where all weights are alike: without their mean nothing is left of them but rounding errors, which are no
    /// gradient, so what they weigh becomes exactly zero.
    /// </returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public (double Mean, double Deviation) Standardisation(StudyRow row, int firstEpisode, int batchSize, double returnSum, FittedBaselines fitted)
    {
        double steps = 0, sum = 0, squares = 0;
        for (int k = 0; k < batchSize; k++)
        {
            ReadOnlySpan<double> own = _sums.AsSpan((firstEpisode + k) * _stride, _stride);
            double baseline = row.Baseline switch
            {
                Baseline.Mean when batchSize > 1 => (returnSum - own[1]) / (batchSize - 1),
                Baseline.Mean => fitted.Mean,
                Baseline.Optimal => fitted.Optimal[(int)row.Estimator],
                _ => 0,
            };
            steps += own[0];
            if (row.Estimator == Estimator.Total && !row.IsColumn)
            {
                double weight = own[1] - baseline;
                sum += own[0] * weight;
                squares += own[0] * weight * weight;
                continue;
            }

            // Σ (w − b p) and its square, with p = 1 or γ^t, expanded.
            bool discounts = row.DirectionColumn == _power;
            double value = own[Leading + 2 * row.MainColumn], direction = own[Leading + 2 * row.DirectionColumn];
            double cross = discounts ? own[2] : value;
            sum += value - baseline * direction;
            squares += own[Leading + 2 * row.MainColumn + 1] - 2 * baseline * cross + baseline * baseline * own[Leading + 2 * row.DirectionColumn + 1];
        }

        double mean = sum / steps, deviation = Math.Sqrt(Math.Max(0, squares / steps - mean * mean));
        return (mean, deviation > Math.Max(SmallestDeviation, SmallestRelativeDeviation * Math.Abs(mean)) ? deviation : double.PositiveInfinity);
    }
}
