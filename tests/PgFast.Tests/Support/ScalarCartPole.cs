using PgFast.Environments;
using PgFast.Numerics;
using PgFast.Randomness;

namespace PgFast.Tests.Support;

/// <summary>CartPole-v1 as plain scalar code, with the roundings of the built-in one: training on either must give the same bits.</summary>
internal readonly struct ScalarCartPole : IScalarEnvironment<ScalarCartPole>
{
    private const float TotalMass = 1.1f, PoleMass = 0.1f, HalfPoleLength = 0.5f, TimeStep = 0.02f;

    public static EnvironmentSpecification Specification { get; } = CartPole.Specification with { Name = "Scalar CartPole" };

    public static void Reset(ReadOnlySpan<uint> randomWords, Span<float> state, Span<float> observation)
    {
        for (int variable = 0; variable < 4; variable++)
            state[variable] = MathF.FusedMultiplyAdd(Philox.Uniform(randomWords[variable]), 0.1f, -0.05f);
    }

    public static bool Step(Span<float> state, ScalarAction action, Span<float> observation, out float reward)
    {
        float x = state[0], xDot = state[1], theta = state[2], thetaDot = state[3];
        float push = action.Index > 0 ? 10f / TotalMass : -10f / TotalMass;
        Elementary.SinCosSmall(theta, out float sin, out float cos);
        float temp = MathF.FusedMultiplyAdd(thetaDot * thetaDot * sin, PoleMass * HalfPoleLength / TotalMass, push);
        float numerator = MathF.FusedMultiplyAdd(-cos, temp, 9.8f * sin);
        float denominator = MathF.FusedMultiplyAdd(-(cos * cos), HalfPoleLength * PoleMass / TotalMass, HalfPoleLength * 4 / 3);
        float thetaAcceleration = numerator / denominator;
        float xAcceleration = MathF.FusedMultiplyAdd(-(thetaAcceleration * cos), PoleMass * HalfPoleLength / TotalMass, temp);
        state[0] = MathF.FusedMultiplyAdd(TimeStep, xDot, x);
        state[1] = MathF.FusedMultiplyAdd(TimeStep, xAcceleration, xDot);
        state[2] = MathF.FusedMultiplyAdd(TimeStep, thetaDot, theta);
        state[3] = MathF.FusedMultiplyAdd(TimeStep, thetaAcceleration, thetaDot);
        reward = 1;
        return MathF.Abs(state[0]) > 2.4f || MathF.Abs(state[2]) > (float)(12 * 2 * Math.PI / 360);
    }
}

/// <summary>A point in the plane, pushed by a continuous action of two components; the observation is not the state.</summary>
internal readonly struct ScalarPoint : IScalarEnvironment<ScalarPoint>
{
    public static EnvironmentSpecification Specification { get; } = new(
        "Scalar point", StateSize: 3, ObservationSize: 2, ObservationIsState: false, ActionSpace.Continuous(2, -1, 1), MaximumEpisodeSteps: 20,
        ResetWords: 5, SolvedReturn: null);

    public static void Reset(ReadOnlySpan<uint> randomWords, Span<float> state, Span<float> observation)
    {
        state[0] = Philox.Uniform(randomWords[0]) - 0.5f;
        state[1] = Philox.Uniform(randomWords[4]) - 0.5f;
        // The noise of the steps comes from a word that the state keeps.
        state[2] = BitConverter.UInt32BitsToSingle(randomWords[3] >> 9);
        (observation[0], observation[1]) = (state[0], state[1]);
    }

    public static bool Step(Span<float> state, ScalarAction action, Span<float> observation, out float reward)
    {
        uint word = BitConverter.SingleToUInt32Bits(state[2]);
        float noise = Philox.Uniform(Philox.Generate(word, 0, 0, 0, 7, 7)[0]) - 0.5f;
        state[0] += 0.1f * Math.Clamp(action[0], -1, 1) + 0.02f * noise;
        state[1] += 0.1f * Math.Clamp(action[1], -1, 1);
        state[2] = BitConverter.UInt32BitsToSingle((word + 1) & 0x7F_FFFF);
        (observation[0], observation[1]) = (state[0], state[1]);
        reward = -(state[0] * state[0] + state[1] * state[1]);
        return reward < -4;
    }
}
