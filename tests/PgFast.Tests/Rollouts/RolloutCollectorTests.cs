using PgFast.Environments;
using PgFast.Networks;
using PgFast.Policies;
using PgFast.Randomness;
using PgFast.Reference;
using PgFast.Rollouts;
using PgFast.Tests.Support;

namespace PgFast.Tests.Rollouts;

/// <summary>What a rollout records, whatever the lanes, the refilling and the thinning out do.</summary>
public class RolloutCollectorTests
{
    private const ulong Seed = 99;
    private const ulong FirstEpisode = (5UL << 32) - 100;

    // One step in single precision; see CartPoleTests.
    private const double OneStepTolerance = 1e-6;

    // A uniform number and a probability in single precision, and logits in which a last bit of a sum moves the probability by as much.
    private const double BorderlineDraw = 1e-5;

    private static readonly NetworkShape LinearShape = new(4, [], 2, Activation.Relu);
    private static readonly NetworkShape HiddenShape = new(4, [9], 2, Activation.Relu);
    private static readonly NetworkShape TanhShape = new(4, [7, 5], 2, Activation.Tanh);
    private static readonly NetworkShape DriftShape = new(3, [6], 3, Activation.Tanh);

    /// <summary>Pushes towards the side on which the pole leans, not very surely: episodes of 10 to 500 steps.</summary>
    private static readonly float[] Balancing = [0, 0, 0, 0, 0.1f, 0.5f, 6, 3, 0, 0];

    public static TheoryData<string> Policies => ["linear", "hidden", "tanh"];

    [Theory]
    [InlineData("linear", 200)]
    [InlineData("hidden", 300)]
    [InlineData("tanh", 150)]
    public void Collect_RefilledLanes_RecordsEveryEpisodeAsIfAlone(string policy, int episodes)
    {
        RecordedEpisode[] together = CollectCartPole(policy, 64, episodes);
        Assert.Equal(episodes, together.Length);
        RecordedEpisode[] narrow = CollectCartPole(policy, 16, episodes);
        for (int episode = 0; episode < episodes; episode++)
        {
            AssertSame(together[episode], narrow[episode], $"episode {episode} in 16 lanes");
            RecordedEpisode alone = CollectCartPole(policy, 16, 1, FirstEpisode + (ulong)episode)[0];
            AssertSame(together[episode], alone, $"episode {episode} alone");
        }
    }

    [Fact]
    public void Collect_BalancingPolicy_HasShortLongAndTruncatedEpisodes()
    {
        // What the other tests rely on: lanes are refilled at many rows, and some episodes reach the limit.
        RecordedEpisode[] episodes = CollectCartPole("linear", 64, 200);
        Assert.Contains(episodes, episode => episode.Truncated);
        Assert.Contains(episodes, episode => episode.Terminated && episode.Length < 100);
        Assert.True(episodes.Select(episode => episode.Length).Distinct().Count() > 20);
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Collect_CartPole_FollowsTheReferenceStepByStep(string policy)
    {
        NetworkShape shape = ShapeOf(policy);
        PolicyCase network = CaseOf(policy);
        double[] parameters = Closeness.ToDouble(network.Parameters);
        RecordedEpisode[] episodes = CollectCartPole(policy, 64, 100);
        int borderline = 0, steps = 0;
        for (int id = 0; id < episodes.Length; id++)
        {
            RecordedEpisode episode = episodes[id];
            double[] start = ReferenceCartPole.Reset(Seed, FirstEpisode + (ulong)id).Observation;
            Closeness.AssertClose(start, Closeness.ToDouble(episode.Observations[0]), 1e-6, "start state");
            for (int time = 0; time < episode.Length; time++, steps++)
            {
                double[] observation = Closeness.ToDouble(episode.Observations[time]);
                double[] logits = network.Reference.Forward(parameters, observation)[^1];
                double uniform = Philox.Uniform(Philox.Generate(Seed, RandomStream.Action, FirstEpisode + (ulong)id, (uint)time / 4)[time % 4]);
                if (ReferenceSoftmax.Sample(logits, uniform) != episode.Actions[time])
                {
                    Assert.True(Math.Abs(uniform - ReferenceSoftmax.Probabilities(logits)[1]) < BorderlineDraw, $"episode {id}, step {time}: action");
                    borderline++;
                }

                ReferenceCartPole environment = new(observation, time);
                ReferenceStep step = environment.Step(episode.Actions[time]);
                float[] next = time + 1 < episode.Length ? episode.Observations[time + 1] : episode.FinalObservation;
                for (int variable = 0; variable < 4; variable++)
                    Assert.Equal(environment.Observation[variable], next[variable], OneStepTolerance);
                Assert.Equal(step.Reward, episode.Rewards[time]);
                Assert.Equal(time + 1 == episode.Length, step.Terminated || step.Truncated);
                if (time + 1 == episode.Length)
                    Assert.Equal((step.Terminated, step.Truncated), (episode.Terminated, episode.Truncated));
            }

            Assert.Equal(episode.Length, episode.TotalReward);
        }

        Assert.InRange(borderline, 0, steps / 1000);
        Assert.Equal(shape.InputSize, episodes[0].FinalObservation.Length);
    }

    [Fact]
    public void Collect_UserEnvironment_IsTheScalarReplayBitForBit()
    {
        PolicyCase policy = PolicyCase.Random(DriftShape, 1, seed: 4);
        foreach (int lanes in new[] { 16, 32, 48, 64 })
        {
            RecordedEpisode[] episodes = Collect<Drift>(policy, lanes, 230, FirstEpisode);
            Assert.Contains(episodes, episode => episode.Truncated);
            Assert.Contains(episodes, episode => episode.Terminated);
            for (int id = 0; id < episodes.Length; id++)
            {
                RecordedEpisode episode = episodes[id];
                (float[][] observations, float[] rewards, bool terminated) = Drift.Replay(Seed, FirstEpisode + (ulong)id, episode.Actions);
                Bits.AssertEqual(observations, [.. episode.Observations, episode.FinalObservation], $"episode {id}");
                Bits.AssertEqual(rewards, episode.Rewards, $"rewards of episode {id}");
                Assert.Equal(terminated, episode.Terminated);
                Assert.Equal(episode.Length == Drift.StepLimit, episode.Truncated);
            }
        }
    }

    [Fact]
    public void Collect_TwiceIntoOneTrajectory_LeavesNothingOfTheFirst()
    {
        PolicyCase policy = CaseOf("hidden");
        RecordedEpisode[] fresh = Collect<CartPole>(policy, 64, 90, FirstEpisode);
        using Setup setup = new(BatchedEnvironment.Create<CartPole>(), policy, 64, 150);
        setup.Collect(7, 150);
        RecordedEpisode[] second = setup.Collect(FirstEpisode, 90);
        for (int episode = 0; episode < fresh.Length; episode++)
            AssertSame(fresh[episode], second[episode], $"episode {episode}");
    }

    [Fact]
    public void Collect_OtherSeedsStreamsAndEpisodes_GiveOtherEpisodes()
    {
        PolicyCase policy = CaseOf("linear");
        using Setup setup = new(BatchedEnvironment.Create<CartPole>(), policy, 16, 4);
        RecordedEpisode[] all =
        [
            .. setup.Collect(0, 4),
            .. setup.Collect(4, 4),
            .. setup.Collect(1UL << 32, 4),
            .. setup.Collect(0, 4, seed: Seed + 1),
            .. setup.Collect(0, 4, seed: Seed + (1UL << 32)),
            .. setup.Collect(0, 4, streams: (RandomStream.EvaluationReset, RandomStream.EvaluationAction)),
        ];
        Assert.Equal(all.Length, all.Select(episode => episode.Observations[0][0]).Distinct().Count());
    }

    [Fact]
    public void Collect_WithoutKeepingSteps_GivesTheSameReturns()
    {
        PolicyCase policy = CaseOf("linear");
        RecordedEpisode[] kept = Collect<CartPole>(policy, 64, 200, FirstEpisode);
        using Setup setup = new(BatchedEnvironment.Create<CartPole>(), policy, 64, 200, keepsSteps: false);
        Trajectory trajectory = setup.Run(FirstEpisode, 200);
        Assert.Equal(kept.Select(episode => episode.TotalReward), trajectory.TotalReward);
        Assert.Equal(kept.Select(episode => episode.Length), trajectory.Length);
        Assert.Equal(kept.Select(episode => episode.Terminated), trajectory.WasTerminated);
        for (int episode = 0; episode < kept.Length; episode++)
            Bits.AssertEqual(kept[episode].FinalObservation, trajectory.FinalObservation(episode), "final observation");
    }

    private static RecordedEpisode[] CollectCartPole(string policy, int lanes, int episodes, ulong first = FirstEpisode) =>
        Collect<CartPole>(CaseOf(policy), lanes, episodes, first);

    private static RecordedEpisode[] Collect<TEnvironment>(PolicyCase policy, int lanes, int episodes, ulong first)
        where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
    {
        using Setup setup = new(BatchedEnvironment.Create<TEnvironment>(), policy, lanes, episodes);
        return setup.Collect(first, episodes);
    }

    private static NetworkShape ShapeOf(string policy) => policy switch { "linear" => LinearShape, "hidden" => HiddenShape, _ => TanhShape };

    private static PolicyCase CaseOf(string policy)
    {
        PolicyCase random = PolicyCase.Random(ShapeOf(policy), 1, seed: 3, weightScale: 3);
        return policy == "linear" ? random with { Parameters = Balancing } : random;
    }

    private static void AssertSame(RecordedEpisode expected, RecordedEpisode actual, string what)
    {
        Assert.Equal(expected.Actions, actual.Actions);
        Bits.AssertEqual(expected.Observations, actual.Observations, what);
        Bits.AssertEqual(expected.Outputs, actual.Outputs, what);
        Bits.AssertEqual(expected.Rewards, actual.Rewards, what);
        Bits.AssertEqual(expected.FinalObservation, actual.FinalObservation, what);
        Assert.Equal((expected.Terminated, expected.Truncated, expected.TotalReward), (actual.Terminated, actual.Truncated, actual.TotalReward));
    }

    private sealed class Setup : IDisposable
    {
        private readonly NetworkParameters _parameters;
        private readonly NetworkKernels _network;
        private readonly PolicyHead _head;
        private readonly RolloutCollector _collector;
        private readonly Trajectory _trajectory;

        public Setup(BatchedEnvironment environment, PolicyCase policy, int lanes, int episodes, bool keepsSteps = true)
        {
            _parameters = new NetworkParameters(policy.Shape, policy.Shape.OutputSize == 2);
            policy.Parameters.CopyTo(_parameters.Flat);
            _parameters.Refresh();
            _network = NetworkKernels.Create(_parameters, keepsActivations: true);
            _network.Refresh();
            _head = PolicyHead.Create(ActionDistribution.Softmax(policy.Shape.OutputSize));
            _collector = new RolloutCollector(environment, _network, _head);
            _trajectory = new Trajectory(environment.Specification, _parameters.EffectiveOutputs, _network.RecordSize, lanes, episodes, keepsSteps);
        }

        public Trajectory Run(ulong first, int episodes, ulong seed = Seed, (RandomStream Reset, RandomStream Action)? streams = null)
        {
            (RandomStream reset, RandomStream action) = streams ?? (RandomStream.Reset, RandomStream.Action);
            _collector.Collect(_trajectory, first, episodes, seed, reset, action);
            return _trajectory;
        }

        public RecordedEpisode[] Collect(ulong first, int episodes, ulong seed = Seed, (RandomStream Reset, RandomStream Action)? streams = null) =>
            RecordedEpisode.Read(Run(first, episodes, seed, streams));

        public void Dispose()
        {
            _trajectory.Dispose();
            _collector.Dispose();
            _head.Dispose();
            _network.Dispose();
            _parameters.Dispose();
        }
    }
}
