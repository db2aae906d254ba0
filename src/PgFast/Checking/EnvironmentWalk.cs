using PgFast.Environments;
using PgFast.Randomness;

namespace PgFast.Checking;

/// <summary>Episodes of random actions in 64 lanes, refilled as they end; the same for the same seed.</summary>
/// <typeparam name="TEnvironment">The environment.</typeparam>
internal sealed class EnvironmentWalk<TEnvironment> : IDisposable where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
{
    public const int Lanes = StepBatch.MaximumLanes;

    /// <summary>Actions may lie so far beyond their limits, in parts of the range: a Gaussian policy does not know them.</summary>
    private const float Beyond = 0.25f;

    /// <summary>Where a limit is infinite, actions are drawn from −3 to 3.</summary>
    private const float Unlimited = 3;

    private readonly EnvironmentSpecification _specification = TEnvironment.Specification;
    private readonly ulong _seed;
    private readonly ulong[] _episode = new ulong[Lanes];
    private readonly int[] _step = new int[Lanes];
    private ulong _nextEpisode;
    private uint _row;

    public EnvironmentWalk(ulong seed)
    {
        _seed = seed;
        for (int lane = 0; lane < Lanes; lane++)
            _episode[lane] = _nextEpisode++;
        DrawWords();
    }

    public EnvironmentProbe<TEnvironment> Probe { get; } = new();

    public long Episodes { get; private set; }

    public long Terminations { get; private set; }

    /// <summary>Where a lane is, for a message.</summary>
    public string PlaceOf(int lane) => $"lane {lane} (episode {_episode[lane]}, step {_step[lane]})";

    /// <summary>Draws start states in all lanes.</summary>
    public void Begin(int width) => Probe.Reset(Lanes, width);

    /// <summary>Draws an action in every lane.</summary>
    public void Draw()
    {
        Probe.Action.Blank(Lanes);
        for (int lane = 0; lane < Lanes; lane++)
        {
            for (int row = 0; row < Probe.Action.Rows; row++)
                Probe.Action[row, lane] = ActionOf(Philox.Generate(_seed, RandomStream.Action, (ulong)lane, _row * 64 + (uint)row)[0]);
        }

        _row++;
    }

    /// <summary>Goes on from the state after the step; lanes whose episode ended get the start state of the next one.</summary>
    public void Advance(ulong terminated, int width)
    {
        Probe.State.CopyFrom(Probe.NextState, Lanes);
        ulong ended = 0;
        for (int lane = 0; lane < Lanes; lane++)
        {
            bool isTerminal = (terminated >> lane & 1) != 0;
            if (++_step[lane] < _specification.MaximumEpisodeSteps && !isTerminal)
                continue;
            Episodes++;
            Terminations += isTerminal ? 1 : 0;
            ended |= 1UL << lane;
            _episode[lane] = _nextEpisode++;
            _step[lane] = 0;
        }

        if (ended == 0)
            return;
        DrawWords();
        using EnvironmentProbe<TEnvironment> fresh = new();
        fresh.Words.CopyFrom(Probe.Words, Lanes);
        fresh.Reset(Lanes, width);
        for (int lane = 0; lane < Lanes; lane++)
        {
            for (int row = 0; (ended >> lane & 1) != 0 && row < Probe.State.Rows; row++)
                Probe.State[row, lane] = fresh.State[row, lane];
        }
    }

    public void Dispose() => Probe.Dispose();

    private void DrawWords()
    {
        Probe.Words.Blank(Lanes);
        for (int lane = 0; lane < Lanes; lane++)
        {
            for (int word = 0; word < Probe.Words.Rows; word++)
            {
                uint random = Philox.Generate(_seed, RandomStream.Reset, _episode[lane], (uint)word / 4)[word % 4];
                Probe.Words[word, lane] = BitConverter.UInt32BitsToSingle(random);
            }
        }
    }

    private float ActionOf(uint word)
    {
        ActionSpace space = _specification.Actions;
        if (space.IsDiscrete)
            return BitConverter.Int32BitsToSingle((int)(word % (uint)space.Size));
        float low = float.IsFinite(space.Low) ? space.Low : -Unlimited, high = float.IsFinite(space.High) ? space.High : Unlimited;
        float margin = Beyond * (high - low);
        return low - margin + Philox.Uniform(word) * (high - low + 2 * margin);
    }
}
