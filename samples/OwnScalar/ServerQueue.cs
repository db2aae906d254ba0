using PgFast.Environments;
using PgFast.Randomness;

namespace OwnScalar;

/// <summary>A queue before a server whose speed is chosen every second: waiting costs, and so does speed. Plain scalar code.</summary>
/// <remarks>
/// Jobs arrive at a rate that swings with the time of day; the server finishes 1, 2 or 4 jobs a second, at a cost of 0.1, 0.4 or 1.6. Each job that waits costs 0.1 a second;
/// a queue of 50 overflows and ends the episode at a cost of 50. Random numbers of the arrivals come from the episode's own stream, of which the state keeps the place.
/// </remarks>
public readonly struct ServerQueue : IScalarEnvironment<ServerQueue>
{
    private const int Overflow = 50;
    private const int Day = 200;

    public static EnvironmentSpecification Specification { get; } = new(
        "Server queue", StateSize: 3, ObservationSize: 3, ObservationIsState: false, ActionSpace.Discrete(3), MaximumEpisodeSteps: Day, ResetWords: 2,
        SolvedReturn: null);

    public static void Reset(ReadOnlySpan<uint> randomWords, Span<float> state, Span<float> observation)
    {
        state[0] = randomWords[0] % 10;
        state[1] = 0;
        // Bits, not a number: integers of a state are kept exactly in this way.
        state[2] = BitConverter.UInt32BitsToSingle(randomWords[1]);
        Observe(state, observation);
    }

    public static bool Step(Span<float> state, ScalarAction action, Span<float> observation, out float reward)
    {
        float queue = state[0];
        int second = (int)state[1];
        int speed = 1 << action.Index;
        float rate = 1.5f + 1.4f * Daytime(second);
        PhiloxBlock random = Philox.Generate(BitConverter.SingleToUInt32Bits(state[2]), (RandomStream)1000, (ulong)second, 0);
        // Four chances of a job a second.
        for (int chance = 0; chance < 4; chance++)
            queue += Philox.Uniform(random[chance]) * 4 < rate ? 1 : 0;
        queue = Math.Max(0, queue - speed);
        bool overflows = queue >= Overflow;
        reward = -0.1f * queue - 0.1f * speed * speed - (overflows ? 50 : 0);
        state[0] = queue;
        state[1] = second + 1;
        Observe(state, observation);
        return overflows;
    }

    /// <summary>−1 at night, 1 at noon.</summary>
    private static float Daytime(int second)
    {
        PgFast.Numerics.Elementary.SinCos(2 * MathF.PI * second / Day, out float sine, out _);
        return sine;
    }

    private static void Observe(ReadOnlySpan<float> state, Span<float> observation)
    {
        observation[0] = state[0] / 10;
        observation[1] = state[1] / Day;
        observation[2] = Daytime((int)state[1]);
    }
}
