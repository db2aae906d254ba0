using PgFast.Environments;
using PgFast.Networks;
using PgFast.Randomness;
using PgFast.Rollouts;
using PgFast.Tests.Support;
using PgFast.Variance;

namespace PgFast.Tests.Variance;

/// <summary>Which steps of a pilot shard V is fitted on.</summary>
public class PilotStepsTests
{
    private const int Features = 4;

    /// <summary>Stays up: all episodes have 500 steps.</summary>
    private static readonly float[] Steady = [-1, -2, -20, -20, 1, 2, 20, 20, 0, 0];

    [Fact]
    public unsafe void Take_EnoughRoom_KeepsEveryStep()
    {
        using PackedEpisodes packed = Pack(Steady, 3);
        long count = packed.Offset[3];
        using PilotSteps steps = new(Features, 1f / 500, (int)count + 5);
        steps.Take(packed);
        Assert.Equal(count, steps.Count);
        for (int episode = 0; episode < 3; episode++)
        {
            for (int time = 0; time < packed.Length[episode]; time++)
            {
                long sample = packed.Offset[episode] + time;
                ReadOnlySpan<float> step = steps.Steps.Slice((int)sample * steps.Width, steps.Width);
                for (int feature = 0; feature < Features; feature++)
                    Assert.Equal(packed.Observation[feature * packed.Stride + sample], step[feature]);
                Assert.Equal([time * (1f / 500), packed.Return[packed.Offset[episode]], packed.Return[sample]], step[Features..].ToArray());
            }
        }
    }

    [Fact]
    public void Take_EpisodesOfEqualLength_SelectsAllTimesAlike()
    {
        // 20 episodes of 500 steps, one step of ten: the stretches end at the same times in every episode.
        using PackedEpisodes packed = Pack(Steady, 20);
        Assert.All(packed.Length, length => Assert.Equal(500, length));
        using PilotSteps steps = new(Features, 1f / 500, 1000);
        steps.Take(packed);
        Assert.Equal(1000, steps.Count);
        int[] times = [.. Enumerable.Range(0, 1000).Select(k => (int)MathF.Round(500 * steps.Steps[k * steps.Width + Features]))];
        Assert.All(times.Chunk(50), episode => Assert.Equal(episode.Order(), episode));
        // 1,000 draws of 500 times leave some (1 − 1/500)^1000 = 13 % out; a fixed place in each stretch would leave 90 %.
        Assert.True(times.Distinct().Count() > 350, $"{times.Distinct().Count()} times");
        Assert.Equal(249.5, times.Average(), 3.0);
    }

    private static PackedEpisodes Pack(float[] parameters, int episodes)
    {
        using EpisodeRecorder recorder = EpisodeRecorder.Create<CartPole>(new NetworkShape(Features, [], 2, Activation.Relu), parameters, episodes);
        PackedEpisodes packed = new(CartPole.Specification, recorder.Outputs, recordSize: 0, episodes);
        recorder.Record(12, episodes, RandomStream.Reset, RandomStream.Action);
        packed.Pack(recorder.Trajectory);
        return packed;
    }
}
