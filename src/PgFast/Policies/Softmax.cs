using System.Runtime.CompilerServices;
using PgFast.Numerics;
using PgFast.Randomness;

namespace PgFast.Policies;

/// <summary>Softmax over any number of actions: π(a) = exp(z_a − max z) / Σ exp(z_k − max z).</summary>
internal sealed unsafe class Softmax<TLanes> : PolicyHead where TLanes : unmanaged, ILanes<TLanes>
{
    private readonly int _actions;
    private readonly AlignedBuffer<float> _exponentials;

    public Softmax(int actions)
    {
        _actions = actions;
        _exponentials = new AlignedBuffer<float>(actions * 16L);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Sample(float* output, float* words, float* action, int lanes)
    {
        float* exponentials = _exponentials.Pointer;
        for (int lane = 0; lane < lanes; lane += TLanes.Count)
        {
            TLanes total = Exponentials(output + lane, lanes, out _);
            TLanes threshold = Philox.Uniform(TLanes.Load(words + lane)) * total;
            // The action is the number of cumulative sums that the threshold has reached; the last sum is left out, so that rounding
            // cannot lead past the last action.
            TLanes cumulative = TLanes.Zero, chosen = TLanes.Zero;
            for (int k = 0; k < _actions - 1; k++)
            {
                cumulative += TLanes.Load(exponentials + k * TLanes.Count);
                chosen = TLanes.SubtractInt32(chosen, ~TLanes.LessThan(threshold, cumulative));
            }

            TLanes.Store(chosen, action + lane);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Mode(float* output, float* action, int lanes)
    {
        for (int lane = 0; lane < lanes; lane += TLanes.Count)
        {
            TLanes largest = TLanes.Load(output + lane), chosen = TLanes.Zero;
            for (int k = 1; k < _actions; k++)
            {
                TLanes logit = TLanes.Load(output + k * lanes + lane);
                chosen = TLanes.Select(TLanes.GreaterThan(logit, largest), TLanes.BroadcastInt32(k), chosen);
                largest = TLanes.Max(largest, logit);
            }

            TLanes.Store(chosen, action + lane);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Evaluate(float* output, float* action, float* logProbability, float* entropy, int lanes)
    {
        float* exponentials = _exponentials.Pointer;
        for (int lane = 0; lane < lanes; lane += TLanes.Count)
        {
            TLanes total = Exponentials(output + lane, lanes, out TLanes largest);
            TLanes logTotal = Elementary.Log(total);
            TLanes chosen = TLanes.Load(action + lane);
            TLanes expected = TLanes.Zero, logOfChosen = TLanes.Zero;
            for (int k = 0; k < _actions; k++)
            {
                TLanes centred = Centred(output + k * lanes + lane, largest);
                expected = TLanes.FusedMultiplyAdd(TLanes.Load(exponentials + k * TLanes.Count), centred, expected);
                logOfChosen = TLanes.Select(TLanes.EqualInt32(chosen, TLanes.BroadcastInt32(k)), centred - logTotal, logOfChosen);
            }

            TLanes.Store(logOfChosen, logProbability + lane);
            TLanes.Store(logTotal - expected / total, entropy + lane);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Score(float* output, float* action, float* weight, in ScoreScale scale, float* gradient, int lanes)
    {
        float* exponentials = _exponentials.Pointer;
        TLanes factor = TLanes.Broadcast(scale.Weight), offset = TLanes.Broadcast(scale.Offset);
        for (int lane = 0; lane < lanes; lane += TLanes.Count)
        {
            TLanes inverse = TLanes.Broadcast(1f) / Exponentials(output + lane, lanes, out TLanes largest);
            TLanes scaled = TLanes.FusedMultiplyAdd(TLanes.Load(weight + lane), factor, offset);
            TLanes chosen = TLanes.Load(action + lane);
            TLanes meanCentred = TLanes.Zero;
            if (scale.Entropy != 0)
            {
                for (int k = 0; k < _actions; k++)
                {
                    TLanes centred = Centred(output + k * lanes + lane, largest);
                    meanCentred = TLanes.FusedMultiplyAdd(TLanes.Load(exponentials + k * TLanes.Count) * inverse, centred, meanCentred);
                }
            }

            for (int k = 0; k < _actions; k++)
            {
                TLanes probability = TLanes.Load(exponentials + k * TLanes.Count) * inverse;
                TLanes isChosen = TLanes.EqualInt32(chosen, TLanes.BroadcastInt32(k));
                TLanes score = (TLanes.Broadcast(1f) & isChosen) - probability;
                TLanes result = scaled * score;
                if (scale.Entropy != 0)
                {
                    // ∂H/∂z_k = −π_k (log π_k + H) = −π_k (z_k − Σ π z)
                    TLanes centred = Centred(output + k * lanes + lane, largest);
                    result = TLanes.FusedNegateMultiplyAdd(TLanes.Broadcast(scale.Entropy) * probability, centred - meanCentred, result);
                }

                TLanes.Store(result, gradient + k * lanes + lane);
            }
        }
    }

    public override void Dispose()
    {
        _exponentials.Dispose();
        base.Dispose();
    }

    /// <summary>z − max z, kept finite, as 0 probability times −∞ would be NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Centred(float* output, TLanes largest) => TLanes.Max(TLanes.Load(output) - largest, TLanes.Broadcast(-1e30f));

    /// <summary>Writes exp(z_k − max z) to scratch and returns their sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private TLanes Exponentials(float* output, int lanes, out TLanes largest)
    {
        float* exponentials = _exponentials.Pointer;
        largest = TLanes.Load(output);
        for (int k = 1; k < _actions; k++)
            largest = TLanes.Max(largest, TLanes.Load(output + k * lanes));
        TLanes total = TLanes.Zero;
        for (int k = 0; k < _actions; k++)
        {
            TLanes exponential = Elementary.ExpNonPositive(TLanes.Load(output + k * lanes) - largest);
            TLanes.Store(exponential, exponentials + k * TLanes.Count);
            total += exponential;
        }

        return total;
    }
}
