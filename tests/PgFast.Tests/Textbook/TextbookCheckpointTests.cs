using PgFast.Environments;
using PgFast.Files;
using PgFast.Numerics;
using PgFast.Textbook;

namespace PgFast.Tests.Textbook;

/// <summary>Runs of the box that are stopped, written, read and gone on with have the bits of runs that never stopped.</summary>
public class TextbookCheckpointTests
{
    private const int Before = 7;

    private static readonly TextbookOptions Corridor = new()
    {
        Runs = 70,
        Episodes = 19,
        StepSize = 1f / 512,
        InitialParameters = [1.47f, -1.47f],
        Threads = 1,
        Seed = 4,
    };

    public static TheoryData<string, TextbookOptions> Variants => new()
    {
        { "without baseline", Corridor },
        { "baseline", Corridor with { ValueStepSize = 1f / 64 } },
        { "falling step sizes", Corridor with { ValueStepSize = 1f / 64, FinalStepSizeFactor = 0.1f, MinimumProbability = 0.05f } },
        { "kept rewards", Corridor with { KeepsRewards = true, Discount = 0.9f } },
        { "bias", Corridor with { HasBias = true, InitialParameters = null } },
        { "one run", Corridor with { Runs = 1 } },
    };

    [Theory]
    [MemberData(nameof(Variants))]
    public void Restore_EveryVariant_SameBits(string variant, TextbookOptions options)
    {
        Assert.NotEmpty(variant);
        using TextbookTrainer<ShortCorridor> straight = new(options), first = new(options with { Threads = 2 }), second = new(options);
        TextbookResult expected = straight.Train();
        first.Advance(Before);
        second.RestoreCheckpoint(ReadBack(first.CaptureCheckpoint()));
        Assert.Equal(Before, second.EpisodeCount);
        AssertSame(expected, second.Train());
        // The trainer that was copied goes on, too.
        AssertSame(expected, first.Train());
    }

    /// <summary>Bits of non-finite numbers are kept: that some runs diverged is a result.</summary>
    [Fact]
    public void Restore_RunsThatDiverged_SameBits()
    {
        TextbookOptions options = new() { Runs = 20, Episodes = 12, StepSize = 1e38f, ValueStepSize = 1e30f, HasBias = true, Threads = 1 };
        using TextbookTrainer<CartPole> straight = new(options), first = new(options), second = new(options);
        TextbookResult expected = straight.Train();
        first.Advance(Before);
        TextbookCheckpoint checkpoint = first.CaptureCheckpoint();
        Assert.Contains(checkpoint.Parameters.Concat(checkpoint.ValueParameters), value => !float.IsFinite(value));
        second.RestoreCheckpoint(ReadBack(checkpoint));
        AssertSame(expected, second.Train());
    }

    [Fact]
    public void Restore_MoreEpisodesOfConstantSteps_SameBits()
    {
        using TextbookTrainer<ShortCorridor> straight = new(Corridor with { Episodes = 30 }), first = new(Corridor), second = new(Corridor with { Episodes = 30 });
        first.Train();
        second.RestoreCheckpoint(ReadBack(first.CaptureCheckpoint()));
        AssertSame(straight.Train(), second.Train());
    }

    [Fact]
    public void Restore_WhatDoesNotFit_NamesItAndChangesNothing()
    {
        using TextbookTrainer<ShortCorridor> first = new(Corridor);
        first.Advance(Before);
        TextbookCheckpoint checkpoint = first.CaptureCheckpoint();
        Refused("StepSize '0.001953125'", Corridor with { StepSize = 0.5f }, checkpoint);
        Refused("Runs '70'", Corridor with { Runs = 71 }, checkpoint);
        Refused("Seed '4'", Corridor with { Seed = 5 }, checkpoint);
        Refused("InitialParameters '1.47,-1.47'", Corridor with { InitialParameters = [0, 0] }, checkpoint);
        Refused("Episodes 'any'", Corridor with { FinalStepSizeFactor = 0.5f }, checkpoint);
        Refused("7 episodes, more than the 5", Corridor with { Episodes = 5 }, checkpoint);
        Refused("does not say its Algorithm", Corridor, checkpoint with { Options = [] });
        Refused("out of range", Corridor, checkpoint with { EpisodeCount = -1 });
        Refused("out of range", Corridor, checkpoint with { LaneSteps = 0 });
        Refused("Parameters", Corridor, checkpoint with { Parameters = [1] });
        Refused("ValueParameters", Corridor, checkpoint with { ValueParameters = [1] });
        Refused("RewardSum", Corridor, checkpoint with { RewardSum = [1] });
        Refused("RewardSquareSum", Corridor, checkpoint with { RewardSquareSum = [1] });
        Refused("TruncatedEpisodes", Corridor, checkpoint with { TruncatedEpisodes = [1] });
        Refused("8 truncated episodes", Corridor, checkpoint with { TruncatedEpisodes = [.. Enumerable.Repeat(8, 70)] });
        Refused("Rewards", Corridor, checkpoint with { Rewards = [1] });
        using TextbookTrainer<CartPole> elsewhere = new(new TextbookOptions { Runs = 70, Threads = 1 });
        Assert.Contains("Environment", Assert.Throws<ArgumentException>(() => elsewhere.RestoreCheckpoint(checkpoint)).Message, StringComparison.Ordinal);

        static void Refused(string detail, TextbookOptions options, TextbookCheckpoint checkpoint)
        {
            using TextbookTrainer<ShortCorridor> trainer = new(options);
            using TextbookTrainer<ShortCorridor> untouched = new(options);
            Assert.Contains(detail, Assert.Throws<ArgumentException>(() => trainer.RestoreCheckpoint(checkpoint)).Message, StringComparison.Ordinal);
            Assert.Equal(0, trainer.EpisodeCount);
            Assert.Equal(untouched.CaptureCheckpoint().Parameters, trainer.CaptureCheckpoint().Parameters);
        }
    }

    [Fact]
    public void Capture_AfterACancellation_GoesOnToTheSameResult()
    {
        using TextbookTrainer<ShortCorridor> straight = new(Corridor);
        using TextbookTrainer<CancellingCorridor> trainer = new(Corridor);
        TextbookResult expected = straight.Train();
        using CancellationTokenSource source = new();
        CancellingCorridor.CancelInEpisode(Before, source);
        Assert.Throws<OperationCanceledException>(() => trainer.Advance(Corridor.Episodes, source.Token));
        TextbookCheckpoint checkpoint = trainer.CaptureCheckpoint();
        Assert.InRange(checkpoint.EpisodeCount, 1, Corridor.Episodes - 1);
        using TextbookTrainer<CancellingCorridor> other = new(Corridor);
        other.RestoreCheckpoint(checkpoint);
        AssertSame(expected, other.Train());
        AssertSame(expected, trainer.Train());
        Assert.Equal(Corridor.Episodes, trainer.CaptureCheckpoint().EpisodeCount);
    }

    [Fact]
    public void Load_EveryEntryMissingOrChanged_IsATypedErrorOfItsOwn()
    {
        using TextbookTrainer<ShortCorridor> trainer = new(Corridor with { ValueStepSize = 0.01f, KeepsRewards = true });
        trainer.Advance(2);
        SafeTensors document = new TextbookCheckpointFile(trainer.CaptureCheckpoint()).ToSafeTensors();
        foreach (SafeTensor tensor in document.Tensors)
        {
            string message = Error(new SafeTensors(document.Tensors.Where(other => other != tensor), document.Metadata));
            // Without w or rewards it is a checkpoint of other options, whose digest is not this.
            Assert.Contains(tensor.Name is "textbook.w" or "textbook.rewards" ? "SHA-256" : $"{tensor.Name} is missing", message, StringComparison.Ordinal);
            float[] values = tensor.Values.ToArray();
            foreach (float piece in new[] { -1f, 0.5f, 1 << 24 })
            {
                values[^1] = piece;
                SafeTensor changed = new(tensor.Name, tensor.Shape, values);
                Assert.Contains("no whole number", Error(new SafeTensors(document.Tensors.Select(other => other == tensor ? changed : other), document.Metadata)), StringComparison.Ordinal);
            }
        }

        foreach (string key in new[] { "checkpoint.episodes", "checkpoint.environmentSteps", "checkpoint.laneSteps" })
        {
            Dictionary<string, string> metadata = new(document.Metadata) { [key] = "99999999999999999999" };
            Assert.Contains("whole number", Error(new SafeTensors(document.Tensors, metadata)), StringComparison.Ordinal);
            metadata.Remove(key);
            Assert.Contains("is missing", Error(new SafeTensors(document.Tensors, metadata)), StringComparison.Ordinal);
        }

        Dictionary<string, string> newer = new(document.Metadata) { ["checkpoint"] = "pgfast-textbook-2" };
        Assert.Contains("'pgfast-textbook-2'; 'pgfast-textbook-1' can be read", Error(new SafeTensors(document.Tensors, newer)), StringComparison.Ordinal);

        static string Error(SafeTensors document) => Assert.Throws<SafeTensorsException>(() => TextbookCheckpointFile.FromSafeTensors(document)).Message;
    }

    /// <summary>No bit of the file can change unseen.</summary>
    [Fact]
    public void Load_AnyBitFlipped_IsATypedError()
    {
        using TextbookTrainer<ShortCorridor> trainer = new(Corridor with { Runs = 2, ValueStepSize = 0.01f });
        trainer.Advance(2);
        byte[] bytes = new TextbookCheckpointFile(trainer.CaptureCheckpoint()).ToSafeTensors().ToArray();
        for (int bit = 0; bit < bytes.Length * 8; bit += 3)
        {
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.Throws<SafeTensorsException>(() => TextbookCheckpointFile.FromSafeTensors(SafeTensors.Parse(bytes)));
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
        }

        Assert.Equal(2, TextbookCheckpointFile.FromSafeTensors(SafeTensors.Parse(bytes)).Checkpoint.EpisodeCount);
    }

    private static TextbookCheckpoint ReadBack(TextbookCheckpoint checkpoint)
    {
        TextbookCheckpointFile file = new(checkpoint) { Notes = new Dictionary<string, string> { ["trainSeconds"] = "12.5" } };
        TextbookCheckpointFile read = TextbookCheckpointFile.FromSafeTensors(SafeTensors.Parse(file.ToSafeTensors().ToArray()));
        Assert.Equal("12.5", read.Notes["trainSeconds"]);
        return read.Checkpoint;
    }

    private static void AssertSame(TextbookResult expected, TextbookResult actual)
    {
        Assert.Equal(expected.ParameterHash(), actual.ParameterHash());
        Assert.Equal(expected.MeanReward.Select(BitConverter.DoubleToInt64Bits), actual.MeanReward.Select(BitConverter.DoubleToInt64Bits));
        Assert.Equal(
            expected.RewardStandardDeviation.Select(BitConverter.DoubleToInt64Bits), actual.RewardStandardDeviation.Select(BitConverter.DoubleToInt64Bits));
        Assert.Equal(expected.TruncatedEpisodes, actual.TruncatedEpisodes);
        Assert.Equal((expected.EnvironmentSteps, expected.LaneSteps), (actual.EnvironmentSteps, actual.LaneSteps));
        for (int run = 0; run < expected.Runs; run++)
            Assert.Equal(expected.Rewards(run), actual.Rewards(run));
    }

    /// <summary>The corridor, and a signal that comes while an episode is played.</summary>
    private readonly struct CancellingCorridor : IBatchedEnvironment<CancellingCorridor>
    {
        private static int _episodesLeft;
        private static CancellationTokenSource? _source;

        public static EnvironmentSpecification Specification => ShortCorridor.Specification;

        public static void CancelInEpisode(int episode, CancellationTokenSource source) => (_episodesLeft, _source) = (episode, source);

        public static void Reset<TLanes>(in ResetBatch batch) where TLanes : unmanaged, ILanes<TLanes>
        {
            if (--_episodesLeft == 0)
                _source!.Cancel();
            ShortCorridor.Reset<TLanes>(batch);
        }

        public static ulong Step<TLanes>(in StepBatch batch) where TLanes : unmanaged, ILanes<TLanes> => ShortCorridor.Step<TLanes>(batch);
    }
}
