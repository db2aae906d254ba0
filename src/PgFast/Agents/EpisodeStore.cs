using System.Runtime.CompilerServices;
using PgFast.Numerics;

namespace PgFast.Agents;

/// <summary>The episodes of the next update, as a host plays them: a log of steps, in which every step names the next one of its episode.</summary>
/// <remarks>
/// What a frame adds lies together, whichever episodes it belongs to: a place for each episode would be a page of memory for each of thousands of entities, and as many misses a
/// frame. Actions are not kept: they follow from the episode's random numbers and its observations, by the same kernels.
/// </remarks>
internal sealed unsafe class EpisodeStore : IDisposable
{
    private const int None = -1;

    // [record][observation, reward, number of the episode's next record].
    private readonly AlignedBuffer<float> _log;
    private readonly AlignedBuffer<float> _final;
    private readonly int[] _first;
    private readonly int[] _last;
    private readonly bool[] _isCut;
    private readonly int _stride;
    private int _count;

    public EpisodeStore(int episodes, int observationSize, int maximumSteps)
    {
        Capacity = episodes;
        ObservationSize = observationSize;
        _stride = observationSize + 2;
        // One more, which is what an episode without a step has.
        long records = (long)episodes * maximumSteps + 1;
        if (records > int.MaxValue)
            throw new ArgumentOutOfRangeException(nameof(episodes), episodes, $"Episodes of an update times {maximumSteps} steps are at most {int.MaxValue - 1}.");
        _log = new AlignedBuffer<float>(records * _stride);
        _final = new AlignedBuffer<float>((long)episodes * observationSize);
        _first = new int[episodes];
        _last = new int[episodes];
        _isCut = new bool[episodes];
        Clear(0);
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
        Array.Clear(_first);
        Array.Fill(_last, None);
        Array.Clear(_isCut);
        // Record 0 is nobody's: a step of zeros, and the last of its episode.
        new Span<float>(_log.Pointer, _stride).Clear();
        Next(0) = None;
        _count = 1;
    }

    /// <summary>The number of a new episode.</summary>
    public int Begin() => Begun++;

    /// <summary>A record for an episode's next step.</summary>
    /// <returns>Its number.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Append(int episode)
    {
        int record = _count++;
        int last = _last[episode];
        if (last == None)
            _first[episode] = record;
        else
            Next(last) = record;
        _last[episode] = record;
        Next(record) = None;
        return record;
    }

    /// <summary>[ObservationSize] of a step, then its reward.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* Step(int record) => _log.Pointer + (long)record * _stride;

    /// <summary>The record of an episode's first step; one of zeros for an episode without any.</summary>
    public int FirstOf(int episode) => _first[episode];

    /// <summary>The record of the step after one; negative after the last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref int Next(int record) => ref *(int*)(Step(record) + ObservationSize + 1);

    public void End(int episode, bool isCut)
    {
        _isCut[episode] = isCut;
        Final(episode).Clear();
        Ended++;
    }

    public bool IsCut(int episode) => _isCut[episode];

    /// <summary>[ObservationSize]; what was seen after the last step; zero if nobody said.</summary>
    public Span<float> Final(int episode) => new(_final.Pointer + (long)episode * ObservationSize, ObservationSize);

    public void Dispose()
    {
        _log.Dispose();
        _final.Dispose();
    }
}
