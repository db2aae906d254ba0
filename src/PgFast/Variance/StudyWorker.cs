using System.Runtime.CompilerServices;
using PgFast.Environments;
using PgFast.Gradients;
using PgFast.Networks;
using PgFast.Numerics;
using PgFast.Randomness;

namespace PgFast.Variance;

/// <summary>Runs shards of a study: every episode's gradients once, summed to batches of every size, measured row by row. One for each worker.</summary>
internal sealed unsafe partial class StudyWorker : EpisodeGradients
{
    private readonly StudyPlan _plan;
    private readonly VarianceOptions _options;
    private readonly FittedBaselines _fitted;
    private readonly float[] _powers;
    private readonly StepSums?[] _stepSums;
    private readonly bool _sumsAcrossSlices;
    private readonly int _length;
    private readonly Batch[] _batches;
    private readonly StudyRow[][] _rowsOf;
    private readonly int[][] _rowIndex;
    private readonly AlignedBuffer<double> _multiplicity;
    private readonly AlignedBuffer<double> _rowGradient;
    private readonly AlignedBuffer<float> _steps;
    private readonly AlignedBuffer<float> _values;
    private readonly WeightSums? _weightSums;
    private readonly StudyColumn[] _columnOf;
    private readonly bool _usesLinear;
    private readonly SampleValues? _sampleValues;
    private ShardMoments? _moments;
    private int _sliceStart;

    public StudyWorker(
        BatchedEnvironment environment, NetworkParameters parameters, StudyPlan plan, VarianceOptions options, FittedBaselines fitted, float[] powers)
        : base(environment, parameters, plan.Columns.Count, plan.SliceEpisodes)
    {
        _plan = plan;
        _options = options;
        _fitted = fitted;
        _powers = powers;
        _length = Layout.Length;
        _steps = new AlignedBuffer<float>(MaximumSamples + 16);
        _values = new AlignedBuffer<float>(4 * (MaximumSamples + 16));
        _columnOf = [.. plan.Columns];
        _usesLinear = plan.Columns.Any(column => column.Kind is WeightKind.LinearTotal or WeightKind.LinearToGo or WeightKind.LinearDiscounted);
        _sampleValues = fitted.Values is { IsUsed: true } values ? new SampleValues(values) : null;
        int sizes = plan.Sizes.Count;
        _stepSums = new StepSums?[sizes];
        _batches = new Batch[sizes];
        _rowsOf = new StudyRow[sizes][];
        _rowIndex = new int[sizes][];
        for (int size = 0; size < sizes; size++)
        {
            if (plan.SumsByStep(size))
            {
                int batches = (int)(((long)plan.ShardEpisodes + plan.Sizes[size] - 1) / plan.Sizes[size]);
                _stepSums[size] = new StepSums(batches, Specification.MaximumEpisodeSteps);
            }

            _batches[size] = new Batch(plan.Sizes[size], plan.IngredientsOf(size), _length);
            int[] rows = [.. Enumerable.Range(0, plan.Rows.Count).Where(row => plan.Rows[row].Size == size)];
            _rowIndex[size] = rows;
            _rowsOf[size] = [.. rows.Select(row => plan.Rows[row])];
        }

        _sumsAcrossSlices = plan.ShardEpisodes > plan.SliceEpisodes && _stepSums.Any(sums => sums is not null);
        _multiplicity = new AlignedBuffer<double>(_length);
        Layout.Multiplicity.CopyTo(_multiplicity.Span);
        _rowGradient = new AlignedBuffer<double>(_length);
        if (plan.Rows.Any(row => row.Normalizes))
            _weightSums = new WeightSums(plan, plan.ShardEpisodes);
    }

    /// <summary>Runs a shard.</summary>
    /// <param name="moments">Overwritten.</param>
    /// <param name="firstEpisode">Id of its first episode.</param>
    /// <param name="episodes">How many.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(ShardMoments moments, ulong firstEpisode, int episodes)
    {
        _moments = moments;
        _sampleValues?.Refresh();
        moments.Clear();
        moments.Episodes = episodes;
        foreach (Batch batch in _batches)
            batch.Clear();
        foreach (StepSums? sums in _stepSums)
            sums?.Clear();
        // A batch that spans slices needs the sums of all of them before the first is weighed; its episodes are run twice rather than kept.
        for (int start = 0; _sumsAcrossSlices && start < episodes; start += _plan.SliceEpisodes)
        {
            CollectSlice(firstEpisode, start, episodes);
            AddSteps();
        }

        for (int start = 0; start < episodes; start += _plan.SliceEpisodes)
        {
            moments.Steps += CollectSlice(firstEpisode, start, episodes);
            foreach (float reward in TotalRewards)
                moments.RewardSum += reward;
            if (!_sumsAcrossSlices)
                AddSteps();
            Differentiate();
        }
    }

    public override void Dispose()
    {
        foreach (StepSums? sums in _stepSums)
            sums?.Dispose();
        foreach (Batch batch in _batches)
            batch.Dispose();
        _multiplicity.Dispose();
        _rowGradient.Dispose();
        _steps.Dispose();
        _values.Dispose();
        _sampleValues?.Dispose();
        base.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void EpisodeDone(int episode)
    {
        float startReturn = Episodes.Return[Episodes.Offset[episode]];
        for (int size = 0; size < _batches.Length; size++)
        {
            Batch batch = _batches[size];
            batch.Add(Basis, startReturn, _length);
            if (batch.Count < batch.Size)
                continue;
            Measure(size, batch, _sliceStart + episode + 1 - batch.Size);
            batch.Clear();
        }
    }

    private long CollectSlice(ulong firstEpisode, int start, int episodes)
    {
        _sliceStart = start;
        return Collect(
            firstEpisode + (ulong)start, Math.Min(_plan.SliceEpisodes, episodes - start), _options.Seed, RandomStream.StudyReset,
            RandomStream.StudyAction, _options.Discount);
    }

    private void AddSteps()
    {
        for (int size = 0; size < _stepSums.Length; size++)
        {
            if (_stepSums[size] is not { } sums)
                continue;
            for (int episode = 0; episode < Episodes.Count; episode++)
                sums.Add((_sliceStart + episode) / _plan.Sizes[size], Episodes.Return + Episodes.Offset[episode], Episodes.Length[episode]);
        }
    }

    /// <summary>A batch is complete: computes the gradient of every row of its size and adds it to the moments.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Measure(int size, Batch batch, int firstEpisode)
    {
        StudyRow[] rows = _rowsOf[size];
        double* gradient = _rowGradient.Pointer;
        ShardMoments moments = _moments!;
        for (int k = 0; k < rows.Length; k++)
        {
            int row = _rowIndex[size][k];
            Combine(rows[k], batch, firstEpisode, gradient);
            double norm = Math.Sqrt(DoubleRows.AddMoments(gradient, _multiplicity.Pointer, moments.Sum(row), moments.Square(row), _length));
            if (!double.IsFinite(norm))
                throw new ArithmeticException($"The gradient of an episode is not finite ({Specification.Name}): the policy's parameters are too large.");
            if (norm > 0)
            {
                DoubleRows.AddScaled(moments.Unit(row), 1 / norm, gradient, _length);
                moments.UnitCount[row]++;
            }

            moments.Count[row]++;
        }
    }

    /// <summary>The gradient of a row; see <see cref="StudyRow"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Combine(StudyRow row, Batch batch, int firstEpisode, double* gradient)
    {
        double scale = 1.0 / batch.Size, scoreFactor = 0;
        if (row.Normalizes)
        {
            (double mean, double deviation) = _weightSums!.Standardisation(row, firstEpisode, batch.Size, batch.ReturnSum, _fitted);
            scale /= deviation;
            scoreFactor = -mean * scale;
        }

        double* main = batch.Sum(row.Main);
        switch (row.Baseline)
        {
            case Estimators.Baseline.Mean when batch.Size > 1:
                // Σ_i (X_i − b_i S_i) with b_i = (R − R_i)/(B − 1), R the sum of returns.
                double others = batch.Size - 1;
                DoubleRows.Combine(
                    gradient, -scale * batch.ReturnSum / others, batch.Sum(row.Direction), scale / others, batch.Sum(row.ReturnDirection), _length);
                DoubleRows.AddScaled(gradient, scale, main, _length);
                break;
            case Estimators.Baseline.Mean:
                DoubleRows.Combine(gradient, scale, main, -scale * _fitted.Mean, batch.Sum(row.Direction), _length);
                break;
            case Estimators.Baseline.Optimal:
                DoubleRows.Combine(gradient, scale, main, -scale * _fitted.Optimal[(int)row.Estimator], batch.Sum(row.Direction), _length);
                break;
            case Estimators.Baseline.OptimalPerParameter:
                DoubleRows.CombineByElement(
                    gradient, scale, main, -scale, _fitted.PerParameter(row.Estimator), batch.Sum(row.Direction), _length);
                break;
            default:
                DoubleRows.Scale(gradient, scale, main, _length);
                break;
        }

        if (scoreFactor != 0)
            DoubleRows.AddScaled(gradient, scoreFactor, batch.Sum(row.Score), _length);
    }

    /// <summary>The sums of a batch that is being filled.</summary>
    private sealed class Batch : IDisposable
    {
        private readonly StudyIngredient[] _ingredients;
        private readonly AlignedBuffer<double> _sums;
        private readonly int _length;

        public Batch(int size, IReadOnlyList<StudyIngredient> ingredients, int length)
        {
            Size = size;
            _ingredients = [.. ingredients];
            _length = length;
            _sums = new AlignedBuffer<double>((long)Math.Max(1, ingredients.Count) * length);
        }

        public int Size { get; }

        public int Count { get; private set; }

        /// <summary>Σ G_0.</summary>
        public double ReturnSum { get; private set; }

        public double* Sum(int ingredient) => _sums.Pointer + (nint)ingredient * _length;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Add(double* basis, float startReturn, int length)
        {
            bool isFirst = Count == 0;
            for (int k = 0; k < _ingredients.Length; k++)
            {
                double* column = basis + (nint)_ingredients[k].Column * length;
                double factor = _ingredients[k].TimesReturn ? startReturn : 1;
                if (isFirst)
                    DoubleRows.Scale(Sum(k), factor, column, length);
                else
                    DoubleRows.AddScaled(Sum(k), factor, column, length);
            }

            Count++;
            ReturnSum += startReturn;
        }

        public void Clear()
        {
            Count = 0;
            ReturnSum = 0;
        }

        public void Dispose() => _sums.Dispose();
    }
}
