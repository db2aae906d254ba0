using System.Runtime.CompilerServices;
using PgFast.Numerics;
using PgFast.Randomness;

namespace PgFast.Environments;

/// <summary>A three-armed bandit with normal rewards, small enough that every moment of its policy gradient has a closed form.</summary>
/// <remarks>
/// <para>Source: the gradient bandit of Sutton and Barto (2018), section 2.8, with three arms and parameters of our own.</para>
/// <para>Actions: 0, 1 and 2 pull an arm.</para>
/// <para>Observation: the number 1. With a linear policy without biases, the three weights are the book's action preferences.</para>
/// <para>State, which the policy does not see: the episode's noise, a standard normal number.</para>
/// <para>Dynamics: none. The noise is drawn at the start, from two random words by the method of Box and Muller (1958), and does not
/// depend on the arm; as one arm is pulled an episode, that is the same as noise of each arm's own.</para>
/// <para>Reward: mean + standard deviation × noise. Start: fresh noise.</para>
/// <list type="table">
/// <listheader><term>Arm</term><description>Mean and standard deviation of the reward</description></listheader>
/// <item><term>0</term><description>1 ± 0.5</description></item>
/// <item><term>1</term><description>0.7 ± 0.1</description></item>
/// <item><term>2</term><description>0 ± 0</description></item>
/// </list>
/// <para>Terminated after one step. With probabilities π the mean return is π₀ + 0.7·π₁.</para>
/// <para>No return counts as solving it: a policy gets as near to arm 0, which gives 1, as it is given time for.</para>
/// <para>Differences from the source: the arms. The noise is at most 6.7 in magnitude, which a normal number exceeds once in
/// 4·10¹⁰ draws.</para>
/// </remarks>
public readonly struct SoftmaxBandit : IBatchedEnvironment<SoftmaxBandit>
{
    private const float Mean0 = 1f;
    private const float Mean1 = 0.7f;
    private const float Deviation0 = 0.5f;
    private const float Deviation1 = 0.1f;

    /// <inheritdoc/>
    public static EnvironmentSpecification Specification { get; } = new(
        "Softmax bandit", StateSize: 1, ObservationSize: 1, ObservationIsState: false, ActionSpace.Discrete(3),
        MaximumEpisodeSteps: 1, ResetWords: 2, SolvedReturn: null);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Reset<TLanes>(in ResetBatch batch) where TLanes : unmanaged, ILanes<TLanes>
    {
        for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
        {
            TLanes first = Philox.Uniform(batch.RandomWords.Load<TLanes>(0, lane));
            TLanes second = Philox.Uniform(batch.RandomWords.Load<TLanes>(1, lane));
            // Uniform numbers lie strictly between 0 and 1: the logarithm is finite and below 0.
            TLanes radius = TLanes.Sqrt(TLanes.Broadcast(-2f) * Elementary.LogPositive(first));
            Elementary.SinCosBounded(second * TLanes.Broadcast(2 * MathF.PI), out _, out TLanes cosine);
            batch.State.Store(0, lane, radius * cosine);
            batch.Observation.Store(0, lane, TLanes.Broadcast(1f));
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ulong Step<TLanes>(in StepBatch batch) where TLanes : unmanaged, ILanes<TLanes>
    {
        for (int lane = 0; lane < batch.LaneCount; lane += TLanes.Count)
        {
            TLanes noise = batch.State.Load<TLanes>(0, lane);
            TLanes arm = batch.Action.Load<TLanes>(0, lane);
            TLanes isFirst = TLanes.EqualInt32(arm, TLanes.Zero);
            TLanes isSecond = TLanes.EqualInt32(arm, TLanes.BroadcastInt32(1));
            TLanes mean = TLanes.Select(isFirst, TLanes.Broadcast(Mean0), TLanes.Broadcast(Mean1) & isSecond);
            TLanes deviation = TLanes.Select(isFirst, TLanes.Broadcast(Deviation0), TLanes.Broadcast(Deviation1) & isSecond);
            batch.NextState.Store(0, lane, noise);
            batch.Observation.Store(0, lane, TLanes.Broadcast(1f));
            batch.Reward.Store(0, lane, TLanes.FusedMultiplyAdd(deviation, noise, mean));
        }

        return ulong.MaxValue >> (StepBatch.MaximumLanes - batch.LaneCount);
    }
}
