using PgFast.Textbook;

namespace PgFast.Files;

/// <summary>Runs of the textbook's box between two episodes, as a file.</summary>
/// <remarks>
/// Safetensors: θ, w, the sums over the runs, truncated episodes and, if kept, rewards under <c>textbook.</c>, as pieces of their bits: two whole numbers
/// of 16 bits for 32, three of 24, 24 and 16 for 64, the most significant first, along the last axis. Counters and options are text under <c>checkpoint.</c> in the metadata,
/// and <c>checkpoint.sha256</c> is the digest of the same file without that entry.
/// </remarks>
public sealed class TextbookCheckpointFile
{
    /// <summary>Value of the metadata entry <c>checkpoint</c>.</summary>
    public const string Format = "pgfast-textbook-1";

    private const string ParametersName = "textbook.theta";
    private const string ValueParametersName = "textbook.w";
    private const string RewardSumName = "textbook.rewardSum";
    private const string RewardSquareSumName = "textbook.rewardSquareSum";
    private const string TruncatedName = "textbook.truncatedEpisodes";
    private const string RewardsName = "textbook.rewards";

    /// <summary>A file of a checkpoint.</summary>
    /// <param name="checkpoint">See <see cref="TextbookTrainer.CaptureCheckpoint"/>.</param>
    public TextbookCheckpointFile(TextbookCheckpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        Checkpoint = checkpoint;
    }

    /// <summary>What later episodes and the results depend on.</summary>
    public TextbookCheckpoint Checkpoint { get; }

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
        int runs = Checkpoint.TruncatedEpisodes.Length;
        List<SafeTensor> tensors =
        [
            TensorBits.Of(ParametersName, runs, Checkpoint.Parameters.Length / runs, Checkpoint.Parameters),
            TensorBits.Of(RewardSumName, Checkpoint.RewardSum),
            TensorBits.Of(RewardSquareSumName, Checkpoint.RewardSquareSum),
            TensorBits.Of(TruncatedName, Checkpoint.TruncatedEpisodes),
        ];
        if (Checkpoint.ValueParameters.Length > 0)
            tensors.Add(TensorBits.Of(ValueParametersName, runs, Checkpoint.ValueParameters.Length / runs, Checkpoint.ValueParameters));
        if (Checkpoint.Rewards.Length > 0)
            tensors.Add(TensorBits.Of(RewardsName, runs, Checkpoint.EpisodeCount, Checkpoint.Rewards));
        Dictionary<string, string> metadata = new()
        {
            [CheckpointText.FormatKey] = Format,
            [CheckpointText.KeyOf("episodes")] = CheckpointText.Text(Checkpoint.EpisodeCount),
            [CheckpointText.KeyOf("environmentSteps")] = CheckpointText.Text(Checkpoint.EnvironmentSteps),
            [CheckpointText.KeyOf("laneSteps")] = CheckpointText.Text(Checkpoint.LaneSteps),
        };
        CheckpointText.Add(metadata, Checkpoint.Options, Notes);
        return SealedDocument.Seal(tensors, metadata);
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">Where it is.</param>
    /// <exception cref="SafeTensorsException">It does not hold such a checkpoint, or not as it was written.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be read.</exception>
    public static TextbookCheckpointFile Load(string path) => FromSafeTensors(SafeTensors.Load(path));

    /// <summary>Finds the checkpoint in a document.</summary>
    /// <param name="document">The document.</param>
    /// <exception cref="SafeTensorsException">It does not hold such a checkpoint, or not as it was written.</exception>
    public static TextbookCheckpointFile FromSafeTensors(SafeTensors document)
    {
        ArgumentNullException.ThrowIfNull(document);
        CheckpointText text = new(document.Metadata);
        text.RequireFormat(Format);
        TextbookCheckpoint checkpoint = new()
        {
            Options = text.Options(),
            Parameters = TensorBits.Singles(document, ParametersName),
            ValueParameters = document.Find(ValueParametersName) is null ? [] : TensorBits.Singles(document, ValueParametersName),
            EpisodeCount = (int)text.Count("episodes", int.MaxValue),
            EnvironmentSteps = text.Count("environmentSteps"),
            LaneSteps = text.Count("laneSteps"),
            RewardSum = TensorBits.Doubles(document, RewardSumName),
            RewardSquareSum = TensorBits.Doubles(document, RewardSquareSumName),
            TruncatedEpisodes = TensorBits.Counts(document, TruncatedName),
            Rewards = document.Find(RewardsName) is null ? [] : TensorBits.Singles(document, RewardsName),
        };
        SealedDocument.Require(document);
        return new TextbookCheckpointFile(checkpoint) { Notes = text.Notes() };
    }
}
