using PgFast.Environments;
using PgFast.Estimators;
using PgFast.Files;
using PgFast.Networks;
using PgFast.Optimizers;
using PgFast.Policies;
using PgFast.Textbook;
using PgFast.Training;

namespace PgFast.Fuzz;

/// <summary>A sound file, and a trainer of the same options that can take a checkpoint over.</summary>
/// <param name="Name">For failures.</param>
/// <param name="Document">What it holds.</param>
/// <param name="Bytes">Its bytes.</param>
/// <param name="Trainer">Null for a policy alone, and for runs of the textbook's box.</param>
/// <param name="Textbook">Null for all but runs of the textbook's box.</param>
internal sealed record Seed(string Name, SafeTensors Document, byte[] Bytes, Trainer? Trainer, TextbookTrainer? Textbook);

/// <summary>The sound files that damage begins with: small ones, which between them have every tensor and every entry that the formats know.</summary>
internal sealed class Corpus : IDisposable
{
    private static readonly TrainerOptions Small = new() { HiddenSizes = [3], BatchSize = 2, Threads = 1, Seed = 5 };

    /// <summary>Trains each for a few updates.</summary>
    public Corpus() => Seeds =
    [
        Checkpoint<CartPole>("adam", Small),
        Checkpoint<CartPole>("momentum", Small with { HiddenSizes = [], Optimizer = OptimizerKind.Sgd, Momentum = 0.9f, StepSize = 0.001f, HasBias = false }),
        Checkpoint<MountainCarContinuous>("everything", Small with
        {
            HiddenSizes = [2, 3], Activation = Activation.Tanh, Baseline = Baseline.Value, ValueHiddenSizes = [2], NormalizeObservations = true,
            ActionScale = 2, Estimator = Estimator.Discounted,
        }),
        Checkpoint<Pendulum>("state-dependent", Small with
        {
            HiddenSizes = [2], StandardDeviation = StandardDeviationSource.StateDependent, Baseline = Baseline.Value, ValueHiddenSizes = [],
            ValueOptimizer = OptimizerKind.Sgd, Bootstraps = true, NormalizeObservations = true,
        }),
        Policy("policy", new NetworkShape(2, [3], 3, Activation.Tanh)),
        Textbook("textbook", new TextbookOptions { Runs = 3, Episodes = 6, StepSize = 0.01f, ValueStepSize = 0.02f, KeepsRewards = true, Threads = 1 }),
        Policy("table", new NetworkShape(1, [], 2, Activation.Relu, hasBias: false)),
    ];

    /// <summary>All of them.</summary>
    public IReadOnlyList<Seed> Seeds { get; }

    public void Dispose()
    {
        foreach (Seed seed in Seeds)
        {
            seed.Trainer?.Dispose();
            seed.Textbook?.Dispose();
        }
    }

    private static Seed Checkpoint<TEnvironment>(string name, TrainerOptions options) where TEnvironment : struct, IBatchedEnvironment<TEnvironment>
    {
        Trainer<TEnvironment> trainer = new(options);
        trainer.Update();
        trainer.Update();
        CheckpointFile file = new(PolicyFile.FromTrainer(trainer, name), trainer.CaptureCheckpoint()) { Notes = new Dictionary<string, string> { ["trainSeconds"] = "0.5" } };
        return Of(name, file.ToSafeTensors(), trainer);
    }

    private static Seed Policy(string name, NetworkShape shape)
    {
        float[] parameters = new float[shape.ParameterCount];
        for (int i = 0; i < parameters.Length; i++)
            parameters[i] = 0.1f * (i - 3);
        return Of(name, new PolicyFile(shape, parameters).ToSafeTensors(), null);
    }

    private static Seed Textbook(string name, TextbookOptions options)
    {
        TextbookTrainer<ShortCorridor> trainer = new(options);
        trainer.Advance(options.Episodes / 2);
        return Of(name, new TextbookCheckpointFile(trainer.CaptureCheckpoint()).ToSafeTensors(), null, trainer);
    }

    private static Seed Of(string name, SafeTensors document, Trainer? trainer, TextbookTrainer? textbook = null) =>
        new(name, document, document.ToArray(), trainer, textbook);
}
