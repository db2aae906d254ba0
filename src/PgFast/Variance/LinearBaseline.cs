using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Variance;

/// <summary>Values that are linear in features of observation and time: o, o², τ, τ², τ³ and 1, with τ = t/100.</summary>
/// <remarks>
/// The features of rllab's linear baseline (Duan et al. 2016): observations limited to ±10. Time is limited to what the pilot sample reached,
/// so that a cubic is not asked about times that it never saw. Two values are kept, of G_0 and of G_t.
/// </remarks>
internal sealed unsafe class LinearBaseline(int observationSize)
{
    private const float ObservationLimit = 10;
    private const float StepsPerUnit = 100;

    private readonly float[] _total = new float[2 * observationSize + 4];
    private readonly float[] _toGo = new float[2 * observationSize + 4];
    private float _lastStep = float.MaxValue;

    /// <summary>Number of features.</summary>
    public int FeatureCount => _total.Length;

    /// <summary>Takes fitted coefficients.</summary>
    /// <param name="total">[FeatureCount]; for G_0.</param>
    /// <param name="toGo">[FeatureCount]; for G_t.</param>
    /// <param name="lastStep">The latest step that was seen.</param>
    public void Set(ReadOnlySpan<double> total, ReadOnlySpan<double> toGo, int lastStep)
    {
        for (int i = 0; i < _total.Length; i++)
        {
            _total[i] = (float)total[i];
            _toGo[i] = (float)toGo[i];
        }

        _lastStep = lastStep;
    }

    /// <summary>The features of a step.</summary>
    /// <param name="observation">Of the step; features <paramref name="stride"/> floats apart.</param>
    /// <param name="stride">Floats between features.</param>
    /// <param name="step">t.</param>
    /// <param name="features">[FeatureCount]; overwritten.</param>
    public void Features(float* observation, nint stride, float step, Span<double> features)
    {
        for (int k = 0; k < observationSize; k++)
        {
            float limited = Math.Clamp(observation[k * stride], -ObservationLimit, ObservationLimit);
            features[k] = limited;
            features[observationSize + k] = limited * limited;
        }

        float time = Math.Min(step, _lastStep) * (1 / StepsPerUnit);
        features[2 * observationSize] = time;
        features[2 * observationSize + 1] = time * time;
        features[2 * observationSize + 2] = time * time * time;
        features[2 * observationSize + 3] = 1;
    }

    /// <summary>The two values of consecutive samples.</summary>
    /// <param name="observation">[feature][sample], features <paramref name="stride"/> floats apart.</param>
    /// <param name="stride">Floats between features.</param>
    /// <param name="step">[sample]; t.</param>
    /// <param name="count">Samples; up to 15 more are read and written.</param>
    /// <param name="total">[sample]; overwritten with the value of G_0.</param>
    /// <param name="toGo">[sample]; overwritten with the value of G_t.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Evaluate(float* observation, nint stride, float* step, int count, float* total, float* toGo)
    {
        int features = observationSize;
        fixed (float* ofTotal = _total, ofToGo = _toGo)
        {
            for (int sample = 0; sample < count; sample += Lanes16.Count)
            {
                Lanes16 first = Lanes16.Broadcast(ofTotal[2 * features + 3]), second = Lanes16.Broadcast(ofToGo[2 * features + 3]);
                float* input = observation + sample;
                for (int k = 0; k < features; k++, input += stride)
                {
                    Lanes16 value = Lanes16.Load(input);
                    value = Lanes16.Max(Lanes16.Broadcast(-ObservationLimit), Lanes16.Min(Lanes16.Broadcast(ObservationLimit), value));
                    Lanes16 square = value * value;
                    first += value * Lanes16.Broadcast(ofTotal[k]) + square * Lanes16.Broadcast(ofTotal[features + k]);
                    second += value * Lanes16.Broadcast(ofToGo[k]) + square * Lanes16.Broadcast(ofToGo[features + k]);
                }

                Lanes16 time = Lanes16.Min(Lanes16.Broadcast(_lastStep), Lanes16.Load(step + sample)) * Lanes16.Broadcast(1 / StepsPerUnit);
                first += time * Cubic(ofTotal + 2 * features, time);
                second += time * Cubic(ofToGo + 2 * features, time);
                Lanes16.Store(first, total + sample);
                Lanes16.Store(second, toGo + sample);
            }
        }
    }

    /// <summary>c₀ + c₁τ + c₂τ².</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Lanes16 Cubic(float* coefficient, Lanes16 time) =>
        Lanes16.Broadcast(coefficient[0]) + time * (Lanes16.Broadcast(coefficient[1]) + time * Lanes16.Broadcast(coefficient[2]));
}
