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
        using VarianceStudy study = Studies.CartPole(options, Activation.Tanh);
        study.Run();
        Assert.Equal((0, 0), (study.CallerAllocatedBytes, study.WorkerAllocatedBytes));
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
        using VarianceStudy study = Studies.CartPole(options);
        study.Run();
        Assert.Equal((0, 0), (study.CallerAllocatedBytes, study.WorkerAllocatedBytes));
    }
}
