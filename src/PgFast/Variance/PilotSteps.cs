using System.Runtime.CompilerServices;
using PgFast.Numerics;
using PgFast.Rollouts;

namespace PgFast.Variance;

/// <summary>The steps of a pilot shard that V is fitted on: all of them, or an even selection where they are too many.</summary>
/// <param name="observationSize">Features.</param>
/// <param name="stepUnit">1/T.</param>
/// <param name="capacity">Most steps.</param>
internal sealed unsafe class PilotSteps(int observationSize, float stepUnit, int capacity) : IDisposable
{
    private readonly AlignedBuffer<float> _steps = new((long)capacity * WidthOf(observationSize));

    /// <summary>Floats of a step: features, t/T, G_0, G_t.</summary>
    public int Width { get; } = WidthOf(observationSize);

    /// <summary>Steps kept.</summary>
    public int Count { get; private set; }

    /// <summary>[Count][Width].</summary>
    public ReadOnlySpan<float> Steps => _steps.Span[..(Count * Width)];

    /// <summary>Floats of a step.</summary>
    public static int WidthOf(int observationSize) => observationSize + 3;

    /// <summary>Takes steps of episodes; those of before are forgotten.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Take(PackedEpisodes episodes)
    {
        long steps = episodes.Offset[episodes.Count];
        Count = (int)Math.Min(steps, capacity);
        int episode = 0;
        float* kept = _steps.Pointer;
        for (long k = 0; k < Count; k++, kept += Width)
        {
            // One step of each stretch, at a place in it that changes from one to the next by the golden section: always the first
            // would show of episodes of equal length the same times over and over.
            long from = k * steps / Count, length = (k + 1) * steps / Count - from;
            long sample = from + (long)(((ulong)(uint)(k * 0x9E3779B9L) * (ulong)length) >> 32);
            while (sample >= episodes.Offset[episode + 1])
                episode++;
            for (int feature = 0; feature < observationSize; feature++)
                kept[feature] = episodes.Observation[feature * episodes.Stride + sample];
            kept[observationSize] = (sample - episodes.Offset[episode]) * stepUnit;
            kept[observationSize + 1] = episodes.Return[episodes.Offset[episode]];
            kept[observationSize + 2] = episodes.Return[sample];
        }
    }

    public void Dispose() => _steps.Dispose();
}
