using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace PgFast.Variance;

// The weights of each column, episode by episode. Element-wise operations only: the same bits everywhere.
internal sealed unsafe partial class StudyWorker
{
    private float* LinearTotal => _values.Pointer;

    private float* LinearToGo => _values.Pointer + _values.Length / 4;

    private float* ValueTotal => _values.Pointer + _values.Length / 2;

    private float* ValueToGo => ValueTotal + _values.Length / 4;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Weigh(int episode, int step, long start, int count, float* weight)
    {
        if (_usesLinear || _sampleValues is not null)
            EvaluateBaselines(episode, step, start, count);
        for (int first = 0; first < count; episode++, step = 0)
        {
            int samples = Math.Min(count - first, Episodes.Length[episode] - step);
            WeighEpisode(episode, step, start + first, first, samples, weight);
            first += samples;
        }
    }

    /// <summary>What the baselines that see observation and time say of consecutive samples.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void EvaluateBaselines(int episode, int step, long start, int count)
    {
        for (int sample = 0; sample < count; sample++)
        {
            if (step == Episodes.Length[episode])
            {
                episode++;
                step = 0;
            }

            _steps.Pointer[sample] = step++;
        }

        if (_usesLinear)
            _fitted.Linear.Evaluate(Episodes.Observation + start, Episodes.Stride, _steps.Pointer, count, LinearTotal, LinearToGo);
        _sampleValues?.Evaluate(Episodes.Observation + start, Episodes.Stride, _steps.Pointer, count, ValueTotal, ValueToGo);
    }

    /// <summary>The weights of consecutive samples of one episode.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void WeighEpisode(int episode, int step, long start, int first, int count, float* weight)
    {
        float* toGo = Episodes.Return + start;
        float startReturn = Episodes.Return[Episodes.Offset[episode]];
        ReadOnlySpan<float> values = new(toGo, count), powers = _powers.AsSpan(step, count);
        float* row = weight + first;
        for (int column = 0; column < _columnOf.Length; column++, row += MaximumSamples)
        {
            Span<float> target = new(row, count);
            StudyColumn description = _columnOf[column];
            switch (description.Kind)
            {
                case WeightKind.One:
                    target.Fill(1);
                    break;
                case WeightKind.Power:
                    powers.CopyTo(target);
                    break;
                case WeightKind.ToGo:
                    values.CopyTo(target);
                    break;
                case WeightKind.DiscountedToGo:
                    TensorPrimitives.Multiply(powers, values, target);
                    break;
                case WeightKind.TimeTotal:
                    TensorPrimitives.Subtract(startReturn, TimeBaseline(description, episode, step, toGo, startReturn, target), target);
                    break;
                case WeightKind.LinearTotal:
                    TensorPrimitives.Subtract(startReturn, new ReadOnlySpan<float>(LinearTotal + first, count), target);
                    break;
                case WeightKind.ValueTotal:
                    TensorPrimitives.Subtract(startReturn, new ReadOnlySpan<float>(ValueTotal + first, count), target);
                    break;
                case WeightKind.TimeToGo or WeightKind.TimeDiscounted:
                    TensorPrimitives.Subtract(values, TimeBaseline(description, episode, step, toGo, startReturn, target), target);
                    break;
                case WeightKind.LinearToGo or WeightKind.LinearDiscounted:
                    TensorPrimitives.Subtract(values, new ReadOnlySpan<float>(LinearToGo + first, count), target);
                    break;
                default:
                    TensorPrimitives.Subtract(values, new ReadOnlySpan<float>(ValueToGo + first, count), target);
                    break;
            }

            if (description.Kind is WeightKind.TimeDiscounted or WeightKind.LinearDiscounted or WeightKind.ValueDiscounted)
                TensorPrimitives.Multiply(target, powers, target);
        }

        _weightSums?.Add(_sliceStart + episode, startReturn, step == 0, count, weight + first, MaximumSamples);
    }

    /// <summary>The pilot's means from a step on, or the means of the batch's other episodes, computed into <paramref name="target"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ReadOnlySpan<float> TimeBaseline(StudyColumn column, int episode, int step, float* toGo, float startReturn, Span<float> target)
    {
        bool isTotal = column.Kind == WeightKind.TimeTotal;
        if (column.Size < 0)
            return (isTotal ? _fitted.TimeTotal : _fitted.TimeToGo).AsSpan(step, target.Length);
        int batch = (_sliceStart + episode) / _plan.Sizes[column.Size];
        fixed (float* destination = target)
            _stepSums[column.Size]!.LeaveOneOut(batch, isTotal, toGo, startReturn, step, target.Length, destination);
        return target;
    }
}
