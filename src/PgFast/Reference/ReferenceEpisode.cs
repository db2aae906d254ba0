namespace PgFast.Reference;

/// <summary>One whole episode: S_0, A_0, R_1, …, S_{T−1}, A_{T−1}, R_T in the notation of Sutton and Barto.</summary>
/// <param name="Observations">[time][feature]: what was seen before each action.</param>
/// <param name="Actions">[time]: the action taken at each step.</param>
/// <param name="Rewards">[time]: the reward that followed it (R_{t+1} at index t).</param>
/// <param name="Terminated">Whether the last step reached a terminal state.</param>
/// <param name="Truncated">Whether the last step reached the step limit.</param>
public sealed record ReferenceEpisode(double[][] Observations, int[] Actions, double[] Rewards, bool Terminated, bool Truncated)
{
    /// <summary>Number of steps T.</summary>
    public int Length => Actions.Length;

    /// <summary>Sum of the rewards, not discounted.</summary>
    public double TotalReward => Rewards.Sum();
}
