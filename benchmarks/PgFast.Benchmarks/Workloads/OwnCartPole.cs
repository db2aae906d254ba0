using System.Runtime.CompilerServices;
using PgFast.Environments;
using PgFast.Numerics;
using PgFast.Randomness;

namespace PgFast.Benchmarks.Workloads;

/// <summary>CartPole's arithmetic as a user would write it, outside the library: what does an environment of one's own cost beside the built-in one?</summary>
internal static class OwnCartPole
{
    public const string BuiltIn = "built-in";
    public const string Lanes = "own, for lanes";
    public const string Scalar = "own, scalar";

    private const float TotalMass = 1.1f, PoleMass = 0.1f, HalfPoleLength = 0.5f, TimeStep = 0.02f, Gravity = 9.8f, Push = 10f / TotalMass;
    private const float PositionLimit = 2.4f, AngleLimit = (float)(12 * 2 * Math.PI / 360);

    /// <summary>One of the three.</summary>
    public static BatchedEnvironment Create(string name) => name switch
    {
        Lanes => BatchedEnvironment.Create<ForLanes>(),
        Scalar => BatchedEnvironment.Create<ScalarEnvironment<OneByOne>>(),
        _ => BatchedEnvironment.Create<CartPole>(),
    };

    /// <summary>Written for lanes.</summary>
    internal readonly struct ForLanes : IBatchedEnvironment<ForLanes>
    {
        public static EnvironmentSpecification Specification { get; } = CartPole.Specification with { Name = "Own CartPole" };

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Reset<TLanes>(in ResetBatch batch) where TLanes : unmanaged, ILanes<TLanes>
        {
            for (int variable = 0; variable < 4; variable++)
            {
                for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
                {
                    TLanes uniform = Philox.Uniform(batch.RandomWords.Load<TLanes>(variable, lane));
                    batch.State.Store(variable, lane, TLanes.FusedMultiplyAdd(uniform, TLanes.Broadcast(0.1f), TLanes.Broadcast(-0.05f)));
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static ulong Step<TLanes>(in StepBatch batch) where TLanes : unmanaged, ILanes<TLanes>
        {
            ulong terminated = 0;
            for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
            {
                TLanes x = batch.State.Load<TLanes>(0, lane), xDot = batch.State.Load<TLanes>(1, lane);
                TLanes theta = batch.State.Load<TLanes>(2, lane), thetaDot = batch.State.Load<TLanes>(3, lane);
                TLanes right = TLanes.GreaterThanInt32(batch.Action.Load<TLanes>(0, lane), TLanes.Zero);
                TLanes push = TLanes.Select(right, TLanes.Broadcast(Push), TLanes.Broadcast(-Push));
                Elementary.SinCosSmall(theta, out TLanes sin, out TLanes cos);
                TLanes temp = TLanes.FusedMultiplyAdd(thetaDot * thetaDot * sin, TLanes.Broadcast(PoleMass * HalfPoleLength / TotalMass), push);
                TLanes numerator = TLanes.FusedNegateMultiplyAdd(cos, temp, TLanes.Broadcast(Gravity) * sin);
                TLanes denominator = TLanes.FusedNegateMultiplyAdd(
                    cos * cos, TLanes.Broadcast(HalfPoleLength * PoleMass / TotalMass), TLanes.Broadcast(HalfPoleLength * 4 / 3));
                TLanes thetaAcceleration = numerator / denominator;
                TLanes xAcceleration = TLanes.FusedNegateMultiplyAdd(
                    thetaAcceleration * cos, TLanes.Broadcast(PoleMass * HalfPoleLength / TotalMass), temp);
                x = TLanes.FusedMultiplyAdd(TLanes.Broadcast(TimeStep), xDot, x);
                xDot = TLanes.FusedMultiplyAdd(TLanes.Broadcast(TimeStep), xAcceleration, xDot);
                theta = TLanes.FusedMultiplyAdd(TLanes.Broadcast(TimeStep), thetaDot, theta);
                thetaDot = TLanes.FusedMultiplyAdd(TLanes.Broadcast(TimeStep), thetaAcceleration, thetaDot);
                batch.NextState.Store(0, lane, x);
                batch.NextState.Store(1, lane, xDot);
                batch.NextState.Store(2, lane, theta);
                batch.NextState.Store(3, lane, thetaDot);
                batch.Reward.Store(0, lane, TLanes.Broadcast(1f));
                TLanes fallen = TLanes.GreaterThan(TLanes.Abs(x), TLanes.Broadcast(PositionLimit)) | TLanes.GreaterThan(TLanes.Abs(theta), TLanes.Broadcast(AngleLimit));
                terminated |= (ulong)TLanes.SignBits(fallen) << lane;
            }

            return terminated;
        }
    }

    /// <summary>Plain scalar code.</summary>
    internal readonly struct OneByOne : IScalarEnvironment<OneByOne>
    {
        public static EnvironmentSpecification Specification { get; } = CartPole.Specification with { Name = "Own scalar CartPole" };

        public static void Reset(ReadOnlySpan<uint> randomWords, Span<float> state, Span<float> observation)
        {
            for (int variable = 0; variable < 4; variable++)
                state[variable] = MathF.FusedMultiplyAdd(Philox.Uniform(randomWords[variable]), 0.1f, -0.05f);
        }

        public static bool Step(Span<float> state, ScalarAction action, Span<float> observation, out float reward)
        {
            float x = state[0], xDot = state[1], theta = state[2], thetaDot = state[3];
            float push = action.Index > 0 ? Push : -Push;
            Elementary.SinCosSmall(theta, out float sin, out float cos);
            float temp = MathF.FusedMultiplyAdd(thetaDot * thetaDot * sin, PoleMass * HalfPoleLength / TotalMass, push);
            float numerator = MathF.FusedMultiplyAdd(-cos, temp, Gravity * sin);
            float denominator = MathF.FusedMultiplyAdd(-(cos * cos), HalfPoleLength * PoleMass / TotalMass, HalfPoleLength * 4 / 3);
            float thetaAcceleration = numerator / denominator;
            float xAcceleration = MathF.FusedMultiplyAdd(-(thetaAcceleration * cos), PoleMass * HalfPoleLength / TotalMass, temp);
            state[0] = MathF.FusedMultiplyAdd(TimeStep, xDot, x);
            state[1] = MathF.FusedMultiplyAdd(TimeStep, xAcceleration, xDot);
            state[2] = MathF.FusedMultiplyAdd(TimeStep, thetaDot, theta);
            state[3] = MathF.FusedMultiplyAdd(TimeStep, thetaAcceleration, thetaDot);
            reward = 1;
            return MathF.Abs(state[0]) > PositionLimit || MathF.Abs(state[2]) > AngleLimit;
        }
    }
}
