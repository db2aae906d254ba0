using System.Runtime.CompilerServices;
using PgFast.Numerics;
using PgFast.Randomness;

namespace PgFast.Textbook;

/// <summary>The box with two actions: π(1) = 1/(1 + exp(−z)) of the difference of preferences z = h(s, 1) − h(s, 0).</summary>
internal sealed unsafe class TwoActionBox<TLanes>(BoxShape shape, float minimumProbability) : BoxKernels<TLanes>(shape)
    where TLanes : unmanaged, ILanes<TLanes>
{
    /// <summary>exp(±this) is finite and 1 + exp(this) too.</summary>
    private const float LargestDifference = 87f;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Act(float* parameters, float* observation, float* words, float* action, int lanes, ulong live)
    {
        for (int lane = 0; lane < lanes; lane += TLanes.Count)
        {
            if (LiveIn(live, lane) == 0)
                continue;
            Probabilities(parameters + lane, observation + lane, lanes, out _, out TLanes right);
            TLanes uniform = Philox.Uniform(TLanes.Load(words + lane));
            TLanes.Store(TLanes.ShiftRightLogical(TLanes.LessThan(uniform, right), 31), action + lane);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Sweep(in SweepBatch batch)
    {
        int features = Shape.Features, lanes = batch.Lanes;
        double power = 1;
        for (int row = 0; row < batch.Rows; row++, power *= batch.Discount)
        {
            ulong live = batch.Live[row];
            float* observations = batch.Observation + (nint)row * features * lanes;
            // α γ^t, in double precision up to here.
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
                Probabilities(parameters, observation, lanes, out TLanes left, out TLanes right);
                // ∂ ln π(A_t)/∂z: the probability of the other action, with the sign of the one taken.
                TLanes isRight = TLanes.GreaterThanInt32(TLanes.Load(batch.Action + cell), TLanes.Zero);
                TLanes factor = (stepSize * error * TLanes.Select(isRight, left, -right)) & mask;
                float* biases = parameters + 2 * features * Stride;
                Move(parameters, Shape.HasBias ? biases : null, observation, features, lanes, -factor);
                Move(parameters + features * Stride, Shape.HasBias ? biases + Stride : null, observation, features, lanes, factor);
            }
        }
    }

    /// <summary>π(0) and π(1), neither by subtracting the other from 1, and no smaller than the option allows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Probabilities(float* parameters, float* observation, int lanes, out TLanes left, out TLanes right)
    {
        int features = Shape.Features;
        float* biases = parameters + 2 * features * Stride;
        TLanes z = Linear(parameters + features * Stride, Shape.HasBias ? biases + Stride : null, observation, features, lanes)
            - Linear(parameters, Shape.HasBias ? biases : null, observation, features, lanes);
        TLanes limited = TLanes.Max(TLanes.Broadcast(-LargestDifference), TLanes.Min(TLanes.Broadcast(LargestDifference), z));
        TLanes odds = Elementary.Exp(-limited);
        TLanes low = TLanes.Broadcast(minimumProbability), high = TLanes.Broadcast(1 - minimumProbability);
        right = TLanes.Broadcast(1f) / (TLanes.Broadcast(1f) + odds);
        left = TLanes.Max(low, TLanes.Min(high, odds * right));
        right = TLanes.Max(low, TLanes.Min(high, right));
    }
}
