using PgFast.Environments;
using PgFast.Networks;
using PgFast.Randomness;
using PgFast.Rollouts;
using PgFast.Tests.Support;

namespace PgFast.Tests.Rollouts;

/// <summary>Packed steps are the trajectory's, whatever lanes its episodes went through.</summary>
public class PackedEpisodesTests
{
    private const ulong Seed = 12;

    /// <summary>Pushes towards the side on which the pole leans, not very surely: episodes of 10 to 500 steps.</summary>
    private static readonly float[] Balancing = [0, 0, 0, 0, 0.1f, 0.5f, 6, 3, 0, 0];

    [Theory]
    [InlineData(1, 16)]
    [InlineData(16, 16)]
    [InlineData(150, 16)]
    [InlineData(64, 64)]
    [InlineData(300, 64)]
    public void Pack_RefilledAndMovedLanes_HasEveryEpisode(int episodes, int lanes)
    {
        NetworkShape shape = new(4, [], 2, Activation.Relu);
        using EpisodeRecorder recorder = EpisodeRecorder.Create<CartPole>(shape, Balancing, episodes, lanes);
        using PackedEpisodes packed = new(CartPole.Specification, recorder.Outputs, recordSize: 0, episodes);
        recorder.Record(Seed, episodes, RandomStream.Reset, RandomStream.Action);
        if (lanes > 16)
            Assert.NotEqual(0, recorder.Trajectory.Moves.Length);
        AssertPacked(recorder, packed);
    }

    [Fact]
    public void Pack_ThreeActionsAndOwnObservations_HasEveryEpisode()
    {
        PolicyCase policy = PolicyCase.Random(new NetworkShape(3, [6], 3, Activation.Tanh), 1, seed: 2);
        using EpisodeRecorder recorder = EpisodeRecorder.Create<Drift>(policy.Shape, policy.Parameters, 200);
        using PackedEpisodes packed = new(Drift.Specification, recorder.Outputs, recordSize: 0, 200);
        recorder.Record(Seed, 200, RandomStream.Reset, RandomStream.Action);
        AssertPacked(recorder, packed);
    }

    [Fact]
    public void Pack_FewerEpisodesThanBefore_LeavesNothingOfTheFirst()
    {
        NetworkShape shape = new(4, [], 2, Activation.Relu);
        using EpisodeRecorder recorder = EpisodeRecorder.Create<CartPole>(shape, Balancing, 120);
        using PackedEpisodes packed = new(CartPole.Specification, recorder.Outputs, recordSize: 0, 120);
        recorder.Record(Seed, 120, RandomStream.Reset, RandomStream.Action);
        AssertPacked(recorder, packed);
        recorder.Record(Seed, 33, RandomStream.Reset, RandomStream.Action, first: 500);
        AssertPacked(recorder, packed);
    }

    // 70 hidden units leave three words of activity bits a step.
    [Theory]
    [InlineData(9, 16)]
    [InlineData(150, 64)]
    public unsafe void Pack_RecordOfThreeWords_KeepsAllOfEveryStep(int episodes, int lanes)
    {
        PolicyCase policy = PolicyCase.Random(new NetworkShape(4, [70], 2, Activation.Relu), 1, seed: 3);
        using EpisodeRecorder recorder = EpisodeRecorder.Create<CartPole>(policy.Shape, policy.Parameters, episodes, lanes);
        using PackedEpisodes packed = new(CartPole.Specification, recorder.Outputs, recordSize: 3, episodes);
        recorder.Record(Seed, episodes, RandomStream.Reset, RandomStream.Action);
        AssertPacked(recorder, packed);
        Trajectory trajectory = recorder.Trajectory;
        Assert.Equal(3, trajectory.RecordSize);
        int[] lane = [.. trajectory.LaneOf];
        int move = 0;
        for (int row = 0; row < trajectory.Rows; row++)
        {
            for (; move < trajectory.Moves.Length && trajectory.Moves[move].Row == row; move++)
                Follow(trajectory.Moves[move]);
            for (int episode = 0; episode < episodes; episode++)
            {
                int time = row - trajectory.StartRow[episode];
                if (time < 0 || time >= trajectory.Length[episode])
                    continue;
                for (int word = 0; word < 3; word++)
                {
                    float expected = trajectory.Record(trajectory.Cell[row])[word * trajectory.LaneCount[row] + lane[episode]];
                    float actual = packed.Record[word * packed.Stride + packed.Offset[episode] + time];
                    Assert.Equal(BitConverter.SingleToInt32Bits(expected), BitConverter.SingleToInt32Bits(actual));
                }
            }
        }

        void Follow(LaneMove moved)
        {
            for (int episode = 0; episode < episodes; episode++)
            {
                bool isThere = trajectory.StartRow[episode] < moved.Row && moved.Row < trajectory.StartRow[episode] + trajectory.Length[episode];
                if (isThere && lane[episode] == moved.From)
                    lane[episode] = moved.To;
            }
        }
    }

    private static unsafe void AssertPacked(EpisodeRecorder recorder, PackedEpisodes packed)
    {
        recorder.ComputeReturns(0.9f);
        RecordedEpisode[] episodes = RecordedEpisode.Read(recorder.Trajectory);
        packed.Pack(recorder.Trajectory);
        Assert.Equal(episodes.Length, packed.Count);
        long offset = 0;
        for (int episode = 0; episode < episodes.Length; episode++)
        {
            RecordedEpisode expected = episodes[episode];
            int length = expected.Length;
            Assert.Equal((offset, length), (packed.Offset[episode], packed.Length[episode]));
            Bits.AssertEqual(expected.Rewards, new ReadOnlySpan<float>(packed.Return + offset, length), $"returns of episode {episode}");
            for (int step = 0; step < length; step++)
            {
                for (int feature = 0; feature < expected.Observations[step].Length; feature++)
                    Assert.Equal(expected.Observations[step][feature], packed.Observation[feature * packed.Stride + offset + step]);
                for (int output = 0; output < expected.Outputs[step].Length; output++)
                    Assert.Equal(expected.Outputs[step][output], packed.Output[output * packed.Stride + offset + step]);
            }

            offset += length;
        }

        Assert.Equal(offset, packed.Offset[episodes.Length]);
    }
}
