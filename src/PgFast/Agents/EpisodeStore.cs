using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Agents;

/// <summary>The episodes of the next update, as a host plays them: observations and rewards, step after step.</summary>
/// <remarks>
/// Actions are not kept: they follow from the episode's random numbers and its observations, by the same kernels. [episode][step][observation, reward], so that
/// what an entity adds lies where it added last, whatever the others do.
/// </remarks>
internal sealed unsafe class EpisodeStore : IDisposable
{
    private readonly AlignedBuffer<float> _steps;
    private readonly AlignedBuffer<float> _final;
    private readonly int[] _length;
    private readonly bool[] _isCut;
    private readonly int _limit;
    private readonly int _stride;

    public EpisodeStore(int episodes, int observationSize, int maximumSteps)
    {
        Capacity = episodes;
        ObservationSize = observationSize;
        _limit = maximumSteps;
        _stride = observationSize + 1;
        _steps = new AlignedBuffer<float>((long)episodes * maximumSteps * _stride);
        _final = new AlignedBuffer<float>((long)episodes * observationSize);
        _length = new int[episodes];
        _isCut = new bool[episodes];
    }

    /// <summary>Episodes of an update.</summary>
    public int Capacity { get; }

    public int ObservationSize { get; }

    /// <summary>Id of the first episode.</summary>
    public ulong FirstEpisode { get; private set; }

    /// <summary>Episodes begun.</summary>
    public int Begun { get; private set; }

    /// <summary>Episodes ended.</summary>
    public int Ended { get; private set; }

    public bool IsFull => Begun == Capacity;

    public bool IsComplete => Ended == Capacity;

    /// <summary>Forgets all episodes.</summary>
    public void Clear(ulong firstEpisode)
    {
        FirstEpisode = firstEpisode;
        (Begun, Ended) = (0, 0);
        Array.Clear(_length);
        Array.Clear(_isCut);
    }

    /// <summary>The number of a new episode.</summary>
    public int Begin() => Begun++;

    /// <summary>[ObservationSize] of a step, then its reward.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* Step(int episode, int step) => _steps.Pointer + ((long)episode * _limit + step) * _stride;

    public void End(int episode, int length, bool isCut, ReadOnlySpan<float> finalObservation)
    {
        _length[episode] = length;
        _isCut[episode] = isCut;
        Span<float> final = Final(episode);
        if (finalObservation.IsEmpty)
            final.Clear();
        else
            finalObservation.CopyTo(final);
        Ended++;
    }

    public int LengthOf(int episode) => _length[episode];

    public bool IsCut(int episode) => _isCut[episode];

    /// <summary>[ObservationSize]; what was seen after the last step; zero if nobody said.</summary>
    public Span<float> Final(int episode) => new(_final.Pointer + (long)episode * ObservationSize, ObservationSize);

    public void Dispose()
    {
        _steps.Dispose();
        _final.Dispose();
    }
}
