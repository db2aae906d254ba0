using PgFast.Environments;
using PgFast.Randomness;
using PgFast.Reference;
using PgFast.Tests.Support;
using PgFast.Textbook;

namespace PgFast.Tests.Textbook;

/// <summary>The engine's runs are those of the scalar twin, step by step: same random words, same actions, same θ and w but for rounding.</summary>
public class BoxTwinTests
{
    /// <summary>Single against double precision over a few thousand small steps of parameters near 1.</summary>
    private const double Tolerance = 3e-5;

    private static readonly TextbookOptions Corridor = new() { Runs = 70, Episodes = 12, InitialParameters = [0.7f, -0.4f], StepSize = 0.004f };

    private static readonly Dictionary<string, TextbookOptions> Variants = new()
    {
        ["p. 328"] = Corridor,
        ["p. 328, γ < 1"] = Corridor with { Discount = 0.9f, StepSize = 0.02f },
        ["p. 328, γ = 0"] = Corridor with { Discount = 0, StepSize = 0.05f },
        ["p. 330"] = Corridor with { ValueStepSize = 0.03f },
        ["p. 330, γ < 1"] = Corridor with { ValueStepSize = 0.03f, Discount = 0.9f, StepSize = 0.05f },
        ["falling step sizes"] = Corridor with { ValueStepSize = 0.03f, FinalStepSizeFactor = 0.1f },
        ["least probability"] = Corridor with { MinimumProbability = 0.35f },
    };

    public static TheoryData<string> Names => [.. Variants.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Train_Corridor_IsTheTwin(string name) =>
        AssertTwin<ShortCorridor>(Variants[name], (_, _) => new ReferenceCorridor(), [0, 1, 15, 16, 63, 64, 69]);

    [Theory]
    [InlineData(null, 1f)]
    [InlineData(0.05f, 0.97f)]
    public void Train_CartPole_IsTheTwin(float? valueStepSize, float discount)
    {
        // Few episodes, and short ones: the pole is unstable, and what single precision adds grows with the steps.
        TextbookOptions options = new()
        {
            Runs = 20,
            Episodes = 4,
            StepSize = 0.001f,
            ValueStepSize = valueStepSize,
            Discount = discount,
            InitialParameters = [0.1f, 0.2f, -0.3f, 0.1f, -0.2f, 0.3f, 0.1f, -0.1f],
        };
        AssertTwin<CartPole>(options, Pole, [0, 7, 19]);
    }

    /// <summary>Three actions and noise in the reward, which the test draws as the environment does.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData(0.1f)]
    public void Train_Bandit_IsTheTwin(float? valueStepSize)
    {
        TextbookOptions options = new()
        {
            Runs = 20,
            Episodes = 200,
            StepSize = 0.1f,
            ValueStepSize = valueStepSize,
            InitialParameters = [0.1f, 0.3f, -0.2f],
        };
        AssertTwin<SoftmaxBandit>(options, (seed, id) => new Arms(seed, id), [0, 5, 19]);
    }

    /// <summary>A bias is a feature that is always 1, and nothing else.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData(0.02f)]
    public void Train_Bias_IsAFeatureOfOnes(float? valueStepSize)
    {
        TextbookOptions options = Corridor with { InitialParameters = null, ValueStepSize = valueStepSize };
        using TextbookTrainer<ObservedCorridor> plain = new(options);
        using TextbookTrainer<ObservedCorridor> biased = new(options with { HasBias = true });
        TextbookResult expected = plain.Train(), result = biased.Train();
        // The observation's first feature is 1 already: with the bias that weight moves twice as far, and both halves alike.
        ReadOnlySpan<float> parameters = result.Parameters(3);
        Assert.Equal(10, parameters.Length);
        Assert.Equal(parameters[0], parameters[8]);
        Assert.Equal(parameters[4], parameters[9]);
        Assert.NotEqual(expected.ParameterHash(), result.ParameterHash());
        Assert.Equal(valueStepSize is null ? 0 : 5, result.ValueParameters(3).Length);
        if (valueStepSize is not null)
            Assert.Equal(result.ValueParameters(3)[0], result.ValueParameters(3)[4]);
    }

    /// <summary>An episode that the step limit cuts off counts as one that ended there.</summary>
    [Fact]
    public void Train_StepLimit_EndsTheEpisode()
    {
        TextbookOptions options = Corridor with { InitialParameters = [2f, -2f], Episodes = 5 };
        TextbookResult result = AssertTwin<CorridorOf30Steps>(options, (_, _) => new ShortTask(30), [0, 40, 69]);
        Assert.True(result.TruncatedEpisodes.Sum() > 70, "hardly an episode was cut off");
    }

    private static TextbookResult AssertTwin<TEnvironment>(TextbookOptions options, Func<ulong, ulong, IReferenceTask> start, int[] runs)
        where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
    {
        options = options with { KeepsRewards = true, Seed = 5 };
        using TextbookTrainer<TEnvironment> trainer = new(options);
        TextbookResult result = trainer.Train();
        foreach (int run in runs)
        {
            double[] initial = [.. options.InitialParameters!.Select(value => (double)value)];
            ReferenceBox twin = new(TEnvironment.Specification.Actions.Size, initial, options.Seed, run)
            {
                Discount = options.Discount,
                MinimumProbability = options.MinimumProbability,
            };
            for (int episode = 0; episode < options.Episodes; episode++)
            {
                double factor = 1 - (1 - (double)options.FinalStepSizeFactor) * episode / (options.Episodes - 1);
                (twin.StepSize, twin.ValueStepSize) = (options.StepSize * factor, options.ValueStepSize * factor);
                ReferenceEpisode played = twin.Episode(start(options.Seed, (ulong)run << 32 | (uint)episode));
                Assert.Equal(played.TotalReward, result.Rewards(run)[episode], 1e-5);
            }

            AssertClose(twin.Parameters, result.Parameters(run));
            if (options.ValueStepSize is not null)
                AssertClose(twin.ValueParameters, result.ValueParameters(run));
            Assert.NotEqual(initial, [.. result.Parameters(run).ToArray().Select(value => (double)value)]);
        }

        return result;
    }

    private static void AssertClose(double[] expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], Tolerance * Math.Max(1, Math.Abs(expected[i])));
    }

    private static Pushed Pole(ulong seed, ulong id)
    {
        PhiloxBlock words = Philox.Generate(seed, RandomStream.TextbookReset, id, 0);
        return new Pushed(new ReferenceCartPole([.. Enumerable.Range(0, 4).Select(i => 0.1 * Philox.Uniform(words[i]) - 0.05)]));
    }

    private sealed class Pushed(ReferenceCartPole pole) : IReferenceTask
    {
        public double[] Observation => pole.Observation;

        public ReferenceStep Step(int action) => pole.Step(action);
    }

    private sealed class ShortTask(int limit) : IReferenceTask
    {
        private readonly ReferenceCorridor _corridor = new();
        private int _steps;

        public double[] Observation => _corridor.Observation;

        public ReferenceStep Step(int action) => _corridor.Step(action) with { Truncated = ++_steps >= limit };
    }

    private sealed class Arms(ulong seed, ulong id) : IReferenceTask
    {
        public double[] Observation => [1.0];

        public ReferenceStep Step(int action)
        {
            PhiloxBlock words = Philox.Generate(seed, RandomStream.TextbookReset, id, 0);
            double radius = Math.Sqrt(-2 * Math.Log(Philox.Uniform(words.Word0))), angle = 2 * Math.PI * Philox.Uniform(words.Word1);
            double noise = radius * Math.Cos(angle);
            return new ReferenceStep(action switch { 0 => 1 + 0.5 * noise, 1 => 0.7 + 0.1 * noise, _ => 0 }, true, true);
        }
    }
}
