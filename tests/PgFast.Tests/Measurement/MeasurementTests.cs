using PgFast.Measurement;
using PgFast.Numerics;

namespace PgFast.Tests.Measurement;

/// <summary>That measurements are complete and consistent; how fast anything is, no test asks.</summary>
public class MeasurementTests
{
    [Fact]
    public void Physics_Replay_BalancesForWholeEpisodes()
    {
        using PhysicsLoop physics = new();
        Assert.Equal(64 * 500, physics.Run());
        Assert.Equal(64 * 500, physics.Run());
    }

    [Fact]
    public void MachinePeak_ShortMeasurement_IsPositive() => Assert.True(MachinePeak.MeasureGflops(1) > 0);

    [Fact]
    public void MachineDescription_Current_MatchesTheLaneWidth()
    {
        MachineDescription machine = MachineDescription.Current();
        Assert.Equal(LaneWidth.Count, machine.LaneWidth);
        Assert.Equal(LaneWidth.Accelerated == 1 ? 0 : LaneWidth.Accelerated * 32, machine.AcceleratedBits);
    }

    [Fact]
    public void Throughput_BadOptions_AreNamed()
    {
        Assert.Throws<ArgumentOutOfRangeException>("Threads", () => Throughput.Measure(new ThroughputOptions { Threads = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>("Rounds", () => Throughput.Measure(new ThroughputOptions { Rounds = 0 }));
    }

    [Fact]
    public void Throughput_TwoThreads_RunTheSamePolicy()
    {
        ThroughputReport report = Throughput.Measure(new ThroughputOptions
        {
            Networks = [new([8], PgFast.Networks.Activation.Relu)],
            Threads = 2,
            BatchSize = 256,
            Rounds = 1,
            MillisecondsPerStage = 1,
        });
        StageThroughput[] training = [.. report.Stages.Where(row => row.Stage == ThroughputStage.Training)];
        Assert.Equal([1, 2], training.Select(row => row.Threads));
        // Other numbers of batches from the same sequence.
        Assert.Equal(1, training[1].MeanEpisodeLength / training[0].MeanEpisodeLength, 0.1);
    }

    [Fact]
    public void Throughput_OneNetwork_CountsUsefulArithmetic()
    {
        ThroughputReport report = Throughput.Measure(new ThroughputOptions
        {
            Networks = [new([8], PgFast.Networks.Activation.Relu)],
            BatchSize = 16,
            Rounds = 2,
            MillisecondsPerStage = 1,
        });
        Assert.Equal(
            [ThroughputStage.Physics, ThroughputStage.Rollout, ThroughputStage.Gradient, ThroughputStage.Training],
            report.Stages.Select(row => row.Stage));
        // 4-8-2: 48 multiply-adds forward; 2·32 + 3·16 = 112 in all.
        long[] multiplyAdds = [0, 48, 64, 112];
        for (int stage = 0; stage < 4; stage++)
        {
            StageThroughput row = report.Stages[stage];
            Assert.Equal("4-8-2", row.Network);
            Assert.Equal(2e-9 * multiplyAdds[stage] * row.EnvironmentStepsPerSecond, row.Gflops, 1e-9);
        }
    }
}
