using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Tests.Support;
using PgFast.Training;

namespace PgFast.Tests.Determinism;

/// <summary>The result depends on configuration and seed alone, not on the number of threads, nor on chance.</summary>
public class ThreadTests
{
    private static readonly Dictionary<string, TrainerOptions> Configurations = new()
    {
        ["relu"] = new TrainerOptions { BatchSize = 300 },
        ["relu, time baseline, entropy"] = new TrainerOptions
        {
            BatchSize = 300,
            Baseline = Baseline.Time,
            Estimator = Estimator.Total,
            EntropyCoefficient = 0.01f,
            MeasureEntropy = true,
            MaximumGradientNorm = 0.5f,
        },
        ["tanh"] = new TrainerOptions { BatchSize = 200, Activation = Activation.Tanh, Baseline = Baseline.Mean, NormalizeReturns = false },
        ["two layers"] = new TrainerOptions { BatchSize = 150, HiddenSizes = [20, 12], Estimator = Estimator.Discounted },
        ["value baseline"] = new TrainerOptions { BatchSize = 300, Baseline = Baseline.Value, Bootstraps = true },
        ["linear"] = new TrainerOptions { BatchSize = 150, HiddenSizes = [] },
        ["without biases"] = new TrainerOptions { BatchSize = 150, HasBias = false },
    };

    public static TheoryData<string> Names => [.. Configurations.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void ParameterHash_AnyNumberOfThreads_IsTheSame(string name)
    {
        (string hash, double entropy, double evaluation) = Train<CartPole>(Configurations[name] with { Threads = 1 });
        foreach (int threads in new[] { 1, 2, 3, 8 })
        {
            (string other, double otherEntropy, double otherEvaluation) = Train<CartPole>(Configurations[name] with { Threads = threads });
            Assert.Equal(hash, other);
            Assert.Equal(BitConverter.DoubleToInt64Bits(entropy), BitConverter.DoubleToInt64Bits(otherEntropy));
            Assert.Equal(evaluation, otherEvaluation);
        }
    }

    [Fact]
    public void ParameterHash_UserEnvironmentAnyNumberOfThreads_IsTheSame()
    {
        TrainerOptions options = new() { BatchSize = 300, Activation = Activation.Tanh, EntropyCoefficient = 0.01f };
        string[] hashes = [.. new[] { 1, 2, 3, 8 }.Select(threads => Train<Drift>(options with { Threads = threads }).Hash)];
        Assert.Single(hashes.Distinct());
    }

    [Fact]
    public void ParameterHash_OtherSeedOrOption_IsAnother()
    {
        // What the equalities above are worth: the hash sees a change.
        TrainerOptions options = new() { BatchSize = 20, Threads = 1 };
        string[] hashes =
        [
            Train<CartPole>(options).Hash,
            Train<CartPole>(options with { Seed = 2 }).Hash,
            Train<CartPole>(options with { Seed = 1UL << 32 }).Hash,
            Train<CartPole>(options with { StepSize = 0.030001f }).Hash,
            Train<CartPole>(options with { Discount = 0.98999f }).Hash,
            Train<CartPole>(options with { EntropyCoefficient = 1e-4f }).Hash,
            Train<CartPole>(options with { BatchSize = 21 }).Hash,
        ];
        Assert.Equal(hashes.Length, hashes.Distinct().Count());
    }

    [Fact]
    public void ParameterHash_EvaluationsInBetween_ChangesNothing()
    {
        TrainerOptions options = new() { BatchSize = 70, Threads = 2 };
        using Trainer<CartPole> plain = new(options), evaluated = new(options);
        for (int update = 0; update < 3; update++)
        {
            plain.Update();
            evaluated.Evaluate(100);
            evaluated.Update();
        }

        Assert.Equal(plain.ParameterHash(), evaluated.ParameterHash());
    }

    private static (string Hash, double Entropy, double Evaluation) Train<TEnvironment>(TrainerOptions options)
        where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
    {
        using Trainer<TEnvironment> trainer = new(options);
        double entropy = 0;
        for (int update = 0; update < 4; update++)
            entropy = trainer.Update().Entropy;
        return (trainer.ParameterHash(), entropy, trainer.Evaluate(600).MeanReturn);
    }
}
