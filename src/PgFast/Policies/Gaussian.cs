using System.Runtime.CompilerServices;
using PgFast.Numerics;
using PgFast.Randomness;

namespace PgFast.Policies;

/// <summary>Diagonal Gaussian: a_d ~ N(μ_d, σ_d²); outputs are all μ, then all log σ.</summary>
/// <remarks>
/// Sutton and Barto (2018), section 13.7, with σ = exp(output). Actions are never clipped here: the log-probability is that of the action
/// as drawn, and an environment that limits forces does so itself.
/// </remarks>
internal sealed unsafe class Gaussian<TLanes>(int dimension) : PolicyHead where TLanes : unmanaged, ILanes<TLanes>
{
    private const float HalfLogTwoPi = 0.918938533204672742f;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Sample(float* output, float* words, float* action, int lanes)
    {
        float* logDeviation = output + dimension * lanes;
        for (int i = 0; i < dimension * lanes; i += TLanes.Count)
        {
            TLanes deviation = Elementary.Exp(TLanes.Load(logDeviation + i));
            TLanes noise = StandardNormal.FromWords(TLanes.Load(words + i));
            TLanes.Store(TLanes.FusedMultiplyAdd(deviation, noise, TLanes.Load(output + i)), action + i);
        }
    }

    public override void Mode(float* output, float* action, int lanes) =>
        new ReadOnlySpan<float>(output, dimension * lanes).CopyTo(new Span<float>(action, dimension * lanes));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Evaluate(float* output, float* action, float* logProbability, float* entropy, int lanes)
    {
        for (int lane = 0; lane < lanes; lane += TLanes.Count)
        {
            TLanes squares = TLanes.Zero, logDeviations = TLanes.Zero;
            for (int d = 0; d < dimension; d++)
            {
                TLanes logDeviation = TLanes.Load(output + (dimension + d) * lanes + lane);
                TLanes difference = TLanes.Load(action + d * lanes + lane) - TLanes.Load(output + d * lanes + lane);
                TLanes standardised = difference * Elementary.Exp(-logDeviation);
                squares = TLanes.FusedMultiplyAdd(standardised, standardised, squares);
                logDeviations += logDeviation;
            }

            TLanes constant = logDeviations + TLanes.Broadcast(dimension * HalfLogTwoPi);
            TLanes.Store(-TLanes.FusedMultiplyAdd(TLanes.Broadcast(0.5f), squares, constant), logProbability + lane);
            TLanes.Store(logDeviations + TLanes.Broadcast(dimension * (HalfLogTwoPi + 0.5f)), entropy + lane);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Score(float* output, float* action, float* weight, in ScoreScale scale, float* gradient, int lanes)
    {
        TLanes one = TLanes.Broadcast(1f);
        TLanes factor = TLanes.Broadcast(scale.Weight), offset = TLanes.Broadcast(scale.Offset);
        TLanes entropy = TLanes.Broadcast(scale.Entropy);
        for (int d = 0; d < dimension; d++)
        {
            int mean = d * lanes, deviation = (dimension + d) * lanes;
            for (int lane = 0; lane < lanes; lane += TLanes.Count)
            {
                // With ε = (a − μ)/σ: ∂log π/∂μ = ε/σ, ∂log π/∂log σ = ε² − 1, ∂H/∂log σ = 1.
                TLanes inverse = Elementary.Exp(-TLanes.Load(output + deviation + lane));
                TLanes difference = TLanes.Load(action + mean + lane) - TLanes.Load(output + mean + lane);
                TLanes standardised = difference * inverse;
                TLanes scaled = TLanes.FusedMultiplyAdd(TLanes.Load(weight + lane), factor, offset);
                TLanes.Store(scaled * (standardised * inverse), gradient + mean + lane);
                TLanes square = TLanes.FusedMultiplyAdd(standardised, standardised, -one);
                TLanes.Store(TLanes.FusedMultiplyAdd(scaled, square, entropy), gradient + deviation + lane);
            }
        }
    }
}
