using System.Runtime.CompilerServices;
using PgFast.Numerics;
using PgFast.Randomness;

namespace PgFast.Policies;

/// <summary>Softmax over two actions, a function of the difference of their logits z = z₁ − z₀ alone.</summary>
/// <remarks>
/// With e = exp(−z): π(1) = 1/(1 + e), π(0) = e/(1 + e). Both are computed without cancellation, so scores are accurate also where a
/// probability is 1 up to rounding. The exponential's argument is limited so that e stays finite.
/// </remarks>
internal sealed unsafe class TwoActionSoftmax<TLanes> : PolicyHead where TLanes : unmanaged, ILanes<TLanes>
{
    /// <summary>exp(±this) is finite and 1 + exp(this) too; a probability below exp(−this) is exp(−this).</summary>
    private const float LargestDifference = 87f;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Sample(float* output, float* words, float* action, int lanes)
    {
        TLanes one = TLanes.Broadcast(1f);
        for (int lane = 0; lane < lanes; lane += TLanes.Count)
        {
            TLanes right = one / (one + Odds(TLanes.Load(output + lane)));
            TLanes uniform = Philox.Uniform(TLanes.Load(words + lane));
            TLanes.Store(TLanes.ShiftRightLogical(TLanes.LessThan(uniform, right), 31), action + lane);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Mode(float* output, float* action, int lanes)
    {
        for (int lane = 0; lane < lanes; lane += TLanes.Count)
            TLanes.Store(TLanes.ShiftRightLogical(TLanes.GreaterThan(TLanes.Load(output + lane), TLanes.Zero), 31), action + lane);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Evaluate(float* output, float* action, float* logProbability, float* entropy, int lanes)
    {
        TLanes one = TLanes.Broadcast(1f);
        for (int lane = 0; lane < lanes; lane += TLanes.Count)
        {
            // In terms of m = |z| nothing cancels: log π of the likelier action is −log(1 + exp(−m)), of the other −m − log(1 + exp(−m)).
            TLanes z = TLanes.Load(output + lane);
            TLanes magnitude = TLanes.Abs(z);
            TLanes odds = Odds(magnitude);
            TLanes normalizer = Elementary.Log(one + odds);
            TLanes prefersRight = TLanes.GreaterThan(z, TLanes.Zero);
            TLanes isRight = TLanes.GreaterThanInt32(TLanes.Load(action + lane), TLanes.Zero);
            TLanes unlikely = prefersRight ^ isRight;
            TLanes.Store(-(normalizer + (magnitude & unlikely)), logProbability + lane);
            TLanes.Store(TLanes.FusedMultiplyAdd(Limited(magnitude), odds / (one + odds), normalizer), entropy + lane);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Score(float* output, float* action, float* weight, in ScoreScale scale, float* gradient, int lanes)
    {
        TLanes one = TLanes.Broadcast(1f);
        TLanes factor = TLanes.Broadcast(scale.Weight), offset = TLanes.Broadcast(scale.Offset), entropy = TLanes.Broadcast(-scale.Entropy);
        for (int lane = 0; lane < lanes; lane += TLanes.Count)
        {
            TLanes z = TLanes.Load(output + lane);
            TLanes odds = Odds(z);
            TLanes right = one / (one + odds);
            TLanes left = odds * right;
            TLanes isRight = TLanes.GreaterThanInt32(TLanes.Load(action + lane), TLanes.Zero);
            TLanes score = TLanes.Select(isRight, left, -right);
            TLanes scaled = TLanes.FusedMultiplyAdd(TLanes.Load(weight + lane), factor, offset);
            // ∂H/∂z = −z π(0) π(1)
            TLanes.Store(TLanes.FusedMultiplyAdd(scaled, score, entropy * (Limited(z) * (left * right))), gradient + lane);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Odds(TLanes z) => Elementary.ExpLimited(-Limited(z));

    /// <summary>z within ±<see cref="LargestDifference"/>. As the odds are limited, so must be what multiplies them: 1e38·exp(−87) is not 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Limited(TLanes z) =>
        TLanes.Max(TLanes.Broadcast(-LargestDifference), TLanes.Min(TLanes.Broadcast(LargestDifference), z));
}
