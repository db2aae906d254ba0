using PgFast.Environments;
using PgFast.Networks;
using PgFast.Numerics;
using PgFast.Policies;
using PgFast.Randomness;
using PgFast.Reference;
using PgFast.Training;

namespace PgFast.Tests.Policies;

public class PolicyTests
{
    // Float networks of a few dozen units against double: errors of a few units in the last place.
    private const double Tolerance = 2e-6;

    public static TheoryData<int, string, int, Activation, bool> Shapes => new()
    {
        { 4, "32", 2, Activation.Relu, true },
        { 4, "32", 2, Activation.Tanh, true },
        { 4, "", 2, Activation.Relu, true },
        { 3, "7,5", 2, Activation.Tanh, true },
        { 6, "32", 3, Activation.Tanh, true },
        { 1, "", 5, Activation.Relu, true },
        { 2, "9,17,4", 40, Activation.Relu, true },
        { 1, "", 2, Activation.Relu, false },
        { 1, "", 3, Activation.Relu, false },
        { 4, "32", 2, Activation.Relu, false },
        { 2, "9,17,4", 5, Activation.Tanh, false },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Policy_RandomNetworks_AgreesWithTheReference(int inputs, string hidden, int actions, Activation activation, bool hasBias)
    {
        NetworkShape shape = new(inputs, Sizes(hidden), actions, activation, hasBias);
        float[] parameters = Parameters(shape, seed: 3);
        using Policy policy = new(shape, parameters);
        Random random = new(1);
        float[] probabilities = new float[actions];
        for (int trial = 0; trial < 50; trial++)
        {
            float[] observation = Observation(random, inputs);
            double[] expected = ReferenceLogProbabilities(shape, parameters, observation);
            policy.Probabilities(observation, probabilities);
            double entropy = 0;
            for (int action = 0; action < actions; action++)
            {
                Assert.Equal(Math.Exp(expected[action]), probabilities[action], Tolerance);
                Assert.Equal(expected[action], policy.LogProbability(observation, action), Tolerance * (1 + Math.Abs(expected[action])));
                entropy -= Math.Exp(expected[action]) * expected[action];
            }

            Assert.Equal(1.0, probabilities.Sum(p => (double)p), Tolerance);
            Assert.Equal(entropy, policy.Entropy(observation), 10 * Tolerance);
            Assert.Equal(expected[Array.IndexOf(expected, expected.Max())], expected[policy.MostProbableAction(observation)], Tolerance);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void LogProbability_HugeLogits_IsExact(int actions)
    {
        NetworkShape shape = new(1, [], actions, Activation.Relu);
        float[] parameters = new float[shape.ParameterCount];
        parameters[shape.BiasOffset(0)] = 150;
        using Policy policy = new(shape, parameters);
        Assert.Equal(0f, policy.LogProbability([0], 0));
        Assert.Equal(-150f, policy.LogProbability([0], 1));
        float[] probabilities = new float[actions];
        policy.Probabilities([0], probabilities);
        Assert.Equal(1f, probabilities[0]);
        Assert.All(probabilities, p => Assert.True(float.IsFinite(p)));
        Assert.Equal(0, policy.MostProbableAction([0]));
        Assert.Equal(0f, policy.Entropy([0]), 1e-30f);
    }

    [Fact]
    public void Sample_ManyWords_FollowsTheProbabilities()
    {
        NetworkShape shape = new(1, [], 3, Activation.Relu);
        float[] parameters = new float[shape.ParameterCount];
        (parameters[shape.BiasOffset(0)], parameters[shape.BiasOffset(0) + 1]) = (1, -1);
        using Policy policy = new(shape, parameters);
        float[] probabilities = new float[3];
        policy.Probabilities([0], probabilities);
        int[] counts = new int[3];
        const uint Words = 60_000;
        for (uint word = 0; word < Words; word++)
            counts[policy.Sample([0], word * (uint.MaxValue / Words))]++;
        // Equidistant words: the counts are the probabilities up to rounding at the borders.
        for (int action = 0; action < 3; action++)
            Assert.Equal(probabilities[action], (double)counts[action] / Words, 2.0 / Words + 1e-6);
    }

    /// <summary>Steps CartPole one observation at a time and must meet, bit by bit, the episodes of the trainer's evaluation.</summary>
    [Theory]
    [InlineData(Activation.Relu)]
    [InlineData(Activation.Tanh)]
    public void Sample_WholeEpisodes_ReproducesTheEvaluation(Activation activation)
    {
        const int Episodes = 24;
        const ulong Seed = 11;
        using Trainer<CartPole> trainer = new(new TrainerOptions { Activation = activation, BatchSize = 16, Seed = Seed, Threads = 1 });
        for (int update = 0; update < 8; update++)
            trainer.Update();
        using Policy policy = trainer.CreatePolicy();
        EvaluationResult expected = trainer.Evaluate(Episodes);
        double[] returns = new double[Episodes];
        long steps = 0;
        for (int episode = 0; episode < Episodes; episode++)
            steps += (long)(returns[episode] = ReturnOf(policy, Seed, (ulong)episode));
        EvaluationResult actual = new(returns, steps);
        Assert.Equal(expected.MeanReturn, actual.MeanReturn);
        Assert.Equal(expected.EnvironmentSteps, actual.EnvironmentSteps);
        for (int k = 0; k < Episodes; k++)
            Assert.Equal(expected.Quantile(k / (Episodes - 1.0)), actual.Quantile(k / (Episodes - 1.0)));
    }

    [Fact]
    public void CreatePolicy_ThenTraining_KeepsItsParameters()
    {
        using Trainer<CartPole> trainer = new(new TrainerOptions { BatchSize = 16, Threads = 1 });
        using Policy policy = trainer.CreatePolicy();
        float[] before = trainer.Parameters.ToArray();
        trainer.Update();
        Assert.Equal(before, policy.Parameters.ToArray());
        Assert.NotEqual(before, trainer.Parameters.ToArray());
    }

    [Fact]
    public void Policy_AfterConstruction_AllocatesNothing()
    {
        NetworkShape shape = new(4, [32], 2, Activation.Tanh);
        using Policy policy = new(shape, Parameters(shape, seed: 1));
        float[] observation = [0.1f, -0.2f, 0.03f, 0.4f];
        float[] probabilities = new float[2];
        float sink = 0;
        void Act()
        {
            policy.Probabilities(observation, probabilities);
            sink += policy.Sample(observation, 12345) + policy.MostProbableAction(observation)
                + policy.LogProbability(observation, 1) + policy.Entropy(observation);
        }

        Act();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
            Act();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.True(float.IsFinite(sink));
    }

    [Fact]
    public void Policy_BadArguments_AreNamed()
    {
        NetworkShape shape = new(4, [8], 2, Activation.Relu);
        float[] parameters = Parameters(shape, seed: 1);
        Assert.Throws<ArgumentNullException>("shape", () => new Policy(null!, parameters));
        Assert.Throws<ArgumentException>("shape", () => new Policy(new NetworkShape(4, [], 1, Activation.Relu), new float[5]));
        Assert.Throws<ArgumentException>("parameters", () => new Policy(shape, parameters.AsSpan(1)));
        Assert.Throws<ArgumentException>("parameters", () => new Policy(shape, [float.NaN, .. parameters[1..]]));
        using Policy policy = new(shape, parameters);
        Assert.Throws<ArgumentException>("observation", () => policy.Sample([1, 2, 3], 0));
        Assert.Throws<ArgumentException>("observation", () => policy.MostProbableAction([1, 2, 3, float.PositiveInfinity]));
        Assert.Throws<ArgumentException>("probabilities", () => policy.Probabilities([1, 2, 3, 4], new float[3]));
        Assert.Throws<ArgumentOutOfRangeException>("action", () => policy.LogProbability([1, 2, 3, 4], 2));
        Assert.Throws<ArgumentOutOfRangeException>("action", () => policy.LogProbability([1, 2, 3, 4], -1));
    }

    [Fact]
    public void Policy_Disposed_Throws()
    {
        NetworkShape shape = new(4, [8], 2, Activation.Relu);
        Policy policy = new(shape, Parameters(shape, seed: 1));
        policy.Dispose();
        policy.Dispose();
        Assert.Throws<ObjectDisposedException>(() => policy.Sample([1, 2, 3, 4], 0));
    }

    private static double ReturnOf(Policy policy, ulong seed, ulong episode)
    {
        BatchedEnvironment environment = BatchedEnvironment.Create<CartPole>();
        using AlignedBuffer<float> words = new(4 * 16), state = new(4 * 16), action = new(16), reward = new(16);
        LaneRows states = new(state, 4, 16);
        PhiloxBlock start = Philox.Generate(seed, RandomStream.EvaluationReset, episode, 0);
        for (int k = 0; k < 4; k++)
            words.Span[k * 16] = BitConverter.UInt32BitsToSingle(start[k]);
        environment.Reset(new ResetBatch { RandomWords = new LaneRows(words, 4, 16), State = states, Observation = states });
        double total = 0;
        for (uint step = 0; step < 500; step++)
        {
            uint word = Philox.Generate(seed, RandomStream.EvaluationAction, episode, step / 4)[(int)(step % 4)];
            int chosen = policy.Sample([states[0, 0], states[1, 0], states[2, 0], states[3, 0]], word);
            action.Span[0] = BitConverter.Int32BitsToSingle(chosen);
            ulong terminated = environment.Step(new StepBatch
            {
                State = states,
                NextState = states,
                Action = new LaneRows(action, 1, 16),
                Observation = states,
                Reward = new LaneRows(reward, 1, 16),
            });
            total += reward.Span[0];
            if ((terminated & 1) != 0)
                break;
        }

        return total;
    }

    private static double[] ReferenceLogProbabilities(NetworkShape shape, float[] parameters, float[] observation)
    {
        double[] layer = [.. observation.Select(value => (double)value)];
        for (int k = 0; k < shape.LayerCount; k++)
        {
            double[] next = new double[shape.OutputSizeOf(k)];
            for (int output = 0; output < next.Length; output++)
            {
                double sum = shape.HasBias ? parameters[shape.BiasOffset(k) + output] : 0;
                for (int input = 0; input < layer.Length; input++)
                    sum += (double)parameters[shape.WeightOffset(k) + output * layer.Length + input] * layer[input];
                bool last = k == shape.LayerCount - 1;
                next[output] = last ? sum : shape.Activation == Activation.Tanh ? Math.Tanh(sum) : Math.Max(sum, 0);
            }

            layer = next;
        }

        return ReferenceSoftmax.LogProbabilities(layer);
    }

    private static int[] Sizes(string text) => [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];

    private static float[] Parameters(NetworkShape shape, int seed)
    {
        Random random = new(seed);
        float[] parameters = new float[shape.ParameterCount];
        for (int i = 0; i < parameters.Length; i++)
            parameters[i] = random.NextSingle() - 0.5f;
        return parameters;
    }

    private static float[] Observation(Random random, int size)
    {
        float[] observation = new float[size];
        for (int i = 0; i < size; i++)
            observation[i] = 4 * random.NextSingle() - 2;
        return observation;
    }
}
