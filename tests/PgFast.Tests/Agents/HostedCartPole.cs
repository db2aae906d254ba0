using PgFast.Agents;
using PgFast.Environments;
using PgFast.Randomness;
using PgFast.Tests.Support;

namespace PgFast.Tests.Agents;

/// <summary>CartPole of at most 15 steps: most episodes of a fresh policy reach the limit.</summary>
internal readonly struct ShortCartPole : IScalarEnvironment<ShortCartPole>
{
    public static EnvironmentSpecification Specification { get; } = CartPole.Specification with { Name = "Short CartPole", MaximumEpisodeSteps = 15 };

    public static void Reset(ReadOnlySpan<uint> randomWords, Span<float> state, Span<float> observation) => ScalarCartPole.Reset(randomWords, state, observation);

    public static bool Step(Span<float> state, ScalarAction action, Span<float> observation, out float reward) =>
        ScalarCartPole.Step(state, action, observation, out reward);
}

/// <summary>A host that owns the loop: poles on carts, each a row of its own state, with the start states that the engine's own rollouts have.</summary>
internal sealed class HostedCartPole(int count, ulong seed, int limit)
{
    public float[] Observations { get; } = new float[4 * count];

    public int[] Actions { get; } = new int[count];

    public float[] Rewards { get; } = new float[count];

    public bool[] Terminated { get; } = new bool[count];

    public bool[] Truncated { get; } = new bool[count];

    public float[] Final { get; } = new float[4 * count];

    private readonly int[] _steps = new int[count];
    private ulong _other = 1UL << 40;

    /// <summary>Every entity starts the episode of the id that is its own.</summary>
    public void StartAll(ulong firstEpisode)
    {
        for (int entity = 0; entity < count; entity++)
            Start(entity, firstEpisode + (ulong)entity);
    }

    /// <summary>One frame of an agent.</summary>
    public void Play(Agent agent)
    {
        agent.Act(Observations, Actions);
        Span<float> state = stackalloc float[4];
        Span<float> storage = stackalloc float[1];
        for (int entity = 0; entity < count; entity++)
        {
            for (int k = 0; k < 4; k++)
                state[k] = Observations[k * count + entity];
            Terminated[entity] = ScalarCartPole.Step(state, ScalarAction.Discrete(storage, Actions[entity]), [], out Rewards[entity]);
            Truncated[entity] = ++_steps[entity] >= limit;
            for (int k = 0; k < 4; k++)
                (Observations[k * count + entity], Final[k * count + entity]) = (state[k], state[k]);
            if (Terminated[entity] || Truncated[entity])
                Start(entity, _other++);
        }

        agent.Observe(Rewards, Terminated, Truncated, Final);
    }

    /// <summary>What an entity sees now.</summary>
    public float[] ObservationOf(int entity) => [Observations[entity], Observations[count + entity], Observations[2 * count + entity], Observations[3 * count + entity]];

    private void Start(int entity, ulong episode)
    {
        _steps[entity] = 0;
        PhiloxBlock block = Philox.Generate(seed, RandomStream.Reset, episode, 0);
        Span<float> state = stackalloc float[4];
        ScalarCartPole.Reset([block[0], block[1], block[2], block[3]], state, []);
        for (int k = 0; k < 4; k++)
            Observations[k * count + entity] = state[k];
    }
}
