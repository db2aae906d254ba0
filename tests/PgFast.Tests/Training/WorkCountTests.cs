using PgFast.Networks;
using PgFast.Training;

namespace PgFast.Tests.Training;

/// <summary>
/// What three updates amount to, in counts that are the same on every machine: a change that does more work for the same result shows here,
/// where no time would show it reliably.
/// </summary>
public class WorkCountTests
{
    private const int Updates = 3;

    /// <summary>Name, what differs from the environment's own options, steps, cells (steps with those of idle lanes), bytes that a cell records.</summary>
    public static TheoryData<string, string, long, long, int> Recorded => new()
    {
        { "cartpole", "", 5_314, 7_552, 32 },
        { "cartpole", "fastest", 3_972, 8_128, 32 },
        { "cartpole", "batch of 1000", 91_764, 135_504, 32 },
        { "cartpole", "tanh", 6_528, 10_176, 156 },
        { "cartpole", "64,64", 8_060, 10_912, 284 },
        { "acrobot", "", 83_818, 87_392, 172 },
        { "pendulum", "", 38_400, 38_400, 156 },
    };

    [Theory]
    [MemberData(nameof(Recorded))]
    public void Updates_OfTheBuiltInTasks_DoNoMoreWorkThanRecorded(string name, string variant, long steps, long cells, int bytes)
    {
        EnvironmentEntry entry = EnvironmentCatalog.Find(name)!;
        TrainerOptions options = variant switch
        {
            "fastest" => entry.FindPreset(variant)!.Options,
            "batch of 1000" => entry.DefaultOptions with { BatchSize = 1000 },
            "tanh" => entry.DefaultOptions with { Activation = Activation.Tanh },
            "64,64" => entry.DefaultOptions with { HiddenSizes = [64, 64] },
            _ => entry.DefaultOptions,
        };
        using Trainer trainer = entry.CreateTrainer(options with { Threads = 1 });
        long doneSteps = 0, doneCells = 0, allocated = GC.GetAllocatedBytesForCurrentThread();
        for (int update = 0; update < Updates; update++)
        {
            doneSteps += trainer.Update().EnvironmentSteps;
            for (int shard = 0; shard < trainer.Shards.Count; shard++)
                doneCells += trainer.Shards[shard].Trajectory.Cells;
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - allocated);
        // Which episodes are run is a matter of the seed; how many lanes run idle beside them, and what is kept of a step, of the engine.
        Assert.Equal(steps, doneSteps);
        Assert.InRange(doneCells, steps, cells);
        PgFast.Rollouts.Trajectory trajectory = trainer.Shards[0].Trajectory;
        int recorded = sizeof(float)
            * (trajectory.Specification.ObservationSize + trajectory.Specification.ActionRows + trajectory.Outputs + trajectory.RecordSize + 1);
        Assert.InRange(recorded, 0, bytes);
    }
}
