using PgFast.Optimizers;
using PgFast.Training;

namespace PgFast.Files;

/// <summary>A run between two updates, as a file: the policy's own file, with all that the run's later updates depend on beside it.</summary>
/// <remarks>
/// Safetensors: the tensors and metadata of <see cref="PolicyFile"/>, so that the file is a policy too; <c>adam.first</c> and <c>adam.second</c>, or
/// <c>sgd.velocity</c>, [ParameterCount]; for a learned baseline <c>checkpoint.value</c> [parameters of V, in the network's own units], and its optimizer's under
/// <c>checkpoint.value.</c>. Counters, moments in double precision and options are text under <c>checkpoint.</c> in the metadata, with the digits that
/// read back as the same number; <c>checkpoint.sha256</c> is the digest of the same file without that entry.
/// </remarks>
public sealed class CheckpointFile
{
    /// <summary>Value of the metadata entry <c>checkpoint</c>.</summary>
    public const string Format = "pgfast-checkpoint-1";

    private const string ValueName = "checkpoint.value";
    private const string ValuePrefix = "checkpoint.value.";

    /// <summary>Pairs a policy with the rest of its run.</summary>
    /// <param name="policy">The policy, with the parameters of the checkpoint.</param>
    /// <param name="checkpoint">See <see cref="Trainer.CaptureCheckpoint"/>.</param>
    public CheckpointFile(PolicyFile policy, TrainerCheckpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(checkpoint);
        if (!policy.Parameters.SequenceEqual(checkpoint.Parameters))
            throw new ArgumentException("The policy and the checkpoint have different parameters.", nameof(checkpoint));
        Policy = policy;
        Checkpoint = checkpoint;
    }

    /// <summary>The policy.</summary>
    public PolicyFile Policy { get; }

    /// <summary>What the run's later updates depend on.</summary>
    public TrainerCheckpoint Checkpoint { get; }

    /// <summary>What a caller wants to keep beside it, such as the time spent so far; text by name.</summary>
    public IReadOnlyDictionary<string, string> Notes { get; init; } = new Dictionary<string, string>();

    /// <summary>Writes the file: under a temporary name in the same directory, flushed to the disk, then renamed.</summary>
    /// <param name="path">Where to; replaced if it exists.</param>
    /// <exception cref="IOException">It cannot be written; a file that was there before is unchanged.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be written.</exception>
    public void Save(string path) => ToSafeTensors().Save(path);

    /// <summary>The file's content.</summary>
    public SafeTensors ToSafeTensors()
    {
        SafeTensors policy = Policy.ToSafeTensors();
        List<SafeTensor> tensors = [.. policy.Tensors];
        Dictionary<string, string> metadata = new(policy.Metadata) { [CheckpointText.FormatKey] = Format };
        metadata[CheckpointText.KeyOf("updates")] = CheckpointText.Text(Checkpoint.UpdateCount);
        metadata[CheckpointText.KeyOf("episodes")] = CheckpointText.Text(Checkpoint.EpisodeCount);
        metadata[CheckpointText.KeyOf("environmentSteps")] = CheckpointText.Text(Checkpoint.EnvironmentSteps);
        metadata[CheckpointText.KeyOf("evaluationEpisodes")] = CheckpointText.Text(Checkpoint.EvaluationEpisodes);
        Add(tensors, metadata, "", Checkpoint.Optimizer);
        if (Checkpoint.Observations is { } observations)
        {
            metadata[CheckpointText.KeyOf("observation.count")] = CheckpointText.Text(observations.Count);
            metadata[CheckpointText.KeyOf("observation.mean")] = CheckpointText.Text(observations.Mean);
            metadata[CheckpointText.KeyOf("observation.squares")] = CheckpointText.Text(observations.Squares);
        }

        if (Checkpoint.Value is { } value)
        {
            tensors.Add(new SafeTensor(ValueName, [value.Parameters.Length], value.Parameters));
            metadata[CheckpointText.KeyOf("value.count")] = CheckpointText.Text(value.Count);
            metadata[CheckpointText.KeyOf("value.mean")] = CheckpointText.Text([value.Mean]);
            metadata[CheckpointText.KeyOf("value.squares")] = CheckpointText.Text([value.Squares]);
            metadata[CheckpointText.KeyOf("value.scale")] = CheckpointText.Text([value.ScaleMean, value.ScaleDeviation]);
            Add(tensors, metadata, ValuePrefix, value.Optimizer);
        }

        CheckpointText.Add(metadata, Checkpoint.Options, Notes);
        return SealedDocument.Seal(tensors, metadata);
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">Where it is.</param>
    /// <exception cref="SafeTensorsException">It does not hold a checkpoint, or not as it was written.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be read.</exception>
    public static CheckpointFile Load(string path) => FromSafeTensors(SafeTensors.Load(path));

    /// <summary>Finds the checkpoint in a document.</summary>
    /// <param name="document">The document.</param>
    /// <exception cref="SafeTensorsException">It does not hold a checkpoint, or not as it was written.</exception>
    public static CheckpointFile FromSafeTensors(SafeTensors document)
    {
        ArgumentNullException.ThrowIfNull(document);
        CheckpointText text = new(document.Metadata);
        text.RequireFormat(Format);
        PolicyFile policy = PolicyFile.FromSafeTensors(document);
        int count = policy.Shape.ParameterCount;
        TrainerCheckpoint checkpoint = new()
        {
            Options = text.Options(),
            Parameters = policy.Parameters.ToArray(),
            Optimizer = OptimizerIn(document, text, "", count),
            UpdateCount = text.Count("updates"),
            EpisodeCount = text.Count("episodes"),
            EnvironmentSteps = text.Count("environmentSteps"),
            EvaluationEpisodes = (ulong)text.Count("evaluationEpisodes"),
            Observations = ObservationsIn(text, policy),
            Value = ValueIn(document, text),
        };
        SealedDocument.Require(document);
        return new CheckpointFile(policy, checkpoint) { Notes = text.Notes() };
    }

    private static void Add(List<SafeTensor> tensors, Dictionary<string, string> metadata, string prefix, OptimizerState optimizer)
    {
        string[] names = NamesOf(optimizer.Kind);
        for (int vector = 0; vector < names.Length; vector++)
            tensors.Add(new SafeTensor(prefix + names[vector], [optimizer.Vectors[vector].Length], optimizer.Vectors[vector]));
        metadata[CheckpointText.KeyOf(PowersKey(prefix))] = CheckpointText.Text(optimizer.Powers);
    }

    private static OptimizerState OptimizerIn(SafeTensors document, CheckpointText text, string prefix, int count)
    {
        OptimizerKind kind = document.Find(prefix + NamesOf(OptimizerKind.Adam)[0]) is null ? OptimizerKind.Sgd : OptimizerKind.Adam;
        float[][] vectors = [.. NamesOf(kind).Select(name => VectorIn(document, prefix + name, count))];
        return new OptimizerState(kind, vectors, text.Numbers(PowersKey(prefix), kind == OptimizerKind.Adam ? 2 : 0, value => value is >= 0 and <= 1));
    }

    private static ObservationState? ObservationsIn(CheckpointText text, PolicyFile policy)
    {
        if (policy.ObservationScaling is not { } scaling)
            return null;
        int features = scaling.Mean.Length;
        return new ObservationState(
            text.Count("observation.count"), text.Numbers("observation.mean", features, double.IsFinite),
            text.Numbers("observation.squares", features, value => value >= 0 && double.IsFinite(value)), scaling.Mean.ToArray(), scaling.Deviation.ToArray());
    }

    private static ValueState? ValueIn(SafeTensors document, CheckpointText text)
    {
        if (document.Find(ValueName) is not { } parameters)
            return null;
        int count = parameters.Values.Length;
        double[] scale = text.Numbers("value.scale", 2, value => float.IsFinite((float)value));
        if (scale[1] <= 0)
            throw new SafeTensorsException("The checkpoint's value.scale should end in a positive number.");
        return new ValueState(
            parameters.Values.ToArray(), OptimizerIn(document, text, ValuePrefix, count), text.Count("value.count"),
            text.Numbers("value.mean", 1, double.IsFinite)[0], text.Numbers("value.squares", 1, value => value >= 0 && double.IsFinite(value))[0],
            (float)scale[0], (float)scale[1]);
    }

    private static float[] VectorIn(SafeTensors document, string name, int count)
    {
        SafeTensor tensor = document.Find(name) ?? throw new SafeTensorsException($"The tensor {name} is missing.");
        return tensor.Values.Length == count
            ? tensor.Values.ToArray()
            : throw new SafeTensorsException($"{name} should be [{count}]; it is {tensor.ShapeText}.");
    }

    private static string PowersKey(string prefix) => prefix.Length == 0 ? "powers" : "value.powers";

    private static string[] NamesOf(OptimizerKind kind) => kind == OptimizerKind.Adam ? ["adam.first", "adam.second"] : ["sgd.velocity"];
}
