using System.Diagnostics;
using PgFast.Estimators;

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
            Source = SourceOf(row.Estimator, row.Baseline, batchSize),
            Seconds = seconds,
        };
        if (statistics[index] is not { } found)
        {
            return described with { Note = NoteOf(described.Batches), Seconds = double.NaN };
        }

        double confidence = Options.Confidence;
        JackknifeEstimate trace = found.Trace, norm = found.GradientNormSquared;
        JackknifeEstimate noise = trace.Map(value => batchSize * value);
        JackknifeEstimate ratio = trace.With(statistics[IndexOf(row, Baseline.None, row.Size)]!.Trace, Quotient);
        int smallest = Enumerable.Range(0, _plan.Sizes.Count).MinBy(size => _plan.Sizes[size]);
        (double bias, ConfidenceInterval biasInterval) = BiasOf(row, index);
        return described with
        {
            Trace = trace.Value,
            TraceInterval = trace.LogInterval(confidence),
            Tensors = Tensors(index),
            GradientNormSquared = norm.Value,
            GradientNormSquaredInterval = norm.Interval(confidence),
            SignalToNoise = norm.Value / trace.Value,
            // Where the estimate of ‖G‖² is not positive, only the lower end is known.
            NoiseScale = norm.Value > 0 ? noise.Value / norm.Value : double.NaN,
            NoiseScaleInterval = noise.RatioInterval(norm, confidence),
            CosineBetween = found.CosineBetween.Value,
            CosineBetweenInterval = found.CosineBetween.Interval(confidence),
            CosineToMean = found.CosineToMean.Value,
            CosineToMeanInterval = found.CosineToMean.Interval(confidence),
            RatioToNone = ratio.Value,
            RatioInterval = ratio.LogInterval(confidence),
            LawTrace = statistics[IndexOf(row, row.Baseline, smallest)]!.Trace.Value * _plan.Sizes[smallest] / batchSize,
            Bias = bias,
            BiasInterval = biasInterval,
        };
    }

    private VarianceRow Unmeasured(Estimator estimator, Baseline baseline, int batchSize) => new()
    {
        Estimator = estimator,
        Baseline = baseline,
        BatchSize = batchSize,
        Batches = 0,
        Source = SourceOf(estimator, baseline, batchSize),
        Note = NoteOf(Options.Episodes / batchSize),
    };

    private string NoteOf(long batches) => batches < RowStatistics.FewestBatches
        ? $"too few episodes for an interval: {batches} batches, at least {RowStatistics.FewestBatches} are needed"
        : $"too few episodes for an interval: {_series.Count} shards of {_plan.ShardEpisodes} episodes, at least {RowStatistics.FewestBlocks} are needed";

    /// <summary>a/b, with 0/0 = 1: a baseline that leaves nothing where there was nothing has changed nothing.</summary>
    private static double Quotient(double a, double b) => a == b ? 1 : a / b;

    private BaselineSource SourceOf(Estimator estimator, Baseline baseline, int batchSize) => baseline switch
    {
        Baseline.None => BaselineSource.None,
        Baseline.Mean or Baseline.Time when batchSize > 1 => BaselineSource.Batch,
        Baseline.Value when Options.ValueFunction?.Predicts(estimator) == true => BaselineSource.Training,
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
            int end = start + 1;
            while (end < variances.Length && Shape.TensorAt(end) == name)
                end++;
            double sum = 0;
            for (int i = start; i < end; i++)
                sum += variances[i];
            tensors.Add(new TensorVariance(name, sum));
            start = end;
        }

        return [.. tensors];
    }

    /// <summary>Distance of a row's expectation from ∇J over ‖∇J‖, and its interval; exactly 0 where the row is unbiased by construction.</summary>
    private (double Value, ConfidenceInterval Interval) BiasOf(StudyRow row, int index)
    {
        if (!row.Normalizes && (row.Estimator != Estimator.RewardToGo || Options.Discount >= 1))
            return (0, new ConfidenceInterval(0, 0));
        (int own, int reference) = row.Normalizes ? (index, ReferenceRow()) : PairedRows();
        if (reference < 0 || _series.Count < RowStatistics.FewestBlocks)
            return (double.NaN, ConfidenceInterval.None);
        JackknifeEstimate mine = MeanProducts.Of(_series, own, own), cross = MeanProducts.Of(_series, own, reference);
        JackknifeEstimate gradient = MeanProducts.Of(_series, reference, reference);
        ConfidenceInterval interval;
        double square;
        if (row.Normalizes)
        {
            // The scale of standardised weights is arbitrary: 1 − cos² is what the best scaling leaves.
            JackknifeEstimate sine = mine.With(gradient, (a, b) => a * b).With(cross, (product, c) => 1 - c * c / product);
            (square, interval) = (sine.Value, sine.Interval(Options.Confidence));
            if (mine.Value <= 0 || gradient.Value <= 0)
                return (double.NaN, ConfidenceInterval.None);
        }
        else
        {
            JackknifeEstimate distance = mine.With(cross, (a, c) => a - 2 * c).With(gradient, (a, b) => a + b);
            (square, interval) = (distance.Value / gradient.Value, distance.RatioInterval(gradient, Options.Confidence));
        }

        if (!interval.IsKnown)
            return (double.NaN, ConfidenceInterval.None);
        // The estimate of a square may be negative: all that is known then is the upper end.
        ConfidenceInterval roots = new(Math.Sqrt(Math.Max(0, interval.Low)), Math.Sqrt(Math.Max(0, interval.High)));
        return (gradient.Value > 0 && square >= 0 ? Math.Sqrt(square) : double.NaN, roots);
    }

    /// <summary>
    /// Two rows of the smallest batch size, reward-to-go and discounted with the same baseline, whose difference tells the bias best: it is the
    /// same for all baselines, which bias nothing, and known best where the variance is least.
    /// </summary>
    private (int RewardToGo, int Discounted) PairedRows()
    {
        (int, int) best = (-1, -1);
        double least = double.PositiveInfinity;
        int smallest = Enumerable.Range(0, _plan.Sizes.Count).MinBy(size => _plan.Sizes[size]);
        for (int own = 0; own < _plan.Rows.Count; own++)
        {
            StudyRow row = _plan.Rows[own];
            if (row.Estimator != Estimator.RewardToGo || row.Size != smallest || row.Normalizes)
                continue;
            for (int other = 0; other < _plan.Rows.Count; other++)
            {
                StudyRow candidate = _plan.Rows[other];
                if (candidate.Estimator != Estimator.Discounted || candidate.Baseline != row.Baseline || candidate.Size != smallest || candidate.Normalizes)
                    continue;
                double trace = RowStatistics.Of(_series, other)?.Trace.Value ?? double.PositiveInfinity;
                if (trace < least)
                    (best, least) = ((own, other), trace);
            }
        }

        return best;
    }

    /// <summary>The row without baseline and standardisation that standardised ones are compared with.</summary>
    private int ReferenceRow()
    {
        for (int row = 0; row < _plan.Rows.Count; row++)
        {
            if (_plan.Rows[row] is { Normalizes: false, Estimator: not Estimator.RewardToGo, IsHidden: true })
                return row;
        }

        return -1;
    }

    /// <summary>Whether the time budget is used up.</summary>
    private bool IsLate => Options.TimeBudget is { } budget && Stopwatch.GetElapsedTime(_start) > budget;

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
            List<double>[] seconds = [.. rows.Select(_ => new List<double>(TimedRounds))];
            for (int round = -1; round < TimedRounds && !(round > 0 && IsLate); round++)
            {
                for (int k = 0; k < rows.Length; k++)
                {
                    if (cancellation.IsCancellationRequested)
                        return medians;
                    double measured = timer.Measure(_plan.Rows[rows[k]].Estimator, _plan.Rows[rows[k]].Baseline);
                    // The first round warms up.
                    if (round >= 0)
                        seconds[k].Add(measured);
                }
            }

            for (int k = 0; k < rows.Length; k++)
                medians[rows[k]] = seconds[k].Order().ElementAt(seconds[k].Count / 2);
        }

        return medians;
    }
}
