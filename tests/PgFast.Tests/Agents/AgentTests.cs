using PgFast.Agents;
using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Files;
using PgFast.Networks;
using PgFast.Policies;
using PgFast.Randomness;
using PgFast.Tests.Support;
using PgFast.Training;

namespace PgFast.Tests.Agents;

/// <summary>Acting and learning in a loop that the host owns.</summary>
public class AgentTests
{
    private static readonly AgentSpecification CartPoles = new("CartPole", 4, ActionSpace.Discrete(2), 500);
    private static readonly TrainerOptions Small = new() { BatchSize = 64, HiddenSizes = [8], Seed = 4, Threads = 1 };

    private static readonly TrainerOptions Bootstrapping = Small with { Baseline = Baseline.Value, Bootstraps = true, NormalizeReturns = false };

    public static TheoryData<string> Variants => ["plain", "normalised", "value", "bootstrap", "two hidden layers"];

    [Theory]
    [MemberData(nameof(Variants))]
    public void Update_HostPlaysAnEnvironmentOfTheCatalogue_HasTheBitsOfTheTrainer(string variant)
    {
        TrainerOptions options = variant switch
        {
            "normalised" => Small with { NormalizeObservations = true, Baseline = Baseline.Time },
            "value" => Small with { Baseline = Baseline.Value },
            "bootstrap" => Small with { Baseline = Baseline.Value, Bootstraps = true },
            "two hidden layers" => Small with { HiddenSizes = [6, 5] },
            _ => Small,
        };
        using Trainer<ScalarEnvironment<ShortCartPole>> trainer = new(options);
        using Agent agent = new(CartPoles with { MaximumEpisodeSteps = 15 }, 64, options);
        HostedCartPole host = new(64, options.Seed, limit: 15);
        for (int update = 0; update < 5; update++)
        {
            for (int entity = 0; entity < 64; entity++)
            {
                if (agent.IsPresent(entity))
                    agent.Remove(entity, host.ObservationOf(entity));
            }

            for (int entity = 0; entity < 64; entity++)
                agent.Add();
            host.StartAll((ulong)update * 64);
            while (!agent.IsUpdateReady)
                host.Play(agent);
            Assert.Equal(trainer.Update(), agent.Update());
            Assert.Equal(trainer.ParameterHash(), agent.ParameterHash());
        }

        Assert.Equal(5, agent.UpdateCount);
    }

    [Fact]
    public void Act_EntityMajor_SameActionsAsFeatureMajor()
    {
        using Agent one = new(CartPoles, 100, Small), other = new(CartPoles, 100, Small) { Layout = ObservationLayout.EntityMajor };
        float[] columns = new float[400], rows = new float[400];
        Random random = new(3);
        for (int entity = 0; entity < 100; entity++)
        {
            one.Add();
            other.Add();
            for (int feature = 0; feature < 4; feature++)
                columns[feature * 100 + entity] = rows[entity * 4 + feature] = random.NextSingle() - 0.5f;
        }

        int[] first = new int[100], second = new int[100];
        one.Act(columns, first);
        other.Act(rows, second);
        Assert.Equal(first, second);
        Assert.Contains(0, first);
        Assert.Contains(1, first);
    }

    [Fact]
    public void Act_PolicyFromAFile_DrawsWhatThePolicyDraws()
    {
        using Trainer<CartPole> trainer = new(Small with { NormalizeObservations = true });
        trainer.Update();
        PolicyFile file = new(trainer.Shape, trainer.Parameters) { ObservationScaling = trainer.ObservationScaling };
        using Policy policy = file.CreatePolicy();
        using Agent agent = new(CartPoles, 70, file, seed: 9);
        for (int entity = 0; entity < 70; entity++)
            Assert.Equal(entity, agent.Add());
        float[] observations = new float[280];
        int[] actions = new int[70];
        Random random = new(5);
        for (int frame = 0; frame < 9; frame++)
        {
            for (int i = 0; i < observations.Length; i++)
                observations[i] = random.NextSingle() - 0.5f;
            agent.Act(observations, actions);
            for (int entity = 0; entity < 70; entity++)
            {
                float[] own = [observations[entity], observations[70 + entity], observations[140 + entity], observations[210 + entity]];
                uint word = Philox.Generate(9, RandomStream.Action, (1UL << 63) + (ulong)entity, (uint)frame / 4)[frame % 4];
                Assert.Equal(policy.Sample(own, word), actions[entity]);
            }

            agent.Observe(new float[70], new bool[70], new bool[70]);
        }

        Assert.Throws<InvalidOperationException>(() => agent.Update());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Act_Deterministic_TakesTheMostProbableAction(int actionCount)
    {
        PolicyFile file = new(new NetworkShape(3, [8], actionCount, Activation.Tanh), new Noise(4).Array(3 * 8 + 8 + 8 * actionCount + actionCount, -1, 1));
        using Policy policy = file.CreatePolicy();
        using Agent agent = new(new AgentSpecification("Still", 3, ActionSpace.Discrete(actionCount), 10), 70, file) { IsDeterministic = true };
        for (int entity = 0; entity < 70; entity++)
            agent.Add();
        float[] observations = new Noise(5).Array(3 * 70, -1, 1), probabilities = new float[actionCount];
        int[] actions = new int[70];
        agent.Act(observations, actions);
        for (int entity = 0; entity < 70; entity++)
        {
            policy.Probabilities([observations[entity], observations[70 + entity], observations[140 + entity]], probabilities);
            Assert.Equal(Array.IndexOf(probabilities, probabilities.Max()), actions[entity]);
        }

        Assert.True(actions.Distinct().Count() > 1);
    }

    [Fact]
    public void Act_DeterministicGaussian_TakesTheMeanInTheEnvironmentsUnit()
    {
        using Trainer<Pendulum> trainer = new(Small with { ActionScale = 2, NormalizeObservations = true });
        trainer.Update();
        PolicyFile file = PolicyFile.FromTrainer(trainer);
        using Policy policy = file.CreatePolicy();
        using Agent agent = new(new AgentSpecification("Pendulum", 3, ActionSpace.Continuous(1, -2, 2), 200), 1, file) { IsDeterministic = true };
        agent.Add();
        float[] observation = [0.5f, -0.25f, 1], action = new float[1], mean = new float[1];
        agent.Act(observation, action);
        policy.Moments(observation, mean, new float[1]);
        Assert.Equal(mean[0], action[0]);
    }

    [Fact]
    public void IsDeterministic_OfAnAgentThatLearns_Throws() =>
        Assert.Throws<InvalidOperationException>(() => new Agent(CartPoles, 1, Small) { IsDeterministic = true });

    [Fact]
    public void Act_ContinuousActions_BothLayoutsAgreeAndLearn()
    {
        AgentSpecification pushes = new("Pushes", 3, ActionSpace.Continuous(2, -1, 1), 10);
        TrainerOptions options = Small with { BatchSize = 20, ActionScale = 0.5f };
        using Agent one = new(pushes, 40, options), other = new(pushes, 40, options) { Layout = ObservationLayout.EntityMajor };
        float[] columns = new float[120], rows = new float[120], first = new float[80], second = new float[80], rewards = new float[40];
        bool[] ended = new bool[40], no = new bool[40];
        for (int entity = 0; entity < 40; entity++)
        {
            one.Add();
            other.Add();
        }

        Random random = new(8);
        while (!one.IsUpdateReady)
        {
            for (int entity = 0; entity < 40; entity++)
            {
                rewards[entity] = random.NextSingle();
                ended[entity] = random.Next(5) == 0;
                for (int feature = 0; feature < 3; feature++)
                    columns[feature * 40 + entity] = rows[entity * 3 + feature] = random.NextSingle();
            }

            one.Act(columns, first);
            other.Act(rows, second);
            for (int entity = 0; entity < 40; entity++)
                Assert.Equal((first[entity], first[40 + entity]), (second[2 * entity], second[2 * entity + 1]));
            one.Observe(rewards, ended, no);
            other.Observe(rewards, ended, no);
        }

        Assert.Equal(one.Update(), other.Update());
        Assert.Equal(one.ParameterHash(), other.ParameterHash());
        Assert.Equal((0, 0), one.Progress);
    }

    [Fact]
    public void Frames_ManyEntitiesThatComeAndGo_AllocateNothingAndLearn()
    {
        const int Capacity = 1000;
        using Agent agent = new(CartPoles, Capacity, new TrainerOptions { BatchSize = 64, Threads = 1 });
        HostedCartPole host = new(Capacity, seed: 1, limit: 500);
        host.StartAll(1UL << 50);
        for (int entity = 0; entity < Capacity; entity++)
            agent.Add();
        double first = double.NaN, last = 0;
        long least = long.MaxValue;
        for (int frame = 0; frame < 4000 && agent.UpdateCount < 25; frame++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            // One goes and comes back, in the middle of whatever it was doing.
            agent.Remove(frame % Capacity);
            agent.Add();
            host.Play(agent);
            if (agent.Update() is { } update)
            {
                last = update.MeanReturn;
                first = double.IsNaN(first) ? last : first;
            }

            if (frame > 10)
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
        Assert.True(last > 3 * first, $"from {first} to {last}");
        Assert.Equal(Capacity, agent.Count);
    }

    [Fact]
    public void Update_InTheBackground_IsThatOfTheForeground()
    {
        using Agent foreground = new(CartPoles, 64, Small), background = new(CartPoles, 64, Small, updatesInBackground: true);
        HostedCartPole one = new(64, 4, 500), other = new(64, 4, 500);
        foreach ((Agent agent, HostedCartPole host) in new[] { (foreground, one), (background, other) })
        {
            for (int entity = 0; entity < 64; entity++)
                agent.Add();
            host.StartAll(0);
            while (!agent.IsUpdateReady)
                host.Play(agent);
        }

        string before = background.ParameterHash();
        UpdateResult? expected = foreground.Update();
        Assert.Null(background.Update());
        // Entities go on acting as they did.
        other.Play(background);
        Assert.Throws<OperationCanceledException>(() => background.WaitForUpdate(new CancellationToken(canceled: true)));
        background.WaitForUpdate();
        Assert.Contains(background.ParameterHash(), new[] { before, foreground.ParameterHash() });
        other.Play(background);
        Assert.Equal(foreground.ParameterHash(), background.ParameterHash());
        Assert.Equal(expected, background.Update());
        Assert.Null(background.Update());
        Assert.Equal(1, background.UpdateCount);
    }

    [Fact]
    public void Misuse_Anything_ThrowsAtOnceAndNamesTheCallThatIsDue()
    {
        using Agent agent = new(CartPoles, 3, Small);
        int entity = agent.Add();
        float[] observations = new float[12], rewards = new float[3];
        bool[] flags = new bool[3];
        int[] actions = new int[3];
        Expect<InvalidOperationException>("Act is due", () => agent.Observe(rewards, flags, flags));
        Expect<ArgumentException>("4 numbers of observation", () => agent.Act(observations.AsSpan(1), actions));
        Expect<ArgumentException>("each of 3 places", () => agent.Act(observations, actions.AsSpan(1)));
        Expect<InvalidOperationException>("span of integers", () => agent.Act(observations, rewards));
        Expect<ArgumentOutOfRangeException>("no such entity", () => agent.Remove(entity + 1));
        Expect<ArgumentOutOfRangeException>("no such entity", () => agent.Remove(-1));
        agent.Act(observations, actions);
        Expect<InvalidOperationException>("Observe is due", () => agent.Act(observations, actions));
        Expect<InvalidOperationException>("Observe is due", () => agent.Add());
        Expect<InvalidOperationException>("Observe is due", () => agent.Remove(entity));
        Expect<InvalidOperationException>("Observe is due", () => agent.Update());
        Expect<ArgumentException>("each of 3 places", () => agent.Observe(rewards.AsSpan(1), flags, flags));
        Expect<ArgumentException>("each of 3 places", () => agent.Observe(rewards, flags.AsSpan(1), flags));
        agent.Observe(rewards, flags, flags);
        agent.Add();
        agent.Add();
        Expect<InvalidOperationException>("room for 3 entities", () => agent.Add());
        Assert.Throws<ArgumentOutOfRangeException>(() => new Agent(CartPoles, 0));
        Assert.Contains(
            "536870897 entities at most", Assert.Throws<ArgumentOutOfRangeException>(() => new Agent(CartPoles, int.MaxValue, Small)).Message, StringComparison.Ordinal);
        Expect<ArgumentException>("4 numbers, not 3", () => agent.Remove(entity, observations.AsSpan(0, 3)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Agent(CartPoles, 1, Small with { BatchSize = Agent.MaximumBatchSize + 1 }));
    }

    [Fact]
    public void Observe_NumbersThatAreNotFinite_AreNamedAndNothingIsLearntFromThem()
    {
        using Agent agent = new(CartPoles, 3, Small with { Baseline = Baseline.Value, Bootstraps = true });
        int entity = agent.Add();
        float[] observations = new float[12], rewards = [0, float.NaN, float.NaN];
        bool[] no = new bool[3], cut = [true, false, false];
        int[] actions = new int[3];
        // Places without an entity may hold anything.
        observations[1] = float.NaN;
        observations[3 + entity] = float.PositiveInfinity;
        Expect<ArgumentException>("Feature 1 of the observation of entity 0 is Infinity", () => agent.Act(observations, actions));
        observations[3 + entity] = 0;
        agent.Act(observations, actions);
        rewards[entity] = float.NaN;
        Expect<ArgumentException>("reward of entity 0 is NaN", () => agent.Observe(rewards, no, no));
        rewards[entity] = 1;
        Expect<ArgumentException>("finalObservations must be given", () => agent.Observe(rewards, no, cut));
        Expect<ArgumentException>("Feature 0 of the final observation of entity 0", () => agent.Observe(rewards, no, cut, [float.NaN, .. new float[11]]));
        agent.Observe(rewards, no, cut, new float[12]);
        Assert.Equal((1, 1), agent.Progress);
    }

    [Fact]
    public void Remove_WhereBootstrapsAsksForWhatWasSeenLast_NeedsItAndIsThatOfATruncation()
    {
        TrainerOptions options = Bootstrapping with { BatchSize = 1 };
        using Agent removed = new(CartPoles, 1, options), truncated = new(CartPoles, 1, options), unseen = new(CartPoles, 1, options);
        float[] observation = [0.1f, 0.2f, 0.3f, 0.4f], final = [0.5f, -0.25f, 0.125f, 1];
        foreach (Agent agent in new[] { removed, truncated, unseen })
        {
            agent.Add();
            agent.Act(observation, new int[1]);
        }

        removed.Observe([1], [false], [false]);
        Expect<ArgumentException>("entity 0 is cut off, and Bootstraps asks for V of what it saw last: finalObservation must be given", () => removed.Remove(0));
        Expect<ArgumentException>("Feature 2 of the final observation of entity 0 is NaN", () => removed.Remove(0, [0, 0, float.NaN, 0]));
        Assert.True(removed.IsPresent(0));
        Assert.Equal((1, 0), removed.Progress);
        removed.Remove(0, final);
        truncated.Observe([1], [false], [true], final);
        unseen.Observe([1], [false], [true], new float[4]);
        // Nothing is under way: nothing is asked for.
        truncated.Remove(0);
        foreach (Agent agent in new[] { removed, truncated, unseen })
            Assert.NotNull(agent.Update());
        Assert.Equal(truncated.ParameterHash(), removed.ParameterHash());
        Assert.NotEqual(unseen.ParameterHash(), removed.ParameterHash());
    }

    [Fact]
    public void Observe_AtTheAgentsOwnLimit_NeedsFinalObservationsAndIsThatOfATruncation()
    {
        AgentSpecification brief = CartPoles with { MaximumEpisodeSteps = 2 };
        TrainerOptions options = Bootstrapping with { BatchSize = 2 };
        using Agent limited = new(brief, 2, options), truncated = new(CartPoles with { MaximumEpisodeSteps = 2 }, 2, options);
        float[] observations = [0.1f, -0.1f, 0.2f, 0, 0.3f, 0, 0.4f, 0], final = [0.5f, 1, -0.25f, 2, 0.125f, 3, 1, 4], rewards = [1, 0];
        bool[] no = new bool[2], cut = [true, true];
        foreach (Agent agent in new[] { limited, truncated })
        {
            agent.Add();
            agent.Add();
            agent.Act(observations, new int[2]);
            agent.Observe(rewards, no, no);
            agent.Act(observations, new int[2]);
        }

        Expect<ArgumentException>("entity 0 reaches the limit of 2 steps, and Bootstraps asks", () => limited.Observe(rewards, no, no));
        Expect<ArgumentException>("entity 1 reaches the limit of 2 steps, and Bootstraps asks", () => limited.Observe(rewards, [true, false], no));
        Expect<ArgumentException>("Feature 1 of the final observation of entity 1 is Infinity", () => limited.Observe(rewards, no, no, [0, 0, 0, float.PositiveInfinity, 0, 0, 0, 0]));
        Assert.Equal((2, 0), limited.Progress);
        limited.Observe(rewards, no, no, final);
        truncated.Observe(rewards, no, cut, final);
        Assert.Equal(limited.Update(), truncated.Update());
        Assert.Equal(limited.ParameterHash(), truncated.ParameterHash());
    }

    [Theory]
    [InlineData(1e25f, false, float.PositiveInfinity, "second moment of policy.0.weight")]
    [InlineData(3e38f, true, 1, "returns bring the running scale of the learned baseline to")]
    public void Update_OneRewardBeyondReason_IsReportedAndAsIfItHadNeverBeen(float reward, bool learnsValue, float clip, string message)
    {
        TrainerOptions options = Small with
        {
            BatchSize = 8,
            NormalizeReturns = false,
            MaximumGradientNorm = clip,
            Baseline = learnsValue ? Baseline.Value : Baseline.None,
        };
        AgentSpecification brief = CartPoles with { MaximumEpisodeSteps = 4 };
        using Agent sound = new(brief, 8, options), struck = new(brief, 8, options);
        for (int entity = 0; entity < 8; entity++)
        {
            sound.Add();
            struck.Add();
        }

        for (int update = 0; update < 3; update++)
        {
            Assert.NotNull(Learn(sound, update, 1));
            Assert.NotNull(Learn(struck, update, 1));
        }

        Expect<NonFiniteException>(message, () => Learn(struck, 3, reward));
        Assert.Equal(sound.ParameterHash(), struck.ParameterHash());
        for (int update = 3; update < 6; update++)
        {
            string before = sound.ParameterHash();
            Assert.Equal(Learn(sound, update, 1), Learn(struck, update, 1));
            Assert.Equal(sound.ParameterHash(), struck.ParameterHash());
            Assert.NotEqual(before, sound.ParameterHash());
        }
    }

    /// <summary>Four frames of eight entities, all of them an episode, and the update from them; the first reward of all is what the caller says.</summary>
    private static UpdateResult? Learn(Agent agent, int update, float first)
    {
        Noise noise = new((ulong)update + 1);
        for (int frame = 0; frame < 4; frame++)
        {
            int[] actions = new int[8];
            agent.Act(noise.Array(32, -1, 1), actions);
            float[] rewards = [.. actions.Select(action => action + 0.5f)];
            rewards[0] = frame == 0 ? first : rewards[0];
            agent.Observe(rewards, new bool[8], new bool[8]);
        }

        return agent.Update();
    }

    [Fact]
    public void Constructor_WithAPolicyToBeginFrom_ActsByItAndLearnsAsATrainerThatWasGivenIt()
    {
        TrainerOptions options = Small with { NormalizeObservations = true };
        using Trainer<ScalarEnvironment<ShortCartPole>> first = new(options);
        first.Train(5);
        PolicyFile file = PolicyFile.FromTrainer(first);
        using Trainer<ScalarEnvironment<ShortCartPole>> trainer = new(options with { Seed = 9 });
        trainer.SetParameters(file.Parameters);
        trainer.SetObservationScaling(file.ObservationScaling!);
        using Agent agent = new(CartPoles with { MaximumEpisodeSteps = 15 }, 64, options with { Seed = 9 }, file);
        Assert.Equal(first.ParameterHash(), agent.ParameterHash());
        HostedCartPole host = new(64, 9, limit: 15);
        for (int entity = 0; entity < 64; entity++)
            agent.Add();
        host.StartAll(0);
        while (!agent.IsUpdateReady)
            host.Play(agent);
        Assert.Equal(trainer.Update(), agent.Update());
        Assert.Equal(trainer.ParameterHash(), agent.ParameterHash());
        Assert.NotEqual(first.ParameterHash(), agent.ParameterHash());
    }

    [Fact]
    public void Constructor_WithAPolicyOfOtherOptions_SaysWhatIsOther()
    {
        using Trainer<CartPole> trainer = new(Small);
        PolicyFile file = PolicyFile.FromTrainer(trainer);
        Refused("network is 4-8-2, and the options ask for 4-9-2", CartPoles, Small with { HiddenSizes = [9] }, file);
        Refused("network is 4-8-2, and the options ask for 4-8-2 without biases", CartPoles, Small with { HasBias = false }, file);
        Refused("hidden units are Relu, and the options ask for Tanh", CartPoles, Small with { Activation = Activation.Tanh }, file);
        Refused("NormalizeObservations = False, and the options ask for True", CartPoles, Small with { NormalizeObservations = true }, file);
        using Trainer<Pendulum> pushing = new(Small with { ActionScale = 2 });
        AgentSpecification pendulums = new("Pendulum", 3, ActionSpace.Continuous(1, -2, 2), 200);
        Refused("ActionScale is 2, and the options ask for 1", pendulums, Small, PolicyFile.FromTrainer(pushing));
        Refused("outputs mean something else", new("Two", 3, ActionSpace.Discrete(2), 200), Small with { HiddenSizes = [] }, new PolicyFile(new NetworkShape(3, [], 2, Activation.Relu), new float[8]) { Distribution = ActionDistribution.Gaussian(1, StandardDeviationSource.StateDependent) });

        static void Refused(string message, AgentSpecification specification, TrainerOptions options, PolicyFile start) =>
            Expect<ArgumentException>(message, () => new Agent(specification, 1, options, start).Dispose());
    }

    private static void Expect<TException>(string message, Action call) where TException : Exception =>
        Assert.Contains(message, Assert.Throws<TException>(call).Message, StringComparison.Ordinal);
}
