using PgFast.Estimators;
using PgFast.Networks;
using PgFast.Variance;

namespace PgFast.Tests.Variance;

/// <summary>A shard allocates nothing, whichever thread runs it: all memory is there before the first.</summary>
[Collection(LaneWidthCollection.Name)]
public class StudyAllocationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Run_ManyShards_AllocatesNothing(int threads)
    {
        VarianceOptions options = new() { BatchSizes = [1, 4, 64, 256], Episodes = 40_000, MeasureSeconds = false, Threads = threads };
        Assert.Equal((0, 0), LeastAllocated(options, Activation.Tanh));
    }

    [Fact]
    public void Run_StandardisedAcrossSlices_AllocatesNothing()
    {
        VarianceOptions options = new()
        {
            BatchSizes = [2, 1500],
            Episodes = 30_000,
            NormalizeReturns = true,
            Baselines = [Baseline.Mean, Baseline.Time, Baseline.Linear],
            MeasureSeconds = false,
            Threads = 2,
        };
        Assert.Equal((0, 0), LeastAllocated(options, Activation.Relu));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Run_Value_AllocatesNothing(int threads)
    {
        VarianceOptions options = new()
        {
            BatchSizes = [1, 16],
            Episodes = 20_000,
            Baselines = [Baseline.Value],
            MeasureSeconds = false,
            Threads = threads,
        };
        Assert.Equal((0, 0), LeastAllocated(options, Activation.Relu));
    }

    /// <summary>The least of three studies: what a shard allocates shows in each, what the runtime allocates once in a process in one.</summary>
    private static (long Caller, long Workers) LeastAllocated(VarianceOptions options, Activation activation)
    {
        (long Caller, long Workers) least = (long.MaxValue, long.MaxValue);
        for (int repetition = 0; repetition < 3; repetition++)
        {
            using VarianceStudy study = Studies.CartPole(options, activation);
            study.Run();
            least = (Math.Min(least.Caller, study.CallerAllocatedBytes), Math.Min(least.Workers, study.WorkerAllocatedBytes));
        }

        return least;
    }
}
