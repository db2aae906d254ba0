using PgFast.Estimators;
using PgFast.Numerics;

namespace PgFast.Variance;

// From moments to rows.
public partial class VarianceStudy
{
    /// <summary>Measurements of each update's time; an odd number, of which the median counts.</summary>
    private const int TimedRounds = 7;

    private VarianceReport Report(long episodes, long steps, double meanReturn, CancellationToken cancellation)
    {
        RowStatistics?[] statistics = [.. Enumerable.Range(0, _plan.Rows.Count).Select(row => RowStatistics.Of(_series, row))];
        double[] seconds = MeasureSeconds((double)steps / episodes, cancellation);
        List<VarianceRow> rows = [.. Enumerable.Range(0, _plan.Rows.Count).Where(row => !_plan.Rows[row].IsHidden).Select(row => Describe(row, statistics, seconds[row]))];
        foreach (int size in _plan.UnmeasuredSizes)
            rows.AddRange(from estimator in Options.Estimators from baseline in _plan.Baselines select Unmeasured(estimator, baseline, size));
        // In the order in which the sizes were asked for; the sort is stable.
        rows = [.. rows.OrderBy(row => Options.BatchSizes.ToList().IndexOf(row.BatchSize))];
        return new VarianceReport
        {
            Environment = _environment.Specification.Name,
            Episodes = episodes,
            EnvironmentSteps = steps,
            MeanReturn = meanReturn,
            ParameterCount = Shape.ParameterCount,
            Discount = Options.Discount,
            Confidence = Options.Confidence,
            NormalizeReturns = Options.NormalizeReturns,
            Seed = Options.Seed,
            PilotEpisodes = PilotEpisodes,
            EpisodesPerShard = _plan.ShardEpisodes,
            Blocks = _series.Count,
            Rows = rows,
            Decompositions = Decompose(cancellation),
        };
    }

    /// <summary>The split by nested resets, if asked for and not given up.</summary>
    private IReadOnlyList<VarianceDecomposition> Decompose(CancellationToken cancellation)
    {
        if (Options.NestedStates == 0)
            return [];
        try
        {
            return new NestedResets(_environment, _parameters).Run(
                _pool, Options.NestedStates, Options.Discount, Options.Confidence, Options.Seed, cancellation);
        }
        catch (OperationCanceledException)
        {
            return [];
        }
    }

    private VarianceRow Describe(int index, RowStatistics?[] statistics, double seconds)
    {
        StudyRow row = _plan.Rows[index];
        int batchSize = _plan.Sizes[row.Size];
        VarianceRow described = new()
        {
            Estimator = row.Estimator,
            Baseline = row.Baseline,
            BatchSize = batchSize,
            Batches = _series.TotalCount(index),
            Source = SourceOf(row.Baseline, batchSize),
            Seconds = seconds,
        };
        if (statistics[index] is not { } found)
        {
            return described with { Note = NoteOf(described.Batches) };
        }

        double confidence = Options.Confidence;
        JackknifeEstimate trace = found.Trace, norm = found.GradientNormSquared;
        JackknifeEstimate noise = trace.Map(value => batchSize * value);
        JackknifeEstimate ratio = trace.With(statistics[IndexOf(row, Baseline.None, row.Size)]!.Trace, Quotient);
        int smallest = Enumerable.Range(0, _plan.Sizes.Count).MinBy(size => _plan.Sizes[size]);
        return described with
        {
            Trace = trace.Value,
            TraceInterval = trace.LogInterval(confidence),
            Tensors = Tensors(index),
            GradientNormSquared = norm.Value,
            GradientNormSquaredInterval = norm.Interval(confidence),
            SignalToNoise = norm.Value / trace.Value,
            NoiseScale = noise.Value / norm.Value,
            NoiseScaleInterval = noise.RatioInterval(norm, confidence),
            CosineBetween = found.CosineBetween.Value,
            CosineBetweenInterval = found.CosineBetween.Interval(confidence),
            CosineToMean = found.CosineToMean.Value,
            CosineToMeanInterval = found.CosineToMean.Interval(confidence),
            RatioToNone = ratio.Value,
            RatioInterval = ratio.LogInterval(confidence),
            LawTrace = statistics[IndexOf(row, row.Baseline, smallest)]!.Trace.Value * _plan.Sizes[smallest] / batchSize,
            Bias = BiasOf(index),
        };
    }

    private VarianceRow Unmeasured(Estimator estimator, Baseline baseline, int batchSize) => new()
    {
        Estimator = estimator,
        Baseline = baseline,
        BatchSize = batchSize,
        Batches = 0,
        Source = SourceOf(baseline, batchSize),
        Note = NoteOf(Options.Episodes / batchSize),
    };

    private string NoteOf(long batches) => batches < RowStatistics.FewestBatches
        ? $"too few episodes for an interval: {batches} batches, at least {RowStatistics.FewestBatches} are needed"
        : $"too few episodes for an interval: {_series.Count} shards of {_plan.ShardEpisodes} episodes, at least {RowStatistics.FewestBlocks} are needed";

    /// <summary>a/b, with 0/0 = 1: a baseline that leaves nothing where there was nothing has changed nothing.</summary>
    private static double Quotient(double a, double b) => a == b ? 1 : a / b;

    private static BaselineSource SourceOf(Baseline baseline, int batchSize) => baseline switch
    {
        Baseline.None => BaselineSource.None,
        Baseline.Mean or Baseline.Time when batchSize > 1 => BaselineSource.Batch,
        _ => BaselineSource.Pilot,
    };

    private int IndexOf(StudyRow like, Baseline baseline, int size)
    {
        for (int row = 0; row < _plan.Rows.Count; row++)
        {
            StudyRow other = _plan.Rows[row];
            if (other.Estimator == like.Estimator && other.Baseline == baseline && other.Size == size && other.Normalizes == like.Normalizes)
                return row;
        }

        throw new ArgumentOutOfRangeException(nameof(baseline), baseline, "There is no such row.");
    }

    /// <summary>[ParameterCount]; variance of every parameter's gradient in a row, in file order.</summary>
    internal unsafe double[] ParameterVariances(int row)
    {
        double[] flat = new double[Shape.ParameterCount];
        double[] variances = new ReadOnlySpan<double>(_series.TotalDeviations(row), _layout.Length).ToArray();
        for (int i = 0; i < variances.Length; i++)
            variances[i] /= _series.TotalCount(row) - 1;
        _layout.Spread(variances, flat, areSquares: true);
        return flat;
    }

    /// <summary>[ParameterCount]; mean of every parameter's gradient in a row, in file order.</summary>
    internal unsafe double[] ParameterMeans(int row)
    {
        double[] flat = new double[Shape.ParameterCount];
        _layout.Spread(new ReadOnlySpan<double>(_series.TotalMean(row), _layout.Length), flat, areSquares: false);
        return flat;
    }

    private TensorVariance[] Tensors(int row)
    {
        double[] variances = ParameterVariances(row);
        List<TensorVariance> tensors = [];
        for (int start = 0; start < variances.Length;)
        {
            string name = Shape.TensorAt(start);
            int layer = tensors.Count / (Shape.HasBias ? 2 : 1), weights = Shape.InputSizeOf(layer) * Shape.OutputSizeOf(layer);
            int length = start == Shape.WeightOffset(layer) ? weights : Shape.OutputSizeOf(layer);
            double sum = 0;
            for (int i = start; i < start + length; i++)
                sum += variances[i];
            tensors.Add(new TensorVariance(name, sum));
            start += length;
        }

        return [.. tensors];
    }

    /// <summary>Distance of a row's expectation from ∇J over ‖∇J‖.</summary>
    private double BiasOf(int index)
    {
        StudyRow row = _plan.Rows[index];
        if (!row.Normalizes && (row.Estimator != Estimator.RewardToGo || Options.Discount >= 1))
            return 0;
        int reference = ReferenceRow();
        if (reference < 0)
            return double.NaN;
        double gradient = MeanProduct(reference, reference), own = MeanProduct(index, index), product = MeanProduct(index, reference);
        if (gradient <= 0 || (row.Normalizes && own <= 0))
            return double.NaN;
        double square = row.Normalizes ? 1 - product * product / (own * gradient) : (own - 2 * product + gradient) / gradient;
        return Math.Sqrt(Math.Max(0, square));
    }

    /// <summary>A row that is unbiased for ∇J: of the smallest batch size, without baseline, the discounted one first.</summary>
    private int ReferenceRow()
    {
        int best = -1;
        for (int row = 0; row < _plan.Rows.Count; row++)
        {
            StudyRow candidate = _plan.Rows[row];
            if (candidate.Normalizes || candidate.Baseline != Baseline.None || candidate.Estimator == Estimator.RewardToGo)
                continue;
            if (best < 0 || (candidate.Estimator, -_plan.Sizes[candidate.Size]).CompareTo((_plan.Rows[best].Estimator, -_plan.Sizes[_plan.Rows[best].Size])) > 0)
                best = row;
        }

        return best;
    }

    /// <summary>
    /// Unbiased estimate of the inner product of two rows' expectations: that of their means, less the trace of the means' covariance, which
    /// the blocks tell.
    /// </summary>
    private unsafe double MeanProduct(int first, int second)
    {
        int length = _layout.Length, blocks = _series.Count;
        double all = DoubleRows.Dot(_series.TotalMean(first), _series.TotalMean(second), _series.Multiplicity, length);
        using AlignedBuffer<double> memory = new(2L * length);
        double* a = memory.Pointer, b = memory.Pointer + length;
        double n1 = _series.TotalCount(first), n2 = _series.TotalCount(second), covariance = 0;
        for (int block = 0; block < blocks; block++)
        {
            DoubleRows.Combine(a, 1, _series.Mean(block, first), -1, _series.TotalMean(first), length);
            DoubleRows.Combine(b, 1, _series.Mean(block, second), -1, _series.TotalMean(second), length);
            double w1 = _series.CountOf(block, first) / n1, w2 = _series.CountOf(block, second) / n2;
            covariance += w1 * w2 * DoubleRows.Dot(a, b, _series.Multiplicity, length);
        }

        // Σ w² (x̄_k − x̄)² has expectation (1 − 1/K)·Var x̄ for K equal blocks.
        return all - covariance * blocks / (blocks - 1);
    }

    /// <summary>[row]; wall seconds of an update on the calling thread, the median of interleaved rounds; NaN where none is measured.</summary>
    private double[] MeasureSeconds(double meanLength, CancellationToken cancellation)
    {
        double[] medians = new double[_plan.Rows.Count];
        Array.Fill(medians, double.NaN);
        if (!Options.MeasureSeconds)
            return medians;
        for (int size = 0; size < _plan.Sizes.Count; size++)
        {
            using UpdateTimer timer = new(_environment, _parameters, Options, _fitted, _plan.Sizes[size], meanLength);
            int[] rows = [.. Enumerable.Range(0, _plan.Rows.Count).Where(row => _plan.Rows[row].Size == size && !_plan.Rows[row].IsHidden)];
            double[][] seconds = [.. rows.Select(_ => new double[TimedRounds])];
            for (int round = -1; round < TimedRounds; round++)
            {
                for (int k = 0; k < rows.Length; k++)
                {
                    if (cancellation.IsCancellationRequested)
                        return medians;
                    double measured = timer.Measure(_plan.Rows[rows[k]].Estimator, _plan.Rows[rows[k]].Baseline);
                    // The first round warms up.
                    if (round >= 0)
                        seconds[k][round] = measured;
                }
            }

            for (int k = 0; k < rows.Length; k++)
                medians[rows[k]] = seconds[k].Order().ElementAt(TimedRounds / 2);
        }

        return medians;
    }
}
