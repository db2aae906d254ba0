namespace PgFast.Textbook;

/// <summary>All that later episodes and the results of the runs depend on: a trainer that takes it over goes on with the same bits as if nothing had stopped.</summary>
/// <remarks>
/// Made by <see cref="TextbookTrainer.CaptureCheckpoint"/>; a file of it by <see cref="Files.TextbookCheckpointFile"/>. Its size grows with the runs and
/// with the episodes done, not with their product, unless <see cref="TextbookOptions.KeepsRewards"/> asked for that. Parameters may be non-finite: a run
/// that diverged does not stop the others, and is a result. Random numbers have no state to keep.
/// </remarks>
public sealed record TextbookCheckpoint
{
    /// <summary>The environment's name and every option that changes bits, as names and values.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Options { get; init; }

    /// <summary>[run][parameter]; θ of every run.</summary>
    public required float[] Parameters { get; init; }

    /// <summary>[run][value parameter]; w of every run; empty without a baseline.</summary>
    public required float[] ValueParameters { get; init; }

    /// <summary>Episodes that every run has done.</summary>
    public required int EpisodeCount { get; init; }

    /// <summary>Steps of all runs.</summary>
    public required long EnvironmentSteps { get; init; }

    /// <summary>Steps times lanes, those that waited for the longest episode of their group included.</summary>
    public required long LaneSteps { get; init; }

    /// <summary>[episode]; Σ over the runs of the episode's total reward.</summary>
    public required double[] RewardSum { get; init; }

    /// <summary>[episode]; Σ of its square.</summary>
    public required double[] RewardSquareSum { get; init; }

    /// <summary>[run]; episodes that the environment's step limit cut off.</summary>
    public required int[] TruncatedEpisodes { get; init; }

    /// <summary>[run][episode]; total rewards; empty unless <see cref="TextbookOptions.KeepsRewards"/> asked for them.</summary>
    public required float[] Rewards { get; init; }

    /// <exception cref="ArgumentException">It is of other sizes, or a count is out of range.</exception>
    internal void Require(BoxShape shape, TextbookOptions options)
    {
        if (EpisodeCount < 0 || EnvironmentSteps < 0 || LaneSteps < EnvironmentSteps)
            throw new ArgumentException("A count of the checkpoint is out of range.");
        if (EpisodeCount > options.Episodes)
            throw new ArgumentException($"The checkpoint has {EpisodeCount} episodes, more than the {options.Episodes} of the options.");
        long values = options.ValueStepSize is null ? 0 : shape.ValueParameterCount;
        Require(Parameters.Length, (long)options.Runs * shape.ParameterCount, nameof(Parameters));
        Require(ValueParameters.Length, options.Runs * values, nameof(ValueParameters));
        Require(RewardSum.Length, EpisodeCount, nameof(RewardSum));
        Require(RewardSquareSum.Length, EpisodeCount, nameof(RewardSquareSum));
        Require(TruncatedEpisodes.Length, options.Runs, nameof(TruncatedEpisodes));
        Require(Rewards.Length, options.KeepsRewards ? (long)options.Runs * EpisodeCount : 0, nameof(Rewards));
        foreach (int truncated in TruncatedEpisodes)
        {
            if (truncated < 0 || truncated > EpisodeCount)
                throw new ArgumentException($"The checkpoint has a run with {truncated} truncated episodes of {EpisodeCount}.");
        }
    }

    private static void Require(long found, long expected, string name)
    {
        if (found != expected)
            throw new ArgumentException($"The checkpoint's {name} has {found} values, not {expected}.");
    }
}
