using PgFast.Reference;
using PgFast.Rollouts;

namespace PgFast.Tests.Support;

/// <summary>One episode as the engine recorded it, found by following its lane through the trajectory.</summary>
/// <param name="Observations">[time][feature].</param>
/// <param name="Actions">[time].</param>
/// <param name="Outputs">[time][output].</param>
/// <param name="Rewards">[time]; after a rollout the rewards, later the returns or weights that have taken their place.</param>
/// <param name="FinalObservation">What was seen after the last step.</param>
/// <param name="Terminated">Whether it ended in a terminal state.</param>
/// <param name="Truncated">Whether it reached the time limit.</param>
/// <param name="TotalReward">The sum that the engine kept.</param>
internal sealed record RecordedEpisode(
    float[][] Observations,
    int[] Actions,
    float[][] Outputs,
    float[] Rewards,
    float[] FinalObservation,
    bool Terminated,
    bool Truncated,
    float TotalReward)
{
    public int Length => Actions.Length;

    /// <summary>[time][row]; the same memory as <see cref="Actions"/> as real numbers, all rows of it.</summary>
    public float[][] RealActions { get; private init; } = [];

    /// <summary>The same for the double reference.</summary>
    /// <param name="rewards">[time].</param>
    public ReferenceEpisode ToReference(float[] rewards) =>
        new([.. Observations.Select(row => Closeness.ToDouble(row))], Actions, Closeness.ToDouble(rewards), Terminated, Truncated);

    /// <summary>All episodes of a trajectory, in their order. Fails where flags and bookkeeping contradict each other.</summary>
    public static unsafe RecordedEpisode[] Read(Trajectory trajectory)
    {
        RecordedEpisode[] episodes = new RecordedEpisode[trajectory.Episodes];
        ulong[] covered = new ulong[trajectory.Rows];
        for (int episode = 0; episode < episodes.Length; episode++)
            episodes[episode] = Read(trajectory, episode, covered);

        // Every live lane belongs to exactly one episode: none was counted twice, and none is left.
        for (int row = 0; row < trajectory.Rows; row++)
        {
            Assert.Equal(trajectory.Live[row], covered[row]);
            Assert.Equal(0UL, trajectory.Live[row] & ~Trajectory.LaneMask(trajectory.LaneCount[row]));
            Assert.Equal(0UL, (trajectory.Starts[row] | trajectory.Terminated[row] | trajectory.Truncated[row]) & ~trajectory.Live[row]);
        }

        Assert.Equal(trajectory.Steps, episodes.Sum(episode => (long)episode.Length));
        return episodes;
    }

    private static unsafe RecordedEpisode Read(Trajectory trajectory, int episode, ulong[] covered)
    {
        int inputs = trajectory.Specification.ObservationSize, outputs = trajectory.Outputs, length = trajectory.Length[episode];
        int first = trajectory.StartRow[episode], lane = trajectory.LaneOf[episode];
        float[][] observations = new float[length][], logits = new float[length][], realActions = new float[length][];
        int[] actions = new int[length];
        float[] rewards = new float[length];
        bool terminated = false, truncated = false;
        for (int time = 0; time < length; time++)
        {
            int row = first + time;
            foreach (LaneMove move in trajectory.Moves)
            {
                if (time > 0 && move.Row == row && move.From == lane)
                {
                    lane = move.To;
                    break;
                }
            }

            ulong bit = 1UL << lane;
            Assert.True((covered[row] & bit) == 0, $"row {row}, lane {lane} belongs to two episodes");
            covered[row] |= bit;
            Assert.True(time == 0 == ((trajectory.Starts[row] & bit) != 0), $"row {row}, lane {lane}: start flag");
            terminated = (trajectory.Terminated[row] & bit) != 0;
            truncated = (trajectory.Truncated[row] & bit) != 0;
            Assert.True(time == length - 1 == (terminated || truncated), $"row {row}, lane {lane}: end flags");
            long cell = trajectory.Cell[row];
            int lanes = trajectory.LaneCount[row];
            observations[time] = Column(trajectory.Observation(cell), inputs, lanes, lane);
            logits[time] = Column(trajectory.Output(cell), outputs, lanes, lane);
            actions[time] = ((int*)trajectory.Action(cell))[lane];
            realActions[time] = Column(trajectory.Action(cell), trajectory.Specification.ActionRows, lanes, lane);
            rewards[time] = trajectory.Reward(cell)[lane];
        }

        Assert.Equal(terminated, trajectory.WasTerminated[episode]);
        return new RecordedEpisode(
            observations, actions, logits, rewards, trajectory.FinalObservation(episode).ToArray(), terminated, truncated,
            trajectory.TotalReward[episode])
        { RealActions = realActions };
    }

    private static unsafe float[] Column(float* rows, int count, int lanes, int lane)
    {
        float[] values = new float[count];
        for (int row = 0; row < count; row++)
            values[row] = rows[row * lanes + lane];
        return values;
    }
}
