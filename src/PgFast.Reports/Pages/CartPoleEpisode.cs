using PgFast.Environments;
using PgFast.Files;
using PgFast.Numerics;
using PgFast.Policies;
using PgFast.Randomness;

namespace PgFast.Reports.Pages;

/// <summary>An episode of CartPole as states to show: the first one that <c>pgfast evaluate</c> would run with that seed, bit for bit.</summary>
/// <param name="Positions">[step]: x of the cart, m; the start state first, the last state last.</param>
/// <param name="Angles">[step]: θ of the pole from upright, rad, positive to the right.</param>
/// <param name="Seed">Seed of the start state and the actions.</param>
public sealed record CartPoleEpisode(IReadOnlyList<float> Positions, IReadOnlyList<float> Angles, ulong Seed)
{
    /// <summary>Name of the environment on the command line.</summary>
    public const string EnvironmentName = "cartpole";

    /// <summary>Seconds of one step.</summary>
    public const double StepSeconds = 0.02;

    private const int Lanes = 16;

    /// <summary>Steps of the episode, which are also its return.</summary>
    public int Steps => Positions.Count - 1;

    /// <summary>Lets a policy act, sampling its actions.</summary>
    /// <param name="file">A policy of 4 observations and 2 actions.</param>
    /// <exception cref="ArgumentException">The policy does not fit CartPole.</exception>
    public static CartPoleEpisode Simulate(PolicyFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        EnvironmentSpecification specification = CartPole.Specification;
        if (file.Shape.InputSize != specification.ObservationSize || file.Shape.OutputSize != specification.Actions.Size)
        {
            throw new ArgumentException(
                $"The policy {file.Shape} has not CartPole's {specification.ObservationSize} observations and {specification.Actions.Size} actions.",
                nameof(file));
        }

        ulong seed = unchecked((file.Seed ?? 0) + 1);
        using Policy policy = file.CreatePolicy();
        using AlignedBuffer<float> wordMemory = new(specification.ResetWords * Lanes), actionMemory = new(Lanes), rewardMemory = new(Lanes);
        using AlignedBuffer<float> stateMemory = new(specification.StateSize * Lanes);
        LaneRows words = new(wordMemory, specification.ResetWords, Lanes), state = new(stateMemory, specification.StateSize, Lanes);
        LaneRows action = new(actionMemory, 1, Lanes), reward = new(rewardMemory, 1, Lanes);
        PhiloxBlock block = Philox.Generate(seed, RandomStream.EvaluationReset, 0, 0);
        for (int word = 0; word < specification.ResetWords; word++)
            words[word, 0] = BitConverter.UInt32BitsToSingle(block[word]);
        CartPole.Reset<Lanes1>(new ResetBatch { RandomWords = words, State = state, Observation = state });
        StepBatch step = new() { State = state, NextState = state, Action = action, Observation = state, Reward = reward };
        List<float> positions = [state[0, 0]], angles = [state[2, 0]];
        Span<float> observation = stackalloc float[specification.ObservationSize];
        bool isTerminated = false;
        for (int t = 0; t < specification.MaximumEpisodeSteps && !isTerminated; t++)
        {
            for (int feature = 0; feature < observation.Length; feature++)
                observation[feature] = state[feature, 0];
            uint draw = Philox.Generate(seed, RandomStream.EvaluationAction, 0, (uint)t / 4)[t];
            action[0, 0] = BitConverter.Int32BitsToSingle(policy.Sample(observation, draw));
            isTerminated = (CartPole.Step<Lanes1>(step) & 1) != 0;
            positions.Add(state[0, 0]);
            angles.Add(state[2, 0]);
            // The other lanes are nobody's: held at zero, as left alone they would overflow.
            for (int variable = 0; variable < specification.StateSize; variable++)
            {
                for (int lane = 1; lane < Lanes; lane++)
                    state[variable, lane] = 0;
            }
        }

        return new CartPoleEpisode(positions, angles, seed);
    }
}
