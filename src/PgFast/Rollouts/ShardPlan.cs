namespace PgFast.Rollouts;

/// <summary>How a batch of episodes is cut into shards: a function of the batch size alone, never of the thread count.</summary>
/// <remarks>
/// A shard is the unit of work of one thread and of summation: what is added in which order is fixed by the plan. Small batches are one
/// shard; from 64 episodes on there are up to 32 shards, so that threads find enough of them, and beyond that shards grow up to 256
/// episodes, which keep their 64 lanes busy by refilling.
/// </remarks>
internal readonly record struct ShardPlan
{
    private const int LanesPerShard = 64;
    private const int PreferredShards = 32;
    private const int MaximumEpisodesPerShard = 256;

    public ShardPlan(int episodes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(episodes);
        Episodes = episodes;
        int perShard = (episodes + PreferredShards - 1) / PreferredShards;
        perShard = Math.Clamp((perShard + LanesPerShard - 1) / LanesPerShard * LanesPerShard, LanesPerShard, MaximumEpisodesPerShard);
        EpisodesPerShard = Math.Min(perShard, episodes);
        ShardCount = (episodes + perShard - 1) / perShard;
        Lanes = Math.Min(LanesPerShard, (Math.Min(perShard, episodes) + 15) / 16 * 16);
    }

    /// <summary>Episodes in all.</summary>
    public int Episodes { get; }

    /// <summary>Number of shards.</summary>
    public int ShardCount { get; }

    /// <summary>Episodes of every shard but perhaps the last.</summary>
    public int EpisodesPerShard { get; }

    /// <summary>Lanes of every shard but perhaps the last, a multiple of 16.</summary>
    public int Lanes { get; }

    /// <summary>Lanes of shard <paramref name="shard"/>, a multiple of 16: no more than its episodes can fill.</summary>
    public int LanesOf(int shard) => Math.Min(Lanes, (EpisodesOf(shard) + 15) / 16 * 16);

    /// <summary>Episodes of shard <paramref name="shard"/>.</summary>
    public int EpisodesOf(int shard) => Math.Min(EpisodesPerShard, Episodes - shard * EpisodesPerShard);

    /// <summary>First episode of shard <paramref name="shard"/>, counted within the batch.</summary>
    public int FirstEpisodeOf(int shard) => shard * EpisodesPerShard;
}
