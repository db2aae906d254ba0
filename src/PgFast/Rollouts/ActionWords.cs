using System.Runtime.CompilerServices;
using PgFast.Numerics;
using PgFast.Randomness;

namespace PgFast.Rollouts;

/// <summary>One random word a lane and row: word (step mod 4) of block (step / 4) of the lane's episode.</summary>
/// <remarks>
/// A block gives four words, so blocks are drawn every fourth row, for all lanes at once, although the lanes' episodes started at
/// different rows: an episode that is p words into its block takes its first 4 − p words from the previous block, kept as a carry. An
/// action of several dimensions takes the words of as many of these, whose blocks are <see cref="BlocksPerDimension"/> apart.
/// </remarks>
internal abstract unsafe class ActionWords : IDisposable
{
    /// <summary>Rows served by one draw.</summary>
    private const int Period = 4;

    protected const int Stride = 64;

    /// <summary>Blocks from one dimension of an action to the next: more than an episode has.</summary>
    private const int BlocksPerDimension = 1 << 26;

    // [Period][Stride] words of the current four rows, then [3][Stride] carried words, then per lane: number carried, next block, and
    // the two halves of the episode id, all as 32-bit integers.
    private readonly AlignedBuffer<float> _memory = new((Period + 3 + 4) * Stride);

    protected float* Words => _memory.Pointer;

    protected float* Carry => Words + Period * Stride;

    protected int* Carried => (int*)(Carry + 3 * Stride);

    protected int* NextBlock => Carried + Stride;

    protected uint* EpisodeLow => (uint*)(NextBlock + Stride);

    protected uint* EpisodeHigh => EpisodeLow + Stride;

    public ulong Seed { get; set; }

    public RandomStream Stream { get; set; }

    /// <summary>The dimension of the action that the words are for, 0 to <see cref="MostDimensions"/> − 1.</summary>
    public int Dimension { get; init; }

    /// <summary>Most dimensions of an action.</summary>
    public const int MostDimensions = 32;

    /// <summary>The words of a row, one a lane. Valid after <see cref="Advance"/> for the row's four.</summary>
    public float* Row(int row) => Words + (row & (Period - 1)) * Stride;

    /// <summary>Whether <see cref="Advance"/> is due before this row.</summary>
    public static bool IsDue(int row) => (row & (Period - 1)) == 0;

    /// <summary>Draws the words of the next four rows.</summary>
    public abstract void Advance(int lanes);

    /// <summary>Starts an episode in a lane at <paramref name="row"/>, with the row's words in place if its four have been drawn.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Start(int lane, ulong episode, int row)
    {
        EpisodeLow[lane] = (uint)episode;
        EpisodeHigh[lane] = (uint)(episode >> 32);
        int used = -row & (Period - 1);
        if (used == 0)
        {
            Carried[lane] = 0;
            NextBlock[lane] = FirstBlock;
            return;
        }

        PhiloxBlock block = Philox.Generate(Seed, Stream, episode, (uint)FirstBlock);
        uint* words = (uint*)Words + lane;
        for (int k = 0; k < used; k++)
            words[(Period - used + k) * Stride] = block[k];
        uint* carry = (uint*)Carry + lane;
        for (int k = used; k < Period; k++)
            carry[(k - used) * Stride] = block[k];
        Carried[lane] = Period - used;
        NextBlock[lane] = FirstBlock + 1;
    }

    /// <summary>Continues a lane's words in another lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Move(int from, int to)
    {
        // Every array has one value a lane, Stride apart.
        float* memory = _memory.Pointer;
        for (long row = 0; row < _memory.Length / Stride; row++)
            memory[row * Stride + to] = memory[row * Stride + from];
    }

    public void Dispose() => _memory.Dispose();

    private int FirstBlock => Dimension * BlocksPerDimension;

    public static ActionWords Create(int dimension = 0) => LaneWidth.Dispatch<Factory, ActionWords>(new Factory(dimension));

    private readonly struct Factory(int dimension) : ILaneVisitor<ActionWords>
    {
        public ActionWords Visit<TLanes>() where TLanes : unmanaged, ILanes<TLanes> => new Typed<TLanes> { Dimension = dimension };
    }

    private sealed class Typed<TLanes> : ActionWords where TLanes : unmanaged, ILanes<TLanes>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void Advance(int lanes)
        {
            TLanes stream = TLanes.BroadcastInt32((int)Stream);
            ulong seed = Seed;
            for (int lane = 0; lane < lanes; lane += TLanes.Count)
            {
                float* words = Words + lane;
                float* carry = Carry + lane;
                float* nextBlock = (float*)NextBlock + lane;
                TLanes block = TLanes.Load(nextBlock);
                TLanes n0 = block, n1 = stream;
                TLanes n2 = TLanes.Load((float*)EpisodeLow + lane), n3 = TLanes.Load((float*)EpisodeHigh + lane);
                Philox.Generate(ref n0, ref n1, ref n2, ref n3, seed);
                TLanes.Store(TLanes.AddInt32(block, TLanes.BroadcastInt32(1)), nextBlock);

                // With c words carried, rows take the carried words first: row r gets carry[r] for r < c, else new word r − c.
                TLanes carried = TLanes.Load((float*)Carried + lane);
                TLanes one = TLanes.EqualInt32(carried, TLanes.BroadcastInt32(1));
                TLanes two = TLanes.EqualInt32(carried, TLanes.BroadcastInt32(2));
                TLanes none = TLanes.EqualInt32(carried, TLanes.Zero);
                TLanes c0 = TLanes.Load(carry), c1 = TLanes.Load(carry + Stride), c2 = TLanes.Load(carry + 2 * Stride);
                TLanes.Store(TLanes.Select(none, n0, c0), words);
                TLanes.Store(TLanes.Select(none, n1, TLanes.Select(one, n0, c1)), words + Stride);
                TLanes.Store(TLanes.Select(none, n2, TLanes.Select(one, n1, TLanes.Select(two, n0, c2))), words + 2 * Stride);
                TLanes.Store(TLanes.Select(none, n3, TLanes.Select(one, n2, TLanes.Select(two, n1, n0))), words + 3 * Stride);

                // The last c new words are left over.
                TLanes.Store(TLanes.Select(one, n3, TLanes.Select(two, n2, n1)), carry);
                TLanes.Store(TLanes.Select(two, n3, n2), carry + Stride);
                TLanes.Store(n3, carry + 2 * Stride);
            }
        }
    }
}
