using System.Runtime.CompilerServices;
using PgFast.Numerics;
using PgFast.Randomness;

namespace PgFast.Textbook;

/// <summary>The arithmetic of the box, a lane a run with parameters of its own; one object for each worker.</summary>
/// <remarks>Groups of lanes in which no episode goes on are skipped: they cost a test.</remarks>
internal abstract unsafe class BoxKernels(BoxShape shape) : IDisposable
{
    /// <summary>Floats between the rows of θ, w and random words, and most lanes of a row.</summary>
    public const int Stride = 64;

    public BoxShape Shape { get; } = shape;

    /// <summary>Draws block <paramref name="block"/> of every lane's episode: four rows of words.</summary>
    /// <param name="words">[4][rowLength]; overwritten.</param>
    /// <param name="rowLength">Floats between rows.</param>
    /// <param name="block">Block number.</param>
    /// <param name="stream">What the words are for.</param>
    /// <param name="episode">The episode's number, the same in every lane.</param>
    /// <param name="firstRun">Number of the run in lane 0.</param>
    /// <param name="lanes">A multiple of 16.</param>
    /// <param name="live">Lanes whose words are needed.</param>
    /// <param name="seed">The seed.</param>
    public abstract void Draw(
        float* words, int rowLength, int block, RandomStream stream, int episode, int firstRun, int lanes, ulong live, ulong seed);

    /// <summary>Samples A_t from π(·|S_t, θ).</summary>
    /// <param name="parameters">[parameter][64].</param>
    /// <param name="observation">[feature][lane].</param>
    /// <param name="words">[lane] random words.</param>
    /// <param name="action">[lane] 32-bit integers; overwritten in live groups.</param>
    /// <param name="lanes">A multiple of 16.</param>
    /// <param name="live">Lanes whose episode goes on.</param>
    public abstract void Act(float* parameters, float* observation, float* words, float* action, int lanes, ulong live);

    /// <summary>Turns rewards into returns G_t = R_{t+1} + γ G_{t+1} in place, from the last row to the first.</summary>
    /// <param name="reward">[row][lane]; on return G_t where the step is live.</param>
    /// <param name="live">[row].</param>
    /// <param name="total">[64]; overwritten with the sum of the rewards, not discounted.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="lanes">A multiple of 16.</param>
    /// <param name="discount">γ.</param>
    public abstract void Returns(float* reward, ulong* live, float* total, int rows, int lanes, float discount);

    /// <summary>Goes through the episode from t = 0 on and moves θ, and w, at every step with π and v̂ as they are by then.</summary>
    public abstract void Sweep(in SweepBatch batch);

    public virtual void Dispose()
    {
    }

    public static BoxKernels Create(BoxShape shape, float minimumProbability) =>
        LaneWidth.Dispatch<Factory, BoxKernels>(new Factory(shape, minimumProbability));

    private readonly struct Factory(BoxShape shape, float minimumProbability) : ILaneVisitor<BoxKernels>
    {
        public BoxKernels Visit<TLanes>() where TLanes : unmanaged, ILanes<TLanes> =>
            shape.Actions == 2 ? new TwoActionBox<TLanes>(shape, minimumProbability) : new ManyActionBox<TLanes>(shape);
    }
}

/// <summary>What does not depend on the number of actions.</summary>
internal abstract unsafe class BoxKernels<TLanes>(BoxShape shape) : BoxKernels(shape) where TLanes : unmanaged, ILanes<TLanes>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Draw(
        float* words, int rowLength, int block, RandomStream stream, int episode, int firstRun, int lanes, ulong live, ulong seed)
    {
        for (int lane = 0; lane < lanes; lane += TLanes.Count)
        {
            if (LiveIn(live, lane) == 0)
                continue;
            // The upper half of the counter is the run, the lower the episode: neither knows how many there are of the other.
            TLanes n0 = TLanes.BroadcastInt32(block), n1 = TLanes.BroadcastInt32((int)stream), n2 = TLanes.BroadcastInt32(episode);
            TLanes n3 = TLanes.AddInt32(TLanes.LaneIndices, TLanes.BroadcastInt32(firstRun + lane));
            Philox.Generate(ref n0, ref n1, ref n2, ref n3, seed);
            float* target = words + lane;
            TLanes.Store(n0, target);
            TLanes.Store(n1, target + rowLength);
            TLanes.Store(n2, target + 2 * rowLength);
            TLanes.Store(n3, target + 3 * rowLength);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Returns(float* reward, ulong* live, float* total, int rows, int lanes, float discount)
    {
        TLanes gamma = TLanes.Broadcast(discount);
        float* following = stackalloc float[Stride];
        for (int lane = 0; lane < lanes; lane += TLanes.Count)
        {
            TLanes.Store(TLanes.Zero, following + lane);
            TLanes.Store(TLanes.Zero, total + lane);
        }

        for (int row = rows - 1; row >= 0; row--)
        {
            ulong liveLanes = live[row];
            float* rewards = reward + (nint)row * lanes;
            for (int lane = 0; lane < lanes; lane += TLanes.Count)
            {
                uint bits = LiveIn(liveLanes, lane);
                if (bits == 0)
                    continue;
                // Behind the end of an episode everything is zero, so G_{T−1} = R_T.
                TLanes own = TLanes.Load(rewards + lane) & TLanes.MaskFromBits(bits);
                TLanes value = TLanes.FusedMultiplyAdd(gamma, TLanes.Load(following + lane), own);
                TLanes.Store(value, following + lane);
                TLanes.Store(value, rewards + lane);
                TLanes.Store(TLanes.Load(total + lane) + own, total + lane);
            }
        }
    }

    /// <summary>The bits of the lanes of one register.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static uint LiveIn(ulong live, int lane) => (uint)(live >> lane) & (uint)((1UL << TLanes.Count) - 1);

    /// <summary>Σ weight · feature (+ bias), a chain of fused multiply-adds in the order of the features.</summary>
    /// <param name="weights">[feature][64], from the lane on.</param>
    /// <param name="bias">The bias, from the lane on; null for none.</param>
    /// <param name="observation">[feature][lane], from the lane on.</param>
    /// <param name="features">Number of features.</param>
    /// <param name="lanes">Floats between features of the observation.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static TLanes Linear(float* weights, float* bias, float* observation, int features, int lanes)
    {
        TLanes sum = bias is null ? TLanes.Zero : TLanes.Load(bias);
        for (int feature = 0; feature < features; feature++)
            sum = TLanes.FusedMultiplyAdd(TLanes.Load(weights + feature * Stride), TLanes.Load(observation + feature * lanes), sum);
        return sum;
    }

    /// <summary>weight += factor · feature, and bias += factor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static void Move(float* weights, float* bias, float* observation, int features, int lanes, TLanes factor)
    {
        for (int feature = 0; feature < features; feature++)
        {
            float* weight = weights + feature * Stride;
            TLanes.Store(TLanes.FusedMultiplyAdd(factor, TLanes.Load(observation + feature * lanes), TLanes.Load(weight)), weight);
        }

        if (bias is not null)
            TLanes.Store(TLanes.Load(bias) + factor, bias);
    }

    /// <summary>δ = G − v̂(S_t, w), after which w ← w + α^w δ ∇v̂(S_t, w); G itself without a baseline.</summary>
    /// <param name="batch">The sweep.</param>
    /// <param name="observation">[feature][lane] of this row, from the lane on.</param>
    /// <param name="lane">First lane.</param>
    /// <param name="returned">G_t.</param>
    /// <param name="mask">Lanes whose episode has this step.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected TLanes Error(in SweepBatch batch, float* observation, int lane, TLanes returned, TLanes mask)
    {
        if (batch.ValueParameters is null)
            return returned;
        int features = Shape.Features;
        float* weights = batch.ValueParameters + lane;
        float* bias = Shape.HasBias ? weights + features * Stride : null;
        TLanes error = returned - Linear(weights, bias, observation, features, batch.Lanes);
        TLanes factor = (TLanes.Broadcast((float)batch.ValueStepSize) * error) & mask;
        Move(weights, bias, observation, features, batch.Lanes, factor);
        return error;
    }
}
