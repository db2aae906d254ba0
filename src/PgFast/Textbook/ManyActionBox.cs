using System.Runtime.CompilerServices;
using PgFast.Numerics;
using PgFast.Randomness;

namespace PgFast.Textbook;

/// <summary>The box with any number of actions: π(a) = exp(h_a − max h) / Σ exp(h_k − max h).</summary>
internal sealed unsafe class ManyActionBox<TLanes>(BoxShape shape) : BoxKernels<TLanes>(shape) where TLanes : unmanaged, ILanes<TLanes>
{
    private readonly AlignedBuffer<float> _exponentials = new(shape.Actions * 16L);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Act(float* parameters, float* observation, float* words, float* action, int lanes, ulong live)
    {
        float* exponentials = _exponentials.Pointer;
        int actions = Shape.Actions;
        for (int lane = 0; lane < lanes; lane += TLanes.Count)
        {
            if (LiveIn(live, lane) == 0)
                continue;
            TLanes threshold = Philox.Uniform(TLanes.Load(words + lane)) * Exponentials(parameters + lane, observation + lane, lanes);
            // The action is the number of cumulative sums that the threshold has reached; the last sum is left out, so that rounding
            // cannot lead past the last action.
            TLanes cumulative = TLanes.Zero, chosen = TLanes.Zero;
            for (int k = 0; k < actions - 1; k++)
            {
                cumulative += TLanes.Load(exponentials + k * TLanes.Count);
                chosen = TLanes.SubtractInt32(chosen, ~TLanes.LessThan(threshold, cumulative));
            }

            TLanes.Store(chosen, action + lane);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Sweep(in SweepBatch batch)
    {
        int features = Shape.Features, actions = Shape.Actions, lanes = batch.Lanes;
        float* exponentials = _exponentials.Pointer;
        double power = 1;
        for (int row = 0; row < batch.Rows; row++, power *= batch.Discount)
        {
            ulong live = batch.Live[row];
            float* observations = batch.Observation + (nint)row * features * lanes;
            TLanes stepSize = TLanes.Broadcast((float)(batch.StepSize * power));
            for (int lane = 0; lane < lanes; lane += TLanes.Count)
            {
                uint bits = LiveIn(live, lane);
                if (bits == 0)
                    continue;
                TLanes mask = TLanes.MaskFromBits(bits);
                float* observation = observations + lane;
                float* parameters = batch.Parameters + lane;
                nint cell = (nint)row * lanes + lane;
                TLanes error = Error(batch, observation, lane, TLanes.Load(batch.Return + cell), mask);
                TLanes inverse = TLanes.Broadcast(1f) / Exponentials(parameters, observation, lanes);
                TLanes chosen = TLanes.Load(batch.Action + cell);
                TLanes scaled = stepSize * error;
                for (int k = 0; k < actions; k++)
                {
                    // ∂ ln π(A_t)/∂h_k = 1{A_t = k} − π(k)
                    TLanes isChosen = TLanes.Broadcast(1f) & TLanes.EqualInt32(chosen, TLanes.BroadcastInt32(k));
                    TLanes factor = (scaled * (isChosen - TLanes.Load(exponentials + k * TLanes.Count) * inverse)) & mask;
                    float* bias = Shape.HasBias ? parameters + (actions * features + k) * Stride : null;
                    Move(parameters + k * features * Stride, bias, observation, features, lanes, factor);
                }
            }
        }
    }

    public override void Dispose()
    {
        _exponentials.Dispose();
        base.Dispose();
    }

    /// <summary>Writes exp(h_k − max h) to scratch and returns their sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private TLanes Exponentials(float* parameters, float* observation, int lanes)
    {
        int features = Shape.Features, actions = Shape.Actions;
        float* exponentials = _exponentials.Pointer;
        TLanes largest = TLanes.Zero, total = TLanes.Zero;
        for (int k = 0; k < actions; k++)
        {
            float* bias = Shape.HasBias ? parameters + (actions * features + k) * Stride : null;
            TLanes preference = Linear(parameters + k * features * Stride, bias, observation, features, lanes);
            TLanes.Store(preference, exponentials + k * TLanes.Count);
            largest = k == 0 ? preference : TLanes.Max(largest, preference);
        }

        for (int k = 0; k < actions; k++)
        {
            TLanes exponential = Elementary.ExpNonPositive(TLanes.Load(exponentials + k * TLanes.Count) - largest);
            TLanes.Store(exponential, exponentials + k * TLanes.Count);
            total += exponential;
        }

        return total;
    }
}
