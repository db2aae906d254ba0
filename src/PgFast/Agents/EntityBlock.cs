using System.Numerics;
using PgFast.Numerics;
using PgFast.Randomness;
using PgFast.Rollouts;

namespace PgFast.Agents;

/// <summary>Up to 64 entities, a lane each: which are there, where their episodes stand, and their random numbers.</summary>
internal sealed unsafe class EntityBlock : IDisposable
{
    public const int Lanes = 64;

    private readonly ActionWords[] _words;
    private readonly AlignedBuffer<float> _rows;

    public EntityBlock(int observationSize, int actionRows, int outputs, ulong seed)
    {
        Observation = new AlignedBuffer<float>((long)observationSize * Lanes);
        Action = new AlignedBuffer<float>((long)actionRows * Lanes);
        Output = new AlignedBuffer<float>((long)outputs * Lanes);
        _rows = new AlignedBuffer<float>((long)actionRows * Lanes);
        _words = new ActionWords[actionRows];
        for (int row = 0; row < actionRows; row++)
        {
            _words[row] = ActionWords.Create(row);
            _words[row].Seed = seed;
            _words[row].Stream = RandomStream.Action;
        }
    }

    /// <summary>[feature][64]; as the network sees them, zero where no entity is.</summary>
    public AlignedBuffer<float> Observation { get; }

    /// <summary>[action row][64].</summary>
    public AlignedBuffer<float> Action { get; }

    /// <summary>[output][64].</summary>
    public AlignedBuffer<float> Output { get; }

    /// <summary>Lanes that hold an entity.</summary>
    public ulong Present { get; set; }

    /// <summary>Lanes whose next action begins an episode.</summary>
    public ulong Fresh { get; set; }

    /// <summary>Lanes that have acted and wait for what came of it.</summary>
    public ulong Waiting { get; set; }

    /// <summary>Lanes whose episode is one of the next update's.</summary>
    public ulong Recorded { get; set; }

    /// <summary>[lane]; number of the recorded episode.</summary>
    public int[] Episode { get; } = new int[Lanes];

    /// <summary>[lane]; steps that the recorded episode has.</summary>
    public int[] Steps { get; } = new int[Lanes];

    /// <summary>[lane]; the record of the recorded episode's present step.</summary>
    public int[] Record { get; } = new int[Lanes];

    /// <summary>Starts an episode's random numbers.</summary>
    public void Start(int lane, ulong episode, int frame)
    {
        foreach (ActionWords words in _words)
            words.Start(lane, episode, frame);
    }

    /// <summary>[action row][64]; the words of a frame. Once a frame, after all starts.</summary>
    public float* Words(int frame)
    {
        if (ActionWords.IsDue(frame))
        {
            foreach (ActionWords words in _words)
                words.Advance(Lanes);
        }

        if (_words.Length == 1)
            return _words[0].Row(frame);
        for (int row = 0; row < _words.Length; row++)
            new ReadOnlySpan<float>(_words[row].Row(frame), Lanes).CopyTo(new Span<float>(_rows.Pointer + row * Lanes, Lanes));
        return _rows.Pointer;
    }

    /// <summary>Takes a lane out of everything.</summary>
    public void Remove(int lane)
    {
        ulong others = ~(1UL << lane);
        Present &= others;
        Fresh &= others;
        Waiting &= others;
        Recorded &= others;
    }

    /// <summary>Zeroes the observations of lanes without an entity: what the host has there may be anything.</summary>
    public void ClearAbsent(int observationSize)
    {
        for (ulong absent = ~Present; absent != 0; absent &= absent - 1)
        {
            int lane = BitOperations.TrailingZeroCount(absent);
            for (int feature = 0; feature < observationSize; feature++)
                Observation.Pointer[feature * Lanes + lane] = 0;
        }
    }

    public void Dispose()
    {
        foreach (ActionWords words in _words)
            words.Dispose();
        Observation.Dispose();
        Action.Dispose();
        Output.Dispose();
        _rows.Dispose();
    }
}
