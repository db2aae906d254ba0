using System.Diagnostics;
using System.Runtime.CompilerServices;
using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Gradients;
using PgFast.Networks;
using PgFast.Numerics;
using PgFast.Optimizers;
using PgFast.Policies;
using PgFast.Rollouts;

namespace PgFast.Training;

// One update: three phases over the shards, with sums of the batch between them.
public partial class Trainer
{
    /// <summary>A deviation of weights below this is rounding error, not signal.</summary>
    private const double SmallestDeviation = 1e-8;

    /// <summary>The same in relation to their mean: about the spacing of floats.</summary>
    private const double SmallestRelativeDeviation = 1e-7;

    /// <summary>A step size that a schedule has taken to 0 still is one to the optimizer.</summary>
    private const float SmallestStepSize = 1.17549435e-38f;

    /// <summary>Fills <see cref="Gradient"/> with the gradient of batch number <paramref name="batch"/>, unclipped.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal UpdateResult ComputeGradient(long batch)
    {
        _parameters.Refresh();
        _batchEpisode = (ulong)batch * (ulong)Options.BatchSize;
        _request = RequestOf(0);
        long start = Stopwatch.GetTimestamp();
        _pool.Run(_activeShards, _rollout);
        long rolledOut = Stopwatch.GetTimestamp();
        if (HasDeviationHead)
            RequireDeviation(batch + 1);
        double returnSum = 0, rewardSum = 0;
        long steps = 0;
        foreach (Shard shard in ActiveShards)
        {
            returnSum += shard.ReturnSum;
            rewardSum += shard.RewardSum;
            steps += shard.Trajectory.Steps;
        }

        PrepareWeights(returnSum);
        if (!_request.IsIdentity)
            _pool.Run(_activeShards, _weigh);
        _scale = ScaleOfBatch(steps);
        _pool.Run(_activeShards, _differentiate);
        double norm = AddShards(out double entropySum);
        RolloutTicks += rolledOut - start;
        GradientTicks += Stopwatch.GetTimestamp() - rolledOut;
        double entropy = Options.MeasureEntropy ? entropySum / steps : double.NaN;
        return new UpdateResult(batch + 1, Options.BatchSize, steps, rewardSum / Options.BatchSize, norm, entropy);
    }

    /// <summary>Memory of a batch's hidden activations in the worst case. A double: long episodes of wide layers pass what a long can count.</summary>
    private double ActivationBytes(EnvironmentSpecification specification)
    {
        double perStep = 0;
        for (int layer = 0; layer < Shape.LayerCount - 1; layer++)
            perStep += sizeof(float) * NetworkParameters.Pad(Shape.OutputSizeOf(layer));
        return perStep * specification.MaximumEpisodeSteps * Options.BatchSize;
    }

    private void PrepareWeights(double returnSum)
    {
        if (SumsByStep)
        {
            Span<double> sum = _stepSum.Span;
            Span<int> count = _stepCount.Span;
            sum.Clear();
            count.Clear();
            foreach (Shard shard in ActiveShards)
            {
                Span<double> shardSum = shard.StepSum.Span;
                Span<int> shardCount = shard.StepCount.Span;
                for (int step = 0; step < sum.Length; step++)
                {
                    sum[step] += shardSum[step];
                    count[step] += shardCount[step];
                }
            }
        }

        _request = RequestOf(returnSum);
    }

    private unsafe WeightRequest RequestOf(double returnSum) => new()
    {
        Estimator = Options.Estimator,
        Baseline = Options.Baseline,
        Discount = Options.Discount,
        SumsWeights = Options.NormalizeReturns,
        Episodes = Options.BatchSize,
        ReturnSum = returnSum,
        TimeSum = _stepSum.Pointer,
        TimeCount = _stepCount.Pointer,
    };

    /// <summary>Mean over episodes, standardisation and entropy bonus as one scale and offset on the weights.</summary>
    private ScoreScale ScaleOfBatch(long steps)
    {
        double scale = Options.RewardScale / (double)Options.BatchSize;
        double offset = 0;
        if (Options.NormalizeReturns)
        {
            // The scale of the rewards is that of the weights' deviation too: it cancels.
            scale = 1.0 / Options.BatchSize;
            // Means and squared deviations of shards combine as those of Chan, Golub and LeVeque (1983).
            double mean = 0, squares = 0;
            long count = 0;
            foreach (Shard shard in ActiveShards)
            {
                long added = shard.Trajectory.Steps;
                double difference = shard.WeightMean - mean;
                count += added;
                mean += difference * added / count;
                squares += shard.WeightDeviations + difference * difference * (count - added) * added / count;
            }

            double deviation = Math.Sqrt(squares / count);
            // All weights alike: there is nothing to standardise, only the mean to subtract.
            if (deviation > Math.Max(SmallestDeviation, SmallestRelativeDeviation * Math.Abs(mean)))
                scale /= deviation;
            offset = -mean * scale;
        }

        return new ScoreScale((float)scale, (float)offset, Options.EntropyCoefficient / steps);
    }

    /// <summary>Sums the shards' gradients in shard order; returns the norm.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double AddShards(out double entropySum)
    {
        Span<double> sum = _gradientSum;
        entropySum = 0;
        sum.Clear();
        foreach (Shard shard in ActiveShards)
        {
            Span<double> part = shard.Gradient.Span;
            for (int i = 0; i < sum.Length; i++)
                sum[i] += part[i];
            entropySum += shard.EntropySum;
        }

        double squares = 0;
        for (int i = 0; i < sum.Length; i++)
        {
            squares += sum[i] * sum[i];
            _gradient[i] = (float)sum[i];
        }

        return Math.Sqrt(squares);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Ascend(long update)
    {
        int bad = FiniteCheck.FirstNonFinite(_gradient);
        if (bad >= 0)
            throw new NonFiniteException(update, "gradient", Shape.TensorAt(bad));
        GradientClip.Apply(_gradient, Options.MaximumGradientNorm);
        Span<float> parameters = _parameters.Flat;
        // The warm-up is update 0.
        if (Options.FinalStepSizeFactor < 1 && update > 0)
            _optimizer.StepSize = ScheduledStepSize();
        _optimizer.Step(parameters, _gradient);
        bad = FiniteCheck.FirstNonFinite(parameters);
        float collapsed = bad < 0 ? FirstBeyond(parameters[Shape.FreeOutputOffset..], StandardDeviationException.LargestLogarithm) : 0;
        if (bad >= 0)
            throw new NonFiniteException(update, "parameters", Shape.TensorAt(bad));
        if (collapsed != 0)
            throw new StandardDeviationException(update, Shape.TensorAt(Shape.FreeOutputOffset), collapsed);
        if (OptimizerSnapshot.FirstNonFinite(_optimizer) is { } remembered)
            throw new NonFiniteException(update, remembered.Quantity, Shape.TensorAt(remembered.Parameter));
    }

    /// <summary>Keeps all that an update changes before anything may fail on the way.</summary>
    private void Keep()
    {
        _parameters.Flat.CopyTo(_previous);
        _previousOptimizer.Take(_optimizer);
        _value?.Keep();
    }

    /// <summary>Takes an update back that failed on the way.</summary>
    private void TakeBack()
    {
        _previous.CopyTo(_parameters.Flat);
        _previousOptimizer.Restore(_optimizer);
        _value?.TakeBack();
    }

    /// <summary>The step size of the next update, by the share of the budget that is used up.</summary>
    private float ScheduledStepSize()
    {
        double share = Options.ScheduledUpdates is { } updates
            ? (double)UpdateCount / updates
            : (double)EnvironmentSteps / Options.ScheduledEnvironmentSteps!.Value;
        double factor = 1 - (1 - Options.FinalStepSizeFactor) * Math.Min(1, share);
        return Math.Max((float)(Options.StepSize * factor), SmallestStepSize);
    }

    private bool HasDeviationHead => !Distribution.IsDiscrete && Distribution.FreeOutputs == 0;

    /// <summary>A σ that depends on the state is looked at in the states of the batch.</summary>
    private void RequireDeviation(long update)
    {
        float farthest = 0;
        foreach (Shard shard in ActiveShards)
            farthest = LargestMagnitude.Of(farthest, shard.FarthestLogDeviation);
        RequireDeviation(update, farthest);
    }

    /// <summary>And again after the step, in some of them: a collapse is found before anyone acts by it.</summary>
    private void RequireDeviationAfterStep(long update)
    {
        if (!HasDeviationHead)
            return;
        _parameters.Refresh();
        RequireDeviation(update, _workers[0].FarthestLogDeviation(_shards[0]));
    }

    private void RequireDeviation(long update, float logarithm)
    {
        if (!(Math.Abs(logarithm) <= StandardDeviationException.LargestLogarithm))
            throw new StandardDeviationException(update, Shape.TensorAt(Shape.WeightOffset(Shape.LayerCount - 1)), logarithm);
    }

    /// <summary>The first value of a larger magnitude, or 0.</summary>
    private static float FirstBeyond(ReadOnlySpan<float> values, float limit)
    {
        foreach (float value in values)
        {
            if (Math.Abs(value) > limit)
                return value;
        }

        return 0;
    }

    private static Optimizer CreateOptimizer(TrainerOptions options, int parameterCount) => options.Optimizer == OptimizerKind.Sgd
        ? new Sgd(parameterCount, options.StepSize, options.Momentum)
        : new Adam(parameterCount, options.StepSize);

    /// <summary>
    /// Does an update with the first shard alone and a gradient of zero, so that the first real one does not wait for the compiler; the
    /// parameters stay as they are, the optimizer is thrown away.
    /// </summary>
    private void WarmUp()
    {
        _activeShards = 1;
        ComputeGradient(0);
        Array.Clear(_gradient);
        // Not the run's own step size, which may overflow already.
        _optimizer = CreateOptimizer(Options with { StepSize = 1 }, Shape.ParameterCount);
        Keep();
        Ascend(0);
        _value?.WarmUp(_shards, _activeShards, _pool);
        _activeShards = _shards.Length;
        _optimizer = CreateOptimizer(Options, Shape.ParameterCount);
        RolloutTicks = 0;
        GradientTicks = 0;
    }

    private void RolloutShard(int worker, int shard) =>
        _workers[worker].Rollout(
            _shards[shard], _batchEpisode, Options.Seed, _request, _value?.Worker(worker), _value?.Scale ?? default, Options.Bootstraps);

    private void WeighShard(int worker, int shard) => _workers[worker].Weigh(_shards[shard], _request);

    // Last rolled out, first differentiated: its trajectory is still in the cache.
    private void DifferentiateShard(int worker, int item) =>
        _workers[worker].Gradient(_shards[_activeShards - 1 - item], _scale, Options.MeasureEntropy);
}
