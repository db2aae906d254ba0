using PgFast.Rollouts;

namespace PgFast.Tests.Rollouts;

public class ShardPlanTests
{
    public static TheoryData<int, int, int, int> Plans => new()
    {
        // episodes, shards, episodes a shard, lanes
        { 1, 1, 1, 16 },
        { 16, 1, 16, 16 },
        { 17, 1, 17, 32 },
        { 64, 1, 64, 64 },
        { 65, 2, 64, 64 },
        { 300, 5, 64, 64 },
        { 2048, 32, 64, 64 },
        { 2049, 17, 128, 64 },
        { 8192, 32, 256, 64 },
        { 10_000, 40, 256, 64 },
    };

    [Fact]
    public void Plan_AnyBatch_CoversEveryEpisodeOnce()
    {
        for (int episodes = 1; episodes <= 20_000; episodes += episodes < 300 ? 1 : 97)
        {
            ShardPlan plan = new(episodes);
            int next = 0;
            for (int shard = 0; shard < plan.ShardCount; shard++)
            {
                Assert.Equal(next, plan.FirstEpisodeOf(shard));
                Assert.InRange(plan.EpisodesOf(shard), 1, plan.EpisodesPerShard);
                int lanes = plan.LanesOf(shard);
                Assert.True(lanes % 16 == 0 && lanes <= plan.Lanes && lanes - 16 < plan.EpisodesOf(shard), $"{lanes} lanes");
                next += plan.EpisodesOf(shard);
            }

            Assert.Equal(episodes, next);
            Assert.True(plan.Lanes is 16 or 32 or 48 or 64, $"{plan.Lanes} lanes");
        }
    }

    [Theory]
    [MemberData(nameof(Plans))]
    public void Plan_KnownBatch_IsPartOfTheContract(int episodes, int shards, int perShard, int lanes)
    {
        // The plan fixes the order of summation: another plan is another hash for every run ever made.
        ShardPlan plan = new(episodes);
        Assert.Equal((shards, perShard, lanes), (plan.ShardCount, plan.EpisodesPerShard, plan.Lanes));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Constructor_NoEpisodes_Throws(int episodes) => Assert.Throws<ArgumentOutOfRangeException>(() => new ShardPlan(episodes));
}
