using PgFast.Estimators;
using PgFast.Variance;

namespace PgFast.Tests.Variance;

/// <summary>How a study is cut into shards, and what it computes.</summary>
public class StudyPlanTests
{
    [Theory]
    // Enough episodes: about 256 a shard, whole batches of the largest size.
    [InlineData(100_000, new[] { 1 }, 256, 256)]
    [InlineData(100_000, new[] { 1, 100 }, 200, 200)]
    [InlineData(100_000, new[] { 3, 64 }, 256, 256)]
    // Larger than that: one batch a shard, run in slices of 1,024.
    [InlineData(100_000, new[] { 1, 300 }, 300, 300)]
    [InlineData(100_000, new[] { 1, 1500, 4 }, 1500, 1024)]
    // Few episodes: 32 shards if the batches are small enough.
    [InlineData(640, new[] { 1 }, 20, 20)]
    [InlineData(640, new[] { 8 }, 16, 16)]
    [InlineData(640, new[] { 40 }, 40, 40)]
    [InlineData(10, new[] { 1 }, 1, 1)]
    public void ShardEpisodes_OfSizesAndEpisodes_HoldWholeBatches(int episodes, int[] sizes, int shard, int slice)
    {
        StudyPlan plan = new(new VarianceOptions { Episodes = episodes, BatchSizes = sizes });
        Assert.Equal((shard, slice), (plan.ShardEpisodes, plan.SliceEpisodes));
    }

    [Theory]
    [InlineData(160, new[] { 10, 1, 4 }, new[] { 10, 1, 4 }, new int[0])]
    [InlineData(159, new[] { 10, 1, 4 }, new[] { 1, 4 }, new[] { 10 })]
    [InlineData(63, new[] { 64, 4, 1, 3 }, new[] { 1, 3 }, new[] { 64, 4 })]
    // None is measured well: the smallest is all the same.
    [InlineData(12, new[] { 6, 2, 12 }, new[] { 2 }, new[] { 6, 12 })]
    public void Sizes_FewerThanSixteenBatches_AreLeftOut(int episodes, int[] asked, int[] measured, int[] unmeasured)
    {
        StudyPlan plan = new(new VarianceOptions { Episodes = episodes, BatchSizes = asked });
        Assert.Equal(measured, plan.Sizes);
        Assert.Equal(unmeasured, plan.UnmeasuredSizes);
    }

    [Fact]
    public void Rows_AllChoices_AreOneEachInTheOrderAskedFor()
    {
        VarianceOptions options = new()
        {
            BatchSizes = [4, 1],
            Baselines = [Baseline.Linear, Baseline.Mean],
            Estimators = [Estimator.Discounted, Estimator.Total],
        };
        StudyPlan plan = new(options);
        Assert.Equal([Baseline.None, Baseline.Mean, Baseline.Linear], plan.Baselines);
        var expected =
            from size in new[] { 0, 1 } from estimator in options.Estimators from baseline in plan.Baselines select (size, estimator, baseline);
        Assert.Equal(expected, plan.Rows.Select(row => (row.Size, row.Estimator, row.Baseline)));
        Assert.DoesNotContain(plan.Rows, row => row.IsHidden || row.Normalizes);
    }

    [Fact]
    public void Columns_ConstantBaselines_NeedNoneOfTheirOwn()
    {
        // Whole returns need scores alone, returns to go one more; with γ = 1 nothing is discounted.
        Baseline[] constant = [Baseline.Mean, Baseline.Optimal, Baseline.OptimalPerParameter];
        Assert.Equal([WeightKind.One], KindsOf(new VarianceOptions { Estimators = [Estimator.Total], Baselines = constant }));
        Assert.Equal(
            [WeightKind.One, WeightKind.ToGo, WeightKind.Power, WeightKind.DiscountedToGo],
            KindsOf(new VarianceOptions { BatchSizes = [1, 7], Baselines = constant }));
        Assert.Equal([WeightKind.One, WeightKind.ToGo], KindsOf(new VarianceOptions { Baselines = constant, Discount = 1 }));
    }

    [Fact]
    public void Columns_TimeBaseline_AreOneForEachBatchSizeAboveOne()
    {
        VarianceOptions time = new() { Estimators = [Estimator.RewardToGo], Baselines = [Baseline.Time], BatchSizes = [1, 2, 3], Discount = 1 };
        StudyPlan plan = new(time);
        Assert.Equal([-1, 1, 2], plan.Columns.Where(column => column.Kind == WeightKind.TimeToGo).Select(column => column.Size));
        Assert.Equal([false, true, true], Enumerable.Range(0, 3).Select(plan.SumsByStep));
        StudyPlan linear = new(time with { Baselines = [Baseline.Linear] });
        Assert.Single(linear.Columns, column => column.Kind == WeightKind.LinearToGo);
        Assert.DoesNotContain(true, Enumerable.Range(0, 3).Select(linear.SumsByStep));
    }

    [Fact]
    public void Rows_BiasUnknown_AddsHiddenReferences()
    {
        // The discounted estimator with every baseline, at the smallest size: reward-to-go is compared with it in pairs.
        StudyPlan paired = new(new VarianceOptions { Estimators = [Estimator.RewardToGo], BatchSizes = [4, 2] });
        StudyRow[] hidden = [.. paired.Rows.Where(row => row.IsHidden)];
        Assert.Equal(paired.Baselines, hidden.Select(row => row.Baseline));
        Assert.All(hidden, row => Assert.Equal((Estimator.Discounted, 1, false), (row.Estimator, row.Size, row.Normalizes)));
        // With γ = 1 it is unbiased by construction; with others asked for, one of them is the reference.
        VarianceOptions undiscounted = new() { Estimators = [Estimator.RewardToGo], Discount = 1 };
        Assert.DoesNotContain(new StudyPlan(undiscounted).Rows, row => row.IsHidden);
        Assert.DoesNotContain(new StudyPlan(new VarianceOptions()).Rows, row => row.IsHidden);
        VarianceOptions normalized = new() { NormalizeReturns = true, Baselines = [Baseline.Mean], Estimators = [Estimator.Total] };
        Assert.Equal([true, true, false], new StudyPlan(normalized).Rows.Select(row => row.Normalizes));
        Assert.Equal([false, false, true], new StudyPlan(normalized).Rows.Select(row => row.IsHidden));
    }

    private static IEnumerable<WeightKind> KindsOf(VarianceOptions options) => new StudyPlan(options).Columns.Select(column => column.Kind);
}
