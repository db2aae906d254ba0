using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Files;
using PgFast.Optimizers;
using PgFast.Policies;
using PgFast.Tests.Cli;
using PgFast.Training;

namespace PgFast.Tests.Training;

/// <summary>A run that is stopped, written, read and gone on with has the bits of one that never stopped: for every part of a trainer that remembers.</summary>
public class CheckpointTests
{
    private static readonly TrainerOptions Small = new() { BatchSize = 12, HiddenSizes = [6], Threads = 1, Seed = 5 };

    [Fact]
    public void Restore_Adam_SameBits() => Check<CartPole>(Small);

    [Fact]
    public void Restore_SgdWithMomentum_SameBits() => Check<CartPole>(Small with { Optimizer = OptimizerKind.Sgd, Momentum = 0.9f, NormalizeReturns = false, StepSize = 1e-3f });

    [Fact]
    public void Restore_FallingStepSize_SameBits() => Check<CartPole>(Small with { FinalStepSizeFactor = 0.1f, ScheduledEnvironmentSteps = 3000 });

    [Theory]
    [InlineData(OptimizerKind.Adam)]
    [InlineData(OptimizerKind.Sgd)]
    public void Restore_LearnedBaseline_SameBits(OptimizerKind optimizer) =>
        Check<CartPole>(Small with { Baseline = Baseline.Value, ValueOptimizer = optimizer, ValueHiddenSizes = [4], Bootstraps = true, ValuePasses = 2 });

    /// <summary>Every optimizer with every baseline.</summary>
    [Theory]
    [MemberData(nameof(Combinations))]
    public void Restore_EveryOptimizerAndBaseline_SameBits(OptimizerKind optimizer, Baseline baseline) => Check<CartPole>(
        Small with { Optimizer = optimizer, StepSize = optimizer == OptimizerKind.Sgd ? 1e-3f : 0.03f, Baseline = baseline, ValueHiddenSizes = [4] });

    public static TheoryData<OptimizerKind, Baseline> Combinations()
    {
        TheoryData<OptimizerKind, Baseline> combinations = [];
        foreach (OptimizerKind optimizer in Enum.GetValues<OptimizerKind>())
        {
            foreach (Baseline baseline in new[] { Baseline.None, Baseline.Mean, Baseline.Time, Baseline.Value })
                combinations.Add(optimizer, baseline);
        }

        return combinations;
    }

    [Fact]
    public void Restore_NormalisedObservationsAndGaussian_SameBits() => Check<Pendulum>(
        Small with { NormalizeObservations = true, ActionScale = 2, StandardDeviation = StandardDeviationSource.StateDependent, Baseline = Baseline.Time });

    [Fact]
    public void Restore_EverythingAtOnceOnOtherThreads_SameBits() => Check<ContinuousCartPole>(
        Small with
        {
            NormalizeObservations = true,
            ActionScale = 10,
            Baseline = Baseline.Value,
            EntropyCoefficient = 0.01f,
            MaximumGradientNorm = 1,
            Estimator = Estimator.Total,
            BatchSize = 130,
        },
        threads: 3);

    [Fact]
    public void Restore_OtherOptions_NamesTheFirst()
    {
        using Trainer<CartPole> one = new(Small), other = new(Small with { StepSize = 0.5f }), elsewhere = new(Small);
        TrainerCheckpoint checkpoint = one.CaptureCheckpoint();
        Assert.Contains("StepSize '0.03'", Assert.Throws<ArgumentException>(() => other.RestoreCheckpoint(checkpoint)).Message, StringComparison.Ordinal);
        using Trainer<CartPoleV0> variant = new(Small);
        Assert.Contains("Environment", Assert.Throws<ArgumentException>(() => variant.RestoreCheckpoint(checkpoint)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => elsewhere.RestoreCheckpoint(checkpoint with { UpdateCount = -1 }));
        Assert.Throws<ArgumentException>(() => elsewhere.RestoreCheckpoint(checkpoint with { Optimizer = new OptimizerState(OptimizerKind.Adam, [[1], [1]], [0, 0]) }));
        Assert.Throws<ArgumentException>(() => elsewhere.RestoreCheckpoint(checkpoint with { Parameters = [float.NaN] }));
    }

    [Fact]
    public void Load_PolicyAlone_SaysWhatIsMissing()
    {
        using Trainer<CartPole> trainer = new(Small);
        SafeTensors policy = new PolicyFile(trainer.Shape, trainer.Parameters).ToSafeTensors();
        Assert.Contains("no checkpoint", Assert.Throws<SafeTensorsException>(() => CheckpointFile.FromSafeTensors(policy)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_EveryEntryMissingOrChanged_IsATypedError()
    {
        using Trainer<Pendulum> trainer = new(Small with { NormalizeObservations = true, Baseline = Baseline.Value });
        trainer.Update();
        SafeTensors document = FileOf(trainer, 0).ToSafeTensors();
        foreach (SafeTensor tensor in document.Tensors.Where(tensor => !tensor.Name.StartsWith("value.", StringComparison.Ordinal)))
        {
            if (tensor.Name != "checkpoint.value")
                AssertOwnError(new SafeTensors(document.Tensors.Where(other => other != tensor), document.Metadata));
        }

        foreach ((string key, _) in document.Metadata.Where(entry => entry.Key.StartsWith("checkpoint", StringComparison.Ordinal) && !entry.Key.Contains(".option.") && !entry.Key.Contains(".note.")))
        {
            Dictionary<string, string> metadata = new(document.Metadata);
            metadata.Remove(key);
            AssertOwnError(new SafeTensors(document.Tensors, metadata));
            metadata[key] = "1 x NaN";
            if (key != "checkpoint.sha256")
                AssertOwnError(new SafeTensors(document.Tensors, metadata));
        }

        // Found by itself, not as a digest that is another.
        static void AssertOwnError(SafeTensors document) => Assert.DoesNotContain(
            "SHA-256", Assert.Throws<SafeTensorsException>(() => CheckpointFile.FromSafeTensors(document)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_NewerFormat_SaysWhichCanBeRead()
    {
        using Trainer<CartPole> trainer = new(Small);
        SafeTensors document = FileOf(trainer, 0).ToSafeTensors();
        Dictionary<string, string> newer = new(document.Metadata) { ["checkpoint"] = "pgfast-checkpoint-2" };
        string message = Assert.Throws<SafeTensorsException>(() => CheckpointFile.FromSafeTensors(new SafeTensors(document.Tensors, newer))).Message;
        Assert.Equal("The checkpoint's format is 'pgfast-checkpoint-2'; 'pgfast-checkpoint-1' can be read.", message);
    }

    /// <summary>A parameter that is another by one bit would be a policy as good as any, and another run.</summary>
    [Fact]
    public void Load_AnyBitFlipped_IsATypedError()
    {
        using Trainer<CartPole> trainer = new(Small with { HiddenSizes = [2] });
        trainer.Update();
        byte[] bytes = FileOf(trainer, 0).ToSafeTensors().ToArray();
        for (int bit = 0; bit < bytes.Length * 8; bit += 5)
        {
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.Throws<SafeTensorsException>(() => CheckpointFile.FromSafeTensors(SafeTensors.Parse(bytes)));
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
        }

        Assert.Equal(1, CheckpointFile.FromSafeTensors(SafeTensors.Parse(bytes)).Checkpoint.UpdateCount);
    }

    private static void Check<TEnvironment>(TrainerOptions options, int threads = 1) where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
    {
        const int Before = 4, After = 5;
        using Trainer<TEnvironment> straight = new(options), first = new(options with { Threads = threads });
        List<UpdateResult> expected = [];
        for (int update = 0; update < Before + After; update++)
        {
            UpdateResult result = straight.Update();
            if (update == Before - 1)
                straight.Evaluate(20);
            if (update >= Before)
                expected.Add(result);
        }

        for (int update = 0; update < Before; update++)
            first.Update();
        first.Evaluate(20);
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Root, "checkpoint.safetensors");
        FileOf(first, 12.5).Save(path);
        CheckpointFile file = CheckpointFile.Load(path);
        Assert.Equal("12.5", file.Notes["seconds"]);
        Assert.Equal(first.ParameterHash(), Trainer.ParameterHashOf(file.Policy.Parameters));
        // A checkpoint is a policy, too.
        Assert.Equal(Before, PolicyFile.Load(path).Update);
        using Trainer<TEnvironment> second = new(options);
        second.RestoreCheckpoint(file.Checkpoint);
        Assert.Equal(first.UpdateCount, second.UpdateCount);
        Assert.Equal(first.EnvironmentSteps, second.EnvironmentSteps);
        foreach (UpdateResult result in expected)
            Assert.Equal(result, second.Update());
        Assert.Equal(straight.ParameterHash(), second.ParameterHash());
        Assert.Equal(straight.Evaluate(50).MeanReturn, second.Evaluate(50).MeanReturn);
        Assert.Equal(straight.EpisodeCount, second.EpisodeCount);
    }

    private static CheckpointFile FileOf(Trainer trainer, double seconds) => new(
        new PolicyFile(trainer.Shape, trainer.Parameters)
        {
            Distribution = trainer.Distribution,
            ObservationScaling = trainer.ObservationScaling,
            ActionScale = trainer.Options.ActionScale,
            Update = trainer.UpdateCount,
        },
        trainer.CaptureCheckpoint())
    {
        Notes = new Dictionary<string, string> { ["seconds"] = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture) },
    };
}
